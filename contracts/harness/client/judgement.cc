#include "harness/client/judgement.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/client/text_change.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kUnexplained;  // the part of a mismatch until its cause is known
constexpr const char* kResult = "result";

// What a program said last before it ended.
std::string last_lines(const std::string& text) {
  constexpr std::size_t kMost = 400;
  if (text.empty()) return "";
  const Json end = text.size() <= kMost ? text : "…" + text.substr(text.size() - kMost);
  return "; stderr ends with " + end.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string rule_part(std::string_view id) {
  return id.empty() ? kResult : "rule " + std::string(id);
}

// nullopt when no rule is named.
std::optional<std::string_view> rule_of(const Mismatch& mismatch) {
  constexpr std::string_view kRule = "rule ";
  if (!mismatch.part.starts_with(kRule)) return std::nullopt;
  return std::string_view(mismatch.part).substr(kRule.size());
}

// Who comes to its deadline may look a last time, sooner than else, and need not try again.
bool is_pace(std::string_view rule) {
  return rule == "polls-no-faster-than-asked" || rule == "retries-idempotent-reads" ||
         rule == "backoff-grows";
}

bool is_about_replies(const Mismatch& mismatch) {
  return mismatch.pointer.starts_with("/replies");
}

// How late a client may be: its program has to start, and machines are busy.
std::int64_t latest_ms(std::int64_t deadline_ms) {
  constexpr std::int64_t kStart = 2000;
  return deadline_ms + deadline_ms / 10 + kStart;
}

bool has_text(const Json& pattern, std::string_view text) {
  const std::vector<std::string> texts = wanted_texts(pattern);
  return std::ranges::find(texts, text) != texts.end();
}

bool fits(const Json& pattern, const Json& value) {
  Values values;
  Matching matching{values};
  match(pattern, &value, "", matching);
  return matching.mismatches.empty();
}

// Where several results are right, the one that this client came nearest to: so that a mismatch
// says what is wrong in it.
Json nearest_choice(const Json& expect, const Json& returned) {
  if (!is_matchers(expect) || !expect.contains("any_of")) return expect;
  const Json& choices = expect.at("any_of");
  const Json got = returned.value("outcome", Json());
  Json outcomes = Json::array();
  const Json* nearest = nullptr;
  for (const Json& choice : choices) {
    if (fits(choice, returned)) return choice;
    outcomes.push_back(choice.at("outcome"));
    if (nearest == nullptr && fits(choice.at("outcome"), got)) nearest = &choice;
  }
  return nearest != nullptr ? *nearest : Json{{"outcome", {{"any_of", std::move(outcomes)}}}};
}

std::vector<WantedFile> wanted_files(const Case& contract_case) {
  std::vector<WantedFile> files;
  for (const Json& file : contract_case.client->job.value("attachments", Json::array())) {
    files.push_back({fill(file.at("filename").get_ref<const std::string&>(), {}),
                     fill(file.at("text").get_ref<const std::string&>(), {})});
  }
  return files;
}

}  // namespace

Judgement::Judgement(const Case& contract_case, const ClientCaseOptions& options, const Json& job)
    : case_(contract_case), options_(options), job_(job) {
  result_.result.name = contract_case.name;
  result_.result.why = contract_case.why;
  result_.result.source = contract_case.source;
}

// --- What the client returned -----------------------------------------------------------------

void Judgement::answer(ClientAnswer answer) {
  result_.result.notes = answer.notes;
  switch (answer.kind) {
    case ClientAnswer::Kind::unsupported:
      result_.result.verdict = CaseVerdict::not_checked;
      result_.result.reason =
          "the client says \"unsupported\" or exits with 127" + last_lines(answer.notes);
      return;
    case ClientAnswer::Kind::stopped:
      result_.result.verdict = CaseVerdict::not_checked;
      result_.result.reason = kNotRun;
      return;
    case ClientAnswer::Kind::broke:
      add(std::string(kUnexplained), "", "one line of JSON, and exit code 0",
          answer.how + last_lines(answer.notes));
      return;
    case ClientAnswer::Kind::answered:
      break;
  }
  returned_ = std::move(answer.result);
  expect_ = nearest_choice(case_.client->expect, returned_);
  Values values;
  Matching matching{values, true, case_.source};
  match(expect_, &returned_, "", matching);
  for (const Mismatch& mismatch : matching.mismatches) {
    add(std::string(kUnexplained), mismatch.pointer, mismatch.wanted, mismatch.got);
  }
  // Why a client came to another outcome, it says itself.
  const auto error = returned_.find("error");
  if (!matching.mismatches.empty() && error != returned_.end()) {
    result_.result.mismatches.back().got += "; its error: " + error->dump();
  }
}

