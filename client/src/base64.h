// RFC 4648 base64 with padding, as attachments arrive.
#ifndef NAIRI_CLIENT_BASE64_H_
#define NAIRI_CLIENT_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace nairi {

// nullopt for anything that is not exactly base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace nairi

#endif  // NAIRI_CLIENT_BASE64_H_
