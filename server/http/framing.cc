#include "http/framing.h"

#include <algorithm>
#include <new>
#include <utility>

#include "protocol/request_head.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMaxChunkLineBytes = 4096;
constexpr std::size_t kUsualFields = 8;
constexpr std::size_t kFirstBodyBytes = 16 * 1024;
constexpr char kTlsHandshake = 0x16;  // the first byte of a TLS ClientHello

// Memory follows the bytes that have come, never the length that was announced: doubling, but not
// beyond what is known to follow.
void append_within(std::string& body, std::string_view bytes, std::uint64_t total) {
  const std::size_t needed = body.size() + bytes.size();
  if (needed > body.capacity()) {
    const std::size_t doubled = std::max({2 * body.capacity(), needed, kFirstBodyBytes});
    body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(doubled, total)));
  }
  body.append(bytes);
}

std::string too_large(std::size_t limit, std::uint64_t size) {
  return "expected a body of at most " + std::to_string(limit) + " bytes, got one of at least " +
         std::to_string(size);
}

}  // namespace

void Framer::feed(std::string_view bytes) {
  if (state() != State::complete) bytes.remove_prefix(advance(bytes));
  if (state() == State::complete) keep(bytes);
}

void Framer::keep(std::string_view bytes) try {
  kept_.append(bytes);
} catch (const std::bad_alloc&) {
  drop_kept();
  reject_for_want_of_memory();
}

Framer::State Framer::state() const {
  if (refused_) return State::refused;
  if (section_ == Section::done) return State::complete;
  return section_ == Section::request_line && line_.empty() ? State::idle : State::receiving;
}

FramedRequest Framer::take() {
  FramedRequest taken = std::move(current_);
  current_.request.method.clear();  // what was moved from is empty with all libraries there are
  current_.request.target.clear();
  current_.request.headers.clear();
  current_.request.body.clear();
  section_ = Section::request_line;
  head_bytes_ = 0;
  whole_head_ = false;
  continue_due_ = false;
  kept_used_ += advance(std::string_view(kept_).substr(kept_used_));
  if (kept_used_ == kept_.size() || refused_) drop_kept();
  return taken;
}

// Frees what holds much: the connection may idle from now on.
void Framer::drop_kept() {
  constexpr std::size_t kMuch = 256;
  if (kept_.capacity() > kMuch) std::string().swap(kept_);
  kept_.clear();
  kept_used_ = 0;
}

RefusedRequest Framer::give_up() {
  if (section_ == Section::request_line && !line_.empty()) {
    current_.request = read_loosely(line_);
  }
  return {.request = std::move(current_.request), .whole_head = whole_head_};
}

bool Framer::take_continue() {
  return std::exchange(continue_due_, false);
}

std::size_t Framer::buffered_bytes() const {
  return head_bytes_ + line_.size() + current_.request.body.size() + kept_.size() - kept_used_;
}

// Consumes bytes up to the end of a request, or all of them.
std::size_t Framer::advance(std::string_view bytes) try {
  std::size_t used = 0;
  while (used < bytes.size() && section_ != Section::done && !refused_) {
    const std::string_view rest = bytes.substr(used);
    used += expects_data() ? take_data(rest) : take_line(rest);
  }
  return refused_ ? bytes.size() : used;
} catch (const std::bad_alloc&) {
  reject_for_want_of_memory();
  return bytes.size();
}

std::size_t Framer::take_data(std::string_view bytes) {
  continue_due_ = false;
  std::string& body = current_.request.body;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  const std::uint64_t total = section_ == Section::body ? body.size() + remaining_ : body_limit();
  append_within(body, bytes.substr(0, size), total);
  remaining_ -= size;
  if (remaining_ == 0) section_ = section_ == Section::body ? Section::done : Section::chunk_end;
  return size;
}

std::size_t Framer::take_line(std::string_view bytes) {
  if (section_ == Section::chunk_size) continue_due_ = false;
  if (section_ == Section::request_line && line_.empty() && bytes.front() == kTlsHandshake) {
    reject({400, "expected plain HTTP on this port, got a TLS handshake",
            "use http://, or start nairi-mock with --tls"});
    return bytes.size();
  }
  const std::size_t newline = bytes.find('\n');
  const std::size_t used = newline == std::string_view::npos ? bytes.size() : newline + 1;
  std::string_view line = bytes.substr(0, used);
  if (!line_.empty() || newline == std::string_view::npos) line = line_.append(line);
  if (accept_line_size(line.size())) {
    if (newline == std::string_view::npos) return used;
    if (accept_line_end(line)) on_line(line.substr(0, line.size() - 2));
  }
  if (refused_ && section_ == Section::request_line) current_.request = read_loosely(line);
  line_.clear();
  return used;
}

