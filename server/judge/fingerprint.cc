#include "judge/fingerprint.h"

#include <functional>
#include <string>
#include <string_view>

#include "text/characters.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kMark = "boundary=";

// "" unless the body is multipart.
std::string_view boundary_of(const Request& request) {
  const std::string* type = find_header(request.headers, "Content-Type");
  const std::size_t mark = type == nullptr ? std::string::npos : type->find(kMark);
  if (mark == std::string::npos) return {};
  std::string_view boundary = std::string_view(*type).substr(mark + kMark.size());
  boundary = boundary.substr(0, boundary.find(';'));
  return trimmed(boundary, " \t\"");
}

}  // namespace

Fingerprint fingerprint_of(const Request& request) {
  const std::hash<std::string_view> hash;
  const std::string* key = find_header(request.headers, "Authorization");
  Fingerprint fingerprint;
  fingerprint.head =
      hash(request.method + " " + request.target + " " + (key == nullptr ? "" : *key));
  const std::string_view boundary = boundary_of(request);
  std::string_view rest = request.body;
  while (true) {
    const std::size_t at = boundary.empty() ? std::string_view::npos : rest.find(boundary);
    const std::string_view piece = rest.substr(0, at);
    fingerprint.body = fingerprint.body * 31 + hash(piece);
    fingerprint.body_bytes += piece.size();
    if (at == std::string_view::npos) return fingerprint;
    rest.remove_prefix(at + boundary.size());
  }
}

}  // namespace nairi::mock
