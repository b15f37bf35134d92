// What goes between a client under test and the fake: each request is held against the OpenAPI
// document, each exchange is kept for the trace, and replies are changed on their way where the
// case wants a status that nobody knows.
//
// Thread-safety: members may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_WITNESS_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_WITNESS_H_

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case.h"
#include "harness/cases/case_result.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/fake.h"
#include "nairi/transport.h"

namespace nairi::contracts {

class Witness {
 public:
  // The case must live as long.
  explicit Witness(const Case& contract_case) : case_(contract_case) {}

  // Passes a request on to the fake, one at a time: so the numbers of the trace are those of the
  // judge's evidence.
  mock::Reply pass(mock::Fake& fake, const mock::Request& request);
  // Notes what was refused before the fake could play it.
  void note(mock::Fake& fake, const mock::RefusedRequest& refused);
  // The same as pass() where a transport leads to the fake.
  Result<HttpReply> pass(Transport& fake, const HttpRequest& request);

  // What was wrong with requests, in the order in which they came.
  std::vector<std::string> wrong() const;
  std::vector<TraceEntry> trace() const;

 private:
  void check(std::string_view method, std::string_view target, std::string_view content_type,
             std::string_view body);
  void change_status(std::string& body) const;
  // The next exchange, as far as the request tells.
  TraceEntry begin(const std::string& method, std::string_view target, std::string_view type,
                   const std::string& body, std::chrono::milliseconds now);

  const Case& case_;
  mutable std::mutex mutex_;
  // Protected by mutex_:
  std::vector<std::string> wrong_;
  std::vector<TraceEntry> trace_;
  std::chrono::milliseconds first_{0};  // when the first request came
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_WITNESS_H_
