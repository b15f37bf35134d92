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
  std::string text;

  bool operator==(const Failure&) const = default;
};

template <class T>
using Checked = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(int status, std::string text) {
  return tl::unexpected<Failure>(Failure{status, std::move(text)});
}

// {"error": "<text>"} (REFERENCE: Basics).
Reply error_reply(int status, std::string_view text);
inline Reply error_reply(const Failure& failure) {
  return error_reply(failure.status, failure.text);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_FAILURE_H_
