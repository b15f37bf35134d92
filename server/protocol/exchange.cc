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

std::string_view header_value(const std::vector<Header>& headers, std::string_view name) {
  const std::string* value = find_header(headers, name);
  return value == nullptr ? std::string_view() : *value;
}

std::string_view to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::plain:
      break;
    case Encoding::chunked:
      return "chunked";
    case Encoding::gzip:
      return "gzip";
  }
  return "plain";
}

}  // namespace nairi::mock
