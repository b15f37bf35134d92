// Finds where each HTTP/1 request ends in a stream of bytes: no sockets, no clock.
//
//   Framer framer({.max_header_bytes = 65536, .max_body_bytes = 8 << 20, .max_upload_bytes = 51 <<
//   20}); framer.feed(bytes); while (framer.state() == Framer::State::complete)
//   answer(framer.take()); if (framer.state() == Framer::State::refused)
//   refuse_and_close(framer.refusal());
//
// The outcome does not depend on how the bytes are split, and the work is linear in their number.
// Whatever two readers could frame differently is refused: bare CR or LF, folded lines, NUL,
// Content-Length beside Transfer-Encoding, differing lengths, malformed chunks.
// Not promised: anything after a refusal but the refusal; the connection has to be closed.
// Thread-safety: none; one Framer for each connection.
#ifndef NAIRI_MOCK_HTTP_FRAMING_H_
#define NAIRI_MOCK_HTTP_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "nairi/mock/exchange.h"
#include "protocol/failure.h"

namespace nairi::mock {

struct FramingLimits {
  std::size_t max_header_bytes;  // request line and fields, and once more for trailers; 431 beyond
  std::size_t max_body_bytes;    // 413 beyond
  std::size_t max_upload_bytes;  // the same for POST .../attachments
};

// A request line beyond this is a 414.
inline constexpr std::size_t kMaxRequestLineBytes = 16 * 1024;
// Fields beyond this are a 431: many tiny ones would cost far more memory than bytes.
inline constexpr std::size_t kMaxFields = 512;

struct FramedRequest {
  Request request;
  bool http10 = false;
  bool keep_alive = true;  // the sender does not want the connection closed
};

class Framer {
 public:
  enum class State {
    idle,       // no byte of the next request has come
    receiving,  // part of a request has come
    complete,   // take() may be called; bytes fed now are kept for later
    refused,
  };

  explicit Framer(const FramingLimits& limits) : limits_(limits) {}

  void feed(std::string_view bytes);
  State state() const;

  // The whole request; requires State::complete. Goes on with the bytes that came after it.
  FramedRequest take();
  // Requires State::refused.
  const Failure& refusal() const { return refusal_; }

  // What there is of a request that is not taken: its line and fields, as far as they came.
  const Request& so_far() const { return current_.request; }
  // The same for good, also of a request that was refused: nothing more may be asked of this.
  RefusedRequest give_up();

  // True once for a request whose sender waits for "100 Continue" before it sends the body.
  bool take_continue();

  // Bytes held for a request that is not taken yet.
  std::size_t buffered_bytes() const;
  // How much of the body is known to be still to come; 0 outside of bodies.
  std::uint64_t expected_bytes() const { return expects_data() ? remaining_ : 0; }

 private:
  enum class Section {
    request_line,
    fields,
    body,
    chunk_size,
    chunk_data,
    chunk_end,
    trailers,
    done
  };

  bool expects_data() const { return section_ == Section::body || section_ == Section::chunk_data; }
  std::size_t advance(std::string_view bytes);
  std::size_t take_data(std::string_view bytes);
  std::size_t take_line(std::string_view bytes);
  bool accept_line_size(std::size_t size);
  bool accept_line_end(std::string_view line);
  void on_line(std::string_view line);
  void on_request_line(std::string_view line);
  void on_field(std::string_view line);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void on_chunk_end(std::string_view line);
  void on_trailer(std::string_view line);
  void expect_data(Section section, std::uint64_t size);
  void keep(std::string_view bytes);
  void drop_kept();
  void reject(Failure refusal);
  void reject_for_want_of_memory();
  void reject(int status, std::string message) { reject({status, std::move(message)}); }
  std::size_t body_limit() const;

  FramingLimits limits_;
  Section section_ = Section::request_line;
  bool refused_ = false;
  Failure refusal_;

  FramedRequest current_;
  bool whole_head_ = false;
  std::size_t head_bytes_ = 0;   // in whole lines of this head or of these trailers
  std::uint64_t remaining_ = 0;  // of the body or of the chunk
  bool continue_due_ = false;

  std::string line_;           // the start of a line that is not whole yet
  std::string kept_;           // bytes after a complete request
  std::size_t kept_used_ = 0;  // of kept_
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_FRAMING_H_