// `size` is that of the line so far, its CRLF included.
bool Framer::accept_line_size(std::size_t size) {
  switch (section_) {
    case Section::request_line: {
      const std::size_t limit = std::min(kMaxRequestLineBytes, limits_.max_header_bytes);
      if (size <= limit) return true;
      reject(414, "expected a request line of at most " + std::to_string(limit) +
                      " bytes, got a longer one");
      return false;
    }
    case Section::chunk_size:
    case Section::chunk_end:
      if (size <= kMaxChunkLineBytes) return true;
      reject(400, "expected a line of at most " + std::to_string(kMaxChunkLineBytes) +
                      " bytes at a chunk's border, got a longer one");
      return false;
    default:
      if (head_bytes_ + size <= limits_.max_header_bytes) return true;
      reject(431, "expected header fields of at most " + std::to_string(limits_.max_header_bytes) +
                      " bytes in all, got more");
      return false;
  }
}

bool Framer::accept_line_end(std::string_view line) {
  if (line.ends_with("\r\n") && line.find('\r') == line.size() - 2) return true;
  reject(400,
         "expected lines to end in CRLF and to hold no other CR or LF, got " + quoted_line(line));
  return false;
}

void Framer::on_line(std::string_view line) {
  switch (section_) {
    case Section::request_line:
      return on_request_line(line);
    case Section::fields:
      return on_field(line);
    case Section::chunk_size:
      return on_chunk_size(line);
    case Section::chunk_end:
      return on_chunk_end(line);
    default:
      return on_trailer(line);
  }
}

void Framer::on_request_line(std::string_view line) {
  if (line.empty()) return;  // stray line ends between requests are forgiven (RFC 9112, 2.2)
  auto http10 = parse_request_line(line, current_.request);
  if (!http10) return reject(std::move(http10.error()));
  current_.http10 = *http10;
  head_bytes_ = line.size() + 2;
  section_ = Section::fields;
}

void Framer::on_field(std::string_view line) {
  head_bytes_ += line.size() + 2;
  if (line.empty()) return on_head_end();
  auto field = parse_field(line);
  if (!field) return reject(std::move(field.error()));
  std::vector<Header>& headers = current_.request.headers;
  if (headers.size() == kMaxFields) {
    return reject(431,
                  "expected at most " + std::to_string(kMaxFields) + " header fields, got more");
  }
  if (headers.empty()) headers.reserve(kUsualFields);
  Header& header = headers.emplace_back();
  header.name = field->name;
  header.value = field->value;
}

void Framer::on_head_end() {
  whole_head_ = true;
  auto meaning = interpret(current_.http10, current_.request.headers);
  if (!meaning) return reject(std::move(meaning.error()));
  current_.keep_alive = meaning->keep_alive;
  if (meaning->content_length > body_limit()) {
    return reject(413, too_large(body_limit(), meaning->content_length));
  }
  if (meaning->chunked) {
    section_ = Section::chunk_size;
  } else {
    expect_data(Section::body, meaning->content_length);
  }
  continue_due_ = meaning->expects_continue && section_ != Section::done;
}

void Framer::expect_data(Section section, std::uint64_t size) {
  remaining_ = size;
  section_ = size == 0 ? Section::done : section;
}

void Framer::on_chunk_size(std::string_view line) {
  auto size = parse_chunk_size(line);
  if (!size) return reject(std::move(size.error()));
  const std::size_t so_far = current_.request.body.size();
  if (*size > body_limit() - so_far) {
    return reject(
        413, too_large(body_limit(), so_far + std::min<std::uint64_t>(*size, SIZE_MAX - so_far)));
  }
  if (*size == 0) {
    head_bytes_ = 0;
    section_ = Section::trailers;
  } else {
    expect_data(Section::chunk_data, *size);
  }
}

void Framer::on_chunk_end(std::string_view line) {
  if (!line.empty()) {
    return reject(400, "expected CRLF after the chunk's data, got " + in_quotes(line));
  }
  section_ = Section::chunk_size;
}

// Trailers are read, checked and dropped: nothing that this server does depends on one.
void Framer::on_trailer(std::string_view line) {
  head_bytes_ += line.size() + 2;
  if (line.empty()) {
    section_ = Section::done;
  } else if (auto field = parse_field(line); !field) {
    reject(std::move(field.error()));
  }
}

// Leaves alone what is kept: the line that is refused may stand in it.
void Framer::reject(Failure refusal) {
  refused_ = true;
  refusal_ = std::move(refusal);
  std::string().swap(current_.request.body);
  head_bytes_ = 0;
}

void Framer::reject_for_want_of_memory() {
  reject(503, "expected a request that fits into the memory that is left");  // frees the body
}

// REFERENCE: Attachments; everything else is JSON and small.
std::size_t Framer::body_limit() const {
  const std::string_view target = current_.request.target;
  const bool upload = current_.request.method == "POST" &&
                      target.substr(0, target.find('?')).ends_with("/attachments");
  return upload ? limits_.max_upload_bytes : limits_.max_body_bytes;
}

}  // namespace nairi::mock
