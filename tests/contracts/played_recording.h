// Plays a conversation in which nearly every guess shows, with any server, and keeps what was said
// as a recording.
#ifndef NAIRI_TESTS_CONTRACTS_PLAYED_RECORDING_H_
#define NAIRI_TESTS_CONTRACTS_PLAYED_RECORDING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/cases/values.h"
#include "harness/recording/recording.h"
#include "nairi/transport.h"

namespace nairi::contracts {

// How a call says who it is.
struct Caller {
  std::string scheme = "Bearer";
  std::string key = "api_key";  // a state
};

class Player {
 public:
  // The states are those of a tester (docs/contracts.md, "States"); each of the prompts is a turn.
  Player(std::shared_ptr<Transport> transport, Values states, std::vector<std::string> prompts)
      : transport_(std::move(transport)), states_(std::move(states)), prompts_(std::move(prompts)) {
    recording_.head = {"https://played.example.com/api/public/v1", "2026-11-26T10:00:00.000Z",
                       "a test"};
  }

  Recording play() {
    lists();
    turns();
    ends();
    errors();
    files();
    agents();
    strangers();
    return std::move(recording_);
  }

 private:
  std::string state(const char* name) const { return states_.at(name).get<std::string>(); }

  Json send(const std::string& method, const std::string& target, const std::string& type,
            const std::string& body, const Caller& caller) {
    HttpRequest request{.method = method, .target = target, .headers = {}, .body = body};
    if (!caller.key.empty()) {
      request.headers.push_back({"Authorization", caller.scheme + " " + state(caller.key.c_str())});
    }
    if (!type.empty()) request.headers.push_back({"Content-Type", type});
    const auto reply = transport_->send(request);
    if (!reply) return {};
    keep(request, *reply, caller);
    return read_json(reply->body);
  }

  void keep(const HttpRequest& request, const HttpReply& reply, const Caller& caller) {
    constexpr std::int64_t kTakesUs = 1'000;
    RecordedExchange exchange;
    exchange.number = recording_.exchanges.size() + 1;
    exchange.key = caller.key;
    exchange.at = recording_.head.at;
    exchange.began_us = static_cast<std::int64_t>(exchange.number) * kTakesUs;
    exchange.ended_us = exchange.began_us + kTakesUs;
    exchange.method = request.method;
    exchange.target = request.target;
    exchange.request_headers = {{"authorization", caller.scheme + " " + caller.key}};
    for (const HttpHeader& header : request.headers) {
      if (header.name == "Content-Type") {
        exchange.request_headers.push_back({"content-type", header.value});
      }
    }
    exchange.request_body = {request.body, request.body.size()};
    exchange.status = reply.status;
    const std::string* type = find_header(reply, "Content-Type");
    if (type != nullptr) exchange.reply_headers = {{"content-type", *type}};
    exchange.reply_body = {reply.body, reply.body.size()};
    recording_.exchanges.push_back(std::move(exchange));
  }

  Json get(const std::string& target, const Caller& caller = {}) {
    return send("GET", target, "", "", caller);
  }
  Json post(const std::string& target, const Json& body, const Caller& caller = {}) {
    return send("POST", target, "application/json", body.dump(), caller);
  }
  Json upload(const std::string& disposition) {
    return send(
        "POST", "/attachments", "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\nHello\r\n--b--\r\n", {});
  }

  struct Turn {
    std::string job;
    std::string message;
  };

  static Turn turn_of(const Json& started) {
    return {started.value("job_id", ""), started.value("message_id", "")};
  }
  Turn start(const std::string& prompt, Json more = Json::object()) {
    more["agent_id"] = more.value("agent_id", state("agent"));
    more["prompt"] = prompt;
    return turn_of(post("/conversations/start", more));
  }
  Turn go_on(const std::string& job, const std::string& prompt) {
    return turn_of(post("/conversations/" + job + "/continue", {{"prompt", prompt}}));
  }
  Json read(const std::string& job) { return get("/conversations/" + job + "/messages"); }
  Json list(const std::string& query = "") {
    return get("/agents/" + percent_encode(state("agent")) + "/conversations" + query);
  }

  static bool is_over(const Json& message) {
    const std::string status = message.value("status", "failed");
    return status == "completed" || status == "failed";
  }
  // Reads the timeline, too: it shows how prompts stand beside one another.
  void wait(const Turn& turn) {
    constexpr int kMost = 20'000;
    for (int i = 0; i < kMost && !is_over(get("/messages/" + turn.message)); ++i) read(turn.job);
    get("/messages/" + turn.message);
    read(turn.job);
  }

