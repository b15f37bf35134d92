// An error that the fake plays: data, not an accident of ours.
#ifndef NAIRI_MOCK_PROTOCOL_FAILURE_H_
#define NAIRI_MOCK_PROTOCOL_FAILURE_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

struct Failure {
  int status = 400;
  std::string text;       // what the API says: short, without ids and values (REFERENCE: Basics)
  std::string hint = {};  // what helps the person who reads it; "" for nothing

  bool operator==(const Failure&) const = default;
};

template <class T>
using Checked = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(int status, std::string text, std::string hint = {}) {
  return tl::unexpected<Failure>(Failure{status, std::move(text), std::move(hint)});
}

// With which header an error of the API says more than the API would. Its value is one line of
// printable ASCII: all else is written as \uXXXX.
inline constexpr std::string_view kHintHeader = "X-Mock-Hint";

// {"error": "<text>"} (REFERENCE: Basics).
Reply error_reply(int status, std::string_view text);
// The same, with the hint in its header.
Reply error_reply(const Failure& failure);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_FAILURE_H_
