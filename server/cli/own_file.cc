#include "cli/own_file.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

namespace nairi::mock {
namespace {

namespace fs = std::filesystem;

std::string because(const std::string& what, const std::string& path) {
  return "can't " + what + " " + path + ": " + std::strerror(errno);
}

bool write_all(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

bool is_ca_of_ours(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) return false;
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data() == std::string_view("nairi-mock local CA");
}

}  // namespace

tl::expected<std::optional<std::string>, std::string> read_if_there(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return std::nullopt;
  if (fs::is_directory(status)) return tl::unexpected(path + " is a folder, not a file");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return tl::unexpected(path + " is a device or a pipe, not a file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::nullopt;  // it went just now
  if (!file) return tl::unexpected(because("read", path));
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

std::string end_of_links(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? path : real.string();
}

tl::expected<void, std::string> write_atomically(const std::string& path, const std::string& text,
                                                 mode_t mode) {
  std::string draft = path + ".XXXXXX";
  const int file = ::mkstemp(draft.data());
  if (file < 0) return tl::unexpected(because("write", path));
  const bool is_written = write_all(file, text) && ::fchmod(file, mode) == 0;
  const bool is_closed = ::close(file) == 0;
  if (is_written && is_closed && std::rename(draft.c_str(), path.c_str()) == 0) return {};
  const std::string why = because("write", path);
  ::unlink(draft.c_str());
  return tl::unexpected(why);
}

tl::expected<void, std::string> try_to_write(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return tl::unexpected(path + " is a folder, not a file");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return tl::unexpected(path + " is a device or a pipe, not a file");
  }
  std::string draft = path + ".XXXXXX";
  const int file = ::mkstemp(draft.data());
  if (file < 0) return tl::unexpected(because("write", path));
  ::close(file);
  ::unlink(draft.c_str());
  return {};
}

tl::expected<void, std::string> claim_ca_file(const std::string& path) {
  const auto text = read_if_there(path);
  if (!text) return tl::unexpected("--ca-file: " + text.error());
  if (!*text || (*text)->empty() || is_ca_of_ours(**text)) return {};
  return tl::unexpected("--ca-file: " + path +
                        " is there already, and would be lost: name another file");
}

OwnFile::~OwnFile() {
  if (path_.empty()) return;
  const auto text = read_if_there(path_);
  if (text && *text == text_) ::unlink(path_.c_str());
}

tl::expected<void, std::string> OwnFile::write(const std::string& path, const std::string& text,
                                               mode_t mode) {
  auto written = write_atomically(path, text, mode);
  if (!written) return written;
  path_ = fs::absolute(path);
  text_ = text;
  return {};
}

}  // namespace nairi::mock
