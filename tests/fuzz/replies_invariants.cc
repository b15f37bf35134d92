#include <deque>

#include "decode.h"
#include "invariants.h"
#include "nairi/client.h"
#include "plain_json.h"

namespace nairi::tests {
namespace {

// Time that passes only by sleeping.
class SleptTime : public Clock {
 public:
  std::chrono::milliseconds now() override { return now_; }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::time_point(now_);
  }
  void sleep_for(std::chrono::milliseconds duration) override {
    if (duration.count() < 0) slept_backwards = true;
    now_ += duration;
  }

  bool slept_backwards = false;

 private:
  std::chrono::milliseconds now_{1'000'000};
};

// A server that says the parts of the input, one after the other and again from the start.
class Parrot : public Transport {
 public:
  explicit Parrot(std::string_view input) {
    for (const auto& part : parts_of(input)) {
      unsigned choice = 0;
      const std::string body(without_choice({part.data(), part.size()}, choice));
      constexpr int kStatuses[] = {200, 201, 204, 400, 401, 404, 429, 500, 503, 302, 999, 0};
      HttpReply reply{kStatuses[choice % std::size(kStatuses)], {}, body};
      if (choice >= 128) reply.headers.push_back({"Retry-After", body.substr(0, 40)});
      replies_.push_back(std::move(reply));
    }
  }

  Result<HttpReply> send(const HttpRequest& request) override {
    ++sent;
    if (request.target.empty() || request.target.front() != '/' ||
        request.target.find_first_of(std::string_view("\r\n \0", 4)) != std::string::npos) {
      broken = "a target that is none: " + request.target;
    }
    replies_.push_back(replies_.front());
    replies_.pop_front();
    return replies_.back();
  }
  Clock& clock() override { return time; }

  int sent = 0;
  std::string broken;
  SleptTime time;

 private:
  std::deque<HttpReply> replies_;
};

std::string broken_message(const Message& message) {
  if (message.id.empty() && message.raw_json.find("\"\"") == std::string::npos) return "no id";
  (void)read_progress(message);
  const auto again = decode_message(message.raw_json);
  if (!again || again->raw_json != message.raw_json) return "raw_json is another message";
  return "";
}

// The client's own reader of plain JSON against the library's.
std::string broken_reading(std::string_view body) {
  const auto plain = read_plain_json(body);
  if (!plain) return "";
  const Json read = Json::parse(body, nullptr, false);
  return read == plain->value && read.dump() == plain->value.dump() ? "" : "plain JSON, misread";
}

// Every kind of call, whatever comes back.
void call_everything(const Client& client, std::string& broken) {
  const auto turn = client.start("my-agent", "Hello");
  if (turn) (void)client.continue_conversation(turn->job_id, "And?");
  const Turn known{"job_1", "cmsg_1"};
  (void)client.wait(turn ? *turn : known,
                    {.deadline = std::chrono::minutes(5), .on_message = [](const Message&) {}});
  if (const auto message = client.message("cmsg_1")) broken = broken_message(*message);
  if (const auto timeline = client.messages("job_1")) {
    for (const Message& message : *timeline) {
      (void)messages_of_turn(*timeline, message.id);
      if (broken.empty()) broken = broken_message(message);
    }
  }
  int visited = 0;
  (void)client.walk_conversations("acme/ops", {}, [&](const auto&) { return ++visited < 200; });
  (void)client.changed_conversations("acme/ops");
  (void)client.agents();
  (void)client.create_agent({.name = "Billing"});
  (void)client.deploy_agent("my-agent");
  (void)client.upload("a.txt", "bytes");
  (void)client.attachment("att_1");
}

}  // namespace

std::string broken_replies_invariant(std::string_view input) {
  for (const auto& part : parts_of(input)) {
    unsigned choice = 0;
    const std::string_view body = without_choice({part.data(), part.size()}, choice);
    if (std::string broken = broken_reading(body); !broken.empty()) return broken;
  }
  const auto server = std::make_shared<Parrot>(input);
  const Client client(server, {.api_key = "nr_test", .retry = {.jitter = [] { return 0.5; }}});
  call_everything(client, server->broken);
  if (server->time.slept_backwards) return "a pause that is negative";
  return server->sent > 20'000 ? "no end of requests" : server->broken;
}

}  // namespace nairi::tests
