// How verdicts are written: as JSON and as text.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "nairi/mock/verdicts.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kColumns = 80;

void append_evidence(std::string& out, const std::vector<Evidence>& evidence) {
  out += '[';
  for (const Evidence& one : evidence) {
    if (out.back() != '[') out += ',';
    ObjectWriter writer(out);
    writer.field("number", static_cast<std::int64_t>(one.number));
    if (!one.at.empty()) writer.field("at", one.at);
    writer.field("exchange", one.text).close();
  }
  out += ']';
}

void append_verdict(std::string& out, const Verdict& verdict) {
  ObjectWriter writer(out);
  writer.field("rule", verdict.rule)
      .field("level", to_string(verdict.level))
      .field("outcome", to_string(verdict.outcome))
      .field("sentence", verdict.sentence)
      .field("page", find_rule(verdict.rule)->page());
  append_evidence(writer.value("evidence"), verdict.evidence);
  writer.field("evidence_count", static_cast<std::int64_t>(verdict.evidence_count)).close();
}

void append_traffic(std::string& out, const Traffic& traffic) {
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  ObjectWriter(out)
      .field("requests", number(traffic.requests))
      .field("request_bytes", number(traffic.request_bytes))
      .field("reply_bytes", number(traffic.reply_bytes))
      .field("answers", number(traffic.answers))
      .field("polls", number(traffic.polls))
      .field("most_polls", number(traffic.most_polls))
      .field("timed_answers", number(traffic.timed_answers))
      .field("answer_ms", traffic.answer_ms)
      .field("longest_answer_ms", traffic.longest_answer_ms)
      .field("played", number(traffic.played))
      .close();
}

void append_strays(std::string& out, const Strays& strays) {
  ObjectWriter writer(out);
  writer.field("count", static_cast<std::int64_t>(strays.count));
  if (strays.count > 0) writer.field("example", strays.example).field("hint", strays.hint);
  writer.close();
}

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string outcome_text(const Verdict& verdict) {
  std::string text(to_string(verdict.outcome));
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// Lines of at most kColumns characters, broken at blanks where there are any. All of it is shown.
void append_wrapped(std::string& out, std::string_view text) {
  constexpr std::string_view kIndent = "          ";
  constexpr std::size_t kMost = kColumns - kIndent.size();
  while (!text.empty()) {
    std::size_t end = text.size() > kMost ? text.rfind(' ', kMost) : text.size();
    if (end == std::string_view::npos || end == 0) end = kMost;
    while (end < text.size() && continues_character(text[end])) --end;
    out.append(kIndent).append(text.substr(0, end)).append("\n");
    text.remove_prefix(end);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
}

void append_row(std::string& out, const Verdict& verdict) {
  out += padded(std::string(to_string(verdict.level)), 8) + padded(outcome_text(verdict), 12);
  out.append(verdict.rule).append("\n");
  const bool is_plain =
      verdict.outcome == RuleOutcome::kept || verdict.outcome == RuleOutcome::not_seen;
  if (!is_plain) append_wrapped(out, verdict.sentence);
  for (const Evidence& one : verdict.evidence) {
    append_wrapped(out, "#" + std::to_string(one.number) + " " + one.text);
  }
  if (verdict.evidence_count > verdict.evidence.size()) {
    append_wrapped(
        out, "and " + std::to_string(verdict.evidence_count - verdict.evidence.size()) + " more");
  }
}

// "3 requests had no route, such as", the first of them, and what is wrong with it.
void append_strays_in_words(std::string& out, const Strays& strays, std::string_view fate) {
  if (strays.count == 0) return;
  out += std::to_string(strays.count) + (strays.count == 1 ? " request " : " requests ");
  out.append(fate).append(strays.count == 1 ? ":\n" : ", such as:\n");
  append_wrapped(out, strays.example);
  append_wrapped(out, strays.hint);
}

}  // namespace

std::string_view to_string(RuleLevel level) {
  constexpr std::array<std::string_view, 3> kNames = {"MUST", "SHOULD", "INFO"};
  return kNames.at(static_cast<std::size_t>(level));
}

std::string_view to_string(RuleOutcome outcome) {
  constexpr std::array<std::string_view, 5> kNames = {"kept", "broken", "not_seen", "not_judged",
                                                      "measured"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string to_json(const Verdicts& verdicts) {
  std::string out;
  ObjectWriter writer(out);
  append_traffic(writer.value("traffic"), verdicts.traffic);
  append_strays(writer.value("unrouted"), verdicts.unrouted);
  append_strays(writer.value("refused"), verdicts.refused);
  std::string& list = writer.value("verdicts") += '[';
  for (const Verdict& verdict : verdicts.verdicts) {
    if (list.back() != '[') list += ',';
    append_verdict(list, verdict);
  }
  list += ']';
  writer.close();
  return out;
}

std::string to_text(const Verdicts& verdicts) {
  std::string out = padded("level", 8) + padded("outcome", 12) + "rule\n";
  for (const Verdict& verdict : verdicts.verdicts) append_row(out, verdict);
  append_strays_in_words(out, verdicts.unrouted, "had no route");
  append_strays_in_words(out, verdicts.refused, "could not be played");
  if (!verdicts.has_tested()) {
    out += verdicts.traffic.requests == 0
               ? "nothing was checked: no request came\n"
               : "nothing was checked: no request was for an operation of the API\n";
  }
  const auto count = [&](RuleOutcome outcome) {
    const auto has = [outcome](const Verdict& verdict) { return verdict.outcome == outcome; };
    return std::to_string(std::count_if(verdicts.verdicts.begin(), verdicts.verdicts.end(), has));
  };
  return out + count(RuleOutcome::broken) + " broken, " + count(RuleOutcome::kept) + " kept, " +
         count(RuleOutcome::not_seen) + " not seen, " + count(RuleOutcome::not_judged) +
         " not judged; docs/rules.md explains each rule\n";
}

}  // namespace nairi::mock
