#include "judge/finding.h"

#include <algorithm>
#include <utility>

namespace nairi::mock {

void Finding::prove(std::string_view sentence, Evidence evidence) {
  if (evidence_count_++ == 0) sentence_ = sentence;
  if (evidence_.size() < Verdict::kMostEvidence) evidence_.push_back(std::move(evidence));
}

void Finding::prove_all(std::string_view sentence, std::vector<Evidence> evidence) {
  std::sort(evidence.begin(), evidence.end(),
            [](const Evidence& a, const Evidence& b) { return a.number < b.number; });
  for (Evidence& one : evidence) prove(sentence, std::move(one));
}

void Finding::doubt(std::string_view why) {
  if (doubt_.empty()) doubt_ = why;
}

Verdict Finding::verdict(bool in_suite) const {
  const Rule& rule = *find_rule(rule_);
  Verdict verdict;
  verdict.rule = rule.id;
  verdict.level = rule.only_in_suite && !in_suite ? RuleLevel::info : rule.level;
  verdict.evidence = evidence_;
  verdict.evidence_count = evidence_count_;
  if (evidence_count_ > 0) {
    verdict.outcome = RuleOutcome::broken;
    verdict.sentence = sentence_;
  } else if (!doubt_.empty()) {
    verdict.outcome = RuleOutcome::not_judged;
    verdict.sentence = "not judged: " + doubt_;
  } else if (tested_) {
    verdict.outcome = RuleOutcome::kept;
    verdict.sentence = rule.sentence;
  } else {
    verdict.outcome = RuleOutcome::not_seen;
    verdict.sentence = never_;
  }
  return verdict;
}

}  // namespace nairi::mock
