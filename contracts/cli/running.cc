#include "cli/running.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/recorder/redaction.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

bool is_chosen(const Case& contract_case, const RunOptions& options) {
  const auto by_name = [&](const std::string& pattern) {
    return name_fits(pattern, contract_case.name);
  };
  const auto by_source = [&](const std::string& word) {
    return source_from(word) == contract_case.source;
  };
  return (options.cases.empty() ||
          std::any_of(options.cases.begin(), options.cases.end(), by_name)) &&
         (options.sources.empty() ||
          std::any_of(options.sources.begin(), options.sources.end(), by_source));
}

bool has_part(const Case& contract_case, Side side) {
  if (side == Side::server) return !contract_case.steps.empty();
  return side == Side::any || contract_case.client.has_value();
}

std::string_view name_of(Side side) {
  return side == Side::client ? "client" : "server";
}

// A pattern of names that fits nothing is a typing mistake; one that fits only cases of the other
// side was meant for the other command.
bool check_patterns(const RunOptions& options, const std::vector<Case>& cases, Side side) {
  const std::string command = "nairi-contract " + std::string(name_of(side));
  mock::Words names;
  for (const Case& it : cases) {
    if (has_part(it, side)) names.emplace_back(it.name);
  }
  const std::string_view other = name_of(side == Side::client ? Side::server : Side::client);
  if (names.empty()) {
    complain("none of these cases has a part for a " + std::string(name_of(side)) +
             ": nairi-contract " + std::string(other) + " plays them");
    return false;
  }
  for (const std::string& pattern : options.cases) {
    const auto fits = [&](std::string_view name) { return name_fits(pattern, name); };
    if (std::ranges::any_of(names, fits)) continue;
    const bool is_of_another = std::ranges::any_of(cases, fits, &Case::name);
    complain(is_of_another
                 ? mock::in_quotes(pattern) + " has no part for a " + std::string(name_of(side)) +
                       ": nairi-contract " + std::string(other) + " plays it"
                 : "no case is called " + mock::in_quotes(pattern) + mock::hint(pattern, names) +
                       "\n" + command + " --list names them all.");
    return false;
  }
  return true;
}

}  // namespace

void complain(const std::string& message) {
  std::fflush(stdout);  // in the order in which it is said, where both go to one place
  std::fprintf(stderr, "nairi-contract: %s\n", mock::harmless(message).c_str());
}

std::string for_command_line(std::string message) {
  for (const auto& [library, ours] :
       {std::pair<std::string_view, std::string_view>{"NAIRI_CA_FILE", "--ca-file"},
        {"is the fake running?", "is the server running?"}}) {
    const std::size_t at = message.find(library);
    if (at != std::string::npos) message.replace(at, library.size(), ours);
  }
  return message;
}

std::optional<std::vector<Case>> choose_cases(const RunOptions& options, Side side) {
  auto cases = options.contracts.empty() ? built_in_cases() : read_cases(options.contracts);
  if (!cases) {
    for (const mock::Diagnostic& mistake : cases.error()) complain(mock::to_string(mistake));
    return std::nullopt;
  }
  if (!check_patterns(options, *cases, side)) return std::nullopt;
  std::erase_if(*cases,
                [&](const Case& it) { return !has_part(it, side) || !is_chosen(it, options); });
  return std::move(*cases);
}

namespace {

bool cannot_write(const std::string& path) {
  complain("can't write " + path + ": " + std::strerror(errno));
  return false;
}

// Leaves what is in it.
bool try_file(const std::string& path) {
  return std::ofstream(path, std::ios::binary | std::ios::app) ? true : cannot_write(path);
}

std::size_t count_not_run(const RunReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.results.begin(), report.results.end(),
                    [](const CaseResult& result) { return result.reason == kNotRun; }));
}

