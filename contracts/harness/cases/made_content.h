// Content at real size and of real nature, which no case could spell out: the harness makes it, the
// same in each run, and every case knows it by name.
//
//   {long_text}         100 KiB in many lines: blanks at both ends, all kinds of line ends, and all
//                       of Unicode but U+0000, a few characters of each 256
//   {long_file}         3 MiB that are no text; only as the text of a part that is uploaded
//   {long_file_base64}  the same as it is read back
//
// Thread-safety: each is made once, by whoever asks first.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_MADE_CONTENT_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_MADE_CONTENT_H_

#include <nlohmann/json.hpp>
#include <string_view>

namespace nairi::contracts {

inline constexpr std::string_view kLongText = "long_text";
inline constexpr std::string_view kLongFile = "long_file";
inline constexpr std::string_view kLongFileBase64 = "long_file_base64";

// A text; nullptr when nothing of that name is made.
const nlohmann::json* made_content(std::string_view name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_MADE_CONTENT_H_
