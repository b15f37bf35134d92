#include "harness/client/text_change.h"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/openapi/request_reader.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";

using Replacements = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// From left to right, each place once.
std::string replaced(std::string_view text, const Replacements& replacements) {
  std::string result;
  while (!text.empty()) {
    const auto* found = std::ranges::find_if(
        replacements, [&](const auto& pair) { return text.starts_with(pair.first); });
    if (found == replacements.end()) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += found->second;
      text.remove_prefix(found->first.size());
    }
  }
  return result;
}

std::string without_ends(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1));
}

std::string with_plain_line_ends(std::string_view text) {
  return replaced(text, {{"\r\n", "\n"}, {"\r", "\n"}});
}

std::string without_blanks(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, [](char c) { return kWhiteSpace.find(c) != std::string_view::npos; });
  return rest;
}

std::string without_html(std::string_view text) {
  return replaced(text, {{"&lt;", "<"},
                         {"&gt;", ">"},
                         {"&quot;", "\""},
                         {"&#34;", "\""},
                         {"&#39;", "'"},
                         {"&#x27;", "'"},
                         {"&#039;", "'"},
                         {"&apos;", "'"},
                         {"&amp;", "&"}});
}

std::string without_percents(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced).value_or(spaced);
}

std::string without_backslashes(std::string_view text) {
  return replaced(
      text,
      {{"\\n", "\n"}, {"\\r", "\r"}, {"\\t", "\t"}, {"\\\"", "\""}, {"\\'", "'"}, {"\\\\", "\\"}});
}

std::string without_mark(std::string_view text) {
  return replaced(text, {{"\xEF\xBB\xBF", ""}});
}

// A client that reads or writes in another encoding changes these, and puts "?" in their place.
std::string without_what_is_not_ascii(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '?'; });
  return rest;
}

struct Form {
  std::string (*of)(std::string_view);
  std::string_view words;
};

// Two texts that are the same in one of these forms differ in nothing but that.
constexpr std::array kForms{
    Form{without_ends, "with the blanks at its ends changed"},
    Form{with_plain_line_ends, "with other line ends"},
    Form{without_mark, "with a byte order mark more or less"},
    Form{without_blanks, "with other blanks and line ends in it"},
    Form{without_html, "escaped for HTML, or taken out of such escapes"},
    Form{without_percents, "escaped for URLs, or taken out of such escapes"},
    Form{without_backslashes, "with other backslashes, as if it were the text of a program"},
    Form{without_what_is_not_ascii, "with other characters beyond ASCII: in a wrong encoding?"},
};

// How many bytes both begin with.
std::size_t common_begin(std::string_view a, std::string_view b) {
  const auto differs = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(differs.in1 - a.begin());
}

std::size_t common_end(std::string_view a, std::string_view b) {
  std::size_t count = 0;
  while (count < std::min(a.size(), b.size()) &&
         a[a.size() - 1 - count] == b[b.size() - 1 - count]) {
    ++count;
  }
  return count;
}

// Of two texts that share at least three quarters.
bool are_alike(std::string_view a, std::string_view b) {
  const std::size_t shared = common_begin(a, b) + common_end(a, b);
  return 4 * shared >= 3 * std::max(a.size(), b.size());
}

std::string bytes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

}  // namespace

std::optional<std::string> text_change(std::string_view original, std::string_view changed) {
  if (original == changed || original.empty() || changed.empty()) return std::nullopt;
  for (const Form& form : kForms) {
    const std::string plain = form.of(original);
    if (!plain.empty() && plain == form.of(changed)) return std::string(form.words);
  }
  if (original.starts_with(changed) && 2 * changed.size() >= original.size()) {
    return "cut after " + bytes(changed.size()) + " of " + std::to_string(original.size());
  }
  if (!are_alike(original, changed)) return std::nullopt;
  const std::size_t at = common_begin(original, changed);
  return "changed from byte " + std::to_string(at) + " on (" + bytes(original.size()) + " became " +
         std::to_string(changed.size()) + ")";
}

}  // namespace nairi::contracts
