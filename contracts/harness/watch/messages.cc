#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "harness/openapi/openapi_shape.h"
#include "harness/watch/watches.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

bool is_over(std::string_view status) {
  return status == "completed" || status == "failed";
}

// How far a message has come; -1 for a status that nobody knows.
int rank_of(std::string_view status) {
  if (status == "queued") return 0;
  if (status == "pending") return 1;
  return is_over(status) ? 2 : -1;
}

// The fields of a message that are documented: others may be different in each reply.
const std::set<std::string>& message_fields() {
  static const std::set<std::string> fields = [] {
    const ApiOperation* poll =
        OpenApi::built_in().find("GET", "/messages/cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    std::set<std::string> names;
    const Schema* schema = poll->shape->find_reply("200")->content->schema.get();
    for (; schema != nullptr; schema = schema->target) {
      for (const auto& [name, property] : schema->properties) names.insert(name);
    }
    return names;
  }();
  return fields;
}

Json documented_part(const Json& message) {
  Json part = Json::object();
  for (const std::string& name : message_fields()) {
    const auto field = message.find(name);
    if (field != message.end()) part[name] = *field;
  }
  return part;
}

std::string shown_value(const Json& object, const std::string& name) {
  constexpr std::size_t kMost = 120;
  const auto field = object.find(name);
  if (field == object.end()) return "no " + name;
  return mock::cut(name + " " + field->dump(-1, ' ', false, Json::error_handler_t::replace), kMost);
}

std::string shown_value(const std::optional<Json>& value) {
  return value ? value->dump(-1, ' ', false, Json::error_handler_t::replace) : "none";
}

bool is_user(const Json& message) {
  return text_in(message, "role") == "user";
}

bool is_answer(const Json& message) {
  return text_in(message, "role") == "assistant" && text_in(message, "status") == "completed";
}

Json sorted(Json list) {
  std::sort(list.begin(), list.end());
  return list;
}

bool has_repetition(const Json& list) {
  const Json in_order = sorted(list);
  return std::adjacent_find(in_order.begin(), in_order.end()) != in_order.end();
}

// Of the form in which the API writes times, so that texts compare as times do.
bool is_time(const std::string& text) {
  return text.size() == mock::kTimestampLength && text.ends_with('Z') &&
         mock::parse_timestamp(text).has_value();
}

}  // namespace

void MessageWatch::see(const Exchange& exchange) {
  if (!exchange.succeeded() || !exchange.body) return;
  if (exchange.is("poll") && exchange.body->is_object()) {
    const std::string id = text_in(*exchange.body, "id");
    findings_.check(facts::kOneMessage, exchange, id == exchange.path_id,
                    {exchange.path_id, id.empty() ? "no id" : id});
    if (id == exchange.path_id) see_message(exchange, *exchange.body);
  } else if (exchange.is("messages")) {
    see_timeline(exchange);
  } else {
    return;
  }
  check_decimals(exchange);
}

// ---------------------------------------------------------------------------------- one message

void MessageWatch::see_message(const Exchange& exchange, const Json& message) {
  const std::string id = text_in(message, "id");
  if (id.empty()) return;
  knowledge_.saw(id, exchange);
  check_times(exchange, message);
  if (const MessageState* before = knowledge_.state_before(id, exchange)) {
    compare_with_before(exchange, message, *before);
  }
  const auto prompt = knowledge_.prompts.find(id);
  if (prompt != knowledge_.prompts.end()) {
    check_prompt(exchange, message, prompt->second);
    check_attachments(exchange, message, prompt->second);
    check_running(exchange, message, prompt->second);
  }
  if (prompt == knowledge_.prompts.end()) note_others(message);
  if (text_in(message, "role") == "progress") check_progress(exchange, message, findings_);
  learn(exchange, message);
}

void MessageWatch::check_times(const Exchange& exchange, const Json& message) {
  const std::string created = text_in(message, "created_at");
  const std::string updated = text_in(message, "updated_at");
  if (!is_time(created) || !is_time(updated)) return;
  findings_.check(facts::kTimesInOrder, exchange, updated >= created,
                  {"updated_at from " + created + " on", updated});
}

