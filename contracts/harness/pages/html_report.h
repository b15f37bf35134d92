// What a run found, as the inspector's page: each case with what was exchanged.
//
//   mock::InspectorReport page = page_report(report, without_secrets);
//   std::cout << mock::inspector_file(std::move(page)).html;
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_

#include <functional>
#include <string>

#include "harness/pages/report.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/inspector/report.h"

namespace nairi::contracts {

// Each gives what it gets without what nobody may see, and may learn from it what that is.
struct TakeOut {
  std::function<std::string(const std::string&)> text;
  std::function<std::string(const std::string&)> target;  // path and query
  std::function<std::string(const std::string&)> body;
  std::function<std::string(const mock::Header&)> header;  // its value
};

// A run for each case that ran, in their order.
mock::InspectorReport page_report(const RunReport& report, const TakeOut& without_secrets);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_
