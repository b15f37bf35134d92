// Servers that are broken in methods and headers, and what a client may do besides.
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

Tamper has_no_head() {
  return [](const HttpRequest& request, HttpReply& reply) {
    if (request.method == "HEAD") reply.status = 404;
  };
}

Tamper allows_nothing() {
  return [](const HttpRequest&, HttpReply& reply) {
    std::erase_if(reply.headers, [](const HttpHeader& header) { return header.name == "Allow"; });
  };
}

Tamper refuses_charsets() {
  return [](const HttpRequest& request, HttpReply& reply) {
    for (const HttpHeader& header : request.headers) {
      if (header.value.find("charset") != std::string::npos) reply.status = 400;
    }
  };
}

}  // namespace

BrokenServers servers_broken_in_requests() {
  return {
      {"HEAD is not found", "requests/head", has_no_head},
      {"405 does not say what is allowed", "requests/wrong-method", allows_nothing},
      {"unknown fields are refused", "requests/unknown-fields",
       instead_where(200, "start", "colour", 400, kInvalid)},
      {"a charset is refused", "requests/json-with-charset", refuses_charsets},
      {"queued ends in failed", "requests/queued-is-polled-on",
       in_each("user", replace("status", "completed", "failed"))},
      {"timelines never complete", "requests/timeline-only",
       in_timelines(each(set("status", "pending")))},
      {"a second prompt is refused", "requests/only-the-new-message",
       instead_of(200, "continue", 400, kInvalid)},
      {"a poll and the timeline disagree", "requests/message-and-timeline-in-turn",
       in_timelines(each(set("content", "(content)")))},
      {"files can be sent once only", "requests/upload-and-send-again",
       in_each("user", erase("attachment_ids"))},
  };
}

}  // namespace nairi::contracts