void MessageWatch::compare_with_before(const Exchange& exchange, const Json& message,
                                       const MessageState& before) {
  const std::string status = text_in(message, "status");
  const int rank = rank_of(status);
  if (rank >= 0 && is_user(message)) {
    findings_.check(
        facts::kStatusOrder, exchange, rank >= before.rank,
        {before.status + ", as it was before, or later", status, before.status + " to " + status});
  }
  if (is_over(before.status) && rank >= 0) {
    const bool went_back = is_user(message) && rank < before.rank;  // told above
    if (!went_back) {
      findings_.check(
          facts::kTerminalStays, exchange, status == before.status,
          {before.status + ", as it was before", status, before.status + " to " + status});
    }
  }
  const std::string updated = text_in(message, "updated_at");
  const std::string created = text_in(before.last, "created_at");
  findings_.check(facts::kUpdatedForward, exchange,
                  updated >= before.updated_at && text_in(message, "created_at") == created,
                  {"created_at " + created + ", updated_at from " + before.updated_at + " on",
                   "created_at " + text_in(message, "created_at") + ", updated_at " + updated});
  const bool same_version = updated == before.updated_at && status == before.status &&
                            text_in(before.last, "updated_at") == updated &&
                            text_in(before.last, "status") == status;
  if (!same_version) return;
  const Json now = documented_part(message);
  for (const std::string& name : message_fields()) {
    const bool same = now.value(name, Json()) == before.last.value(name, Json()) &&
                      now.contains(name) == before.last.contains(name);
    findings_.check(
        facts::kReadsTheSame, exchange, same,
        {shown_value(before.last, name) + ", as it was before", shown_value(now, name), name});
  }
}

// A prompt of somebody who is not in the recording.
void MessageWatch::note_others(const Json& message) {
  if (!is_user(message)) return;
  KnownJob& job = knowledge_.jobs[text_in(message, "job_id")];
  job.has_others = true;
  job.listed_active.clear();
}

void MessageWatch::check_prompt(const Exchange& exchange, const Json& message,
                                const AcceptedPrompt& prompt) {
  const std::string role = text_in(message, "role");
  const std::string job = text_in(message, "job_id");
  findings_.check(facts::kUserMessage, exchange, role == "user" && job == prompt.job,
                  {"a user message of " + prompt.job, "role " + role + " of " + job, role});
  const std::string content = text_in(message, "content");
  constexpr std::size_t kMost = 100;
  findings_.check(
      facts::kPromptKept, exchange, content == prompt.text,
      {mock::in_quotes(mock::cut(prompt.text, kMost)), mock::in_quotes(mock::cut(content, kMost))});
}

void MessageWatch::check_attachments(const Exchange& exchange, const Json& message,
                                     const AcceptedPrompt& prompt) {
  const auto field = message.find("attachment_ids");
  const bool has_some = field != message.end() && field->is_array() && !field->empty();
  const bool sent_some =
      prompt.attachment_ids && prompt.attachment_ids->is_array() && !prompt.attachment_ids->empty();
  if (sent_some && has_repetition(*prompt.attachment_ids)) return;  // one may stand for both
  if (!sent_some) {
    findings_.check(facts::kFilesEchoed, exchange, !has_some,
                    {"no attachment_ids", has_some ? shown_value(*field) : "", "some"});
    return;
  }
  const Broken broken{shown_value(prompt.attachment_ids), has_some ? shown_value(*field) : "none",
                      has_some ? "others" : "none"};
  const bool same_ids = has_some && sorted(*field) == sorted(*prompt.attachment_ids);
  findings_.check(facts::kFilesEchoed, exchange, same_ids, broken);
  const bool has_order = same_ids && field->size() > 1;
  if (has_order) {
    findings_.check(facts::kFilesInOrder, exchange, *field == *prompt.attachment_ids, broken);
  }
}

// A turn that runs still was running while each prompt between was refused or accepted.
void MessageWatch::check_running(const Exchange& exchange, const Json& message,
                                 const AcceptedPrompt& prompt) {
  if (text_in(message, "status") != "pending") return;
  for (Attempt& attempt : knowledge_.jobs[prompt.job].attempts) {
    const RecordedExchange& call = *attempt.exchange->recorded;
    const bool meanwhile = call.began_us >= prompt.ended_us && exchange.began_after(call.ended_us);
    const bool judged = attempt.accepted() || attempt.refused;
    const bool same_key = call.key == prompt.key;
    if (!meanwhile || !attempt.sound || attempt.judged_running || !judged || !same_key) continue;
    // What is queued does not run.
    const MessageState* before = knowledge_.state_before(text_in(message, "id"), *attempt.exchange);
    const bool ran_before = before != nullptr && before->status == "pending";
    if (attempt.refused && !ran_before) continue;
    attempt.judged_running = true;
    const std::string status = std::to_string(call.status);
    findings_.check(facts::kWhileRunning, *attempt.exchange, attempt.accepted(),
                    {"any 2xx", status, status});
  }
}

