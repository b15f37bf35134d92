#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "invariants.h"
#include "nairi/mock/fake.h"
#include "sound_reply.h"

namespace nairi::tests {
namespace {

using nlohmann::json;
using Ids = std::vector<std::string>;

constexpr std::string_view kKeys[] = {"nr_one", "nr_two", "nr_three"};
constexpr std::string_view kAgents[] = {"my-agent", "billing-agent", "acme/ops", "sleepy-agent"};
constexpr std::string_view kPrompts[] = {
    "Hello",    "Refund cus_123", "Please fail",      "fail",
    "never",    "slow",           "Say nothing",      "pull request",
    "order #7", "\u00e4\\\"\n",   "Subagents, please"};
constexpr std::string_view kSorts[] = {"created_at_asc", "created_at_desc", "updated_at_asc",
                                       "updated_at_desc"};
constexpr std::string_view kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

// The bytes of the input, one choice each; 0 when they are used up.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  bool is_over() const { return bytes_.empty(); }
  unsigned next() {
    unsigned choice = 0;
    bytes_ = without_choice(bytes_, choice);
    return choice;
  }
  template <typename List>
  const auto& of(const List& list) {
    return list[next() % std::size(list)];
  }

 private:
  std::string_view bytes_;
};

// What a key was answered since it was last reset.
struct Known {
  Ids jobs;
  Ids messages;  // of users
  Ids attachments;
  std::map<std::string, std::string> prompts;  // by message
  std::map<std::string, json> seen;            // messages, as they were last seen
  std::map<std::string, Ids> timelines;        // by job
  bool is_revoked = false;
};

int rank_of(const json& message) {
  const std::string status = message.at("status");
  return status == "queued" ? 0 : status == "pending" ? 1 : 2;
}

class Play {
 public:
  explicit Play(std::string_view input) : choices_(input) {
    const auto clock = static_cast<mock::ClockMode>(choices_.next() % 3);
    for (auto& fake : fakes_) fake.emplace(played_world(), options(clock));
  }

  std::string broken_after_all() {
    for (int calls = 0; !choices_.is_over() && calls < 400 && broken_.empty(); ++calls) step();
    return broken_;
  }

 private:
  mock::FakeOptions options(mock::ClockMode clock) {
    return {.clock = clock,
            .wall_ms = [this] { return wall_ms_; },
            .judge = true,
            .control_token = "token"};
  }

  void step() {
    key_ = choices_.next() % std::size(kKeys);
    switch (choices_.next() % 14) {
      case 0:
        return start();
      case 1:
        return go_on();
      case 2:
        return poll();
      case 3:
        return timeline();
      case 4:
        return list();
      case 5:
        return walk();
      case 6:
        return upload();
      case 7:
        return look_at_foreign();
      case 8:
        return agents();
      case 9:
        return advance();
      case 10:
        return reset();
      case 11:
        return revoke();
      case 12:
        return slack();
      default:
        return foreign_attachment();
    }
  }

  // --- What can be called ------------------------------------------------------------------------

