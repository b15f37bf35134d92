// What a run found, as the inspector's page: each case with what was exchanged.
//
//   mock::InspectorReport page = page_report(report, [](std::string text) { return text; });
//   std::cout << mock::inspector_file(std::move(page)).html;
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_

#include <functional>
#include <string>

#include "harness/pages/report.h"
#include "nairi/mock/inspector/report.h"

namespace nairi::contracts {

// The text without what nobody may see.
using TakeOut = std::function<std::string(const std::string& text)>;

// A run for each case that ran, in their order. What a client's fake kept is without credentials as
// it is.
mock::InspectorReport page_report(const RunReport& report, const TakeOut& without_secrets);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_HTML_REPORT_H_
