// How a text came to be another on its way through a client.
//
//   text_change("a & b", "a &amp; b");   // "escaped for HTML, or taken out of such escapes"
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_TEXT_CHANGE_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_TEXT_CHANGE_H_

#include <optional>
#include <string>
#include <string_view>

namespace nairi::contracts {

// The end of a sentence that begins with "the text, …"; nullopt when the two are the same, or have
// nothing to do with each other.
std::optional<std::string> text_change(std::string_view original, std::string_view changed);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_TEXT_CHANGE_H_