void MessageWatch::learn(const Exchange& exchange, const Json& message) {
  History<MessageState>& history = knowledge_.messages[text_in(message, "id")];
  const MessageState old = history.latest();
  MessageState state = old;
  const std::string status = text_in(message, "status");
  const std::string updated = text_in(message, "updated_at");
  if (rank_of(status) >= old.rank) {
    state.rank = rank_of(status);
    state.status = status;
  }
  state.updated_at = std::max(old.updated_at, updated);
  if (old.last.is_null() || updated >= old.updated_at) state.last = documented_part(message);
  const bool news = state.rank != old.rank || state.status != old.status ||
                    state.updated_at != old.updated_at || state.last != old.last;
  if (news) history.learn(exchange.recorded->ended_us, std::move(state));
}

void MessageWatch::check_decimals(const Exchange& exchange) {
  // A quote within a text has a backslash before it.
  static const RE2 number("\"cost_usd\":\\s*([0-9.]+)");
  static const RE2 longer("[0-9]+\\.[0-9]{11,}");
  re2::StringPiece rest(exchange.recorded->reply_body.kept);
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, number, &found)) {
    findings_.check(facts::kUsageFields, exchange, !RE2::FullMatch(found, longer),
                    {"at most 10 decimals", std::string(found)});
  }
}

// --------------------------------------------------------------------------------- the timeline

void MessageWatch::see_timeline(const Exchange& exchange) {
  if (!exchange.body->is_object() || !exchange.body->contains("messages")) return;
  const Json& list = exchange.body->at("messages");
  if (!list.is_array()) return;
  Messages messages;
  for (const Json& message : list) {
    if (!message.is_object()) return;
    messages.push_back(&message);
    const std::string job = text_in(message, "job_id");
    findings_.check(facts::kOfItsJob, exchange, job == exchange.path_id, {exchange.path_id, job});
    see_message(exchange, message);
  }
  if (!exchange.query.empty()) return;  // it may ask for a part, or for another order
  check_order(exchange, messages);
  check_whole(exchange, messages);
  check_turns(exchange, messages);
  check_answer(exchange, messages);
  check_refused(exchange, messages);
  check_listed(exchange);
}

void MessageWatch::check_order(const Exchange& exchange, const Messages& messages) {
  for (std::size_t i = 1; i < messages.size(); ++i) {
    const std::string before = text_in(*messages[i - 1], "created_at");
    const std::string after = text_in(*messages[i], "created_at");
    if (!is_time(before) || !is_time(after)) continue;
    findings_.check(facts::kOldestFirst, exchange, before <= after,
                    {"created_at from " + before + " on", after});
  }
  std::vector<std::string> ids;
  for (const Json* message : messages) ids.push_back(text_in(*message, "id"));
  History<std::vector<std::string>>& order = listed_[exchange.path_id].order;
  if (const auto* before = order.before(exchange)) {
    const bool grown =
        before->size() <= ids.size() && std::equal(before->begin(), before->end(), ids.begin());
    const auto [was, is] = std::mismatch(before->begin(), before->end(), ids.begin(), ids.end());
    findings_.check(
        facts::kAppended, exchange, grown,
        {grown ? "" : *was + " where it was before", is == ids.end() ? "nothing" : *is});
  }
  if (order.latest() != ids) order.learn(exchange.recorded->ended_us, std::move(ids));
}

void MessageWatch::check_whole(const Exchange& exchange, const Messages& messages) {
  Listed& listed = listed_[exchange.path_id];
  std::set<std::string> ids;
  for (const Json* message : messages) {
    const std::string id = text_in(*message, "id");
    const bool twice = !ids.insert(id).second;
    findings_.check(facts::kWhole, exchange, !twice, {"each message once", id + " twice", "twice"});
  }
  for (const auto& [id, first_us] : listed.first_us) {
    if (!exchange.began_after(first_us)) continue;
    findings_.check(facts::kWhole, exchange, ids.contains(id),
                    {id + ", which was there before", "a timeline without it", "gone"});
  }
  for (const std::string& id : knowledge_.jobs[exchange.path_id].prompts) {
    if (!exchange.began_after(knowledge_.prompts.at(id).ended_us)) continue;
    findings_.check(facts::kWhole, exchange, ids.contains(id),
                    {id + ", whose prompt was accepted", "a timeline without it", "gone"});
  }
  for (const std::string& id : ids) listed.first_us.try_emplace(id, exchange.recorded->ended_us);
}

// Each user message with what follows it, up to the next one.
void MessageWatch::check_turns(const Exchange& exchange, const Messages& messages) {
  std::size_t user = messages.size();
  for (std::size_t i = 0; i <= messages.size(); ++i) {
    const bool ends = i == messages.size() || is_user(*messages[i]);
    if (!ends) continue;
    if (user < messages.size() && text_in(*messages[user], "status") == "failed") {
      check_failed(exchange, messages, user, i);
    }
    user = i;
  }
}

