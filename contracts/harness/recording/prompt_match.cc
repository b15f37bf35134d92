#include "harness/recording/prompt_match.h"

#include <re2/re2.h>

#include <algorithm>

#include "text/characters.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kAnything = "(?s:.*)";

// Of what a URL is written in, which the recorder decodes, and encodes anew, when a secret is in
// it.
bool is_url_character(char c) {
  return mock::is_alnum(c) || std::string_view("%-._~+/=").find(c) != std::string_view::npos;
}

bool is_word_byte(char c) {
  return mock::is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

// What is known of a prompt, piece by piece, of which others may be anything.
class PromptPattern {
 public:
  void add_literal(std::string_view text) {
    pieces_.push_back({RE2::QuoteMeta({text.data(), text.size()}), text});
    left_ += text.size();
    has_words_ = has_words_ || std::any_of(text.begin(), text.end(), is_word_byte);
  }
  void add_id(std::string_view id) {
    pieces_.push_back({std::string(id.substr(0, id.find('_') + 1)) + "[0-9A-Z]{26}"});
    has_words_ = true;
  }
  void add_secret() {
    pieces_.push_back({std::string(kAnything)});
    any_secret_ = true;
  }

  PromptMatch match(const std::string& prompt) const {
    const bool is_plain = pieces_.size() == 1;  // literals stand at both ends
    if (is_plain) return {{{"equals", prompt}}};
    PromptMatch match;
    if (any_secret_) match.left = has_words_ ? left_ : 0;
    // Longer ones take long to match, and RE2 does not take any length.
    constexpr std::size_t kLongestRegex = 16'384;
    std::string regex = has_words_ ? regex_without(nullptr) : std::string(kAnyPrompt);
    if (regex.size() > kLongestRegex) {
      const auto longest = std::max_element(pieces_.begin(), pieces_.end(),
                                            [](const Piece& left, const Piece& right) {
                                              return left.literal.size() < right.literal.size();
                                            });
      match.prompt["contains"] = longest->literal;
      regex = regex_without(&*longest);
    }
    const bool tells_more = regex != kAnyPrompt || match.prompt.is_null();
    if (tells_more && regex.size() <= kLongestRegex) match.prompt["regex"] = regex;
    return match;
  }

 private:
  struct Piece {
    std::string pattern;
    std::string_view literal = {};  // "" for what may be something else
  };

  // For the whole prompt, in which this piece may be anything.
  std::string regex_without(const Piece* piece) const {
    std::string regex = "^";
    for (const Piece& one : pieces_) {
      const std::string_view pattern = &one == piece ? kAnything : std::string_view(one.pattern);
      if (pattern != kAnything || !regex.ends_with(kAnything)) regex += pattern;
    }
    return regex + "$";
  }

  std::vector<Piece> pieces_;
  std::size_t left_ = 0;
  bool has_words_ = false;
  bool any_secret_ = false;
};

}  // namespace

PromptMatch match_of(const std::string& prompt, const KnownIds& ids) {
  // Brackets may be percent-encoded, and the percent sign again.
  static const RE2 part(R"(((?:cci|job|j|cmsg|att)_[0-7][0-9A-HJKMNP-TV-Z]{25})|)"
                        R"(key-[1-9][0-9]*|\[redacted\]|%(?:25)*5Bredacted%(?:25)*5D)");
  PromptPattern pattern;
  const std::string_view all = prompt;
  std::size_t done = 0;
  std::size_t at = 0;
  re2::StringPiece found[2];  // the part, and the id if it is one
  while (part.Match(prompt, at, prompt.size(), RE2::UNANCHORED, found, 2)) {
    auto begin = static_cast<std::size_t>(found[0].data() - prompt.data());
    std::size_t end = begin + found[0].size();
    at = end;
    const bool is_id = !found[1].empty();
    if (is_id && !ids.was_told(prompt.substr(begin, end - begin))) continue;
    if (!is_id) {
      std::size_t first = begin;
      while (first > done && is_url_character(all[first - 1])) --first;
      std::size_t last = end;
      while (last < all.size() && is_url_character(all[last])) ++last;
      if (all.substr(first, last - first).find('%') != std::string_view::npos) {
        begin = first;
        end = last;
      }
    }
    pattern.add_literal(all.substr(done, begin - done));
    is_id ? pattern.add_id(all.substr(begin, end - begin)) : pattern.add_secret();
    done = end;
    at = end;
  }
  pattern.add_literal(all.substr(done));
  return pattern.match(prompt);
}

}  // namespace nairi::contracts
