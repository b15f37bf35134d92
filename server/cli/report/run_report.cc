#include "cli/report/run_report.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/command_line.h"
#include "cli/own_file.h"
#include "nairi/mock/api.h"
#include "protocol/credentials.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// By organization; 0 is nobody.
using InspectedRuns = std::map<std::uint64_t, InspectedRun>;

// Without the key in any text; names and numbers are ours.
void redact_texts(nlohmann::json& value, const std::string& key) {
  if (value.is_string()) value = redacted(value.get_ref<const std::string&>(), key);
  if (!value.is_structured()) return;
  for (nlohmann::json& inner : value) redact_texts(inner, key);
}

nlohmann::json redacted_json(const std::string& text, const std::string& key) {
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  redact_texts(value, key);
  return value;
}

// The fake's answer to who may ask everything; discarded when it has none.
nlohmann::json ask_control(Fake& fake, const RunFacts& facts, const std::string& what) {
  const Reply reply =
      fake.handle({.method = "GET",
                   .target = std::string(kControlPrefix) + "/" + what,
                   .headers = {{"Authorization", "Bearer " + facts.control_token}}});
  return redacted_json(reply.status == 200 ? reply.body : "", facts.api_key);
}

std::string text_of(const nlohmann::json& value) {
  return value.is_discarded() ? "" : value.dump();
}

InspectedRun& run_of(InspectedRuns& runs, std::uint64_t organization) {
  InspectedRun& run = runs[organization];
  if (run.name.empty()) {
    run.name = organization == 0 ? "without a key" : "organization " + std::to_string(organization);
  }
  return run;
}

// Gives each key its part of the journal. What made room there is a remark.
void add_exchanges(Fake& fake, const RunFacts& facts, InspectedRuns& runs,
                   std::vector<std::string>& remarks) {
  const nlohmann::json journal = ask_control(fake, facts, "journal?all=true");
  if (!journal.is_object()) return;
  for (const nlohmann::json& entry : journal.at("entries")) {
    InspectedRun& run = run_of(runs, entry.value("organization", std::uint64_t{0}));
    run.exchanges.push_back(entry.dump());
  }
  const auto dropped = journal.value("dropped", std::uint64_t{0});
  if (dropped == 0) return;
  remarks.push_back(std::to_string(dropped) + (dropped == 1 ? " exchange" : " exchanges") +
                    " made room for newer ones in the journal: --journal-max says how many it has");
}

std::string result_of(const Verdicts& verdicts) {
  if (verdicts.has_broken(RuleLevel::must)) return "failed";
  if (verdicts.has_broken(RuleLevel::should)) return "warned";
  return verdicts.has_tested() ? "passed" : "not checked";
}

// Those of runs that were ended come back: nothing else is left of them.
std::vector<InspectedRun> add_verdicts(const Fake& fake, const RunFacts& facts,
                                       InspectedRuns& runs) {
  std::vector<InspectedRun> all_ended;
  for (const JudgedRun& judged : fake.judged_runs(facts.end)) {
    InspectedRun ended{.name = "ended by resets"};
    InspectedRun& run = judged.ended ? ended : run_of(runs, judged.organization);
    run.result = result_of(judged.verdicts);
    run.verdicts = redacted_json(to_json(judged.verdicts), facts.api_key).dump();
    if (judged.ended) all_ended.push_back(std::move(ended));
  }
  return all_ended;
}

// No more states than the page may have: a fake may keep more than there is memory for twice.
void add_states(Fake& fake, const RunFacts& facts, InspectedRuns& runs,
                std::vector<std::string>& remarks) {
  std::size_t bytes = 0;
  std::size_t passed_over = 0;
  for (auto& [organization, run] : runs) {
    if (organization == 0) continue;
    const std::string whose = "?organization=" + std::to_string(organization);
    run.unmatched = text_of(ask_control(fake, facts, "unmatched" + whose));
    if (bytes > kMostPageBytes) {
      ++passed_over;
      continue;
    }
    run.state = text_of(ask_control(fake, facts, "state" + whose + "&messages=true"));
    bytes += run.state.size();
  }
  if (passed_over == 0) return;
  remarks.push_back("states of keys that the page has no room for: " + std::to_string(passed_over) +
                    " left out");
}

std::string now_as_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string text;
  append_timestamp(text, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  return text;
}

}  // namespace

InspectorReport run_report(Fake& fake, const RunFacts& facts) {
  InspectorReport report{.by = std::string("nairi-mock ") + NAIRI_MOCK_VERSION,
                         .title = redacted(facts.title, facts.api_key),
                         .at = now_as_text()};  // no root: who reads it has another server
  InspectedRuns runs;
  add_exchanges(fake, facts, runs, report.remarks);
  std::vector<InspectedRun> ended = add_verdicts(fake, facts, runs);
  add_states(fake, facts, runs, report.remarks);
  for (auto& [organization, run] : runs) report.runs.push_back(std::move(run));
  for (InspectedRun& run : ended) report.runs.push_back(std::move(run));
  return report;
}

tl::expected<void, std::string> write_report(const std::string& path, InspectorReport report) {
  constexpr mode_t kForAll = 0644;
  const InspectorFile file = inspector_file(std::move(report));
  for (const std::string& sentence : file.left_out) complain(path + ": " + sentence);
  return write_atomically(end_of_links(path), file.html, kForAll);
}

}  // namespace nairi::mock
