// The inspector's page with data inside: one HTML file that shows what a client sent, what it got
// and what was made of it. It asks for nothing from anywhere, so that it can be kept and sent
// around.
//
//   std::ofstream("run.html") << nairi::mock::inspector_page(
//       R"({"page": 1, "mode": "file", "by": "me", "title": "", "at": "", "root": "", "remarks":
//       [],
//           "runs": [{"name": "all", "result": "", "findings": [], "journal": {"entries":
//           []}}]})");
//
// Thread-safety: a pure function.
// Not promised: the form of the data, which is what the page of the same version reads.
#ifndef NAIRI_MOCK_INSPECTOR_PAGE_H_
#define NAIRI_MOCK_INSPECTOR_PAGE_H_

#include <string>
#include <string_view>

namespace nairi::mock {

// `data` is a JSON text; whatever its strings hold, none of it becomes markup.
std::string inspector_page(std::string_view data);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_INSPECTOR_PAGE_H_
