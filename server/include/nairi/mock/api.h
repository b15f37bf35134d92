// Facts of the API that more than one part of the fake goes by.
//
// Thread-safety: constants.
#ifndef NAIRI_MOCK_API_H_
#define NAIRI_MOCK_API_H_

#include <cstddef>
#include <string_view>

namespace nairi::mock {

// What every path of the API begins with (REFERENCE: Basics).
inline constexpr std::string_view kApiPrefix = "/api/public/v1";
// The same of the fake's own control API, which is never mixed with it.
inline constexpr std::string_view kControlPrefix = "/__mock";

// The largest file that is taken (REFERENCE: Attachments). "At most 50 MB" is documented; that it
// means MiB is assumed.
inline constexpr std::size_t kMostAttachmentBytes = std::size_t{50} << 20;
// How many files a prompt may refer to (REFERENCE: POST /conversations/start).
inline constexpr std::size_t kMostAttachments = 10;

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_API_H_
