// Clients that are broken in how they poll and wait.
#include <chrono>
#include <functional>
#include <string>

#include "harness/selftest/broken_clients.h"
#include "harness/selftest/meddling.h"

namespace nairi::contracts {
namespace {

bool is_terminal(const HttpReply& reply) {
  const Json body = Json::parse(reply.body, nullptr, false);
  const std::string status = body.is_object() ? body.value("status", "") : "";
  return status == "completed" || status == "failed";
}

Edit status(const std::function<bool(const std::string&)>& which, const char* becomes) {
  return [=](Json& message) {
    if (which(message.value("status", ""))) message["status"] = becomes;
  };
}

bool is_known(const std::string& word) {
  return word == "queued" || word == "pending" || word == "completed" || word == "failed";
}

// Polls once more after the end of a turn.
bool polls_on(const HttpRequest& request, const Result<HttpReply>& reply) {
  return reply && operation_id(request) == "poll" && is_terminal(*reply);
}

InProcessClient deaf_to(int status) {
  return behind([=](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    if (reply && reply->status == status) {
      std::erase_if(reply->headers,
                    [](const HttpHeader& header) { return header.name == "Retry-After"; });
    }
    return reply;
  });
}

ClientAnswer impatient(const Json& job, const std::shared_ptr<Transport>& transport) {
  constexpr std::chrono::milliseconds kPatience{1000};
  const Meddle watch = [&](const HttpRequest& request, const Send& send) -> Result<HttpReply> {
    const auto begin = transport->clock().now();
    auto reply = send(request);
    const bool slow = transport->clock().now() - begin > kPatience;
    if (!slow || operation_id(request) != "poll") return reply;
    return no_answer("too slow");
  };
  return behind(watch)(job, transport);
}

// Looks so often, and no more.
ClientAnswer counts_its_polls(const Json& job, const std::shared_ptr<Transport>& transport) {
  constexpr int kMost = 20;
  int polls = 0;
  const Meddle count = [&](const HttpRequest& request, const Send& send) -> Result<HttpReply> {
    auto reply = send(request);
    const bool goes_on = reply && operation_id(request) == "poll" && !is_terminal(*reply);
    if (goes_on && ++polls == kMost) return no_answer("no answer in time");
    return reply;
  };
  ClientAnswer answer = behind(count)(job, transport);
  if (polls >= kMost) answer.result["outcome"] = "timeout";
  return answer;
}

// Comes again when it is told to, whether there is time or not.
ClientAnswer waits_as_it_is_told(const Json& job, const std::shared_ptr<Transport>& transport) {
  const Meddle wait = [&](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    for (const HttpHeader& header : reply ? reply->headers : std::vector<HttpHeader>()) {
      const bool counts = header.name == "Retry-After" && header.value.size() < 3;
      if (counts) transport->clock().sleep_for(std::chrono::seconds(std::stoi(header.value)));
    }
    return reply;
  };
  return behind(wait)(job, transport);
}

bool is_date(const HttpHeader& header) {
  return header.name == "Retry-After" && header.value.find(':') != std::string::npos;
}

}  // namespace

BrokenClients clients_broken_in_polling() {
  return {
      {"takes queued for the end", "polls-until-terminal", "",
       reading("poll",
               status([](const std::string& word) { return word == "queued"; }, "completed"))},
      {"polls on after the end", "stops-after-terminal", "", repeating(3, polls_on)},
      {"takes an unknown status for the end", "unknown-status-is-not-terminal", "",
       reading("poll",
               status([](const std::string& word) { return !is_known(word); }, "completed"))},
      {"waits for ever", "deadline-kept", "client/turn-never-ends",
       given([](Json& job) { job.erase("deadline_ms"); })},
      {"polls without a pause", "polls-no-faster-than-asked", "",
       given([](Json& job) { job["poll_ms"] = 1; })},
      {"does not read the Retry-After of 503", "retry-after",
       "client/poll-unavailable-for-a-second", deaf_to(503)},
      {"does not read the Retry-After of 429", "retry-after", "client/polls-too-often",
       deaf_to(429)},
      {"has no patience with a slow poll", "polls-until-terminal", "client/poll-is-slow",
       impatient},
      {"looks twenty times only", "polls-until-terminal", "client/thirty-polls", counts_its_polls},
      {"has a deadline for each turn", "deadline-kept", "client/deadline-in-the-second-turn",
       given([](Json& job) {
         const std::size_t turns = job.value("prompts", Json()).size();
         if (turns > 1) job["deadline_ms"] = 2 * job["deadline_ms"].get<int>();
       })},
      {"reads drops for ever", "deadline-kept", "client/deadline-while-it-drips",
       sending([](HttpRequest& request) {
         if (operation_id(request) == "poll") request.time_limit.reset();
       })},
      {"waits as it is told", "deadline-kept", "client/deadline-before-retry-after",
       waits_as_it_is_told},
      {"reads no date in Retry-After", "retry-after", "client/retry-after-is-a-date",
       behind([](const HttpRequest& request, const Send& send) {
         auto reply = send(request);
         if (reply) std::erase_if(reply->headers, is_date);
         return reply;
       })},
      {"waits for a start for ever", "deadline-kept", "client/start-takes-too-long",
       sending([](HttpRequest& request) {
         if (operation_id(request) == "start") request.time_limit.reset();
       })},
  };
}

}  // namespace nairi::contracts
