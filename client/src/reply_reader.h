// Reads the final reply that comes after an interim one (1xx, such as 103 Early Hints). cpp-httplib
// takes an interim reply for the reply itself, and all that follows its head for a body without an
// end; this takes these bytes.
//
//   ReplyReader reader(max_bytes);
//   while (reader.take(bytes)) …                       // until it wants no more
//   if (reader.is_whole()) use(std::move(reader.reply));
#ifndef NAIRI_CLIENT_REPLY_READER_H_
#define NAIRI_CLIENT_REPLY_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "nairi/transport.h"

namespace nairi {

class ReplyReader {
 public:
  explicit ReplyReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // False when no more is wanted: the reply is whole, or makes no sense.
  bool take(std::string_view bytes);
  // The connection has ended.
  void end();

  bool is_whole() const { return part_ == Part::whole; }
  bool is_over() const { return part_ >= Part::whole; }  // whole, or of no use
  bool is_too_large() const { return part_ == Part::too_large; }

  HttpReply reply;

 private:
  enum class Part {
    head,
    body,        // of `left_` bytes
    open_body,   // to the end of the connection
    chunk_size,  // a line
    chunk,       // of `left_` bytes
    chunk_end,   // a line
    trailer,     // lines, to an empty one
    whole,
    malformed,
    too_large
  };

  bool step();
  bool read_head();
  Part part_after_head() const;
  bool read_line();
  bool read_piece();
  Part begin_chunk(const std::string& line);

  const std::size_t max_bytes_;
  Part part_ = Part::head;
  std::string rest_;  // what is not read yet
  std::size_t left_ = 0;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_REPLY_READER_H_