  void start() {
    json body{{"agent_id", choices_.of(kAgents)}, {"prompt", choices_.of(kPrompts)}};
    const unsigned choice = choices_.next();
    if ((choice & 1U) != 0) body["ask_mode"] = true;
    if ((choice & 2U) != 0 && !known().attachments.empty()) {
      body["attachment_ids"] = {choices_.of(known().attachments)};
    }
    const json answer = call("POST", "/conversations/start", body.dump(), {200, 404});
    if (answer.contains("job_id")) begun(answer, body["prompt"]);
  }
  void go_on() {
    if (known().jobs.empty()) return;
    const json body{{"prompt", choices_.of(kPrompts)}};
    const json answer = call("POST", "/conversations/" + choices_.of(known().jobs) + "/continue",
                             body.dump(), {200, 400});
    if (answer.contains("job_id")) begun(answer, body["prompt"]);
  }
  void begun(const json& answer, const std::string& prompt) {
    const std::string job = answer["job_id"];
    const std::string message = answer["message_id"];
    own(message);
    known().messages.push_back(message);
    known().prompts[message] = prompt;
    if (std::count(known().jobs.begin(), known().jobs.end(), job) != 0) return;
    own(job);
    known().jobs.push_back(job);
  }
  void poll() {
    if (known().messages.empty()) return;
    const std::string id = choices_.of(known().messages);
    const json message = call("GET", "/messages/" + id, "", {200});
    if (message.contains("id")) saw(message);
  }
  void timeline() {
    if (known().jobs.empty()) return;
    const std::string job = choices_.of(known().jobs);
    const json answer = call("GET", "/conversations/" + job + "/messages", "", {200});
    if (answer.contains("messages")) saw_timeline(job, answer["messages"]);
  }
  void list() {
    const std::string_view sort = choices_.of(kSorts);
    const unsigned limit = choices_.next() % 5 + 1;
    const std::string query = "?sort=" + std::string(sort) + "&limit=" + std::to_string(limit) +
                              "&offset=" + std::to_string(choices_.next() % 4);
    const json page = conversations(query);
    if (page.size() > limit) fail("more than the limit");
    check_order(page, sort);
  }
  // By cursor, while conversations change.
  void walk() {
    std::set<std::string> walked;
    const Ids before = known().jobs;
    std::string cursor;
    for (int pages = 0; pages < 60; ++pages) {
      json answer = call("GET", "/agents/my-agent/conversations?limit=2&cursor=" + cursor, "",
                         {200, 404, 400});
      if (pages == 0 && cursor.empty()) {
        answer = call("GET", "/agents/my-agent/conversations?limit=2", "", {200, 404});
      }
      if (!answer.contains("conversations")) return;
      for (const json& job : answer["conversations"]) {
        if (!walked.insert(job["id"]).second) fail("a conversation twice in a walk");
      }
      if (!answer["next_cursor"].is_string()) break;
      cursor = escaped(answer["next_cursor"]);
      if (choices_.next() % 2 == 0) poll();
    }
    for (const std::string& job : before) {
      if (agent_of_[job] == "my-agent" && walked.count(job) == 0) fail("a walk left out " + job);
    }
  }
  void upload() {
    const std::string bytes(1, static_cast<char>(choices_.next()));
    const json answer = call("POST", "/attachments",
                             "--XX\r\nContent-Disposition: form-data; name=\"file\"; "
                             "filename=\"a.txt\"\r\n\r\n" +
                                 bytes + "\r\n--XX--\r\n",
                             {201});
    if (!answer.contains("attachment_id")) return;
    own(answer["attachment_id"]);
    known().attachments.push_back(answer["attachment_id"]);
    const json file = call("GET", "/attachments/" + known().attachments.back(), "", {200});
    if (file.contains("filename") && file["filename"] != "a.txt") fail("another file");
  }
  // What belongs to another key is not there.
  void look_at_foreign() {
    const Known& other = known_[(key_ + 1) % std::size(kKeys)];
    if (!other.jobs.empty()) {
      call("GET", "/conversations/" + choices_.of(other.jobs) + "/messages", "", {404});
      call("POST", "/conversations/" + choices_.of(other.jobs) + "/continue",
           R"({"prompt": "Hello"})", {404});
    }
    if (!other.messages.empty()) call("GET", "/messages/" + choices_.of(other.messages), "", {404});
    if (other.attachments.empty()) return;
    call("GET", "/attachments/" + choices_.of(other.attachments), "", {404});
  }
  void foreign_attachment() {
    const Known& other = known_[(key_ + 1) % std::size(kKeys)];
    if (other.attachments.empty()) return;
    const json body{{"agent_id", "my-agent"},
                    {"prompt", "Hello"},
                    {"attachment_ids", {choices_.of(other.attachments)}}};
    call("POST", "/conversations/start", body.dump(), {400, 404});
  }
  void agents() {
    const std::string path = "/agents/" + escaped(std::string(choices_.of(kAgents)));
    switch (choices_.next() % 6) {
      case 0:
        call("POST", path + "/deploy", R"({"update_config_only": false})", {202, 404});
        return;
      case 1:
        call("PATCH", path, R"({"description": "New"})", {200, 404});
        return;
      case 2:
        call("POST", "/agents", R"({"name": "Made here", "instances_count": 1})", {201});
        return;
      case 3:
        if (choices_.next() % 8 == 0) call("DELETE", path, "", {204, 404});
        return;
      default:
        call("GET", "/agents", "", {200});
    }
  }
  void advance() {
    const unsigned ms = choices_.next() * 97;
    wall_ms_ += ms;
    for (auto& fake : fakes_) fake->advance(ms);
  }
  void reset() {
    if (choices_.next() % 4 != 0) return;
    for (const auto& [id, key] : std::map(owners_)) {
      if (key == key_) owners_.erase(id);
    }
    known() = {};
    control("POST", "/reset", "");
  }
  void revoke() {
    if (choices_.next() % 8 != 0) return;
    control("POST", "/revoke", "");
    known().is_revoked = true;
  }
  void slack() {
    const json answer = call("POST", "/conversations/" + std::string(kSlackJob) + "/continue",
                             R"({"prompt": "Hello"})", {400});
    if (answer.contains("error") && !known().is_revoked &&
        answer["error"] != "job is not an API job") {
      fail("another text for a job from Slack");
    }
  }

  // --- What must hold ----------------------------------------------------------------------------