std::string Judgement::outcome() const {
  const auto found = returned_.is_object() ? returned_.find("outcome") : returned_.end();
  return found != returned_.end() && found->is_string() ? found->get<std::string>() : "";
}

void Judgement::duration(std::chrono::milliseconds taken) {
  const auto deadline = job_.find("deadline_ms");
  if (is_over() || deadline == job_.end()) return;
  const auto given = deadline->get<std::int64_t>();
  const std::string took = std::to_string(taken.count()) + " ms";
  if (taken.count() > latest_ms(given)) {
    add("rule deadline-kept", "",
        "an end within " + std::to_string(latest_ms(given)) + " ms: the deadline of " +
            deadline->dump() + " ms, a tenth of it and two seconds",
        "one after " + took);
  }
  // Who is told to come again too late may end sooner; so may who has had enough of errors.
  const bool may_end_sooner = !case_.faults.empty() || taken.count() * 2 >= given;
  if (outcome() == "timeout" && !may_end_sooner) {
    add("rule polls-until-terminal", "",
        "a client that uses its time, of " + deadline->dump() + " ms", "a timeout after " + took);
  }
}

// --- What the traffic shows -------------------------------------------------------------------

void Judgement::traffic(const mock::Verdicts& verdicts) {
  // What a client did not finish, it did not do wrong.
  if (is_over()) return;
  result_.traffic = verdicts.traffic;
  // An error that is expected is not one that comes from never having asked.
  const bool silent = verdicts.traffic.requests == 0;
  if (silent) add(kResult, "", "at least one request", "none");
  for (const mock::Verdict& verdict : verdicts.verdicts) {
    if (verdict.rule == "polls-until-terminal" && (ends_otherwise() || broke_off())) continue;
    if (lists("deadline-kept") && is_pace(verdict.rule)) continue;
    result_.rules.push_back({std::string(verdict.rule), verdict.level, verdict.outcome});
    const bool counts = verdict.level == mock::RuleLevel::must ||
                        (options_.strict && verdict.level == mock::RuleLevel::should);
    if (counts && verdict.outcome == mock::RuleOutcome::broken) break_rule(verdict);
  }
}

void Judgement::break_rule(const mock::Verdict& verdict) {
  std::string got = verdict.sentence;
  for (const mock::Evidence& evidence : verdict.evidence) {
    got += "; #" + std::to_string(evidence.number) + " " + evidence.text;
  }
  const mock::Rule& rule = *mock::find_rule(verdict.rule);
  add(rule_part(rule.id), "", "a client that " + std::string(rule.sentence), std::move(got));
}

void Judgement::requests(const Witness& witness, const std::vector<std::string>& whole_list) {
  result_.result.trace = witness.trace();
  for (const std::string& wrong : witness.wrong()) {
    add("rule valid-requests", "", "requests that fit openapi.json", wrong);
  }
  if (is_over()) return;
  const Seen seen = seen_in(result_.result.trace);
  add(check_prompts(job_, seen));
  if (has_cause()) return;
  if (!seen.prompts.empty()) add(check_files(wanted_files(case_), seen));
  if (has_cause()) return;
  judge_list(whole_list, seen);
  judge_timeline(seen);
  explain_outcome(seen);
  explain_replies(seen);
  explain_file();
}

void Judgement::leaked_key() {
  add("rule auth-on-every-call", "", "no key sent to another origin on a redirect",
      "the Authorization header, there");
}

// --- Why a result is wrong --------------------------------------------------------------------

// What a finding says better than the pattern did, the pattern need not say.
void Judgement::add_instead(std::string_view pointer, const std::vector<Finding>& findings) {
  if (findings.empty()) return;
  std::erase_if(result_.result.mismatches, [&](const Mismatch& mismatch) {
    return mismatch.part == kUnexplained && mismatch.pointer.starts_with(pointer);
  });
  for (const Finding& finding : findings) {
    add(rule_part(finding.rule), std::string(pointer), finding.wanted, finding.got);
  }
}

