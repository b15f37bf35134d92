// What is to be said of one client's run of a case: gathered from what it returned, from the
// judge's verdicts and from what was seen of its requests.
//
//   Judgement judgement(contract_case, options);
//   judgement.answer(client(job));
//   judgement.traffic(fake.verdicts_of_all());
//   ClientResult result = judgement.finish(duration);
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_

#include <chrono>
#include <string>
#include <string_view>

#include "harness/cases/case.h"
#include "harness/client/client_result.h"
#include "harness/client/witness.h"

namespace nairi::contracts {

class Judgement {
 public:
  // Both must live as long.
  Judgement(const Case& contract_case, const ClientCaseOptions& options);

  void answer(const ClientAnswer& answer);
  void traffic(const mock::Verdicts& verdicts);
  void requests(const Witness& witness);
  // How long the client took, of the time that it was given.
  void duration(std::chrono::milliseconds taken, const Json& job);
  // A key that came to where a redirect pointed.
  void leaked_key();

  ClientResult finish(std::chrono::microseconds duration);

 private:
  void files(const Witness& witness);
  void add(std::string part, std::string pointer, std::string wanted, std::string got);
  void break_rule(const mock::Verdict& verdict);
  bool lists(std::string_view id) const;
  bool ends_otherwise() const;
  const mock::Rule* result_rule() const;
  std::string result_part() const;
  const std::string* untested_rule() const;
  void charge_the_cause();
  void note_result_rules();

  const Case& case_;
  const ClientCaseOptions& options_;
  ClientResult result_;
  bool gave_up_ = false;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_JUDGEMENT_H_
