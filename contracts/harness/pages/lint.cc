#include "harness/pages/lint.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "harness/cases/files.h"
#include "harness/cases/pattern.h"
#include "harness/openapi/openapi.h"
#include "harness/pages/reference.h"
#include "nairi/mock/verdicts.h"
#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

// The operation that a step calls; nullptr for what the API does not have.
const ApiOperation* operation_of(const Step& step) {
  Values samples;
  for (const std::string& name : names_in(step.call.path)) samples[name] = "sample";
  return OpenApi::built_in().find(step.call.method, fill_path(step.call.path, samples));
}

// The status that a step expects, "404" or "2xx"; nullopt: it leaves that open.
std::optional<std::string> expected_status(const Step& step) {
  const Json& status = step.reply.status;
  if (status.is_number()) return status.dump();
  if (status.is_string()) return status.get<std::string>();
  if (status.is_object() && status.contains("in")) return status.at("in").front().dump();
  if (status.is_null() && !step.until.empty()) return "200";
  return std::nullopt;
}

// Checks the literal values of a pattern against the document.
class LiteralCheck {
 public:
  LiteralCheck(const ApiOperation& operation, std::string status)
      : operation_(operation), status_(std::move(status)) {}

  void pattern(const Json& value, const std::string& pointer) {
    if (value.is_object()) {
      for (const auto& [key, child] : value.items()) member(key, child, pointer);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        pattern(value[i], mock::child_pointer(pointer, i));
      }
    } else if (!value.is_string() || names_in(value.get<std::string>()).empty()) {
      literal(value, pointer);
    }
  }

  std::vector<std::string> wrong;

 private:
  void member(const std::string& key, const Json& child, const std::string& pointer) {
    const Matcher* matcher = find_matcher(key);
    if (matcher == nullptr || !matcher->takes(child)) {
      if (key != "exact") pattern(child, mock::child_pointer(pointer, key));
    } else if (key == "each" || (key == "contains" && !child.is_string())) {
      const Json patterns = child.is_array() ? child : Json::array({child});
      for (const Json& element : patterns) pattern(element, pointer + "/0");
    } else if (key == "in" || key == "any_of") {
      for (const Json& choice : child) pattern(choice, pointer);
    } else if (key == "scripted" || key == "json") {
      pattern(child, pointer);
    }
  }

  void literal(const Json& value, const std::string& pointer) {
    for (const Violation& violation :
         OpenApi::built_in().check_part(operation_, status_, pointer, value)) {
      wrong.push_back("openapi.json does not allow " + mock::describe(value) + " at " +
                      violation.pointer + " of a " + status_ + " reply to " + operation_.id +
                      ": wanted " + violation.wanted);
    }
  }

  const ApiOperation& operation_;
  std::string status_;
};

// Whether no call of that kind ever gets an answer that tells of success.
bool never_succeeds(const Case& contract_case, std::string_view call) {
  return std::ranges::any_of(contract_case.faults, [&](const mock::FaultSpec& fault) {
    const mock::FaultEffect& effect = fault.effect;
    const bool strikes_all = (fault.at == call || fault.at == "any") && !fault.number &&
                             !fault.times && fault.after.empty() && fault.rate >= 1;
    return strikes_all &&
           (effect.status || effect.redirect_to || effect.malformed_json ||
            effect.reset_after_bytes || effect.truncate_after_bytes || effect.empty_response);
  });
}

// What is judged by turns that the client began.
constexpr std::string_view kRulesOfTurns[] = {"polls-until-terminal", "stops-after-terminal",
                                              "sends-a-prompt-once", "polls-no-faster-than-asked"};

class CaseLint {
 public:
  CaseLint(const Case& contract_case, std::vector<std::string>& mistakes)
      : case_(contract_case), mistakes_(mistakes) {}

  void check() {
    const std::string path = "/" + case_.file;  // which may be relative
    if (!path.ends_with("/" + case_.name + ".json")) {
      add("a case is called as its file is below cases/, got the name " +
          mock::in_quotes(case_.name));
    }
    check_why();
    for (const Step& step : case_.steps) check_step(step);
    if (case_.client) check_rules();
  }

 private:
  void add(const std::string& mistake) { mistakes_.push_back(case_.file + ": " + mistake); }

  void check_why() {
    std::set<Source> grades;
    for (const std::string& why : case_.why) {
      const auto quote = Reference::built_in().find(why);
      if (!quote) {
        add(quote.error());
        continue;
      }
      for (const std::size_t index : quote->statements) {
        const std::set<Source>& of_one = Reference::built_in().statements()[index].grades;
        grades.insert(of_one.begin(), of_one.end());
      }
    }
    if (case_.source != Source::assumed && !grades.contains(case_.source)) {
      add("its \"why\" quotes nothing that is graded " + std::string(to_string(case_.source)));
    }
  }

  void check_step(const Step& step) {
    const ApiOperation* operation = operation_of(step);
    const auto status = expected_status(step);
    if (operation == nullptr || !status) return;
    LiteralCheck literals(*operation, *status);
    if (!step.reply.json.is_null()) literals.pattern(step.reply.json, "");
    for (const auto& [pointer, pattern] : step.until) literals.pattern(pattern, pointer);
    for (const std::string& wrong : literals.wrong) add("step " + step.id + ": " + wrong);
  }