void Judgement::judge_list(const std::vector<std::string>& whole_list, const Seen& seen) {
  const bool has_list = outcome() == "completed" && job_.at("op") == "conversations" &&
                        returned_.value("conversations", Json()).is_array();
  if (!has_list) return;
  std::vector<Finding> findings = check_list(whole_list, returned_.at("conversations"));
  for (const char* name : {"status", "updated_after"}) {
    const std::string* filter = find_parameter(seen, name);
    for (Finding& finding : findings) {
      if (filter == nullptr) continue;
      finding.rule.clear();  // it read all that it asked for
      finding.got += "; it asked for " + std::string(name) + "=" + *filter;
    }
  }
  add_instead("/conversations", findings);
}

void Judgement::judge_timeline(const Seen& seen) {
  const bool has_timeline = outcome() == "completed" && job_.at("op") == "messages" &&
                            returned_.value("messages", Json()).is_array();
  if (has_timeline) {
    add_instead("/messages", check_timeline(returned_.at("messages"), seen));
  }
}

void Judgement::explain_outcome(const Seen& seen) {
  // What was changed on its way to the client is what the case is about.
  const bool is_altered = case_.mutate_status || case_.mutate_additive || !case_.faults.empty();
  const auto mismatch = std::ranges::find_if(result_.result.mismatches, [](const Mismatch& it) {
    return it.part == kUnexplained && it.pointer == "/outcome";
  });
  if (mismatch == result_.result.mismatches.end() || is_altered || !job_.contains("prompts"))
    return;
  const Json& wanted = expect_.at("outcome");
  const bool may_fail = has_text(wanted, "failed");
  const bool may_complete = has_text(wanted, "completed");
  const bool ended = outcome() == "completed" || outcome() == "failed";
  if (ended && !seen.saw_an_end && (may_fail || may_complete)) {
    mismatch->part = rule_part("polls-until-terminal");
    mismatch->got += ", though no reply said so";
  } else if (may_fail || (may_complete && outcome() == "failed")) {
    mismatch->part = rule_part("result-matches-terminal");
  }
}

// As turns are counted in the conversation, from 1.
std::size_t Judgement::turn_of_prompt(std::size_t place, const Seen& seen) const {
  std::size_t turns = 0;
  for (const SeenMessage& message : seen.messages) turns = std::max(turns, message.turn);
  const std::size_t asked = job_.value("prompts", Json::array()).size();
  const std::size_t before = job_.at("op") == "continue" && turns > asked ? turns - asked : 0;
  return before + place + 1;
}

// The first wrong reply tells.
void Judgement::explain_replies(const Seen& seen) {
  const auto mismatch = std::ranges::find_if(result_.result.mismatches, [](const Mismatch& it) {
    return it.part == kUnexplained && is_about_replies(it);
  });
  if (mismatch == result_.result.mismatches.end() ||
      !returned_.value("replies", Json()).is_array()) {
    return;
  }
  const Json wanted = fill_all(expect_.value("replies", Json()), {});
  const Json& replies = returned_.at("replies");
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i].is_string()) continue;
    const std::vector<std::string> right = wanted_replies(wanted, i);
    if (std::ranges::find(right, replies[i].get<std::string>()) != right.end()) continue;
    if (const auto cause = cause_of_text(replies[i], turn_of_prompt(i, seen), seen)) {
      mismatch->part = rule_part(cause->rule);
      mismatch->got += "; reply " + std::to_string(i + 1) + " is " + cause->words;
    }
    return;
  }
}

// Of a download that was whole enough to be changed.
void Judgement::explain_file() {
  if (outcome() != "completed") return;
  const Json wanted = fill_all(expect_.value("file", Json()), {});
  const Json got = returned_.value("file", Json());
  if (!wanted.is_string() || !got.is_string()) return;
  const auto change =
      text_change(wanted.get_ref<const std::string&>(), got.get_ref<const std::string&>());
  for (Mismatch& mismatch : result_.result.mismatches) {
    if (!change || mismatch.part != kUnexplained || mismatch.pointer != "/file") continue;
    mismatch.part = rule_part("keeps-texts-as-they-are");
    mismatch.got += "; it is that file, " + *change;
  }
}

// --- What it comes to -------------------------------------------------------------------------

ClientResult Judgement::finish(std::chrono::microseconds duration) {
  CaseResult& result = result_.result;
  if (!is_over()) {
    charge_the_cause();
    settle_rules();
    const std::string* untested = untested_rule();
    if (!result.mismatches.empty()) {
      result.verdict = CaseVerdict::failed;
    } else if (untested != nullptr) {
      result.verdict = CaseVerdict::not_checked;
      result.reason = "the client made no request that puts the rule " + *untested + " to the test";
    } else {
      result.verdict = CaseVerdict::passed;
    }
  }
  result.duration = duration;
  result_.outcome = outcome();
  return std::move(result_);
}

