// What a fake saw of a client, exchange by exchange: Fake::journal() as data.
//
//   for (const nairi::mock::SeenExchange& seen : fake.journal("nr_test")) {
//     if (seen.operation == "start") std::cout << seen.body << '\n';
//   }
//
// Keep the list where you want a part of it: a loop over fake.journal(key)[0].headers would read
// what is gone.
// Thread-safety: values.
// Not promised: that everything is there: a journal keeps the newest exchanges, as many as
// FakeOptions says. Numbers are given to all exchanges of a fake, so gaps are those of other keys.
#ifndef NAIRI_MOCK_JOURNAL_H_
#define NAIRI_MOCK_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Never holds a credential: "[redacted]" stands in its place.
struct SeenExchange {
  std::uint64_t number = 0;           // 1 for the fake's first exchange
  std::string at;                     // the key's time as the API writes it; "" when it had none
  std::int64_t received_us = 0;       // as Request::received_us
  std::uint64_t connection = 0;       // as Request::connection
  std::string operation;              // "start", "poll", …; "" when no route fits
  std::string method;                 // as sent
  std::string target;                 // path and query, as sent
  std::vector<Header> headers;        // in the order sent
  std::string body;                   // its first 4096 bytes
  std::size_t body_bytes = 0;         // of all of it
  int status = 0;                     // of the reply, before anything happened to it on its way; 0:
                                      // nothing was answered
  std::int64_t sending_ms = 0;        // how long a fault had it wait or drip, once let go
  std::vector<Header> reply_headers;  // besides Content-Type, Content-Length and Connection
  std::string reply_body;             // its first 4096 bytes, likewise before anything happened
  std::size_t reply_bytes = 0;        // of all of it
  std::string fault;                  // "poll#3 status 503"; "" when none struck
  std::string hint;                   // what an error says to people (X-Mock-Hint); "" for nothing
  std::string refused;                // RefusedRequest::why; "" for what the fake answered
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JOURNAL_H_
