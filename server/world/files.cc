#include "world/files.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

#include "nairi/mock/api.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

namespace fs = std::filesystem;

// Why a path may not be named; empty when it may.
std::string path_mistake(const fs::path& path) {
  if (path.empty()) return "the path is empty";
  // The system would read it only as far as that.
  if (path.native().find('\0') != std::string::npos) return "the path has U+0000 in it";
  if (path.is_absolute()) return "the path must be relative to the world file's folder";
  if (*path.lexically_normal().begin() == "..") {
    return "the path must not lead out of the world file's folder";
  }
  return {};
}

std::string too_large(std::size_t max_bytes) {
  return "it is larger than " + std::to_string(max_bytes) + " bytes";
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::string& path, std::size_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return tl::unexpected(std::string("there is no such file"));
  if (fs::is_directory(status)) return tl::unexpected(std::string("it is a folder"));
  if (!fs::is_regular_file(status)) return tl::unexpected(std::string("it is not a file"));
  const std::uintmax_t size = fs::file_size(path, error);
  if (size > max_bytes) return tl::unexpected(too_large(max_bytes));
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return tl::unexpected(std::generic_category().message(errno));
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

namespace {

tl::expected<std::string, std::string> read_stream(std::istream& in, std::size_t max_bytes) {
  std::string bytes;
  std::array<char, 65536> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > max_bytes) return tl::unexpected(too_large(max_bytes));
  }
  return bytes;
}

}  // namespace

bool is_stream(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return path == "-" || fs::is_fifo(status) || fs::is_character_file(status);
}

tl::expected<std::string, std::string> read_file_or_stream(const std::string& path,
                                                           std::size_t max_bytes) {
  if (path == "-") return read_stream(std::cin, max_bytes);
  if (!is_stream(path)) return read_file(path, max_bytes);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return tl::unexpected(std::generic_category().message(errno));
  return read_stream(in, max_bytes);
}

FileOpener files_from(FileOpener open) {
  return [open = std::move(open)](const std::string& path) -> tl::expected<Bytes, std::string> {
    if (std::string mistake = path_mistake(path); !mistake.empty()) return tl::unexpected(mistake);
    auto bytes = open(path);
    if (bytes && (*bytes)->size() > kMostAttachmentBytes) {
      return tl::unexpected(too_large(kMostAttachmentBytes));
    }
    return bytes;
  };
}

FileOpener files_beside(const std::string& world_file) {
  return files_from([folder = fs::path(world_file).parent_path()](
                        const std::string& path) -> tl::expected<Bytes, std::string> {
    auto bytes = read_file((folder / path).string(), kMostAttachmentBytes);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    return std::make_shared<const std::string>(std::move(*bytes));
  });
}

FileOpener embedded_files() {
  return [](const std::string& path) -> tl::expected<Bytes, std::string> {
    const auto bytes = embedded_file(path);
    if (!bytes) return tl::unexpected(std::string("it is not built in"));
    return std::make_shared<const std::string>(*bytes);
  };
}

FileOpener no_files() {
  return [](const std::string&) -> tl::expected<Bytes, std::string> {
    return tl::unexpected(std::string("files can only be named in a world file"));
  };
}

}  // namespace nairi::mock
