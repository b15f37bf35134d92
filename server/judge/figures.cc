// Verdicts as values: their figures in words, and several clients judged as if they were one.
#include "judge/figures.h"

#include <algorithm>
#include <string>
#include <utility>

namespace nairi::mock {
namespace {

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

// One digit after the point: "3.2".
std::string mean(std::uint64_t sum, std::uint64_t count) {
  const std::uint64_t tenths = (sum * 10 + count / 2) / count;
  return number(tenths / 10) + "." + number(tenths % 10);
}

Verdict figure(std::string_view rule, bool measured, std::string sentence) {
  Verdict verdict;
  verdict.rule = rule;
  verdict.level = RuleLevel::info;
  verdict.outcome = measured ? RuleOutcome::measured : RuleOutcome::not_seen;
  verdict.sentence = std::move(sentence);
  return verdict;
}

std::string polls_text(const Traffic& traffic) {
  if (traffic.answers == 0) return "no turn that the client began was seen to end";
  return mean(traffic.polls, traffic.answers) + " on average, at most " +
         number(traffic.most_polls) + "; turns that ended: " + number(traffic.answers);
}

std::string time_text(const Traffic& traffic) {
  if (traffic.timed_answers == 0)
    return "no turn that the client began was seen to end in a time that anybody kept";
  const auto sum = static_cast<std::uint64_t>(traffic.answer_ms);
  return mean(sum, traffic.timed_answers) + " ms on average, at most " +
         std::to_string(traffic.longest_answer_ms) + " ms";
}

Traffic sum(const Traffic& a, const Traffic& b) {
  return {.requests = a.requests + b.requests,
          .request_bytes = a.request_bytes + b.request_bytes,
          .reply_bytes = a.reply_bytes + b.reply_bytes,
          .answers = a.answers + b.answers,
          .polls = a.polls + b.polls,
          .most_polls = std::max(a.most_polls, b.most_polls),
          .timed_answers = a.timed_answers + b.timed_answers,
          .answer_ms = a.answer_ms + b.answer_ms,
          .longest_answer_ms = std::max(a.longest_answer_ms, b.longest_answer_ms),
          .played = a.played + b.played};
}

Strays sum(const Strays& a, const Strays& b) {
  Strays all = a.count > 0 ? a : b;
  all.count = a.count + b.count;
  return all;
}

// Which of two outcomes says more.
int weight(RuleOutcome outcome) {
  switch (outcome) {
    case RuleOutcome::broken:
      return 3;
    case RuleOutcome::not_judged:
      return 2;
    case RuleOutcome::kept:
    case RuleOutcome::measured:
      return 1;
    case RuleOutcome::not_seen:
      return 0;
  }
  return 0;
}

Verdict merged(const Verdict& one, const Verdict& other) {
  const bool takes_other = weight(other.outcome) > weight(one.outcome);
  Verdict verdict = takes_other ? other : one;
  const Verdict& second = takes_other ? one : other;
  verdict.evidence_count += second.evidence_count;
  verdict.evidence.insert(verdict.evidence.end(), second.evidence.begin(), second.evidence.end());
  std::stable_sort(verdict.evidence.begin(), verdict.evidence.end(),
                   [](const Evidence& a, const Evidence& b) { return a.number < b.number; });
  if (verdict.evidence.size() > Verdict::kMostEvidence) {
    verdict.evidence.resize(Verdict::kMostEvidence);
  }
  return verdict;
}

}  // namespace

void append_figures(Verdicts& verdicts) {
  const Traffic& traffic = verdicts.traffic;
  auto& out = verdicts.verdicts;
  out.push_back(figure("polls-per-answer", traffic.answers > 0, polls_text(traffic)));
  out.push_back(figure("bytes", traffic.requests > 0,
                       number(traffic.request_bytes) + " sent and " + number(traffic.reply_bytes) +
                           " received in " + number(traffic.requests) +
                           (traffic.requests == 1 ? " request" : " requests")));
  out.push_back(figure("time-to-answer", traffic.timed_answers > 0, time_text(traffic)));
}

Verdicts merged(const Verdicts& one, const Verdicts& other) {
  Verdicts all;
  all.traffic = sum(one.traffic, other.traffic);
  all.unrouted = sum(one.unrouted, other.unrouted);
  all.refused = sum(one.refused, other.refused);
  for (const Verdict& verdict : one.verdicts) {
    if (find_rule(verdict.rule)->level == RuleLevel::info) continue;  // made anew from the sum
    const Verdict* same = other.find(verdict.rule);
    all.verdicts.push_back(same == nullptr ? verdict : merged(verdict, *same));
  }
  append_figures(all);
  return all;
}

const Verdict* Verdicts::find(std::string_view rule) const {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const Verdict& verdict) { return verdict.rule == rule; });
  return found == verdicts.end() ? nullptr : &*found;
}

bool Verdicts::has_broken(RuleLevel level) const {
  return std::any_of(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) {
    return verdict.level == level && verdict.outcome == RuleOutcome::broken;
  });
}

}  // namespace nairi::mock
