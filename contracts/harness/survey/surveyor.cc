#include "harness/survey/surveyor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/server/patience.h"
#include "harness/server/step_request.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRequestLimit{30'000};
constexpr milliseconds kFirstPause{100};  // between two polls; each next one is twice as long
constexpr milliseconds kLongestPause{2000};
constexpr int kMostSilences = 3;
constexpr int kMostPages = 10;
constexpr std::size_t kMostFound = 6;
constexpr std::size_t kMeetings = 2;  // the first probes, which meet the service and the agent
constexpr int kUnauthorized = 401;

bool went_well(const HttpReply& reply) {
  return reply.status >= 200 && reply.status < 300;
}

// The array of that name; an empty one when there is none.
Json array_at(const Json& object, const char* key) {
  if (!object.is_object()) return Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

// "POST", "/agents"
std::pair<std::string, std::string> split_call(std::string_view call) {
  const std::size_t blank = call.find(' ');
  return {std::string(call.substr(0, blank)), std::string(call.substr(blank + 1))};
}

StepCall call_of(const Probe& probe) {
  StepCall call;
  std::tie(call.method, call.path) = split_call(probe.call);
  call.auth = std::string(probe.auth);
  if (probe.act == Act::upload) {
    SentPart part{.name = "file", .filename = {}, .text = std::string(probe.body)};
    if (!probe.file.empty()) part.filename = std::string(probe.file);
    call.multipart.push_back(std::move(part));
  } else if (probe.act == Act::no_file) {
    call.multipart.push_back({.name = "other", .filename = {}, .text = "from a survey"});
  } else if (!probe.body.empty()) {
    Json json = read_json(probe.body);
    if (json.is_object() && !json.empty()) {
      call.json = std::move(json);
    } else {
      call.body = std::string(probe.body);
    }
  }
  return call;
}

// The kinds of conversations that behave differently, as far as a list tells.
std::string kind_of(const Json& conversation) {
  const std::string id = text_in(conversation, "id");
  return text_in(conversation, "status") + " " + text_in(conversation, "origin") + " " +
         id.substr(0, id.find('_'));
}

}  // namespace

Surveyor::Surveyor(Transport& transport, SurveyOptions options)
    : transport_(transport), options_(std::move(options)) {
  values_ = {{"agent", options_.agent}, {"key", options_.api_key}, {"text", kTextOfEveryKind}};
  if (!options_.other_api_key.empty()) values_["other_key"] = options_.other_api_key;
}

SurveyOutcome Surveyor::run() {
  meet();
  play_all(free_probes().subspan(kMeetings));
  for (int number = 1; number <= options_.conversations; ++number) play_conversation(number);
  return outcome_;
}

// Whether there is such a service, with such a key and such an agent.
void Surveyor::meet() {
  const Reply agents = send(free_probes()[0]);
  if (!agents) return;
  if (agents->status == kUnauthorized) return stop("the service refuses the key: 401");
  if (!went_well(*agents) || !read_json(agents->body).is_array()) {
    return stop("GET /agents is answered with " + std::to_string(agents->status) +
                ", and not with a list of agents: is this the API's address?");
  }
  const Reply agent = is_stopped() ? std::nullopt : send(free_probes()[1]);
  if (!agent || went_well(*agent)) return;
  outcome_.is_agent_unknown = true;
  std::vector<std::string> slugs;
  for (const Json& one : read_json(agents->body)) slugs.push_back(text_in(one, "agent_id"));
  stop("the service has no agent " + mock::in_quotes(options_.agent) +
       (slugs.empty() ? "; it has none" : "; it has " + joined(slugs)));
}

void Surveyor::play_all(std::span<const Probe> probes) {
  for (const Probe& probe : probes) play(probe);
}

void Surveyor::play_conversation(int number) {
  // One that began out of turn was one of those that were asked for.
  if (outcome_.conversations >= options_.conversations) return;
  for (const char* name : {"job", "message", "ended", "first"}) values_.erase(name);
  play_all(conversation_probes(number));
}

