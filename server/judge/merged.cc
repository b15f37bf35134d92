// Several clients judged as if they were one.
#include <algorithm>

#include "judge/figures.h"
#include "nairi/mock/verdicts.h"

namespace nairi::mock {
namespace {

Traffic sum(const Traffic& a, const Traffic& b) {
  return {.requests = a.requests + b.requests,
          .request_bytes = a.request_bytes + b.request_bytes,
          .reply_bytes = a.reply_bytes + b.reply_bytes,
          .answers = a.answers + b.answers,
          .polls = a.polls + b.polls,
          .most_polls = std::max(a.most_polls, b.most_polls),
          .timed_answers = a.timed_answers + b.timed_answers,
          .answer_ms = a.answer_ms + b.answer_ms,
          .longest_answer_ms = std::max(a.longest_answer_ms, b.longest_answer_ms)};
}

// Which of two outcomes says more.
int weight(Outcome outcome) {
  switch (outcome) {
    case Outcome::broken:
      return 3;
    case Outcome::not_judged:
      return 2;
    case Outcome::kept:
    case Outcome::measured:
      return 1;
    case Outcome::not_seen:
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

Verdicts merged(const Verdicts& one, const Verdicts& other) {
  Verdicts all;
  all.traffic = sum(one.traffic, other.traffic);
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
    return verdict.level == level && verdict.outcome == Outcome::broken;
  });
}

}  // namespace nairi::mock
