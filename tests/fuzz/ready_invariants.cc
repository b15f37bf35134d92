#include "cli/ready_file.h"

#include <nlohmann/json.hpp>

#include "invariants.h"

namespace nairi::tests {

std::string broken_ready_invariant(std::string_view input) {
  const auto line = mock::parse_ready_line(std::string(input));
  if (!line) return "";
  const std::string text = mock::to_json(*line);
  if (text.find('\n') != std::string::npos) return "a ready line of two lines";
  const auto again = mock::parse_ready_line(text);
  if (!again) return "a ready line that can't be read again: " + text;
  for (const std::string_view name : mock::ready_fields()) {
    const std::string field = mock::ready_field(*line, name);
    if (field != mock::ready_field(*again, name)) return "a field that changed: " + text;
    // It is printed into scripts, and asked for over HTTP.
    const bool is_url = name == "control_url" || name == "base_url";
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
    if (is_url && std::any_of(field.begin(), field.end(), is_odd)) return "an odd URL: " + field;
  }
  return "";
}

}  // namespace nairi::tests
