#include "harness/cases/base64.h"

#include <cstddef>
#include <cstdint>

namespace nairi::contracts {
namespace {

constexpr std::string_view kBase64Letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Three bytes, those that are missing taken for 0.
std::uint32_t three_bytes(std::string_view bytes) {
  std::uint32_t three = 0;
  for (std::size_t at = 0; at < 3; ++at) {
    three <<= 8U;
    if (at < bytes.size()) three |= static_cast<unsigned char>(bytes[at]);
  }
  return three;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view piece = bytes.substr(at, 3);
    const std::uint32_t three = three_bytes(piece);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      const std::uint32_t worth = three >> (18U - 6U * digit) & 0x3FU;
      text += digit <= piece.size() ? kBase64Letters[worth] : '=';
    }
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char digit : text.substr(0, text.find_last_not_of('=') + 1)) {
    const std::size_t worth = kBase64Letters.find(digit);
    if (worth == std::string_view::npos) return std::nullopt;
    held = (held << 6U | static_cast<std::uint32_t>(worth)) & 0xFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFFU);
  }
  if (encode_base64(bytes) != text)
    return std::nullopt;  // wrong padding, or bits that are left over
  return bytes;
}

}  // namespace nairi::contracts