  // Before anything is made: all conversations of all agents.
  void lists() {
    for (const Json& agent : get("/agents")) {
      get("/agents/" + percent_encode(agent.at("agent_id").get<std::string>()) +
          "/conversations?limit=100");
    }
    get("/agents", {.scheme = "bearer"});
    for (const char* query : {"?sort=up", "?sort=", "?offset=99999999999999999999", "?limit=0",
                              "?offset=-1", "?status=done", "?updated_after=now"}) {
      list(query);
    }
  }

  void turns() {
    const Turn first = start("Hello");
    wait(first);
    list();
    wait(go_on(first.job, "And now?"));
    list();
    wait(start(state("failing_prompt")));
    const Turn failed = start(state("failing_prompt"));
    wait(failed);
    const Turn retry = go_on(failed.job, "Again");
    list();
    wait(retry);
    const Turn slow = start("One");
    const Turn beside = go_on(slow.job, "Two");
    wait(slow);
    wait(beside);
    for (const std::string& prompt : prompts_) wait(start(prompt));
    wait(start("Only ask", {{"ask_mode", true}}));
    walk();
  }

  // Page by page, while a conversation begins.
  void walk() {
    Json page = list("?limit=3");
    start("Meanwhile");
    while (page.is_object() && page.value("next_cursor", Json()).is_string()) {
      page = list("?cursor=" + percent_encode(page.at("next_cursor").get<std::string>()));
    }
  }

  void ends() {
    for (const char* job : {"completed_job", "abandoned_job"}) go_on(state(job), "And now?");
    go_on(state("slack_job"), "And now?");
    post("/conversations/" + state("slack_job") + "/continue", Json::object());
    read(state("slack_job"));
  }

  void errors() {
    const std::string agent = state("agent");
    start("Hi", {{"mood", "good"}});
    start("Hi", {{"ask_mode", nullptr}});
    start("Hi", {{"agent_id", "no-such-agent-01arz3"}});
    post("/conversations/start", {{"agent_id", agent}});
    post("/conversations/start", {{"prompt", "Hi"}});
    send("POST", "/conversations/start", "application/json", "{\"agent_id\"", {});
    get("/agents", {.key = ""});
    get("/agents", {.key = "revoked_api_key"});
    const std::string ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (const std::string& id : {"cmsg_" + ulid, "job_" + ulid, std::string("cmsg_1"),
                                  std::string("cmsg_8ZZZZZZZZZZZZZZZZZZZZZZZZZ")}) {
      get("/messages/" + id);
    }
    for (const std::string& id : {"job_" + ulid, std::string("job_1")}) read(id);
    for (const std::string& id : {"att_" + ulid, std::string("att_1")}) get("/attachments/" + id);
    get("/agents/cci_" + ulid);
  }

  void files() {
    const Json uploaded = upload("name=\"file\"; filename=\"a.txt\"");
    const std::string id = uploaded.value("attachment_id", "");
    get("/attachments/" + id);
    upload("name=\"other\"; filename=\"a.txt\"");
    upload("name=\"file\"");
    wait(start("Read this", {{"attachment_ids", {id}}}));
    Json eleven = Json::array();
    constexpr int kTooMany = 11;
    for (int i = 0; i < kTooMany; ++i) eleven.push_back(id);
    start("Read these", {{"attachment_ids", eleven}});
    get("/attachments/" + id, {.key = "other_api_key"});
  }

  void agents() {
    const Json waiting = post("/agents", {{"name", "New one"}, {"instances_count", 1}});
    post("/agents", {{"name", "Another"}});
    const std::string slug = waiting.value("agent_id", "");
    const Turn turn = start("Are you there?", {{"agent_id", slug}});
    constexpr int kPolls = 3'000;  // it may never be picked up
    for (int i = 0; i < kPolls && !is_over(get("/messages/" + turn.message)); ++i) continue;
    get("/agents/" + percent_encode(slug) + "/conversations");
    post("/agents/" + percent_encode(state("agent")) + "/deploy", Json::object());
    send("DELETE", "/agents/" + percent_encode(slug), "", "", {});
    read(turn.job);
  }

  void strangers() {
    const Turn turn = start("Can they find this?");
    get("/messages/" + turn.message, {.key = "other_api_key"});
    get("/conversations/" + turn.job + "/messages", {.key = "other_api_key"});
  }

  std::shared_ptr<Transport> transport_;
  Values states_;
  std::vector<std::string> prompts_;  // of turns that show something
  Recording recording_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_TESTS_CONTRACTS_PLAYED_RECORDING_H_
