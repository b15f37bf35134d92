// The placeholders of template texts: {{prompt}} and the others that world.h lists.
// Thread-safety: free functions without state.
#ifndef NAIRI_MOCK_WORLD_TEMPLATE_TEXT_H_
#define NAIRI_MOCK_WORLD_TEMPLATE_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

// What is wrong with the placeholders of `text`; nullopt: nothing. `groups` is how many groups the
// turn's regex has, nullopt when the turn has none.
std::optional<std::string> template_mistake(std::string_view text, std::optional<int> groups);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_TEMPLATE_TEXT_H_
