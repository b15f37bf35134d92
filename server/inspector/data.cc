#include "inspector/data.h"

#include <algorithm>

#include "inspector/embedded.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

// How the character at the front of the text is written, and how many bytes of it that is.
struct WrittenCharacter {
  std::string_view form;
  std::size_t bytes;
};

WrittenCharacter written_character(std::string_view text) {
  if (text.starts_with('<')) return {"\\u003c", 1};
  if (text.starts_with("\u2028")) return {"\\u2028", 3};
  if (text.starts_with("\u2029")) return {"\\u2029", 3};
  return {text.substr(0, 1), 1};
}

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// How a rule is judged and where it comes from is for those who look it up.
bool is_for_the_page(std::string_view line) {
  return line.starts_with("**") || line.starts_with("- Why:") || line.starts_with("- Broken by:") ||
         line.starts_with("- Do:");
}

}  // namespace

std::string page_data(std::string_view json) {
  std::string data;
  data.reserve(json.size() + json.size() / 16);
  while (!json.empty()) {
    // Most of it goes over as it is.
    const auto plain = std::min(json.find_first_of("<\xE2"), json.size());
    data.append(json.substr(0, plain));
    json.remove_prefix(plain);
    if (json.empty()) break;
    const auto written = written_character(json);
    data.append(written.form);
    json.remove_prefix(written.bytes);
  }
  return data;
}

std::size_t page_data_size(std::string_view json) {
  std::size_t size = 0;
  while (!json.empty()) {
    const auto written = written_character(json);
    size += written.form.size();
    json.remove_prefix(written.bytes);
  }
  return size;
}

std::string rule_texts() {
  auto page = embedded_rules("rules.md").value_or("");
  std::string json;
  std::string text;
  std::string id;
  ObjectWriter writer(json);
  const auto end_rule = [&] {
    if (!id.empty() && !text.empty()) writer.field(id, text);
    text.clear();
  };
  while (!page.empty()) {
    const auto line = next_line(page);
    if (line.starts_with("#")) {
      end_rule();
      id = line.starts_with("### ") ? line.substr(4) : "";
    } else if (is_for_the_page(line)) {
      text.append(text.empty() ? "" : "\n").append(line);
    }
  }
  end_rule();
  writer.close();
  return json;
}

}  // namespace nairi::mock