void Surveyor::play(const Probe& probe) {
  if (is_stopped()) return;
  if (!probe.unless.empty() && values_.contains(probe.unless)) return;
  if (!knows_all(probe)) {
    ++outcome_.skipped;
    return;
  }
  switch (probe.act) {
    case Act::send:
      return send_probe(probe);
    case Act::refused:
      return refuse(probe);
    case Act::start:
      return start(probe);
    case Act::upload:
    case Act::no_file:
      return upload(probe);
    case Act::walk:
      return walk(probe);
    case Act::read_found:
      return read_found();
    case Act::read_own:
      if (const Reply timeline = get("/conversations/{job}/messages")) {
        read_roles(array_at(read_json(timeline->body), "messages"));
      }
      return;
    case Act::watch:
      return watch(probe);
  }
}

// Those of what it captures in its own turn count, too: a walk has its first cursor from before.
bool Surveyor::knows_all(const Probe& probe) const {
  if (probe.act == Act::read_found) return !found_.empty();
  std::vector<std::string> names = names_in(probe.call);
  for (const std::string_view text : {probe.body, probe.auth}) {
    for (std::string& name : names_in(text)) names.push_back(std::move(name));
  }
  return std::all_of(names.begin(), names.end(),
                     [this](const std::string& name) { return values_.contains(name); });
}

void Surveyor::send_probe(const Probe& probe) {
  (void)send(probe);
}

void Surveyor::start(const Probe& probe) {
  if (outcome_.conversations >= options_.conversations) return;
  const Reply reply = send(probe);
  // One that was sent and has no reply may have begun.
  const bool may_have_begun = reply ? went_well(*reply) : silences_ > 0;
  if (may_have_begun) ++outcome_.conversations;
}

void Surveyor::refuse(const Probe& probe) {
  const Reply reply = send(probe);
  if (!reply || !went_well(*reply)) return;
  ++outcome_.conversations;
  outcome_.was_begun_unasked = true;
  stop("a start that has to be refused (" + std::string(probe.settles) + ") is answered with " +
       std::to_string(reply->status) + ": a conversation may have begun");
}

void Surveyor::upload(const Probe& probe) {
  const Reply reply = send(probe);
  if (reply && went_well(*reply)) ++outcome_.files;
}

void Surveyor::walk(const Probe& probe) {
  for (int page = 0; page < kMostPages && values_.contains("cursor"); ++page) {
    Probe next = probe;
    next.capture = "cursor=/next_cursor";
    if (!send(next)) return;
  }
}

void Surveyor::read_found() {
  const std::map<std::string, std::string> found = found_;
  for (const auto& [kind, id] : found) {
    const Reply timeline = get("/conversations/" + percent_encode(id) + "/messages");
    if (timeline) read_roles(array_at(read_json(timeline->body), "messages"));
  }
}

// The first message of each role.
void Surveyor::read_roles(const Json& timeline) {
  std::set<std::string> roles;
  for (const Json& message : timeline) {
    const std::string id = text_in(message, "id");
    if (id.empty() || !roles.insert(text_in(message, "role")).second) continue;
    if (!values_.contains("found_message")) values_["found_message"] = id;
    (void)get("/messages/" + percent_encode(id));
  }
}

