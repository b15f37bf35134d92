#include "harness/pages/reference.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "harness/cases/files.h"
#include "harness/cases/values.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kPrefix = "REFERENCE: ";
// What comes before it explains the grades.
constexpr std::string_view kFirstSection = "Basics";
// In a heading's tag: it grades all words below that have no tag of their own.
constexpr std::string_view kUnlessSaid = "unless said otherwise";

// "### `GET /messages/{message_id}` [S]" → "GET /messages/{message_id}"
std::string heading_text(std::string_view line) {
  std::string heading(line.substr(line.find_first_not_of("# ")));
  RE2::GlobalReplace(&heading, "\\s*\\[[^\\]]*\\]\\s*$", "");
  heading.erase(std::remove(heading.begin(), heading.end(), '`'), heading.end());
  return heading;
}

// What a heading is graded: "" or its tag.
std::string_view heading_tag(std::string_view line) {
  const std::size_t tag = line.rfind(" [");
  return tag == std::string_view::npos ? std::string_view() : line.substr(tag + 1);
}

constexpr std::string_view kLetters = "SDCPA";  // of the grades, in the order of Source

// The grades of a tag such as "[S]", "[D: limit; A: code]", "[S: "cursor-paginated"; D]" or "[A; H:
// 404]". H is a hint beside a grade and none itself.
std::set<Source> grades_of(std::string_view tag) {
  std::set<Source> grades;
  const re2::StringPiece text(tag.data(), tag.size());
  static const RE2 grade("(?:^\\[|; )([SDCPA])(?:[:; \\]]|$)");
  re2::StringPiece rest = text;
  std::string letter;
  while (RE2::FindAndConsume(&rest, grade, &letter)) {
    const std::size_t index = kLetters.find(letter[0]);
    grades.insert(static_cast<Source>(index));
    // The terminator may begin the next grade.
    if (rest.data() > text.data()) rest = re2::StringPiece(rest.data() - 1, rest.size() + 1);
  }
  return grades;
}

// A graded remark.
const RE2& tag_pattern() {
  static const RE2 tag("(\\[[SDCPA](?:[:; ][^\\]]*)?\\])");
  return tag;
}

// Where the clause begins that ends at `end`.
std::size_t clause_before(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t clause = begin;
  for (const std::string_view stop : {". ", "; ", ": "}) {
    const std::size_t at = text.substr(0, end).rfind(stop);
    if (at != std::string_view::npos && at >= begin) clause = std::max(clause, at + stop.size());
  }
  return clause;
}

std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

// A cell holds neither line breaks nor bars.
std::string cell_text(const Statement& statement) {
  std::string result;
  const std::size_t item = statement.text.starts_with("- ") ? 2 : 0;  // it begins a list there
  for (const char c : statement.text.substr(item)) {
    if (c == '|') result += '\\';
    result += c;
  }
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

std::string grades_text(const Statement& statement) {
  std::vector<std::string> words;
  for (const Source source : statement.grades) words.emplace_back(to_string(source));
  return joined(words);
}

const Reference& Reference::built_in() {
  static const Reference reference(*embedded_text("docs/REFERENCE.md"));
  return reference;
}

Reference::Reference(std::string_view markdown) {
  std::istringstream lines{std::string(markdown)};
  std::string heading;
  std::string tag;  // of the heading
  std::string text;
  bool begun = false;
  const auto end_section = [&] {
    begun = begun || heading == kFirstSection;
    if (begun) add_section(std::move(heading), tag, squeezed(text));
    text.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) {
      end_section();
      heading = heading_text(line);
      tag = heading_tag(line);
    } else {
      text += line + "\n";
    }
  }
  end_section();
}

