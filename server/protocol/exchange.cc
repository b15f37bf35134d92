#include "nairi/mock/exchange.h"

#include <algorithm>

#include "text/characters.h"

namespace nairi::mock {

const std::string* find_header(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const Header& header) {
    return equal_ignoring_case(header.name, name);
  });
  return found == headers.end() ? nullptr : &found->value;
}

}  // namespace nairi::mock
