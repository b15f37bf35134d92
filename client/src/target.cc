#include "target.h"

#include "failure.h"

namespace nairi {
namespace {

bool is_unreserved(char c) {  // RFC 3986
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    if (is_unreserved(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

}  // namespace

Target& Target::path(std::string_view text) {
  text_ += text;
  return *this;
}

Target& Target::segment(std::string_view value, std::string_view what) {
  // A path may be normalized on its way, so these three would name another one.
  if (value.empty() || value == "." || value == "..") {
    error_ = failure(ErrorCode::invalid_argument,
                     "expected " + std::string(what) + ", came \"" + std::string(value) + "\"");
  }
  text_ += '/';
  text_ += percent_encoded(value);
  return *this;
}

Target& Target::query(std::string_view name, std::string_view value) {
  text_ += has_query_ ? '&' : '?';
  has_query_ = true;
  text_ += name;
  text_ += '=';
  text_ += percent_encoded(value);
  return *this;
}

Result<std::string> Target::text() const {
  if (error_) return tl::unexpected(*error_);
  return text_;
}

}  // namespace nairi