int exit_code_of(const RunOptions& options, const RunReport& report, bool lists_wrongly) {
  const Count counted = count(report);
  if (counted.failed > 0 || lists_wrongly || (options.strict && counted.differ > 0)) {
    return kExitBroken;
  }
  if (counted.checked() > 0) return kExitGood;
  complain("nothing was checked");
  return kExitCouldNotCheck;
}

}  // namespace

std::optional<std::vector<std::string>> prepare_run(const RunOptions& options,
                                                    const std::vector<std::string>& others) {
  std::vector<std::string> written = others;
  written.insert(written.end(), {options.junit_file, options.json_file, options.html_file});
  for (const std::string& path : written) {
    if (!path.empty() && !try_file(path)) return std::nullopt;
  }
  if (options.known_failing_file.empty()) return std::vector<std::string>{};
  const auto text = read_text_file(options.known_failing_file);
  if (text) return read_known_failing(*text);
  complain(text.error());
  return std::nullopt;
}

bool write_file(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  std::error_code error;
  // Where a link leads; what is no file, such as /dev/stdout, has no name to be given.
  const fs::path real = fs::weakly_canonical(path, error);
  const std::string draft = real.string() + ".part";
  std::ofstream file;
  if (!fs::exists(real, error) || fs::is_regular_file(real, error)) {
    file.open(draft, std::ios::binary);
  }
  // A file may be written in a folder that may not.
  const bool is_draft = file.is_open();
  if (!is_draft) file.open(path, std::ios::binary);
  file << text << std::flush;
  file.close();
  if (file && (!is_draft || std::rename(draft.c_str(), real.c_str()) == 0)) return true;
  cannot_write(path);
  if (is_draft) fs::remove(draft, error);
  return false;
}

TakeOut without(const Secrets& secrets) {
  const auto redaction = std::make_shared<Redaction>(Redaction::make({}).value());
  for (const std::string& secret : secrets) redaction->learn_secret(secret);
  const auto body = [redaction](const std::string& text) {
    bool left_out = false;
    return redaction->body(text, {}, left_out);
  };
  return {.text = [redaction](const std::string& text) { return redaction->text(text); },
          .target = [redaction](const std::string& text) { return redaction->target(text); },
          .body = body,
          .header = [redaction](const mock::Header& header) { return redaction->header(header); }};
}

bool write_page(const std::string& path, mock::InspectorReport page) {
  if (path.empty()) return true;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  mock::append_timestamp(page.at,
                         std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  page.by = std::string("nairi-contract ") + NAIRI_MOCK_VERSION;
  const mock::InspectorFile file = mock::inspector_file(std::move(page));
  for (const std::string& sentence : file.left_out) complain(path + ": " + sentence);
  return write_file(path, file.html);
}

int finish_run(const RunOptions& options, const std::vector<std::string>& known_failing,
               RunReport report, const Interruption& interruption, const Secrets& secrets) {
  const auto wrong = apply_known_failing(known_failing, report);
  std::fputs(mock::harmless(text_report(report, {.trace = options.trace})).c_str(), stdout);
  for (const std::string& sentence : wrong) {
    complain(options.known_failing_file + ": " + sentence);
  }
  const bool written =
      (options.junit_file.empty() || write_file(options.junit_file, junit_report(report))) &&
      (options.json_file.empty() || write_file(options.json_file, json_report(report))) &&
      (options.html_file.empty() ||
       write_page(options.html_file, page_report(report, without(secrets))));
  if (interruption.signal() != 0) {
    complain("ended by a signal: " + std::to_string(count_not_run(report)) + " of " +
             std::to_string(report.results.size()) + " cases were not run");
    return 128 + interruption.signal();
  }
  return written ? exit_code_of(options, report, !wrong.empty()) : kExitUsage;
}

void hold_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // For reading only: writing to it fails, as it would to a closed one.
    if (::fcntl(file, F_GETFD) < 0) (void)::open("/dev/null", O_RDONLY);
  }
}

std::string lost_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return "the output could not be written";
}

}  // namespace nairi::contracts
