// Packed bodies unpacked, strictly and without the server's code: anything odd throws.
#ifndef NAIRI_MOCK_TESTS_HTTP_UNPACKED_H_
#define NAIRI_MOCK_TESTS_HTTP_UNPACKED_H_

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

// The content of each chunk (RFC 9112, 7.1), without the last one, which is empty.
inline std::vector<std::string> chunks_of(std::string_view packed) {
  std::vector<std::string> chunks;
  while (true) {
    const std::size_t line = packed.find("\r\n");
    if (line == std::string_view::npos) throw std::invalid_argument("a chunk without a size");
    const std::size_t size = std::stoul(std::string(packed.substr(0, line)), nullptr, 16);
    packed.remove_prefix(line + 2);
    if (packed.size() < size + 2 || packed.substr(size, 2) != "\r\n") {
      throw std::invalid_argument("a chunk that does not end where it says");
    }
    const std::string_view content = packed.substr(0, size);
    packed.remove_prefix(size + 2);
    if (size == 0 && packed.empty()) return chunks;
    if (size == 0) throw std::invalid_argument("bytes behind the last chunk");
    chunks.emplace_back(content);
  }
}

inline std::string unchunked(std::string_view packed) {
  std::string content;
  for (const std::string& chunk : chunks_of(packed)) content += chunk;
  return content;
}

inline std::string gunzipped(std::string packed) {
  constexpr int kGzipOnly = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::runtime_error("inflateInit2");
  std::string content(16 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool is_whole = result == Z_STREAM_END && stream.avail_in == 0;
  content.resize(stream.total_out);
  inflateEnd(&stream);
  if (!is_whole) throw std::invalid_argument("not one whole gzip stream");
  return content;
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_HTTP_UNPACKED_H_