// As clients do: often at first, then every two seconds.
void Surveyor::watch(const Probe& probe) {
  Clock& clock = transport_.clock();
  const milliseconds deadline = clock.now() + options_.turn_deadline;
  milliseconds pause = kFirstPause;
  for (int count = 0; !is_stopped(); ++count) {
    look(probe.eye, count);
    if (is_turn_over() && count > 0) return;  // what comes after the end is looked at once
    if (clock.now() + pause > deadline) {
      ++outcome_.open_turns;
      return;
    }
    clock.sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

void Surveyor::look(Eye eye, int count) {
  constexpr std::string_view kMessage = "/messages/{message}";
  constexpr std::string_view kTimelineOfJob = "/conversations/{job}/messages";
  constexpr std::string_view kList = "/agents/{agent}/conversations?sort=updated_at_desc&limit=5";
  if (eye == Eye::timeline || (eye == Eye::message_and_timeline && count % 2 == 1)) {
    (void)get(kTimelineOfJob);
  } else if (eye == Eye::message_and_list && count % 2 == 0) {
    (void)get(kList);
  } else {
    (void)get(kMessage);
  }
}

bool Surveyor::is_turn_over() const {
  const auto message = values_.find("message");
  if (message == values_.end()) return true;
  const auto status = statuses_.find(message->second.get<std::string>());
  return status != statuses_.end() && (status->second == "completed" || status->second == "failed");
}

// --- One exchange
// ---------------------------------------------------------------------------------

Surveyor::Reply Surveyor::send(const Probe& probe) {
  Reply reply = exchange(make_request(call_of(probe), values_));
  if (reply) capture(probe, *reply);
  return reply;
}

Surveyor::Reply Surveyor::get(std::string_view path) {
  if (is_stopped()) return std::nullopt;
  const std::string call = "GET " + std::string(path);
  return send({.call = call, .settles = {}});
}

Surveyor::Reply Surveyor::exchange(const HttpRequest& request) {
  HttpRequest limited = request;
  limited.time_limit = std::min<milliseconds>(kRequestLimit, options_.turn_deadline);
  for (int times = 1;; ++times) {
    ++outcome_.requests;
    auto reply = transport_.send(limited);
    if (!reply) {
      note_silence(reply.error());
      return std::nullopt;
    }
    silences_ = 0;
    if (!asked_pause(*reply, transport_.clock())) {
      learn(*reply);
      return std::move(*reply);
    }
    if (!wait_as_asked(*reply, times)) return std::nullopt;
  }
}

// False when it has been asked for too often, or for too long: then the survey ends.
bool Surveyor::wait_as_asked(const HttpReply& reply, int times) {
  constexpr int kMostTimes = 3;
  constexpr milliseconds kLongest{60'000};
  const milliseconds pause = *asked_pause(reply, transport_.clock());
  if (times > kMostTimes || pause > kLongest) {
    stop("the service limits its clients: it answered " + std::to_string(reply.status) + " " +
         counted(static_cast<std::uint64_t>(times), "time") + " in a row, the last time with " +
         std::to_string(pause.count() / 1000) + " s to wait");
    return false;
  }
  transport_.clock().sleep_for(pause);
  return true;
}

void Surveyor::note_silence(const Error& error) {
  if (error.code == ErrorCode::cancelled) return stop("ended by a signal");
  const bool is_first = outcome_.requests == 1;
  if (++silences_ < kMostSilences && !is_first) return;
  stop((is_first ? "" : counted(kMostSilences, "request") + " in a row had no answer: ") +
       error.message);
}

// --- What replies teach
// ---------------------------------------------------------------------------

void Surveyor::learn(const HttpReply& reply) {
  if (!went_well(reply)) return;
  const Json body = read_json(reply.body);
  if (!body.is_object()) return;
  learn_message(body);
  for (const Json& message : array_at(body, "messages")) learn_message(message);
  learn_conversations(array_at(body, "conversations"));
}

void Surveyor::learn_message(const Json& message) {
  const std::string id = text_in(message, "id");
  const std::string status = text_in(message, "status");
  if (!id.empty() && !status.empty()) statuses_[id] = status;
}

void Surveyor::learn_conversations(const Json& conversations) {
  if (!values_.contains("half") && !conversations.empty()) {
    values_["half"] = std::to_string((conversations.size() + 1) / 2);
  }
  const auto own = values_.find("job");
  for (const Json& one : conversations) {
    const std::string id = text_in(one, "id");
    const std::string status = text_in(one, "status");
    if (id.empty()) continue;
    if (own == values_.end()) {
      if (found_.size() < kMostFound) found_.try_emplace(kind_of(one), id);
    } else if (own->second == id && (status == "completed" || status == "abandoned")) {
      values_["ended"] = id;
    }
  }
}

// A name that the reply does not give is not known any more.
void Surveyor::capture(const Probe& probe, const HttpReply& reply) {
  const Json body = went_well(reply) ? read_json(reply.body) : Json();
  std::string_view rest = probe.capture;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const std::string name(one.substr(0, one.find('=')));
    const Json::json_pointer at{std::string(one.substr(one.find('=') + 1))};
    const bool is_text = body.is_structured() && body.contains(at) && body.at(at).is_string();
    if (is_text) {
      values_[name] = body.at(at);
    } else {
      values_.erase(name);
    }
  }
}

void Surveyor::stop(std::string why) {
  if (outcome_.stopped.empty()) outcome_.stopped = std::move(why);
}

}  // namespace nairi::contracts
