// JSON as it stands in the page: in no way can it end or open an element.
#ifndef NAIRI_MOCK_INSPECTOR_DATA_H_
#define NAIRI_MOCK_INSPECTOR_DATA_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace nairi::mock {

// The same JSON without '<', and in a form that JavaScript could read too.
std::string page_data(std::string_view json);

// How long that is.
std::size_t page_data_size(std::string_view json);

// {"polls-until-terminal": "MUST, from traffic. …"}: what each rule asks for and why, and what to
// do, as docs/rules.md has it.
std::string rule_texts();

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_INSPECTOR_DATA_H_
