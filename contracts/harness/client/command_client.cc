#include "harness/client/command_client.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "harness/client/process.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using std::chrono::steady_clock;

constexpr int kUnsupported = 127;

ClientAnswer broke(std::string how, std::string notes) {
  return {ClientAnswer::Kind::broke, Json(), std::move(how), std::move(notes)};
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// A proxy that is meant for the world outside must not come between a client and the harness. Some
// libraries read one spelling, some the other, and some the second only where the first is not set.
std::vector<std::string> around_the_proxy() {
  constexpr const char* kLoopback = "127.0.0.1,localhost,::1";
  const auto upper = variable("NO_PROXY");
  const auto lower = variable("no_proxy");
  const auto with_loopback = [&](const std::optional<std::string>& own,
                                 const std::optional<std::string>& other) {
    const std::string before = own ? *own : other.value_or("");
    return before.empty() ? kLoopback : before + "," + kLoopback;
  };
  return {"NO_PROXY=" + with_loopback(upper, lower), "no_proxy=" + with_loopback(lower, upper)};
}

std::vector<std::string> environment_of(const Json& job) {
  std::vector<std::string> variables{
      "NAIRI_JOB=" + job.dump(),
      "NAIRI_BASE_URL=" + job.at("base_url").get<std::string>(),
      "NAIRI_API_KEY=" + job.at("api_key").get<std::string>(),
  };
  for (std::string& text : around_the_proxy()) variables.push_back(std::move(text));
  if (!job.contains("ca_file")) return variables;
  // What OpenSSL, Node, requests, curl and our own client look at.
  for (const char* name : {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
                           "CURL_CA_BUNDLE", "NAIRI_CA_FILE"}) {
    variables.push_back(std::string(name) + "=" + job["ca_file"].get<std::string>());
  }
  return variables;
}

std::string without_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string seconds(std::chrono::milliseconds deadline) {
  return std::to_string(deadline.count() / 1000) + " s";
}

// What the shells, env and the loader say last when they end with 127 themselves, as there is no
// such program: "sh: 1: jq: not found". A client that means "unsupported" says nothing, or
// something of its own.
bool misses_a_program(const std::string& err) {
  const std::string said = without_end(err);
  const std::string last = said.substr(said.rfind('\n') + 1);
  return last.ends_with(": not found") || last.ends_with(": command not found") ||
         last.find(": command not found: ") != std::string::npos ||
         last.ends_with(": No such file or directory") ||
         last.find(": error while loading shared libraries: ") != std::string::npos;
}

ClientAnswer read_finished(ProcessEnd finished, const CommandOptions& options) {
  if (finished.stopped) return {ClientAnswer::Kind::stopped, Json(), {}, finished.err};
  if (finished.hung) return broke("hung: no end within " + seconds(options.deadline), finished.err);
  if (finished.flooded) return broke("wrote more output than is read", finished.err);
  if (finished.signal != 0) {
    return broke("crashed: " + std::string(::strsignal(finished.signal)), finished.err);
  }
  if (finished.exit_code == kUnsupported && misses_a_program(finished.err)) {
    return broke("crashed: exit code 127, as a program or a file is missing", finished.err);
  }
  if (finished.exit_code == kUnsupported) {
    return {ClientAnswer::Kind::unsupported, Json(), {}, std::move(finished.err)};
  }
  if (finished.exit_code != 0) {
    return broke("crashed: exit code " + std::to_string(finished.exit_code), finished.err);
  }
  return read_result(without_end(finished.out), std::move(finished.err));
}

ClientAnswer run_once(const Json& job, const CommandOptions& options) {
  try {
    return read_finished(
        run_process(options.command, environment_of(job), options.deadline, options.stop), options);
  } catch (const std::runtime_error& error) {
    return broke(error.what(), {});
  }
}

// A client that prints more than one line for a job is one answer ahead ever after.
bool is_for_another(const ClientAnswer& answer, const Json& job) {
  return answer.result.is_object() && answer.result.contains("id") &&
         answer.result["id"] != job.at("id");
}

// Processes that have done a job and wait for another.
class StdioPool {
 public:
  explicit StdioPool(CommandOptions options) : options_(std::move(options)) {}

  ClientAnswer run(const Json& job) {
    const auto deadline = steady_clock::now() + options_.deadline;
    try {
      std::unique_ptr<Process> process = take(job);
      const bool written = process->write_line(job.dump(), deadline);
      const auto line = written ? process->read_line(deadline) : std::nullopt;
      if (!line) return read_finished(process->finish(deadline), options_);
      ClientAnswer answer = read_result(without_end(*line), {});
      if (is_for_another(answer, job)) {
        return broke("answered another job: expected the id " +
                         mock::in_quotes(job.at("id").get<std::string>()) + ", got " +
                         mock::describe(answer.result["id"]),
                     {});
      }
      give_back(std::move(process));
      return answer;
    } catch (const std::runtime_error& error) {
      return broke(error.what(), {});
    }
  }

 private:
  std::unique_ptr<Process> take(const Json& job) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      return std::make_unique<Process>(options_.command, environment_of(job), options_.stop);
    }
    std::unique_ptr<Process> process = std::move(idle_.back());
    idle_.pop_back();
    return process;
  }

  void give_back(std::unique_ptr<Process> process) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(process));
  }

  const CommandOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Process>> idle_;  // protected by mutex_
};

}  // namespace

RemoteClient command_client(CommandOptions options) {
  if (options.stdio) {
    auto pool = std::make_shared<StdioPool>(std::move(options));
    return [pool](const Json& job) { return pool->run(job); };
  }
  return [options = std::move(options)](const Json& job) { return run_once(job, options); };
}

}  // namespace nairi::contracts
