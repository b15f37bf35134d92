// Why a request is not let in: the status and the sentence that its sender gets. Every sentence
// says what was expected and what came.
//
// Thread-safety: values and free functions without state.
#ifndef NAIRI_MOCK_HTTP_REFUSAL_H_
#define NAIRI_MOCK_HTTP_REFUSAL_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

struct Refusal {
  int status = 400;
  std::string message;

  bool operator==(const Refusal&) const = default;
};

template <class T>
using Checked = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(int status, std::string message);

// `text` in quotes, shortened, with everything but printable ASCII shown as '?'.
std::string quoted(std::string_view text);

// {"error": message} under the refusal's status (REFERENCE: Basics).
Reply reply_for(const Refusal& refusal);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_REFUSAL_H_