  void saw(const json& message) {
    const std::string id = message["id"];
    if (message["updated_at"] < message["created_at"]) fail("updated before it was created: " + id);
    if (known().prompts.count(id) != 0 && message["content"] != known().prompts[id]) {
      fail("another prompt");
    }
    json& before = known().seen[id];
    if (!before.is_null()) {
      if (rank_of(before) == 2 && before != message) fail("changed when it was over: " + id);
      if (rank_of(message) < rank_of(before)) fail("a status went back: " + id);
      if (message["updated_at"] < before["updated_at"]) fail("updated_at went back: " + id);
      if (message["job_id"] != before["job_id"]) fail("another job: " + id);
    }
    before = message;
  }
  void saw_timeline(const std::string& job, const json& messages) {
    Ids ids;
    std::string newest;
    for (const json& message : messages) {
      ids.push_back(message["id"]);
      saw(message);
      if (message["job_id"] != job) fail("a message of another job");
      if (message["created_at"].get<std::string>() < newest) fail("not oldest first: " + job);
      newest = message["created_at"];
    }
    if (std::set(ids.begin(), ids.end()).size() != ids.size()) fail("one id twice in " + job);
    check_prompts(ids, job);
    check_kept(known().timelines[job], ids);
    known().timelines[job] = ids;
  }
  // All prompts of the job are there, in the order in which they came.
  void check_prompts(const Ids& ids, const std::string& job) {
    std::size_t at = 0;
    for (const std::string& message : known().messages) {
      if (job_of_[message] != job) continue;
      const auto found =
          std::find(ids.begin() + static_cast<std::ptrdiff_t>(at), ids.end(), message);
      if (found == ids.end()) return fail("a prompt is missing, or not in order: " + job);
      at = static_cast<std::size_t>(found - ids.begin());
    }
  }
  // What was there is there still, in the same order.
  void check_kept(const Ids& before, const Ids& after) {
    auto at = after.begin();
    for (const std::string& id : before) {
      at = std::find(at, after.end(), id);
      if (at == after.end()) return fail("a message moved, or went away: " + id);
    }
  }
  void check_order(const json& page, std::string_view sort) {
    const std::string field(sort.substr(0, 10));
    for (std::size_t i = 1; i < page.size(); ++i) {
      const bool rises = page[i - 1][field] <= page[i][field];
      const bool falls = page[i - 1][field] >= page[i][field];
      if (!(sort.ends_with("asc") ? rises : falls)) fail("a list that is not sorted");
    }
  }
  // An id that was made just now.
  void own(const std::string& id) {
    if (!owners_.emplace(id, key_).second) fail("an id that was there before: " + id);
  }

  // --- Calls -------------------------------------------------------------------------------------

  json conversations(const std::string& query) {
    json answer = call("GET", "/agents/my-agent/conversations" + query, "", {200, 404});
    return answer.contains("conversations") ? answer["conversations"] : json::array();
  }
  json call(std::string method, const std::string& path, std::string body,
            const std::set<int>& statuses) {
    const mock::Request request{.method = std::move(method),
                                .target = "/api/public/v1" + path,
                                .headers = {{"Authorization", "Bearer " + std::string(kKeys[key_])},
                                            {"Content-Type", "multipart/form-data; boundary=XX"}},
                                .body = std::move(body)};
    const mock::Reply reply = ask(request);
    const bool is_expected =
        known().is_revoked ? reply.status == 401 : statuses.count(reply.status) != 0;
    if (!is_expected) {
      fail(request.method + " " + path + " answered " + std::to_string(reply.status) + " " +
           reply.body);
    }
    check_secrecy(reply);
    json answer = json::parse(reply.body, nullptr, false);
    note(request, answer);
    return answer.is_discarded() ? json::object() : answer;
  }
  void control(const std::string& method, const std::string& path, std::string body) {
    ask({.method = method,
         .target = "/__mock" + path,
         .headers = {{"Authorization", "Bearer " + std::string(kKeys[key_])}},
         .body = std::move(body)});
  }
  mock::Reply ask(const mock::Request& request) {
    mock::Reply reply = fakes_[0]->handle(request);
    const mock::Reply again = fakes_[1]->handle(request);
    if (again.status != reply.status || again.body != reply.body) fail("not the same bytes");
    if (const std::string broken = unsound_reply(request, reply); !broken.empty()) fail(broken);
    return reply;
  }
  void check_secrecy(const mock::Reply& reply) {
    for (const auto& [id, key] : owners_) {
      if (key != key_ && reply.body.find(id) != std::string::npos) fail("another key's " + id);
    }
  }
  // Which job a message is of, and which agent a job is with.
  void note(const mock::Request& request, const json& answer) {
    if (!answer.is_object() || !answer.contains("message_id")) return;
    job_of_[answer["message_id"]] = answer["job_id"];
    const json body = json::parse(request.body);
    if (body.contains("agent_id")) agent_of_[answer["job_id"]] = body["agent_id"];
  }
  static std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
      result += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
    }
    return result;
  }
  Known& known() { return known_[key_]; }
  void fail(const std::string& what) {
    if (broken_.empty()) broken_ = what;
  }

  Choices choices_;
  std::int64_t wall_ms_ = 1'776'019'512'000;
  std::optional<mock::Fake> fakes_[2];  // which are asked the same
  std::size_t key_ = 0;
  Known known_[std::size(kKeys)];
  std::map<std::string, std::size_t> owners_;  // keys by the ids that were made for them
  std::map<std::string, std::string> job_of_;
  std::map<std::string, std::string> agent_of_;
  std::string broken_;
};

}  // namespace

std::string broken_calls_invariant(std::string_view input) {
  return Play(input).broken_after_all();
}

}  // namespace nairi::tests
