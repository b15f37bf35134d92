#include "http/encoding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <new>
#include <optional>
#include <string>

#include "http/reply_head.h"
#include "text/characters.h"

namespace nairi::mock {
namespace {

// Small bodies come in several chunks too, which is when clients go wrong; large ones in few.
constexpr std::size_t kFirstChunk = 16;
constexpr std::size_t kLargestChunk = 64 * 1024;
constexpr std::size_t kMostCompressed = std::size_t{1} << 20;

// ";q=0" and "; Q=0.000", which refuse what stands before them.
bool is_refusal(std::string_view parameters) {
  const std::string_view weight = trimmed(parameters, " \t;");
  return equal_ignoring_case(weight.substr(0, 2), "q=") &&
         weight.find_first_not_of("0.", 2) == std::string_view::npos;
}

// What an Accept-Encoding says of gzip; nullopt for nothing.
struct GzipWish {
  std::optional<bool> named;
  std::optional<bool> any;  // "*"
};

void read_wish(std::string_view list, GzipWish& wish) {
  while (!list.empty()) {
    const std::string_view member = list.substr(0, list.find(','));
    list.remove_prefix(std::min(member.size() + 1, list.size()));
    const std::size_t name_end = std::min(member.find(';'), member.size());
    const std::string_view coding = trimmed(member.substr(0, name_end));
    const bool is_wanted = !is_refusal(member.substr(name_end));
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
      wish.named = is_wanted;
    } else if (coding == "*") {
      wish.any = is_wanted;
    }
  }
}

void append_chunk(std::string& out, std::string_view content) {
  std::array<char, 2 * sizeof(std::size_t)> digits{};
  constexpr int kHexadecimal = 16;
  char* const begin = digits.data();
  char* const end = std::to_chars(begin, begin + digits.size(), content.size(), kHexadecimal).ptr;
  out.append(begin, end).append("\r\n").append(content);
}

std::string chunked(std::string_view body) {
  std::string chunks;
  chunks.reserve(body.size() + body.size() / kFirstChunk + 128);
  for (std::size_t size = kFirstChunk; !body.empty(); size = std::min(2 * size, kLargestChunk)) {
    const std::string_view content = body.substr(0, size);
    body.remove_prefix(content.size());
    append_chunk(chunks, content);
    if (!body.empty()) chunks.append("\r\n");
  }
  return chunks.append(kChunkedEnd);
}

// Its head has no time in it: the same body gives the same bytes.
std::string gzipped(std::string_view body) {
  constexpr int kWindow = 15 + 16;  // the largest one, in gzip's format
  constexpr int kMemory = 8;        // zlib's default
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string packed(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // it is only read
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);  // can't fail: there is room for all
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

void compress_body(Reply& reply, bool is_accepted) {
  reply.headers.push_back({"Vary", "Accept-Encoding"});  // RFC 9110, 12.5.5
  if (!is_accepted || reply.body.size() > kMostCompressed) {
    reply.encode = Encoding::plain;
    return;
  }
  reply.body = gzipped(reply.body);
  reply.headers.push_back({"Content-Encoding", "gzip"});
}

}  // namespace

AcceptedEncodings accepted_by(const std::vector<Header>& headers, bool http10) {
  GzipWish wish;
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, "Accept-Encoding")) read_wish(header.value, wish);
  }
  return {.chunked = !http10, .gzip = wish.named.value_or(wish.any.value_or(false))};
}

void encode(Reply& reply, AcceptedEncodings accepted) {
  const bool has_body = !reply.body.empty() && may_have_body(reply.status);
  if (has_body && reply.encode == Encoding::gzip) return compress_body(reply, accepted.gzip);
  if (has_body && reply.encode == Encoding::chunked && accepted.chunked) {
    reply.body = chunked(reply.body);
    return;
  }
  reply.encode = Encoding::plain;
}

}  // namespace nairi::mock
