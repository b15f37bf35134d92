// Finds where the reply to one request ends in what a server sends: no sockets, no clock. Takes
// what others would refuse, since it only looks on: what is not understood lasts until the end.
//
//   ReplyReader reader(request.method == "HEAD", limits);
//   while (!reader.done()) reader.feed(bytes);      // or reader.end() when there are no more
//
// Thread-safety: none; one for each request.
#ifndef NAIRI_MOCK_RELAY_REPLY_READER_H_
#define NAIRI_MOCK_RELAY_REPLY_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

class ReplyReader {
 public:
  ReplyReader(bool to_head, std::size_t max_header_bytes, std::size_t max_body_bytes)
      : to_head_(to_head), max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {}

  // Bytes beyond the end make the connection useless.
  void feed(std::string_view bytes);
  // The server closed. True if that is the reply's end.
  bool end() const { return section_ == Section::until_close && !is_broken_; }

  bool begun() const { return begun_; }
  bool done() const { return section_ == Section::done; }
  bool is_too_large() const { return is_too_large_; }
  // Whether another request may follow on the connection; requires done().
  bool keeps_connection() const { return keep_alive_ && !has_excess_; }

  int status() const { return status_; }  // of the last reply, after those that are interim
  std::vector<Header>& headers() { return headers_; }
  std::string& body() { return body_; }  // without transfer coding

 private:
  enum class Section { head, body, until_close, chunk_size, chunk_data, chunk_end, trailers, done };

  std::string_view take_line(std::string_view& bytes, bool& whole);
  void on_line(std::string_view line);
  void on_status_line(std::string_view line);
  void on_field(std::string_view line);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void take_data(std::string_view& bytes);
  void give_up();

  const bool to_head_;
  const std::size_t max_header_bytes_;
  const std::size_t max_body_bytes_;
  Section section_ = Section::head;
  bool begun_ = false;
  bool has_status_line_ = false;
  bool keep_alive_ = true;
  bool has_excess_ = false;
  bool is_too_large_ = false;
  bool is_broken_ = false;
  std::size_t head_bytes_ = 0;
  std::uint64_t remaining_ = 0;
  std::string line_;  // the start of one that is not whole yet
  int status_ = 0;
  std::vector<Header> headers_;
  std::string body_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_RELAY_REPLY_READER_H_
