#include "multipart.h"

namespace nairi {
namespace {

// The file name as browsers write it: raw UTF-8; only what would end the header's text is encoded.
std::string quoted(std::string_view filename) {
  std::string text;
  for (const char c : filename) {
    if (c == '"') {
      text += "%22";
    } else if (c == '\r') {
      text += "%0D";
    } else if (c == '\n') {
      text += "%0A";
    } else {
      text += c;
    }
  }
  return text;
}

// A boundary that neither of them holds.
std::string boundary_for(std::string_view filename, std::string_view bytes) {
  for (int number = 0;; ++number) {
    std::string boundary = "nairi-cpp-boundary-" + std::to_string(number);
    if (bytes.find(boundary) == std::string_view::npos &&
        filename.find(boundary) == std::string_view::npos) {
      return boundary;
    }
  }
}

}  // namespace

Multipart file_part(std::string_view filename, std::string_view bytes) {
  const std::string name = quoted(filename);
  const std::string boundary = boundary_for(name, bytes);
  std::string body;
  body.reserve(bytes.size() + name.size() + 256);
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
          name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
  body += bytes;
  body += "\r\n--" + boundary + "--\r\n";
  return {.content_type = "multipart/form-data; boundary=" + boundary, .body = std::move(body)};
}

}  // namespace nairi
