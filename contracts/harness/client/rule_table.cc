#include "harness/client/rule_table.h"

#include <algorithm>

#include "harness/cases/values.h"

namespace nairi::contracts {
namespace {

constexpr std::size_t kRuleColumn = 38;

void add(RuleRow& row, const RuleResult& rule, const std::string& name) {
  if (rule.outcome == mock::RuleOutcome::broken) {
    row.broken_in.push_back(name);
    row.outcome = mock::RuleOutcome::broken;
  } else if (rule.outcome == mock::RuleOutcome::kept) {
    ++row.kept;
    if (row.outcome != mock::RuleOutcome::broken) row.outcome = mock::RuleOutcome::kept;
  } else if (rule.outcome == mock::RuleOutcome::not_judged &&
             row.outcome == mock::RuleOutcome::not_seen) {
    row.outcome = mock::RuleOutcome::not_judged;
  }
}

void add(mock::Traffic& sum, const mock::Traffic& one) {
  sum.requests += one.requests;
  sum.request_bytes += one.request_bytes;
  sum.reply_bytes += one.reply_bytes;
  sum.answers += one.answers;
  sum.polls += one.polls;
  sum.most_polls = std::max(sum.most_polls, one.most_polls);
  sum.timed_answers += one.timed_answers;
  sum.answer_ms += one.answer_ms;
  sum.longest_answer_ms = std::max(sum.longest_answer_ms, one.longest_answer_ms);
}

std::string outcome_text(const RuleRow& row) {
  switch (row.outcome) {
    case mock::RuleOutcome::broken:
      return "BROKEN";
    case mock::RuleOutcome::kept:
      return "kept";
    case mock::RuleOutcome::not_judged:
      return "not judged";
    default:
      return "not seen";
  }
}

std::string cases_text(const RuleRow& row) {
  if (!row.broken_in.empty()) {
    return row.broken_in.front() +
           (row.broken_in.size() > 1 ? " and " + std::to_string(row.broken_in.size() - 1) + " more"
                                     : "");
  }
  return row.kept > 0 ? "in " + std::to_string(row.kept) + (row.kept == 1 ? " case" : " cases")
                      : "";
}

std::string figures(const mock::Traffic& traffic) {
  const auto per = [](std::uint64_t sum, std::uint64_t count) {
    return count == 0 ? std::string("-") : std::to_string((sum + count / 2) / count);
  };
  return "requests " + std::to_string(traffic.requests) + ", polls per answer " +
         per(traffic.polls, traffic.answers) + ", bytes sent " +
         std::to_string(traffic.request_bytes) + ", received " +
         std::to_string(traffic.reply_bytes) + ",\nms to an answer " +
         per(static_cast<std::uint64_t>(traffic.answer_ms), traffic.timed_answers);
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

}  // namespace

RuleTable make_rule_table(const std::vector<ClientResult>& results) {
  RuleTable table;
  for (const mock::Rule& rule : mock::rules()) {
    if (rule.level == mock::RuleLevel::info) continue;
    RuleRow row;
    row.rule = &rule;
    for (const ClientResult& result : results) {
      for (const RuleResult& one : result.rules) {
        if (one.rule == rule.id) add(row, one, result.result.name);
      }
    }
    table.rows.push_back(std::move(row));
  }
  for (const ClientResult& result : results) add(table.traffic, result.traffic);
  return table;
}

std::string rule_text(const RuleTable& table) {
  std::string text;
  for (const RuleRow& row : table.rows) {
    text += padded(std::string(mock::to_string(row.rule->level)), 7) +
            padded(std::string(row.rule->id), kRuleColumn) + padded(outcome_text(row), 9) +
            cases_text(row) + "\n";
  }
  return text + figures(table.traffic) + "\n" + kWhereRulesAre + "\n";
}

std::string rule_markdown(const RuleTable& table, const std::string& title) {
  std::string text = "# " + title + "\n\n| level | rule | outcome | |\n|---|---|---|---|\n";
  for (const RuleRow& row : table.rows) {
    text += "| " + std::string(mock::to_string(row.rule->level)) + " | " +
            std::string(row.rule->id) + " | " + outcome_text(row) + " | " +
            (row.broken_in.empty() ? cases_text(row) : joined(row.broken_in)) + " |\n";
  }
  return text + "\n" + figures(table.traffic) + "\n\n" + kWhereRulesAre + "\n";
}

Json rule_json(const RuleTable& table) {
  Json rows = Json::array();
  for (const RuleRow& row : table.rows) {
    rows.push_back({{"rule", row.rule->id},
                    {"level", mock::to_string(row.rule->level)},
                    {"outcome", mock::to_string(row.outcome)},
                    {"kept", row.kept},
                    {"broken_in", row.broken_in}});
  }
  return {{"rules", std::move(rows)},
          {"traffic",
           {{"requests", table.traffic.requests},
            {"request_bytes", table.traffic.request_bytes},
            {"reply_bytes", table.traffic.reply_bytes},
            {"answers", table.traffic.answers},
            {"polls", table.traffic.polls},
            {"answer_ms", table.traffic.answer_ms}}}};
}

}  // namespace nairi::contracts
