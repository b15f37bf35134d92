// What is to be said of one client's run of a case: gathered from what it returned, from the
// judge's verdicts and from what was seen of its requests. Of each rule it says one thing.
//
//   Judgement judgement(contract_case, options, job);
//   judgement.answer(client(job));
//   judgement.duration(taken);
//   judgement.traffic(fake.verdicts_of_all());
//   judgement.requests(witness);
//   ClientResult result = judgement.finish(duration);
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case.h"
#include "harness/client/client_result.h"
#include "harness/client/diagnosis.h"
#include "harness/client/witness.h"

namespace nairi::contracts {

class Judgement {
 public:
  // All must live as long.
  Judgement(const Case& contract_case, const ClientCaseOptions& options, const Json& job);

  // In this order.
  void answer(ClientAnswer answer);
  // How long the client took, of the time that it was given.
  void duration(std::chrono::milliseconds taken);
  void traffic(const mock::Verdicts& verdicts);
  // `whole_list`: of a job that reads one page by page.
  void requests(const Witness& witness, const std::vector<std::string>& whole_list);
  // A key that came to where a redirect pointed.
  void leaked_key();

  ClientResult finish(std::chrono::microseconds duration);

 private:
  void add(std::string part, std::string pointer, std::string wanted, std::string got);
  void add(const std::vector<Finding>& findings);
  void break_rule(const mock::Verdict& verdict);

  void add_instead(std::string_view pointer, const std::vector<Finding>& findings);
  void judge_list(const std::vector<std::string>& whole_list, const Seen& seen);
  void judge_timeline(const Seen& seen);
  void explain_outcome(const Seen& seen);
  void explain_replies(const Seen& seen);
  void explain_file();
  std::size_t turn_of_prompt(std::size_t place, const Seen& seen) const;

  bool is_over() const { return result_.result.verdict == CaseVerdict::not_checked; }
  std::string outcome() const;
  bool lists(std::string_view id) const;
  bool ends_otherwise() const;
  bool broke_off() const;
  std::string default_part() const;
  bool has_cause() const;
  void charge_the_cause();
  void settle_rules();
  const std::string* untested_rule() const;

  const Case& case_;
  const ClientCaseOptions& options_;
  const Json& job_;
  Json returned_;
  Json expect_;  // of what it returned
  ClientResult result_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_
