// docs/fidelity.md: every graded statement of REFERENCE, the cases that pin it, and whether it was
// ever compared with the real service.
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_FIDELITY_PAGE_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_FIDELITY_PAGE_H_

#include <string>
#include <vector>

#include "harness/cases/case.h"
#include "harness/pages/lint.h"

namespace nairi::contracts {

// Markdown.
std::string fidelity_page(const std::vector<Case>& cases, const std::vector<Excuse>& excuses);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_FIDELITY_PAGE_H_
