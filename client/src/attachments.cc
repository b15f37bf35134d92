// The calls about attachments (REFERENCE: Attachments).
#include <filesystem>
#include <fstream>

#include "api_caller.h"
#include "decode.h"
#include "failure.h"
#include "nairi/client.h"
#include "target.h"

namespace nairi {
namespace {

// REFERENCE: "at most 50 MB". ASSUMED: that 1 MB is 2^20 bytes; the server has the last word.
constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{50} << 20;

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return invalid_argument("can't read " + path.string() + ": " + error.message());
  if (size > kMaxFileBytes) {
    return invalid_argument(path.string() + ": expected at most 50 MiB, came " +
                            std::to_string(size) + " bytes");
  }
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file || file.gcount() != static_cast<std::streamsize>(size)) {
    return invalid_argument("can't read " + path.string());
  }
  return bytes;
}

// A multipart/form-data body with one file in it. Written here, not by a transport, so that every
// transport sends the same bytes.
struct Multipart {
  std::string content_type;
  std::string body;
};

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

}  // namespace

Result<std::string> Client::upload(std::string_view filename, std::string_view bytes) const {
  Multipart form = file_part(filename, bytes);
  return caller_->call({.method = "POST",
                        .target = "/attachments",
                        .body = std::move(form.body),
                        .content_type = std::move(form.content_type)},
                       decode_attachment_id);
}

Result<std::string> Client::upload_file(const std::string& path) const {
  return read_file(path).and_then([&](const std::string& bytes) {
    return upload(std::filesystem::path(path).filename().string(), bytes);
  });
}

Result<Attachment> Client::attachment(std::string_view attachment_id) const {
  return Target("/attachments")
      .segment(attachment_id, "an attachment id")
      .text()
      .and_then([&](std::string target) {
        return caller_->call({"GET", std::move(target)}, decode_attachment);
      });
}

}  // namespace nairi
