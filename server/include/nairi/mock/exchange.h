// One exchange with the fake, as plain data: what the engine gets and what it answers. The engine
// never sees a socket; whoever carries the bytes (the HTTP server, the in-process transport) fills
// a Request and carries out a Reply, its delay included.
//
//   nairi::mock::Reply reply = fake.handle({.method = "GET", .target = "/api/public/v1/agents",
//                                           .headers = {{"Authorization", "Bearer nr_test"}}});
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_EXCHANGE_H_
#define NAIRI_MOCK_EXCHANGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = {};           // as sent, upper case
  std::string target = {};           // path and query as sent, still percent-encoded
  std::vector<Header> headers = {};  // in the order sent; names as sent
  std::string body = {};             // whole and without transfer coding
  std::uint64_t connection = 0;      // which connection carried it; 0 in process
  std::int64_t received_us = 0;  // monotonic microseconds at which it was complete; 0 in process
};

struct Reply {
  int status = 200;
  std::string body;  // empty: no content type is sent either
  std::string content_type = "application/json";
  std::vector<Header> headers = {};  // besides Content-Type, Content-Length and Connection
  std::int64_t delay_ms = 0;         // to be waited before the first byte, holding no thread
};

// The value of the first header of that name, compared without case; nullptr when there is none.
const std::string* find_header(const std::vector<Header>& headers, std::string_view name);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_EXCHANGE_H_
