// The fake may follow the service wherever nobody knew what it does, and nowhere else: what the
// quickstart, the documentation and known clients say, holds under each value of each knob.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/client/client_runner.h"
#include "harness/drift/ledger.h"
#include "harness/server/runner.h"
#include "support/knob_values.h"

namespace nairi::contracts {
namespace {

using mock::testing::knob_values;
using mock::testing::KnobValue;
using mock::testing::ledger_text;
using mock::testing::ledger_with;

bool is_guess(Source source) {
  return source == Source::assumed || source == Source::producer;
}

// No knob touches contents, and theirs are megabytes: three quarters of the time of all.
bool is_of_long_content(const Case& it) {
  constexpr std::string_view kEnds[] = {"/long-file", "/long-files", "/texts-come-back",
                                        "/answers-come-back", "/long-prompt"};
  return std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](std::string_view end) { return it.name.ends_with(end); });
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> read = built_in_cases().value();
    std::erase_if(read, is_of_long_content);
    return read;
  }();
  return all;
}

// What is not met that is more than a guess, in a line for each.
std::string facts_broken(const CaseResult& result) {
  std::string lines;
  if (is_guess(result.source)) return lines;
  for (const Mismatch& mismatch : result.mismatches) {
    if (is_guess(mismatch.source)) continue;
    lines += result.name + ": " + mismatch.step + " " + mismatch.part + mismatch.pointer +
             ": wanted " + mismatch.wanted + ", got " + mismatch.got + "\n";
  }
  return lines;
}

// The id of a guess that the knob belongs to.
std::string guess_with(const std::string& knob) {
  for (const mock::Assumption& guess : mock::assumptions()) {
    if (guess.knob == knob) return guess.id;
  }
  ADD_FAILURE() << "no guess turns " << knob;
  return "";
}

class UnderKnob : public ::testing::TestWithParam<KnobValue> {};

TEST_P(UnderKnob, ServersKeepWhatIsKnown) {
  const Subjects subjects = scripted_subjects(Way::in_process, {}, ledger_with(GetParam()));
  std::string broken;
  for (const Case& it : cases()) {
    if (!it.steps.empty()) broken += facts_broken(run_case(it, subjects));
  }
  EXPECT_EQ(broken, "");
}

// Whether what this case's client has to say is the guess itself.
bool tells_the_guess(const Case& it, const std::string& knob) {
  constexpr std::pair<std::string_view, std::string_view> kTold[] = {
      {"continue_ended", "conversation/continue-completed-job"},
      {"error_texts", "client/unknown-agents-conversations"},
      {"other_origins_listed", "client/conversations-of-every-status"},
      {"other_origin_timeline", "client/reads-a-conversation"}};
  return std::find(std::begin(kTold), std::end(kTold),
                   std::pair<std::string_view, std::string_view>(knob, it.name)) != std::end(kTold);
}

TEST_P(UnderKnob, ClientsAreJudgedAsBefore) {
  ClientCaseOptions options;
  options.fidelity = ledger_with(GetParam());
  std::string broken;
  for (const Case& it : cases()) {
    if (!it.client || tells_the_guess(it, GetParam().knob)) continue;
    broken += facts_broken(run_client_case(it, own_client, options).result);
  }
  EXPECT_EQ(broken, "");
}

std::string name_of(const ::testing::TestParamInfo<KnobValue>& info) {
  return info.param.knob + "_" + std::to_string(info.index);
}

// The fake reads what the harness writes, without a word.
TEST_P(UnderKnob, TheLedgerOfTheHarnessIsRead) {
  const std::string guess = guess_with(GetParam().knob);
  const auto written = Ledger::parse(ledger_text(GetParam(), guess), "fidelity.json");
  ASSERT_TRUE(written) << mock::to_string(written.error(), "\n");
  const auto read = mock::parse_fidelity(written->to_text());
  ASSERT_TRUE(read) << mock::to_string(read.error(), "\n");
  EXPECT_EQ(mock::to_string(read->hints, "\n"), "");
  EXPECT_EQ(*read, ledger_with(GetParam(), guess));
}

INSTANTIATE_TEST_SUITE_P(Each, UnderKnob, ::testing::ValuesIn(knob_values()), name_of);

}  // namespace
}  // namespace nairi::contracts
