#include <algorithm>
#include <string_view>

#include "harness/watch/expectations.h"
#include "harness/watch/watches.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

bool has_files(const std::optional<Json>& sent) {
  return sent && sent->is_object() && sent->contains("attachment_ids");
}

// How long a prompt may be, nobody says; and one of white space may count as empty.
bool is_sound(const Exchange& exchange) {
  constexpr std::size_t kSurelyShort = 10'000;
  const auto& recorded = *exchange.recorded;
  const std::string prompt = exchange.sent ? text_in(*exchange.sent, "prompt") : "";
  return !has_files(exchange.sent) && !recorded.request_body.left_out &&
         !mock::trimmed(prompt).empty() && prompt.size() <= kSurelyShort &&
         oddities_of(asked_in(recorded)).empty();
}

// Whether the service refused what it was asked, and not who asked or how much.
bool is_refusal(const Exchange& exchange) {
  const int status = exchange.status();
  return exchange.passed_over.empty() &&
         (status == 400 || status == 404 || status == 409 || status == 410 || status == 422);
}

// One name may be the slug of an agent, and the other its id.
bool may_name_the_same(std::string_view agent, std::string_view other) {
  constexpr std::string_view kAgentPrefix = "cci_";
  return agent == other || agent.starts_with(kAgentPrefix) != other.starts_with(kAgentPrefix);
}

constexpr std::string_view kNoApiJobText = "job is not an API job";

// The text, or one that was meant to be it: "Job is not an API job."
bool is_like_no_api_job(const std::string& text) {
  constexpr std::size_t kLongest = 40;
  constexpr std::size_t kFew = 5;
  return text.size() <= kLongest && mock::edit_distance(text, kNoApiJobText) <= kFew;
}

bool is_elsewhere(std::string_view origin) {
  return origin == "slack" || origin == "discord" || origin == "web";
}

}  // namespace

Knowledge::Knowledge(const std::vector<Exchange>& exchanges) {
  for (const Exchange& exchange : exchanges) {
    const bool may_replace = exchange.is("delete_agent") || exchange.is("create_agent");
    if (may_replace && !is_refusal(exchange)) replaced_agents_.push_back(&exchange);
    if (!exchange.is("continue")) continue;
    jobs[exchange.path_id].attempts.push_back(
        {.exchange = &exchange,
         .text = exchange.sent ? text_in(*exchange.sent, "prompt") : "",
         .sound = is_sound(exchange),
         .refused = is_refusal(exchange)});
  }
}

void Knowledge::saw(const std::string& id, const Exchange& exchange) {
  if (!id.empty()) first_seen_us_.try_emplace(id, exchange.recorded->ended_us);
}

bool Knowledge::knew(const std::string& id, const Exchange& exchange) const {
  const auto found = first_seen_us_.find(id);
  return found != first_seen_us_.end() && exchange.began_after(found->second);
}

const MessageState* Knowledge::state_before(const std::string& message,
                                            const Exchange& exchange) const {
  const auto history = messages.find(message);
  return history == messages.end() ? nullptr : history->second.before(exchange);
}

bool Knowledge::failed_last(const KnownJob& job, const Exchange& exchange) const {
  if (!job.started_here || job.has_others || job.prompts.empty()) return false;
  if (job.key != exchange.recorded->key) return false;
  const auto is_over = [&](const std::string& message) {
    const MessageState* state = state_before(message, exchange);
    return state != nullptr && (state->status == "completed" || state->status == "failed");
  };
  if (!std::all_of(job.prompts.begin(), job.prompts.end(), is_over)) return false;
  const std::string& newest = job.prompts.back();
  const std::int64_t known_us = prompts.at(newest).ended_us;
  const bool asked_meanwhile =
      std::any_of(job.attempts.begin(), job.attempts.end(), [&](const Attempt& attempt) {
        const auto& other = *attempt.exchange->recorded;
        return &other != exchange.recorded && other.ended_us > known_us &&
               other.began_us < exchange.recorded->ended_us;
      });
  return !asked_meanwhile && state_before(newest, exchange)->status == "failed";
}

bool Knowledge::may_have_gone(const KnownJob& job, const Exchange& exchange) const {
  return std::any_of(replaced_agents_.begin(), replaced_agents_.end(), [&](const Exchange* call) {
    const RecordedExchange& recorded = *call->recorded;
    const bool was_lost = !call->passed_over.empty();  // it may be carried out at any later time
    const bool meanwhile = recorded.began_us < exchange.recorded->ended_us &&
                           (was_lost || recorded.ended_us > job.started_us);
    // A name that can be given anew was free: somebody else had deleted its agent.
    const std::string made = call->body ? text_in(*call->body, "agent_id") : "";
    const bool is_its =
        call->is("delete_agent") ? may_name_the_same(job.agent, call->path_id) : made == job.agent;
    return meanwhile && is_its;
  });
}

