#include "harness/cases/order.h"

#include <re2/re2.h>

namespace nairi::contracts {

bool fits_order(const std::vector<std::string>& order, const std::vector<std::string>& seen) {
  std::string regex;
  for (const std::string& item : order) {
    const bool counted = item.ends_with('*') || item.ends_with('+') || item.ends_with('?');
    const std::string word = counted ? item.substr(0, item.size() - 1) : item;
    regex += "(?:" + RE2::QuoteMeta(word) + "\n)";
    if (counted) regex += item.back();
  }
  std::string text;
  for (const std::string& word : seen) text += word + "\n";
  return RE2::FullMatch(text, regex);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace nairi::contracts
