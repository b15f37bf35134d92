// The API's words for the enums of world.h, in the order of their values.
#ifndef NAIRI_MOCK_WORLD_ENUM_WORDS_H_
#define NAIRI_MOCK_WORLD_ENUM_WORDS_H_

#include <array>
#include <string_view>

namespace nairi::mock {

using FourWords = std::array<std::string_view, 4>;
inline constexpr FourWords kRoleWords = {"user", "assistant", "system", "progress"};
inline constexpr FourWords kMessageStatusWords = {"queued", "pending", "completed", "failed"};
inline constexpr FourWords kJobStatusWords = {"active", "completed", "error", "abandoned"};
inline constexpr FourWords kOriginWords = {"api", "slack", "discord", "web"};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_ENUM_WORDS_H_
