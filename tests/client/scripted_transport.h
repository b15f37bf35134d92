// A transport that plays a script, and a clock that only its sleeper moves: no socket, no waiting.
#ifndef NAIRI_TESTS_CLIENT_SCRIPTED_TRANSPORT_H_
#define NAIRI_TESTS_CLIENT_SCRIPTED_TRANSPORT_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nairi/client.h"

namespace nairi::tests {

using std::chrono::milliseconds;

class FakeClock : public Clock {
 public:
  milliseconds now() override { return now_; }
  std::chrono::system_clock::time_point wall_time() override { return wall_start + now_; }
  void sleep_for(milliseconds duration) override {
    sleeps.push_back(duration);
    now_ += duration;
  }

  std::vector<milliseconds> sleeps;
  std::chrono::system_clock::time_point wall_start{};

 private:
  milliseconds now_{1'000'000};
};

class ScriptedTransport : public Transport {
 public:
  Result<HttpReply> send(const HttpRequest& request) override {
    requests.push_back(request);
    if (on_send) on_send();
    if (script.empty()) return HttpReply{.status = 599, .headers = {}, .body = "script is over"};
    auto reply = std::move(script.front());
    script.pop_front();
    return reply;
  }
  Clock& clock() override { return time; }

  // The next answers, in order.
  ScriptedTransport& reply(int status, std::string body, std::vector<HttpHeader> headers = {}) {
    script.push_back(
        HttpReply{.status = status, .headers = std::move(headers), .body = std::move(body)});
    return *this;
  }
  ScriptedTransport& fail(ErrorCode code) {
    Error error;
    error.code = code;
    error.message = "scripted";
    script.push_back(tl::unexpected(std::move(error)));
    return *this;
  }

  // "GET /agents", … for every request that was sent.
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    for (const HttpRequest& request : requests)
      lines.push_back(request.method + " " + request.target);
    return lines;
  }

  std::deque<Result<HttpReply>> script;
  std::vector<HttpRequest> requests;
  std::function<void()> on_send;  // after the request is noted
  FakeClock time;
};

// A client on a scripted transport, without jitter: pauses are the whole backoff, almost.
struct Scripted {
  std::shared_ptr<ScriptedTransport> server = std::make_shared<ScriptedTransport>();
  Client client{server, {.api_key = "nr_test", .retry = {.jitter = [] { return 0.0; }}}};
};

// JSON of one message of job_1, at second `at`.
inline std::string message_json(const std::string& id, const std::string& role,
                                const std::string& status, const std::string& content = "",
                                int created = 0, int updated = 0) {
  const auto time = [](int second) {
    return "2026-04-12T18:45:" + std::string(second < 10 ? "0" : "") + std::to_string(second) +
           ".000Z";
  };
  return R"({"id":")" + id + R"(","job_id":"job_1","role":")" + role + R"(","status":")" + status +
         R"(","content":")" + content + R"(","created_at":")" + time(created) +
         R"(","updated_at":")" + time(updated ? updated : created) + R"("})";
}

inline std::string timeline_json(const std::vector<std::string>& messages) {
  std::string list;
  for (const std::string& message : messages) list += (list.empty() ? "" : ",") + message;
  return R"({"messages":[)" + list + "]}";
}

}  // namespace nairi::tests

#endif  // NAIRI_TESTS_CLIENT_SCRIPTED_TRANSPORT_H_
