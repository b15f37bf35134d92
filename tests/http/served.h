// What the tests of the whole server share: one that echoes, and the limits of this process.
#ifndef NAIRI_MOCK_TESTS_HTTP_SERVED_H_
#define NAIRI_MOCK_TESTS_HTTP_SERVED_H_

#include <sys/resource.h>

#include <string>
#include <utility>

#include "nairi/mock/server.h"

namespace nairi::mock {

inline Reply echo(const Request& request) {
  if (request.target == "/none") return {.status = 204, .body = {}};
  if (request.target == "/missing") return {.status = 404, .body = R"({"error":"missing"})"};
  if (request.target == "/hour") return {.body = "late", .delay_ms = 3'600'000};
  if (request.target == "/soon") return {.body = "soon", .delay_ms = 1};
  return {.body =
              request.method + " " + request.target + " " + std::to_string(request.body.size())};
}

// The largest number of descriptors that this process may have.
inline void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_HTTP_SERVED_H_
