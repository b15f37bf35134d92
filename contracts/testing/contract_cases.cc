// The public face of the harness: the built-in cases by their names.
#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "harness/cases/case_reader.h"
#include "harness/client/client_runner.h"
#include "harness/pages/report.h"
#include "harness/server/runner.h"
#include "nairi/contracts/cases.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

enum class Side { server, client };

bool has_side(const Case& contract_case, Side side) {
  return side == Side::server ? !contract_case.steps.empty() : contract_case.client.has_value();
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    auto read = built_in_cases();
    if (!read) throw std::logic_error("built-in " + mock::to_string(read.error().front()));
    std::ranges::sort(*read, {}, &Case::name);
    return std::move(*read);
  }();
  return cases;
}

std::vector<std::string> case_names(Side side, std::string_view pattern) {
  std::vector<std::string> names;
  for (const Case& contract_case : all_cases()) {
    if (has_side(contract_case, side) && name_fits(pattern, contract_case.name)) {
      names.push_back(contract_case.name);
    }
  }
  return names;
}

const Case& find_case(Side side, const std::string& name) {
  const auto found = std::ranges::find(all_cases(), name, &Case::name);
  if (found != all_cases().end() && has_side(*found, side)) return *found;
  const std::vector<std::string> names = case_names(side, "*");
  throw std::invalid_argument(
      "no case for a " + std::string(side == Side::server ? "server" : "client") + " is called " +
      mock::in_quotes(name) + mock::hint(name, mock::Words(names.begin(), names.end())));
}

CaseReport report_of(const CaseResult& result) {
  return {.name = result.name,
          .verdict = result.verdict,
          .text = case_text(result),
          .trace = trace_text(result)};
}

}  // namespace

std::vector<std::string> server_case_names(std::string_view pattern) {
  return case_names(Side::server, pattern);
}

std::vector<std::string> client_case_names(std::string_view pattern) {
  return case_names(Side::client, pattern);
}

CaseReport run_server_case(const std::string& name) {
  return report_of(run_case(find_case(Side::server, name), scripted_subjects(Way::in_process)));
}

CaseReport run_server_case(const std::string& name, const ServerUnderTest& server) {
  return report_of(
      run_case(find_case(Side::server, name),
               transport_subjects(server.transport, {server.states.begin(), server.states.end()},
                                  server.poll_interval)));
}

CaseReport run_client_case(const std::string& name, const ClientUnderTest& client) {
  const InProcessClient adapter = [&](const Json& job, std::shared_ptr<Transport> transport) {
    try {
      return read_result(client(job.dump(), std::move(transport)), {});
    } catch (const std::exception& error) {
      return ClientAnswer{.kind = ClientAnswer::Kind::broke,
                          .result = {},
                          .how = "threw an exception: " + std::string(error.what()),
                          .notes = {}};
    }
  };
  return report_of(run_client_case(find_case(Side::client, name), adapter, {}).result);
}

}  // namespace nairi::contracts