void MessageWatch::check_failed(const Exchange& exchange, const Messages& messages,
                                std::size_t user, std::size_t next) {
  const Json& failed = *messages[user];
  // Whether an earlier turn may have ended after this one began: what it said could stand here.
  bool alone = true;
  for (std::size_t i = 0; i < user; ++i) {
    const bool ended_before = is_over(text_in(*messages[i], "status")) &&
                              text_in(*messages[i], "updated_at") <= text_in(failed, "created_at");
    if (is_user(*messages[i]) && !ended_before) alone = false;
  }
  constexpr std::string_view kFormOfErrors = "nairid encountered error: ";
  bool answered = false;
  bool told = false;
  std::string other;
  for (std::size_t i = user + 1; i < messages.size(); ++i) {
    const Json& message = *messages[i];
    answered = answered || (i < next && is_answer(message));
    if (text_in(message, "role") != "system") continue;
    told = told || text_in(message, "content").find(kFormOfErrors) != std::string::npos;
    if (i < next && other.empty()) other = text_in(message, "content");
  }
  if (alone) {
    findings_.check(facts::kFailedUnanswered, exchange, !answered,
                    {"no completed assistant message", "one"});
  }
  // The message and the status need not come in the same moment.
  const MessageState* before = knowledge_.state_before(text_in(failed, "id"), exchange);
  const bool known_before = before != nullptr && before->status == "failed";
  if (told || (!other.empty() && known_before)) {
    findings_.check(facts::kFailureText, exchange, told,
                    {"\"" + std::string(kFormOfErrors) + "…\"", mock::in_quotes(other)});
  }
  if (told || !other.empty() || known_before) {
    findings_.check(facts::kFailureDetails, exchange, told || !other.empty(),
                    {"a system message after it", "none"});
  }
}

void MessageWatch::check_answer(const Exchange& exchange, const Messages& messages) {
  const Json* user = nullptr;
  bool answered = false;
  bool all_over = true;
  for (const Json* message : messages) {
    if (is_user(*message)) {
      user = message;
      answered = false;
      all_over = all_over && is_over(text_in(*message, "status"));
    }
    answered = answered || (user != nullptr && is_answer(*message));
  }
  if (user == nullptr || !all_over || text_in(*user, "status") != "completed") return;
  const std::string id = text_in(*user, "id");
  auto& unanswered = listed_[exchange.path_id].unanswered_us;
  if (!answered) {
    unanswered.try_emplace(id, exchange.recorded->ended_us);
    return;
  }
  const auto was = unanswered.find(id);
  const bool late = was != unanswered.end() && exchange.began_after(was->second);
  findings_.check(facts::kAnswerInTime, exchange, !late,
                  {"no answer, as it was completed without one", "an answer"});
}

void MessageWatch::check_refused(const Exchange& exchange, const Messages& messages) {
  const KnownJob& job = knowledge_.jobs[exchange.path_id];
  if (!job.started_here) return;
  for (const Attempt& attempt : job.attempts) {
    const bool refused = attempt.exchange->status() == 400 && !attempt.unknown();
    const bool over = exchange.began_after(attempt.exchange->recorded->ended_us);
    if (!refused || !over || attempt.text.empty()) continue;
    const bool sent_again =
        std::any_of(job.attempts.begin(), job.attempts.end(), [&](const Attempt& other) {
          return other.text == attempt.text && (other.accepted() || other.unknown());
        });
    if (sent_again) continue;
    const auto made = std::find_if(messages.begin(), messages.end(), [&](const Json* message) {
      return is_user(*message) && text_in(*message, "content") == attempt.text &&
             !knowledge_.prompts.contains(text_in(*message, "id"));
    });
    const auto is_of_others = [&](const Json* message) {
      return is_user(*message) && !knowledge_.prompts.contains(text_in(*message, "id"));
    };
    // Who else writes here may have written the same.
    if (std::count_if(messages.begin(), messages.end(), is_of_others) > 1) continue;
    findings_.check(facts::kNothingMade, exchange, made == messages.end(),
                    {"no message of the prompt that #" +
                         std::to_string(attempt.exchange->recorded->number) + " refused",
                     made == messages.end() ? "" : text_in(**made, "id")});
  }
}

// A list that said active after a turn had failed was wrong, if nobody else had continued by now.
void MessageWatch::check_listed(const Exchange& exchange) {
  std::erase_if(knowledge_.jobs[exchange.path_id].listed_active, [&](const Exchange* list) {
    if (!exchange.began_after(list->recorded->ended_us)) return false;
    findings_.check(facts::kErrorJob, *list, false, {"error", "active", "active"});
    return true;
  });
}

}  // namespace nairi::contracts
