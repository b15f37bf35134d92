// docs/REFERENCE.md as a list of graded statements, so that each case can name the one that it
// checks and every statement can be asked for its cases.
//
//   const Reference& reference = Reference::built_in();
//   auto quoted = reference.find("REFERENCE: Basics: A malformed id answers `400`");
//   quoted->statements;                                   // which grades stand behind these words
//
// Thread-safety: immutable.
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_REFERENCE_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_REFERENCE_H_

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "harness/cases/source.h"

namespace nairi::contracts {

// Words and the grades that stand behind them.
struct Statement {
  std::string section;  // "GET /messages/{message_id}"
  std::string text;
  std::set<Source> grades;
};
std::string grades_text(const Statement& statement);  // "seed, documented"
std::string cell_text(const Statement& statement);    // its text, for a cell of a Markdown table

// What a `why` points at.
struct Quote {
  std::string section;
  std::vector<std::size_t> statements;  // indices; none: the quote is of ungraded words
};

class Reference {
 public:
  // docs/REFERENCE.md, as it was when this library was built.
  static const Reference& built_in();
  explicit Reference(std::string_view markdown);

  const std::vector<Statement>& statements() const { return statements_; }

  // "REFERENCE: <section>: <words of it>"; the words may be left out. An error is a sentence.
  tl::expected<Quote, std::string> find(std::string_view why) const;

 private:
  struct Section {
    std::string heading;
    std::string text;  // white space is single spaces
    struct Place {
      std::size_t begin;
      std::size_t end;
      std::size_t statement;
    };
    std::vector<Place> places;
  };

  void add_section(std::string heading, std::string_view tag, std::string text);
  void add_statements(Section& section);
  void add_graded_items(Section& section, const std::set<Source>& grades);
  void add_statement(Section& section, std::size_t begin, std::size_t end, std::size_t place_end,
                     const std::set<Source>& grades);

  std::vector<Section> sections_;
  std::vector<Statement> statements_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_REFERENCE_H_