Attempt* Knowledge::attempt_of(const Exchange& exchange) {
  auto& attempts = jobs[exchange.path_id].attempts;
  const auto found = std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& attempt) {
    return attempt.exchange == &exchange;
  });
  return found == attempts.end() ? nullptr : &*found;
}

void PromptWatch::see(const Exchange& exchange) {
  if (!exchange.passed_over.empty() || !exchange.body) return;
  if (exchange.is("start") && exchange.succeeded()) started(exchange);
  if (!exchange.is("continue")) return;
  const Attempt* attempt = knowledge_.attempt_of(exchange);
  if (attempt == nullptr) return;
  if (attempt->sound && (exchange.succeeded() || attempt->refused)) check_retry(exchange);
  check_origin(exchange, attempt->sound);
  if (exchange.succeeded()) continued(exchange);
}

void PromptWatch::started(const Exchange& exchange) {
  const std::string job = text_in(*exchange.body, "job_id");
  const std::string message = text_in(*exchange.body, "message_id");
  if (job.empty() || message.empty()) return;
  const std::string& old = knowledge_.knew(job, exchange) ? job : message;
  findings_.check(facts::kNewIds, exchange,
                  !knowledge_.knew(old, exchange) && !knowledge_.prompts.contains(message),
                  {"a new job and a new message", "the known " + old, "known"});
  KnownJob& known = knowledge_.jobs[job];
  known.started_here = true;
  known.key = exchange.recorded->key;
  known.started_us = exchange.recorded->began_us;
  if (exchange.sent) known.agent = text_in(*exchange.sent, "agent_id");
  accept(exchange, job, message);
}

void PromptWatch::continued(const Exchange& exchange) {
  const std::string job = text_in(*exchange.body, "job_id");
  const std::string message = text_in(*exchange.body, "message_id");
  if (job.empty() || message.empty()) return;
  findings_.check(facts::kContinues, exchange, job == exchange.path_id,
                  {"the job " + exchange.path_id, "the job " + job, "another job"});
  const bool known = knowledge_.knew(message, exchange) || knowledge_.prompts.contains(message);
  findings_.check(facts::kContinues, exchange, !known,
                  {"a new message", "the known " + message, "known"});
  accept(exchange, exchange.path_id, message);
}

void PromptWatch::accept(const Exchange& exchange, const std::string& job,
                         const std::string& message) {
  knowledge_.saw(job, exchange);
  knowledge_.saw(message, exchange);
  AcceptedPrompt prompt{job, exchange.recorded->key, "", std::nullopt, exchange.recorded->ended_us};
  if (!exchange.sent || !exchange.sent->is_object()) return;
  prompt.text = text_in(*exchange.sent, "prompt");
  if (has_files(exchange.sent)) prompt.attachment_ids = exchange.sent->at("attachment_ids");
  if (!knowledge_.prompts.try_emplace(message, std::move(prompt)).second) return;
  knowledge_.jobs[job].prompts.push_back(message);
}

void PromptWatch::check_retry(const Exchange& exchange) {
  KnownJob& job = knowledge_.jobs[exchange.path_id];
  if (!knowledge_.failed_last(job, exchange)) return;
  if (exchange.succeeded()) {
    findings_.check(facts::kRetry, exchange, true, {});
  } else {
    job.refused_retries.push_back(&exchange);  // the conversation may have ended meanwhile
  }
}

void PromptWatch::check_origin(const Exchange& exchange, bool sound) {
  const std::string text = text_in(*exchange.body, "error");
  const KnownJob& job = knowledge_.jobs[exchange.path_id];
  const bool came_from_elsewhere = sound && is_elsewhere(job.origin) &&
                                   job.origin_key == exchange.recorded->key &&
                                   (exchange.succeeded() || is_refusal(exchange));
  const bool says_so = is_like_no_api_job(text);
  if (!came_from_elsewhere && !says_so) return;
  const std::string status = std::to_string(exchange.status());
  findings_.check(facts::kNoApiJob, exchange, exchange.status() == 400 && text == kNoApiJobText,
                  {"400 \"" + std::string(kNoApiJobText) + "\"", status + " \"" + text + "\"",
                   status + " " + text});
}

}  // namespace nairi::contracts
