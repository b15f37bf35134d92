// Tells whether a request is the same again.
#ifndef NAIRI_MOCK_JUDGE_FINGERPRINT_H_
#define NAIRI_MOCK_JUDGE_FINGERPRINT_H_

#include <compare>
#include <cstddef>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

struct Fingerprint {
  std::size_t head = 0;  // method, target, Authorization
  std::size_t body = 0;  // without the boundary of a multipart body, which is new in every attempt
  std::size_t body_bytes = 0;  // likewise

  // clang-tidy 14 takes the 0 within a defaulted comparison for a null pointer.
  auto operator<=>(const Fingerprint&) const = default;  // NOLINT(modernize-use-nullptr)
};

Fingerprint fingerprint_of(const Request& request);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_FINGERPRINT_H_
