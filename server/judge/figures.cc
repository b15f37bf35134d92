#include "judge/figures.h"

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
  verdict.outcome = measured ? Outcome::measured : Outcome::not_seen;
  verdict.sentence = std::move(sentence);
  return verdict;
}

std::string polls_text(const Traffic& traffic) {
  if (traffic.answers == 0) return "no turn was seen to end";
  return mean(traffic.polls, traffic.answers) + " on average, at most " +
         number(traffic.most_polls) + "; turns that ended: " + number(traffic.answers);
}

std::string time_text(const Traffic& traffic) {
  if (traffic.timed_answers == 0) return "no turn was seen to end in a time that anybody kept";
  const auto sum = static_cast<std::uint64_t>(traffic.answer_ms);
  return mean(sum, traffic.timed_answers) + " ms on average, at most " +
         std::to_string(traffic.longest_answer_ms) + " ms";
}

}  // namespace

void append_figures(Verdicts& verdicts) {
  const Traffic& traffic = verdicts.traffic;
  auto& out = verdicts.verdicts;
  out.push_back(figure("polls-per-answer", traffic.answers > 0, polls_text(traffic)));
  out.push_back(figure("bytes", traffic.requests > 0,
                       number(traffic.request_bytes) + " sent and " + number(traffic.reply_bytes) +
                           " received in " + number(traffic.requests) + " requests"));
  out.push_back(figure("time-to-answer", traffic.timed_answers > 0, time_text(traffic)));
}

}  // namespace nairi::mock
