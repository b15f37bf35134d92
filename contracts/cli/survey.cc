// nairi-contract survey: what the real service does, for few conversations or none.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/running.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "harness/drift/ledger.h"
#include "harness/recording/recording.h"
#include "harness/server/patience.h"
#include "harness/survey/recording_transport.h"
#include "harness/survey/survey_plan.h"
#include "harness/survey/surveyor.h"
#include "nairi/http_transport.h"
#include "nairi/mock/api.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

// The file that grows with every exchange: what is in it is whole, whenever the survey ends.
class SurveyTraffic {
 public:
  // False, with a message, when it is there already or can't be made.
  bool begin(const std::string& folder, const RecordingHead& head) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    const std::string path = (std::filesystem::path(folder) / kTrafficFile).string();
    if (std::filesystem::exists(path)) {
      complain(path + " is there already: name another folder with --out");
      return false;
    }
    file_.open(path, std::ios::binary);
    recording_.head = head;
    file_ << head_line(head) << std::flush;
    if (file_) return true;
    complain("can't write " + path);
    return false;
  }

  void add(const RecordedExchange& exchange) {
    file_ << exchange_line(exchange) << std::flush;
    recording_.exchanges.push_back(exchange);
  }

  bool is_whole() const { return file_.good(); }
  const Recording& recording() const { return recording_; }

 private:
  std::ofstream file_;
  Recording recording_;
};

// The service as recordings and ledgers call it, whichever way it is written.
std::string service_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url.ends_with(mock::kApiPrefix) ? url : url + std::string(mock::kApiPrefix);
}

std::string ledger_of(const SurveyCommandOptions& options) {
  return options.ledger_file.empty() ? options.out_folder + "/fidelity.json" : options.ledger_file;
}

// One that can take what a survey of that service finds, so that no survey is in vain.
std::optional<Ledger> open_ledger(const std::string& file, const RecordingHead& head) {
  auto ledger = Ledger::read(file);
  if (!ledger) {
    for (const mock::Diagnostic& mistake : ledger.error()) complain(mock::to_string(mistake));
    return std::nullopt;
  }
  Ledger tried = *ledger;
  const auto settled = tried.settle(Recording{.head = head, .exchanges = {}}, "survey");
  if (settled) return std::move(*ledger);
  complain(settled.error());
  return std::nullopt;
}

// Adds what was seen, and says what that settles. False, with a message, when it can't.
bool settle(const Recording& recording, const SurveyCommandOptions& options, Ledger ledger) {
  const auto settled = ledger.settle(recording, options.out_folder);
  if (!settled) {
    complain(settled.error());
    return false;
  }
  const auto refuted = std::count_if(settled->begin(), settled->end(),
                                     [](const Settled& it) { return it.refuted > 0; });
  for (const Settled& one : *settled) {
    if (one.refuted > 0) print(mock::harmless(one.sentence) + "\n");
  }
  print(settled_sentence(settled->size()) + ", " + std::to_string(refuted) +
        " of them otherwise than we thought\n");
  const auto written = ledger.write(ledger_of(options));
  if (!written) complain(written.error());
  return written.has_value();
}

// Says how often the service did what it can't do, as far as anything is known. Whether it did.
bool contradicts_facts(const Recording& recording, const SurveyCommandOptions& options) {
  const auto cases = choose_cases({});
  const std::vector<NamedRecording> recordings = {{options.out_folder, recording}};
  const Expectations expectations(cases.value_or(std::vector<Case>()));
  const Drift drift = find_drift(recordings, expectations);
  const DriftReport report{.drift = drift, .recordings = recordings};
  print(mock::harmless(summary_of(report)) + "\nnairi-contract drift " + options.out_folder +
        " shows each\n");
  return fails(report);
}

std::string key_of(const SurveyCommandOptions& options) {
  if (!options.api_key.empty()) return options.api_key;
  const char* const key = std::getenv("NAIRI_API_KEY");
  return key == nullptr ? "" : key;
}

void tell_plan(const SurveyCommandOptions& options) {
  print("survey of " + options.target + " with the agent " + options.agent + "\n" +
        survey_in_words(options.conversations, !options.other_api_key.empty()) +
        "changes and deletes nothing that was there; makes no agent\n" +
        "writes: " + options.out_folder + "/" + std::string(kTrafficFile) +
        ", with the texts of the conversations that it reads, and without keys\n");
}

int tell_how_to_go_on() {
  complain("nothing was sent; say --yes to go on, or --list to see each request");
  return kExitUsage;
}

void tell_outcome(const SurveyOutcome& outcome) {
  print("sent " + counted(outcome.requests, "request") + ", began " +
        counted(static_cast<std::uint64_t>(outcome.conversations), "conversation") + ", uploaded " +
        counted(static_cast<std::uint64_t>(outcome.files), "file") + "\n");
  if (outcome.open_turns > 0) {
    print(counted(static_cast<std::uint64_t>(outcome.open_turns), "turn") +
          " did not end before --turn-deadline\n");
  }
}

int exit_code_of(const SurveyOutcome& outcome, bool has_contradictions,
                 const Interruption& interruption) {
  if (interruption.signal() != 0) return 128 + interruption.signal();
  if (outcome.is_agent_unknown) return kExitUsage;
  if (outcome.was_begun_unasked) return kExitBroken;
  if (!outcome.stopped.empty()) return kExitCouldNotCheck;
  return has_contradictions ? kExitBroken : kExitGood;
}

}  // namespace

int survey(const SurveyCommandOptions& options) {
  if (options.list) {
    print(list_of_probes(options.conversations));
    return kExitGood;
  }
  tell_plan(options);
  if (!options.yes) return tell_how_to_go_on();
  const std::string key = key_of(options);
  if (key.empty()) {
    complain("there is no key: give --api-key, or set NAIRI_API_KEY");
    return kExitUsage;
  }
  const Interruption& interruption = Interruption::begin();
  auto http = HttpTransport::open(options.target, {.ca_file = options.ca_file});
  if (!http) {
    complain(for_command_line(http.error().message));
    return kExitUsage;
  }
  const RecordingHead head{.target = service_of(options.target),
                           .at = time_text((*http)->clock().wall_time()),
                           .by = "nairi-contract " NAIRI_MOCK_VERSION};
  auto ledger = open_ledger(ledger_of(options), head);
  SurveyTraffic traffic;
  if (!ledger || !traffic.begin(options.out_folder, head)) return kExitUsage;
  const auto transport = spared(
      recorded(std::move(*http), [&traffic](const RecordedExchange& it) { traffic.add(it); }),
      std::make_shared<Pace>(options.requests_per_second), interruption.stop());
  Surveyor surveyor(*transport, {.agent = options.agent,
                                 .api_key = key,
                                 .other_api_key = options.other_api_key,
                                 .conversations = options.conversations,
                                 .turn_deadline = std::chrono::seconds(options.turn_deadline_s)});
  const SurveyOutcome outcome = surveyor.run();
  tell_outcome(outcome);
  const bool is_settled = settle(traffic.recording(), options, std::move(*ledger));
  const bool has_contradictions = contradicts_facts(traffic.recording(), options);
  if (!outcome.stopped.empty()) complain("stopped: " + for_command_line(outcome.stopped));
  if (!is_settled || !traffic.is_whole()) return kExitUsage;
  return exit_code_of(outcome, has_contradictions, interruption);
}

}  // namespace nairi::contracts
