// What a survey will do, told before it does it.
//
//   const SurveyPlan plan = plan_survey({.conversations = 1});
//   std::fputs(plan.in_words().c_str(), stdout);
//
// Thread-safety: pure functions.
#ifndef NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEY_PLAN_H_
#define NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEY_PLAN_H_

#include <string>

namespace nairi::contracts {

// Sentences, one on a line: what is sent, what that may cost, and what stays behind.
std::string survey_in_words(int conversations, bool has_other_key);

// Every probe on a line: what it costs, the call, and what it may settle; in the order in which
// they are sent.
std::string list_of_probes(int conversations);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEY_PLAN_H_
