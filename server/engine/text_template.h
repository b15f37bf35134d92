// The {{…}} of turn scripts: names that are replaced by what a turn knows. No logic.
#ifndef NAIRI_MOCK_ENGINE_TEXT_TEMPLATE_H_
#define NAIRI_MOCK_ENGINE_TEXT_TEMPLATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

struct TemplateValues {
  std::string_view prompt = {};
  std::int64_t turn = 1;
  std::string_view agent_id = {};
  std::string_view job_id = {};
  std::string_view previous_prompt = {};  // empty in the first turn
  std::string_view previous_reply = {};
  const std::vector<std::string>* match = nullptr;  // groups of the regex, [0] the whole match
};

// Unknown names stay as they are: world files with such are refused when they are read.
std::string render(std::string_view text, const TemplateValues& values);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_TEXT_TEMPLATE_H_
