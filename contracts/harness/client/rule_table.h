// Client × rule on one page.
//
//   RuleTable table = make_rule_table(results);
//   std::cout << rule_text(table);
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_RULE_TABLE_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_RULE_TABLE_H_

#include <string>
#include <vector>

#include "harness/client/client_runner.h"

namespace nairi::contracts {

struct RuleRow {
  const mock::Rule* rule = nullptr;
  mock::RuleOutcome outcome = mock::RuleOutcome::not_seen;  // broken in any case, else kept in any
  int kept = 0;                                             // in how many cases
  std::vector<std::string> broken_in;                       // cases
};

struct RuleTable {
  std::vector<RuleRow> rows;  // MUST and SHOULD, in the order of docs/rules.md
  mock::Traffic traffic;      // of all cases together
};

RuleTable make_rule_table(const std::vector<ClientResult>& results);

// For whom a rule is broken.
inline constexpr const char* kWhereRulesAre = "docs/rules.md says of each rule why, and what to do";

// At most 80 columns.
std::string rule_text(const RuleTable& table);
std::string rule_markdown(const RuleTable& table, const std::string& title);
Json rule_json(const RuleTable& table);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_RULE_TABLE_H_
