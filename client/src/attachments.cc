// The calls about attachments (REFERENCE: Attachments).
#include <filesystem>
#include <fstream>

#include "api_caller.h"
#include "decode.h"
#include "failure.h"
#include "multipart.h"
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
