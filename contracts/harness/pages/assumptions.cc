#include "harness/pages/assumptions.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include "harness/cases/files.h"
#include "harness/cases/pattern.h"
#include "harness/pages/reference.h"
#include "text/json_source.h"
#include "text/object_reader.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;

constexpr const char* kAssumptionsFile = "contracts/assumptions.json";
// In the order of the values.
constexpr std::array<std::string_view, 6> kOverWords = {"exchange", "message",      "tool",
                                                        "turn",     "conversation", "walk"};
// The sources of what nobody vouches for.
const mock::Words kGuessWords = {"producer", "assumed"};
// In place of one value, one for each outcome.
const mock::Words kOutcomes = {"confirmed", "refuted"};

std::optional<Over> over_from(std::string_view word) {
  const auto* const found = std::find(kOverWords.begin(), kOverWords.end(), word);
  if (found == kOverWords.end()) return std::nullopt;
  return static_cast<Over>(found - kOverWords.begin());
}

std::optional<Source> guess_from(std::string_view word) {
  return mock::contains(kGuessWords, word) ? source_from(word) : std::nullopt;
}

bool is_of_outcomes(const Json& value) {
  return value.is_object() && value.size() == kOutcomes.size() && value.contains("confirmed") &&
         value.contains("refuted");
}

// Reads one entry after the other into a list.
class EntryReader {
 public:
  explicit EntryReader(Assumptions& assumptions) : assumptions_(assumptions) {}

  void read(const Node& node) {
    const ObjectReader entry(node,
                             {"id", "why", "source", "because", "over", "of", "holds", "knob"});
    if (!entry.is_object()) return;
    Assumption guess;
    guess.id = read_id(entry);
    guess.why = entry.require_text("why").value_or("");
    if (const auto source = entry.require("source")) {
      guess.source =
          mock::read_word<Source>(*source, kGuessWords, guess_from).value_or(Source::assumed);
    }
    if (entry.has("because")) {
      guess.because = entry.text("because").value_or("");
      entry.refuse_keys({"over", "of", "holds", "knob"},
                        "has no place beside \"because\", which says that no traffic shows it");
    } else {
      read_predicate(entry, guess);
      read_knob(entry, guess);
    }
    assumptions_.all.push_back(std::move(guess));
  }

