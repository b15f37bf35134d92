// Recordings for tests, made in the process: of calls as a test says them, or of cases that are
// played against a server.
//
//   CallKeeper recorder;
//   run_case(it, scripted_subjects(Way::in_process, [&] { return recorder.tamper(); }));
//   find_drift({{"recording", recorder.recording}}, {});
#ifndef NAIRI_MOCK_TESTS_CONTRACTS_RECORDED_H_
#define NAIRI_MOCK_TESTS_CONTRACTS_RECORDED_H_

#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "harness/recording/recording.h"
#include "harness/server/subject.h"
#include "nairi/transport.h"

namespace nairi::contracts {

class CallKeeper {
 public:
  Recording recording{.head = {.target = "http://127.0.0.1/api/public/v1",
                               .at = "2026-11-26T16:00:00.000Z",
                               .by = "a test"},
                      .exchanges = {}};

  void add(const HttpRequest& request, const HttpReply& reply) {
    now_us_ += 1000;
    RecordedExchange exchange{.number = recording.exchanges.size() + 1,
                              .key = key_of(request),
                              .connection = 1,
                              .at = "2026-11-26T16:00:00.000Z",
                              .began_us = now_us_,
                              .ended_us = now_us_ + 500,
                              .method = request.method,
                              .target = request.target};
    for (const auto& [name, value] : request.headers) {
      if (lower(name) == "content-type") exchange.request_headers.push_back({lower(name), value});
    }
    for (const auto& [name, value] : reply.headers) {
      exchange.reply_headers.push_back({lower(name), value});
    }
    exchange.request_body = {.kept = request.body, .bytes = request.body.size()};
    exchange.status = reply.status;
    exchange.reply_body = {.kept = reply.body, .bytes = reply.body.size()};
    recording.exchanges.push_back(std::move(exchange));
  }

  Tamper tamper() {
    return [this](const HttpRequest& request, HttpReply& reply) { add(request, reply); };
  }

 private:
  static std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }

  // As nairi-contract record does it: what is no bearer key is none.
  std::string key_of(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
      if (lower(name) != "authorization") continue;
      const auto size = keys_.size() + 1;
      return keys_.try_emplace(value, "key-" + std::to_string(size)).first->second;
    }
    return "";
  }

  std::int64_t now_us_ = 0;
  std::map<std::string, std::string> keys_;
};

// Passes calls on, and keeps them.
class RecordedTransport : public Transport {
 public:
  RecordedTransport(std::shared_ptr<Transport> inner, CallKeeper& recorder)
      : inner_(std::move(inner)), recorder_(recorder) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    auto reply = inner_->send(request);
    if (reply) recorder_.add(request, *reply);
    return reply;
  }
  Clock& clock() override { return inner_->clock(); }

 private:
  std::shared_ptr<Transport> inner_;
  CallKeeper& recorder_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_MOCK_TESTS_CONTRACTS_RECORDED_H_
