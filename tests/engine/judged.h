// A client that is judged, as a list of exchanges: the judge alone, without a fake.
#ifndef NAIRI_MOCK_TESTS_ENGINE_JUDGED_H_
#define NAIRI_MOCK_TESTS_ENGINE_JUDGED_H_

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/routes.h"
#include "judge/judge.h"
#include "protocol/target.h"

namespace nairi::mock::testing {

// What one exchange is like. The defaults are those of a good client.
struct Seen {
  std::string method = "GET";
  std::string path = "/agents";
  std::string body = {};
  std::vector<Header> headers = {{"Authorization", "Bearer nr_secret-key"}, {"User-Agent", "t/1"}};
  int status = 200;
  std::string reply = "{}";
  std::vector<Header> reply_headers = {};
  std::optional<std::int64_t> at_ms = {};  // of the client's time; none: nobody knows
  std::int64_t delay_ms = 0;
  bool delivered = true;
  std::uint64_t connection = 0;
  std::string refusal = {};  // why the fake never saw it; "" when it did
  bool whole_head = true;
  bool misdirected = false;
  bool struck = false;
  std::string_view no_end = {};  // why the turn that is looked at can't end
};

class Judged {
 public:
  explicit Judged(const JudgeOptions& options = {}) : judge_(options) {}

  Judged& see(const Seen& seen) {
    const Request request{.method = seen.method,
                          .target = "/api/public/v1" + seen.path,
                          .headers = seen.headers,
                          .body = seen.body,
                          .connection = seen.connection};
    Reply reply;
    reply.status = seen.status;
    reply.body = seen.reply;
    reply.headers = seen.reply_headers;
    reply.delay_ms = seen.delay_ms;
    const auto route = find_route(seen.method, split_target(request.target));
    Exchange exchange{.request = request,
                      .reply = reply,
                      .key = "nr_secret-key",
                      .number = ++number_,
                      .received = seen.at_ms ? Moment::real(*seen.at_ms * 1000) : Moment(),
                      .delivered = seen.delivered,
                      .refusal = seen.refusal,
                      .whole_head = seen.whole_head,
                      .misdirected = seen.misdirected,
                      .struck = seen.struck,
                      .no_end = seen.no_end};
    if (const auto* matched = std::get_if<Matched>(&route)) {
      exchange.operation = std::get<ApiRoute>(matched->route->handler).operation;
      exchange.parameter = matched->parameter;
    }
    judge_.observe(exchange);
    return *this;
  }

  // POST start, which begins turn "cmsg_1" of "job_1".
  Judged& start(Seen seen = {}) {
    seen.method = "POST";
    seen.path = "/conversations/start";
    seen.body = R"({"agent_id": "bot", "prompt": "go"})";
    seen.reply = R"({"job_id": "job_1", "message_id": "cmsg_1"})";
    return see(seen);
  }
  // The next turn of that job, "cmsg_2".
  Judged& go_on() {
    return see({.method = "POST",
                .path = "/conversations/job_1/continue",
                .body = R"({"prompt": "more"})",
                .reply = R"({"job_id": "job_1", "message_id": "cmsg_2"})"});
  }
  // A prompt, and the turn that it began.
  Judged& prompt(const std::string& text, const std::string& job, const std::string& message,
                 Seen seen = {}) {
    seen.method = "POST";
    if (seen.path == Seen{}.path) seen.path = "/conversations/start";
    if (seen.body.empty()) seen.body = R"({"agent_id": "bot", "prompt": ")" + text + "\"}";
    if (seen.reply == Seen{}.reply) {
      seen.reply = R"({"job_id": ")" + job + R"(", "message_id": ")" + message + "\"}";
    }
    return see(seen);
  }
  // GET of the message, which has that status; "" answers nothing readable.
  Judged& poll(const std::string& status, Seen seen = {}, const std::string& id = "cmsg_1") {
    seen.path = "/messages/" + id;
    seen.reply =
        status.empty() ? "{\"sta" : R"({"id": ")" + id + R"(", "status": ")" + status + "\"}";
    return see(seen);
  }
  // The timeline of job_1, with the first turn's message in that status.
  Judged& timeline(const std::string& status, Seen seen = {}) {
    seen.path = "/conversations/job_1/messages";
    if (seen.reply == Seen{}.reply) {
      seen.reply = R"({"messages": [{"id": "cmsg_1", "status": ")" + status + "\"}]}";
    }
    return see(seen);
  }

  Verdict verdict(std::string_view rule, const RunEnd& end = {}) const {
    const Verdicts all = judge_.verdicts(end);
    const Verdict* found = all.find(rule);
    if (found == nullptr) throw std::invalid_argument("no verdict on " + std::string(rule));
    return *found;
  }
  RuleOutcome outcome(std::string_view rule, const RunEnd& end = {}) const {
    return verdict(rule, end).outcome;
  }
  Verdicts verdicts() const { return judge_.verdicts(); }

 private:
  Judge judge_;
  std::uint64_t number_ = 0;
};

}  // namespace nairi::mock::testing

#endif  // NAIRI_MOCK_TESTS_ENGINE_JUDGED_H_