 private:
  std::string read_id(const ObjectReader& entry) {
    static const RE2 form("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    std::string id = entry.require_text("id").value_or("");
    const auto node = entry.find("id");
    if (!node || !node->value->is_string()) return id;
    if (!RE2::FullMatch(id, form)) {
      node->expected("an id of lower-case words with dashes between them");
    } else if (!ids_.insert(id).second) {
      node->refuse("another entry has the id " + mock::in_quotes(id) + ", too");
    }
    return id;
  }

  static void read_predicate(const ObjectReader& entry, Assumption& guess) {
    if (const auto over = entry.find("over")) {
      guess.over = mock::read_word<Over>(*over, {kOverWords.begin(), kOverWords.end()}, over_from)
                       .value_or(Over::exchange);
    }
    KnownNames names;  // what "of" captures, "holds" may use
    if (const auto of = entry.require("of")) {
      if (!of->value->is_object()) of->expected("a pattern of an object");
      check_pattern(*of, names);
      guess.of = *of->value;
    }
    if (const auto holds = entry.find("holds")) {
      if (!holds->value->is_object()) holds->expected("a pattern of an object");
      check_pattern(*holds, names);
      guess.holds = *holds->value;
    }
  }

  // {"start_status": "/status"}
  void read_knob(const ObjectReader& entry, Assumption& guess) const {
    const auto node = entry.find("knob");
    if (!node) return;
    if (!node->value->is_object() || node->value->size() != 1) {
      return node->expected("an object of one knob and its value");
    }
    guess.knob = node->value->begin().key();
    guess.value = node->value->begin().value();
    const auto knob = assumptions_.knobs.find(guess.knob);
    if (knob == assumptions_.knobs.end()) {
      mock::Words names;
      for (const auto& [name, pattern] : assumptions_.knobs) names.push_back(name);
      return node->refuse("there is no knob " + mock::in_quotes(guess.knob) +
                          mock::hint(guess.knob, names));
    }
    if (is_of_outcomes(guess.value)) {
      check_values({&guess.value, mock::child_pointer(node->pointer, guess.knob), node->report},
                   knob->second);
    }
  }

  // Of a value for each outcome it is known beforehand whether the knob can have it.
  static void check_values(const Node& node, const Json& pattern) {
    for (const auto& [outcome, value] : node.value->items()) {
      Values values;
      Matching matching{values};
      match(pattern, &value, "", matching);
      if (matching.mismatches.empty()) continue;
      node.refuse("the knob can't be " + mock::describe(value) + ": expected " + in_words(pattern));
    }
  }

  Assumptions& assumptions_;
  std::set<std::string> ids_;
};

void read_knobs(const Node& node, Assumptions& assumptions) {
  const ObjectReader knobs(node);
  if (!knobs.is_object()) return;
  for (const auto& [name, pattern] : node.value->items()) {
    KnownNames names;
    check_pattern({&pattern, mock::child_pointer(node.pointer, name), node.report}, names);
    assumptions.knobs[name] = pattern;
  }
}

bool is_guess(const Statement& statement) {
  return statement.grades.contains(Source::assumed) || statement.grades.contains(Source::producer);
}

// The statements that an entry quotes, and what is wrong with its words.
class QuoteCheck {
 public:
  void check(const Assumption& guess) {
    const auto quote = reference_.find(guess.why);
    if (!quote) return add(guess, quote.error());
    bool has_grade = guess.source == Source::assumed;  // an assumption may be about any words
    for (const std::size_t index : quote->statements) {
      quoted_.insert(index);
      has_grade = has_grade || reference_.statements()[index].grades.contains(guess.source);
    }
    if (quote->statements.empty())
      add(guess, "its \"why\" quotes nothing that has a grade");
    else if (!has_grade)
      add(guess, "its \"why\" quotes nothing that is graded producer");
  }

  std::vector<std::string> mistakes() {
    for (std::size_t i = 0; i < reference_.statements().size(); ++i) {
      const Statement& statement = reference_.statements()[i];
      if (!is_guess(statement) || quoted_.contains(i)) continue;
      mistakes_.push_back(std::string(kAssumptionsFile) +
                          ": no entry says what would confirm or refute " + statement.section +
                          ": \"" + statement.text + "\" (" + grades_text(statement) + ")");
    }
    return std::move(mistakes_);
  }

 private:
  void add(const Assumption& guess, const std::string& mistake) {
    mistakes_.push_back(std::string(kAssumptionsFile) + ": " + guess.id + ": " + mistake);
  }

  const Reference& reference_ = Reference::built_in();
  std::set<std::size_t> quoted_;
  std::vector<std::string> mistakes_;
};

}  // namespace

std::string_view to_string(Over over) {
  return kOverWords[static_cast<std::size_t>(over)];
}

tl::expected<Assumptions, mock::Diagnostics> parse_assumptions(std::string_view text,
                                                               const std::string& file) {
  const auto document = parse_document(text, file);
  if (!document) return tl::unexpected(document.error());
  mock::Report report(file);
  Assumptions assumptions;
  const ObjectReader root(Node{&*document, "", &report}, {"$schema", "knobs", "assumptions"});
  if (const auto knobs = root.require("knobs")) read_knobs(*knobs, assumptions);
  EntryReader entries(assumptions);
  (void)root.require("assumptions");
  root.list("assumptions", [&](const Node& node) { entries.read(node); });
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return assumptions;
}

const Assumptions& Assumptions::built_in() {
  static const Assumptions assumptions = [] {
    auto read = parse_assumptions(embedded_text(kAssumptionsFile).value_or(""), kAssumptionsFile);
    if (!read) throw std::logic_error(mock::to_string(read.error(), "\n"));
    return std::move(*read);
  }();
  return assumptions;
}

const Assumption* Assumptions::find(std::string_view id) const {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Assumption& it) { return it.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> lint_assumptions(const Assumptions& assumptions) {
  QuoteCheck quotes;
  for (const Assumption& guess : assumptions.all) quotes.check(guess);
  return quotes.mistakes();
}

}  // namespace nairi::contracts
