#include "harness/client/judgement.h"

#include <algorithm>
#include <utility>

#include "harness/cases/pattern.h"

namespace nairi::contracts {
namespace {

// What a program said last before it ended.
std::string last_lines(const std::string& text) {
  constexpr std::size_t kMost = 400;
  if (text.empty()) return "";
  const Json end = text.size() <= kMost ? text : "…" + text.substr(text.size() - kMost);
  return "; stderr ends with " + end.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Judgement::Judgement(const Case& contract_case, const ClientCaseOptions& options)
    : case_(contract_case), options_(options) {
  result_.result.name = contract_case.name;
  result_.result.why = contract_case.why;
  result_.result.source = contract_case.source;
}

void Judgement::answer(const ClientAnswer& answer) {
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
      add(result_part(), "", "one line of JSON, and exit code 0",
          answer.how + last_lines(answer.notes));
      return;
    case ClientAnswer::Kind::answered:
      break;
  }
  gave_up_ = answer.result.value("outcome", Json()) == "error";
  Values values;
  Matching matching{values, true, case_.source};
  match(case_.client->expect, &answer.result, "", matching);
  for (const Mismatch& mismatch : matching.mismatches) {
    add(result_part(), mismatch.pointer, mismatch.wanted, mismatch.got);
  }
  // Why a client came to another outcome, it says itself.
  const auto error = answer.result.find("error");
  if (!matching.mismatches.empty() && error != answer.result.end()) {
    result_.result.mismatches.back().got += "; its error: " + error->dump();
  }
}

void Judgement::traffic(const mock::Verdicts& verdicts) {
  // What a client did not finish, it did not do wrong.
  if (result_.result.verdict == CaseVerdict::not_checked) return;
  result_.traffic = verdicts.traffic;
  // An error that is expected is not one that comes from never having asked.
  const bool silent = verdicts.traffic.requests == 0;
  if (silent) add("result", "", "at least one request", "none");
  for (const mock::Verdict& verdict : verdicts.verdicts) {
    if (verdict.rule == "polls-until-terminal" && ends_otherwise()) continue;
    // Who comes to its deadline may look a last time.
    if (verdict.rule == "polls-no-faster-than-asked" && lists("deadline-kept")) continue;
    result_.rules.push_back({std::string(verdict.rule), verdict.level, verdict.outcome});
    const bool counts = verdict.level == mock::RuleLevel::must ||
                        (options_.strict && verdict.level == mock::RuleLevel::should);
    if (counts && verdict.outcome == mock::RuleOutcome::broken) break_rule(verdict);
  }
}

void Judgement::requests(const Witness& witness) {
  for (const std::string& wrong : witness.wrong()) {
    add("rule valid-requests", "", "requests that fit openapi.json", wrong);
  }
  if (result_.result.mismatches.empty()) files(witness);
  result_.result.trace = witness.trace();
}

// What a client says of its files nobody can see in its result.
void Judgement::files(const Witness& witness) {
  if (result_.result.verdict == CaseVerdict::not_checked) return;
  for (const Json& file : case_.client->job.value("attachments", Json::array())) {
    const std::string bytes = fill(file.at("text").get_ref<const std::string&>(), {});
    if (witness.saw_file(bytes)) continue;
    add("result", "",
        "a prompt with the file " + file.at("filename").dump() + " and its " +
            std::to_string(bytes.size()) + " bytes as they are",
        "none");
  }
}

void Judgement::duration(std::chrono::milliseconds taken, const Json& job) {
  constexpr std::int64_t kSlackMs = 2000;
  const auto deadline = job.find("deadline_ms");
  if (deadline == job.end() || !lists("deadline-kept")) return;
  const std::int64_t most = deadline->get<std::int64_t>() * 3 / 2 + kSlackMs;
  if (taken.count() <= most) return;
  add("rule deadline-kept", "", "an end within " + deadline->dump() + " ms",
      "one after " + std::to_string(taken.count()) + " ms");
}

void Judgement::leaked_key() {
  add("rule auth-on-every-call", "", "no key sent to another origin on a redirect",
      "the Authorization header, there");
}

ClientResult Judgement::finish(std::chrono::microseconds duration) {
  CaseResult& result = result_.result;
  if (result.verdict != CaseVerdict::not_checked) {
    charge_the_cause();
    note_result_rules();
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

bool Judgement::lists(std::string_view id) const {
  const auto& rules = case_.client->rules;
  return std::find(rules.begin(), rules.end(), id) != rules.end();
}

// Who is to keep a deadline may leave a turn that has not ended; and of a status that was changed
// on the way the fake knows nothing.
bool Judgement::ends_otherwise() const {
  return lists("deadline-kept") || lists("unknown-status-is-not-terminal");
}

// When the requests were wrong, a wrong result follows from that.
void Judgement::charge_the_cause() {
  const std::string consequence = result_part();
  Mismatches& mismatches = result_.result.mismatches;
  const bool has_cause =
      std::any_of(mismatches.begin(), mismatches.end(), [&](const Mismatch& mismatch) {
        return mismatch.part.starts_with("rule ") && mismatch.part != consequence;
      });
  for (Mismatch& mismatch : mismatches) {
    if (has_cause && mismatch.part == consequence) mismatch.part = "result";
  }
}

// The rule that a wrong result breaks.
const mock::Rule* Judgement::result_rule() const {
  for (const std::string& id : case_.client->rules) {
    const mock::Rule* rule = mock::find_rule(id);
    if (rule != nullptr && rule->judged_by == mock::JudgedBy::result) return rule;
  }
  return nullptr;
}

std::string Judgement::result_part() const {
  const mock::Rule* rule = result_rule();
  return rule == nullptr ? "result" : "rule " + std::string(rule->id);
}

void Judgement::break_rule(const mock::Verdict& verdict) {
  std::string got = verdict.sentence;
  for (const mock::Evidence& evidence : verdict.evidence) {
    got += "; #" + std::to_string(evidence.number) + " " + evidence.text;
  }
  const mock::Rule& rule = *mock::find_rule(verdict.rule);
  add("rule " + std::string(rule.id), "", "a client that " + std::string(rule.sentence), got);
}

// A rule that the case is there for and that nothing put to the test: a right client of another
// habit may do without such requests, so it does not fail.
const std::string* Judgement::untested_rule() const {
  if (gave_up_) return nullptr;  // maybe before it came to the rule
  const auto untested = std::ranges::find_if(case_.client->rules, [&](const std::string& id) {
    return std::ranges::any_of(result_.rules, [&](const RuleResult& it) {
      return it.rule == id && it.level == mock::RuleLevel::must &&
             it.outcome == mock::RuleOutcome::not_seen;
    });
  });
  return untested == case_.client->rules.end() ? nullptr : &*untested;
}

void Judgement::note_result_rules() {
  const auto broken = [&](const std::string& part) {
    return std::any_of(result_.result.mismatches.begin(), result_.result.mismatches.end(),
                       [&](const Mismatch& mismatch) { return mismatch.part == part; });
  };
  const auto note = [&](std::string_view id) {
    const bool is_broken = broken("rule " + std::string(id));
    // What traffic judges, too, has its line already.
    std::erase_if(result_.rules, [&](const RuleResult& rule) { return rule.rule == id; });
    result_.rules.push_back({std::string(id), mock::RuleLevel::must,
                             is_broken ? mock::RuleOutcome::broken : mock::RuleOutcome::kept});
  };
  if (const mock::Rule* rule = result_rule()) note(rule->id);
  if (result_.traffic.requests > 0) note("valid-requests");
}

}  // namespace nairi::contracts
