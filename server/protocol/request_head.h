// The head of an HTTP/1 request: the rules for its lines, and what a whole head says about the body
// and the connection. Strict where two readers could disagree (RFC 9112, sections 2 to 6), so that
// no request is ever framed in two ways.
#ifndef NAIRI_MOCK_PROTOCOL_REQUEST_HEAD_H_
#define NAIRI_MOCK_PROTOCOL_REQUEST_HEAD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"
#include "protocol/failure.h"

namespace nairi::mock {

// A header field: views into its line.
struct Field {
  std::string_view name;
  std::string_view value;
};

// What the fields of a whole head mean together.
struct HeadMeaning {
  bool chunked = false;
  std::uint64_t content_length = 0;  // of a body that is not chunked
  bool keep_alive = true;
  bool expects_continue = false;
};

// What there is of a request line that is not whole or not right: its method and target, each empty
// where nothing looks like one.
Request read_loosely(std::string_view line);
// The line in quotes, but of one that holds a key its name alone.
std::string quoted_line(std::string_view line);

// Lines come without their CRLF.

// Gives the request its method, and its target as sent, an absolute-form one without scheme and
// authority. The result: whether it is HTTP/1.0. After a failure the request is not to be used.
Checked<bool> parse_request_line(std::string_view line, Request& request);
Checked<Field> parse_field(std::string_view line);
Checked<HeadMeaning> interpret(bool http10, const std::vector<Header>& headers);

// The number before any extension of a chunk-size line.
Checked<std::uint64_t> parse_chunk_size(std::string_view line);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_REQUEST_HEAD_H_