void Judgement::add(std::string part, std::string pointer, std::string wanted, std::string got) {
  result_.result.mismatches.push_back({.step = "client",
                                       .part = std::move(part),
                                       .pointer = std::move(pointer),
                                       .wanted = std::move(wanted),
                                       .got = std::move(got),
                                       .source = case_.source});
}

void Judgement::add(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    add(rule_part(finding.rule), "", finding.wanted, finding.got);
  }
}

bool Judgement::lists(std::string_view id) const {
  const auto& rules = case_.client->rules;
  return std::find(rules.begin(), rules.end(), id) != rules.end();
}

// Who is to keep a deadline may leave a turn that has not ended; and of a status that was changed
// on the way the fake knows nothing.
bool Judgement::ends_otherwise() const {
  return lists("deadline-kept") || lists("unknown-status-is-not-terminal");
}

// Who ends with an error where there was none does not take the turn for over: it stumbled, and the
// case has a rule for that.
bool Judgement::broke_off() const {
  const std::string end = outcome();
  const bool has_ended = end == "completed" || end == "failed" || end == "timeout";
  return !has_ended && !result_.result.mismatches.empty() && default_part() != kResult;
}

// The rule that a wrong result breaks when nothing more is known of it: the one that the case is
// there for.
std::string Judgement::default_part() const {
  for (const std::string& id : case_.client->rules) {
    if (mock::find_rule(id)->judged_by != mock::JudgedBy::result) continue;
    // What came in time has kept its deadline, and what is an error has changed no text.
    const bool is_another = (id == "deadline-kept" && !outcome().empty()) ||
                            (id == "keeps-texts-as-they-are" && outcome() != "completed");
    return is_another ? kResult : rule_part(id);
  }
  return kResult;
}

// Whether a rule is broken from which a wrong result may follow: those that only should be kept are
// matters of manners.
bool Judgement::has_cause() const {
  return std::ranges::any_of(result_.result.mismatches, [](const Mismatch& mismatch) {
    const auto id = rule_of(mismatch);
    return id && mock::find_rule(*id)->level == mock::RuleLevel::must;
  });
}

// A wrong result follows from what else was wrong.
void Judgement::charge_the_cause() {
  const std::string part = has_cause() ? kResult : default_part();
  for (Mismatch& mismatch : result_.result.mismatches) {
    if (mismatch.part == kUnexplained) mismatch.part = part;
  }
}

// The mismatches are what counts: of a rule that one of them names, the table says the same.
void Judgement::settle_rules() {
  const auto settle = [&](std::string_view id, mock::RuleOutcome outcome) {
    std::erase_if(result_.rules, [&](const RuleResult& rule) { return rule.rule == id; });
    result_.rules.push_back({std::string(id), mock::find_rule(id)->level, outcome});
  };
  std::vector<std::string_view> kept;
  if (result_.traffic.requests > 0) kept.emplace_back("valid-requests");
  for (const std::string& id : case_.client->rules) {
    const bool is_kept = result_.result.mismatches.empty() &&
                         mock::find_rule(id)->judged_by == mock::JudgedBy::result;
    if (is_kept) kept.emplace_back(id);
  }
  for (const std::string_view id : kept) settle(id, mock::RuleOutcome::kept);
  for (const Mismatch& mismatch : result_.result.mismatches) {
    if (const auto id = rule_of(mismatch)) settle(*id, mock::RuleOutcome::broken);
  }
}

// A rule that the case is there for and that nothing put to the test: a right client of another
// habit may do without such requests, so it does not fail.
const std::string* Judgement::untested_rule() const {
  // Maybe before it came to the rule.
  if (outcome() == "error" || outcome() == "timeout") return nullptr;
  const auto untested = std::ranges::find_if(case_.client->rules, [&](const std::string& id) {
    return std::ranges::any_of(result_.rules, [&](const RuleResult& it) {
      return it.rule == id && it.level == mock::RuleLevel::must &&
             it.outcome == mock::RuleOutcome::not_seen;
    });
  });
  return untested == case_.client->rules.end() ? nullptr : &*untested;
}

}  // namespace nairi::contracts