  void check_rules() {
    const Json& op = case_.client->job.at("op");
    const bool begins_none = (op == "converse" && never_succeeds(case_, "start")) ||
                             (op == "continue" && never_succeeds(case_, "continue"));
    for (const std::string& id : case_.client->rules) {
      if (begins_none && std::ranges::find(kRulesOfTurns, id) != std::end(kRulesOfTurns)) {
        add("no request can put the rule " + id +
            " to the test: the faults let no turn begin; leave it out");
      }
    }
    const auto judged_by_result = std::ranges::count_if(case_.client->rules, [](const auto& id) {
      return id != "valid-requests" && mock::find_rule(id)->judged_by == mock::JudgedBy::result;
    });
    if (judged_by_result > 1) {
      add("a client's result can be put down to one rule only: split the case");
    }
  }

  const Case& case_;
  std::vector<std::string>& mistakes_;
};

bool covers(const std::string& expected, const std::string& documented) {
  if (expected == documented) return true;
  const bool documented_class = documented.ends_with("XX") || documented.ends_with("xx");
  const bool expected_class = expected.ends_with("xx");
  return (documented_class || expected_class) && expected[0] == documented[0];
}

// How many cases expect each documented status of each operation.
void cover_operations(const std::vector<Case>& cases, Coverage& coverage) {
  for (const ApiOperation& operation : OpenApi::built_in().operations()) {
    std::string line;
    for (const DocumentedReply& reply : operation.replies) {
      const auto covered = std::count_if(cases.begin(), cases.end(), [&](const Case& it) {
        return std::any_of(it.steps.begin(), it.steps.end(), [&](const Step& step) {
          const auto status = expected_status(step);
          return operation_of(step) == &operation && status && covers(*status, reply.status);
        });
      });
      line += "  " + reply.status + ": " + std::to_string(covered);
      const bool excused = reply.status == "500";  // nobody knows how to provoke it
      if (covered == 0 && !excused) {
        coverage.gaps.push_back("no case has " + operation.id + " answer " + reply.status);
      }
    }
    std::string name = operation.id;
    name.resize(std::max<std::size_t>(name.size(), 24), ' ');
    coverage.table += name + line + "\n";
  }
}

std::string shown(const Statement& statement) {
  return statement.section + ": \"" + statement.text + "\" (" + grades_text(statement) + ")";
}

// Which statements are checked by a case or played by a world; quotes that REFERENCE does not have
// are gaps.
class StatementCover {
 public:
  StatementCover(const Remarks& remarks, Coverage& coverage)
      : remarks_(remarks), coverage_(coverage) {}

  void add(const std::vector<Case>& cases) {
    for (const Case& contract_case : cases) {
      for (const std::string& why : contract_case.why) {
        // lint_cases tells of wrong ones.
        if (const auto quote = reference_.find(why)) note(*quote, covered_);
      }
    }
    for (const ShownByWorld& world : remarks_.worlds) {
      for (const std::string& why : world.why) {
        if (const auto quote = find(world.file, why)) note(*quote, covered_);
      }
    }
    for (const Excuse& excuse : remarks_.excuses) {
      const auto quote = find("unobservable.json", excuse.why);
      if (quote && !excuse.is_partly) add_excuse(*quote);
    }
  }

  void tell_gaps() {
    for (std::size_t i = 0; i < reference_.statements().size(); ++i) {
      const Statement& statement = reference_.statements()[i];
      const bool only_assumed = statement.grades == std::set{Source::assumed};
      if (only_assumed || covered_.contains(i) || excused_.contains(i)) continue;
      coverage_.gaps.push_back("no case checks " + shown(statement));
    }
  }

 private:
  using Statements = std::set<std::size_t>;

  static void note(const Quote& quote, Statements& statements) {
    statements.insert(quote.statements.begin(), quote.statements.end());
  }

  std::optional<Quote> find(const std::string& file, const std::string& why) {
    auto quote = reference_.find(why);
    if (quote) return std::move(*quote);
    coverage_.gaps.push_back(file + ": " + quote.error());
    return std::nullopt;
  }

  void add_excuse(const Quote& quote) {
    note(quote, excused_);
    for (const std::size_t index : quote.statements) {
      if (!covered_.contains(index)) continue;
      coverage_.gaps.push_back("unobservable.json excuses what a case checks: " +
                               shown(reference_.statements()[index]));
    }
  }

  const Reference& reference_ = Reference::built_in();
  const Remarks& remarks_;
  Coverage& coverage_;
  Statements covered_;
  Statements excused_;
};

std::vector<std::string> texts_of(const Json& value) {
  if (value.is_array()) return value.get<std::vector<std::string>>();
  return {value.get<std::string>()};
}

}  // namespace

std::vector<std::string> lint_cases(const std::vector<Case>& cases) {
  std::vector<std::string> mistakes;
  for (const Case& contract_case : cases) CaseLint(contract_case, mistakes).check();
  return mistakes;
}

ShownByWorld read_shown(const std::string& file, std::string_view text) {
  ShownByWorld shown_by{file, {}};
  const Json world = Json::parse(text);
  for (const Json& turn : world.value("turns", Json::array())) {
    if (!turn.contains("x-why")) continue;
    for (std::string& why : texts_of(turn.at("x-why"))) shown_by.why.push_back(std::move(why));
  }
  return shown_by;
}

Remarks built_in_remarks() {
  Remarks remarks;
  const auto text = embedded_text("contracts/unobservable.json");
  for (const Json& entry : Json::parse(text.value_or("[]"))) {
    remarks.excuses.push_back({entry.at("why"), entry.at("because"), entry.value("partly", false)});
  }
  for (const auto& [file, world] : embedded_worlds()) {
    remarks.worlds.push_back(read_shown(file, world));
  }
  return remarks;
}

Coverage cover(const std::vector<Case>& cases, const Remarks& remarks) {
  Coverage coverage;
  cover_operations(cases, coverage);
  StatementCover statements(remarks, coverage);
  statements.add(cases);
  statements.tell_gaps();
  return coverage;
}

}  // namespace nairi::contracts
