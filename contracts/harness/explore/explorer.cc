#include "harness/explore/explorer.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/cases/case_reader.h"
#include "harness/explore/shrink.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string case_name(std::uint64_t seed, std::uint64_t run) {
  return "explore/seed-" + std::to_string(seed) + "-run-" + std::to_string(run);
}

// In which way a run failed; "" when it did not. The rule that a wrong result is put down to
// depends on what else a schedule has: it is not asked.
std::string kind_of(const ClientResult& run, const Case& contract_case) {
  const CaseResult& result = run.result;
  if (result.verdict != CaseVerdict::failed) return "";
  for (const Mismatch& mismatch : result.mismatches) {
    const bool is_of_result = mismatch.part == "rule " + contract_case.client->rules.front();
    if (mismatch.part.starts_with("rule ") && !is_of_result) return mismatch.part;
  }
  return "result " + (run.outcome.empty() ? "none" : run.outcome);
}

// Calls work(i) for each i below `count`, in several threads.
void share_out(std::uint64_t count, int jobs, const std::function<bool(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next = 0;
  const auto all = [&] {
    for (std::uint64_t i = next++; i < count && work(i); i = next++) continue;
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < jobs; ++i) others.emplace_back(all);
  all();
}

class Explorer {
 public:
  Explorer(const ExploreRun& run, const ExploreOptions& options) : run_(run), options_(options) {}

  Exploration explore() {
    const auto begin = steady_clock::now();
    share_out(options_.runs, options_.jobs, [&](std::uint64_t number) {
      const bool late = options_.time && steady_clock::now() - begin >= *options_.time;
      if (late || options_.stop.stop_requested()) return false;
      explore_one(number + 1);
      return true;
    });
    all_.taken = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    shrink_all();
    return std::move(all_);
  }

 private:
  void explore_one(std::uint64_t number) {
    Schedule schedule = make_schedule(options_.seed, number);
    const Case contract_case = explored_case(schedule, case_name(options_.seed, number)).value();
    const ClientResult run = run_(contract_case);
    const std::lock_guard lock(mutex_);
    if (run.result.reason == kNotRun) return;
    ++all_.runs;
    if (run.result.verdict == CaseVerdict::not_checked) ++all_.unchecked;
    const std::string kind = kind_of(run, contract_case);
    if (!kind.empty()) failures_[kind].push_back({number, std::move(schedule), run.result});
    if (options_.progress) options_.progress(all_.runs, failures_.size());
  }

  void shrink_all() {
    std::vector<const std::string*> kinds;
    for (const auto& [kind, failures] : failures_) kinds.push_back(&kind);
    share_out(kinds.size(), options_.jobs, [&](std::uint64_t i) {
      shrink_one(*kinds[i], failures_[*kinds[i]]);
      return true;
    });
    std::ranges::sort(all_.discoveries, {}, &Discovery::run);
    std::ranges::sort(all_.unstable);
  }

  struct Failure {
    std::uint64_t run = 0;
    Schedule schedule;
    CaseResult result;
  };

  // Begins with the shortest that fails a second time.
  void shrink_one(const std::string& kind, std::vector<Failure>& failures) {
    std::ranges::sort(failures, {}, [](const Failure& it) {
      return std::pair(it.schedule.dump().size(), it.run);
    });
    for (Failure& failure : failures) {
      Discovery discovery{.kind = kind,
                          .run = failure.run,
                          .seen = failures.size(),
                          .schedule = failure.schedule,
                          .name = case_name(options_.seed, failure.run),
                          .file = {},
                          .result = std::move(failure.result)};
      if (!options_.stop.stop_requested() && !fails_again(discovery, discovery.schedule)) {
        const std::lock_guard lock(mutex_);
        all_.unstable.push_back(failure.run);
        continue;
      }
      discovery.schedule = shrink(
          failure.schedule, [&](const Schedule& it) { return fails_again(discovery, it); },
          options_.shrink_tries);
      discovery.file = case_of(discovery.schedule, discovery.name).dump(2, ' ', true) + "\n";
      const std::lock_guard lock(mutex_);
      all_.discoveries.push_back(std::move(discovery));
      return;
    }
  }

  // Whether a schedule fails in the same way; its result becomes the discovery's.
  bool fails_again(Discovery& discovery, const Schedule& schedule) const {
    if (options_.stop.stop_requested()) return false;
    const auto contract_case = explored_case(schedule, discovery.name);
    if (!contract_case) return false;
    ClientResult run = run_(*contract_case);
    if (kind_of(run, *contract_case) != discovery.kind) return false;
    discovery.result = std::move(run.result);
    return true;
  }

  const ExploreRun& run_;
  const ExploreOptions& options_;
  std::mutex mutex_;
  // Protected by mutex_:
  Exploration all_;
  std::map<std::string, std::vector<Failure>> failures_;  // by kind
};

}  // namespace

ExploreRun runs_of(const InProcessClient& client, const ClientCaseOptions& options) {
  return [=](const Case& it) { return run_client_case(it, client, options); };
}

ExploreRun runs_of(const RemoteClient& client, const ClientCaseOptions& options,
                   milliseconds most) {
  const RemoteClient hurried = [=](Json job) {
    job["deadline_ms"] =
        std::min(job.at("deadline_ms").get<std::int64_t>(), std::int64_t{most.count()});
    return client(job);
  };
  return [=](const Case& it) { return run_client_case(it, hurried, options); };
}

Exploration explore(const ExploreRun& run, const ExploreOptions& options) {
  return Explorer(run, options).explore();
}

std::optional<Case> explored_case(const Schedule& schedule, const std::string& name) {
  const auto file = case_of(schedule, name);
  if (file.is_null()) return std::nullopt;
  auto contract_case = parse_case(file.dump(), name + ".json");
  if (!contract_case) return std::nullopt;
  return std::move(*contract_case);
}

}  // namespace nairi::contracts