void Reference::add_section(std::string heading, std::string_view tag, std::string text) {
  const std::set<Source> grades = grades_of(tag);
  Section section{std::move(heading), std::move(text), {}};
  if (tag.find(kUnlessSaid) != std::string_view::npos) {
    add_graded_items(section, grades);
  } else {
    add_statements(section);
    // A section without tags of its own is one statement, graded as its heading.
    if (section.places.empty() && !grades.empty()) {
      add_statement(section, 0, section.text.size(), section.text.size(), grades);
    }
  }
  sections_.push_back(std::move(section));
}

// The words from `begin` to `end`, and the place up to `place_end`.
void Reference::add_statement(Section& section, std::size_t begin, std::size_t end,
                              std::size_t place_end, const std::set<Source>& grades) {
  const std::size_t words = std::min(section.text.find_first_not_of(" .;,:|)", begin), end);
  section.places.push_back({begin, place_end, statements_.size()});
  statements_.push_back({section.heading, section.text.substr(words, end - words), grades});
}

// A statement is what stands between two tags; tags side by side grade the same words.
void Reference::add_statements(Section& section) {
  re2::StringPiece rest(section.text);
  re2::StringPiece found;
  std::size_t begin = 0;
  while (RE2::FindAndConsume(&rest, tag_pattern(), &found)) {
    const auto at = static_cast<std::size_t>(found.data() - section.text.data());
    std::set<Source> grades = grades_of({found.data(), found.size()});
    const std::size_t end = at + found.size();
    const bool same_words = at == begin && !section.places.empty();
    if (same_words) {
      statements_.back().grades.merge(grades);
      section.places.back().end = end;
    } else {
      add_statement(section, begin, at, end, grades);
    }
    begin = end;
  }
}

// Each item of the list is one statement, without the clauses that have tags of their own.
void Reference::add_graded_items(Section& section, const std::set<Source>& grades) {
  const auto add = [&](std::size_t begin, std::size_t end) {
    const bool has_words = section.text.find_first_not_of(" .;,:|)-", begin) < end;
    if (has_words) add_statement(section, begin, end, end, grades);
  };
  std::size_t begin = 0;
  const auto add_items = [&](std::size_t end) {
    while (begin < end) {
      const std::size_t item = std::min(section.text.find(" - ", begin + 1), end);
      add(begin, item);
      begin = item;
    }
  };
  re2::StringPiece rest(section.text);
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, tag_pattern(), &found)) {
    const auto at = static_cast<std::size_t>(found.data() - section.text.data());
    const std::size_t clause = clause_before(section.text, begin, at);
    add_items(clause);
    begin = at + found.size();
    add_statement(section, clause, at, begin, grades_of({found.data(), found.size()}));
  }
  add_items(section.text.size());
}

tl::expected<Quote, std::string> Reference::find(std::string_view why) const {
  if (!why.starts_with(kPrefix)) {
    return tl::unexpected("expected \"REFERENCE: <section>: <words>\", got " +
                          mock::in_quotes(why));
  }
  const std::string_view rest = why.substr(kPrefix.size());
  mock::Words headings;
  for (const Section& section : sections_) {
    headings.push_back(section.heading);
    const bool named = rest.starts_with(section.heading) &&
                       (rest.size() == section.heading.size() ||
                        rest.substr(section.heading.size()).starts_with(": "));
    if (!named) continue;
    Quote quote{section.heading, {}};
    if (rest.size() == section.heading.size()) return quote;
    const std::string words = squeezed(rest.substr(section.heading.size() + 2));
    const std::size_t at = section.text.find(words);
    if (at == std::string::npos) {
      return tl::unexpected("the section " + mock::in_quotes(section.heading) +
                            " of REFERENCE does not say " + mock::in_quotes(words));
    }
    for (const Section::Place& place : section.places) {
      if (place.begin < at + words.size() && at < place.end) {
        quote.statements.push_back(place.statement);
      }
    }
    return quote;
  }
  return tl::unexpected("REFERENCE has no such section: " + mock::in_quotes(rest) +
                        mock::hint(rest.substr(0, rest.find(": ")), headings));
}

}  // namespace nairi::contracts
