// Base64 with the standard letters and padding (RFC 4648, section 4).
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_BASE64_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace nairi::contracts {

std::string encode_base64(std::string_view bytes);

// nullopt for anything that encode_base64() would not write.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_BASE64_H_
