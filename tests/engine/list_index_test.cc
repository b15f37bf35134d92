// The list of conversations is kept sorted as they change. Whatever happened, under whatever clock,
// it is what sorting and filtering all of them would give, and looking at it changes nothing that
// looking at each of them would not.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/operations.h"
#include "engine/play/playback.h"
#include "engine/state/message_text.h"
#include "engine/state/organizations.h"
#include "engine/worlds.h"
#include "text/timestamp.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kListedTurns = R"(
    {"when": {"prompt": {"contains": "fails"}}, "timeline": [{"status": "pending", "ms": 40, "polls": 1},
                                                        {"status": "failed", "error": "no"}]},
    {"when": {"prompt": {"contains": "endless"}}, "timeline": [{"status": "pending"}]},
    {"when": {"prompt": {"contains": "later"}}, "timeline": [{"status": "pending", "ms": 5, "polls": 1},
        {"status": "completed", "reply": "ok", "later": [
            {"ms": 30, "polls": 2, "system": ["a notice"]},
            {"ms": 70, "polls": 1, "job_status": "completed", "reason": "merged"}]}]},
    {"timeline": [{"status": "queued", "ms": 10, "polls": 1},
                  {"status": "pending", "ms": 50, "polls": 3, "progress": [
                      {"progress_type": "text", "text_delta": "a"},
                      {"progress_type": "text", "text_delta": "b"},
                      {"progress_type": "text", "text_delta": "c"}]},
                  {"status": "completed", "reply": "ok"}]})";

constexpr const char* kJobs = R"(
    {"agent_id": "bot", "status": "abandoned", "created_at": "2026-04-01T00:00:01.000Z"},
    {"agent_id": "bot", "messages": [{"role": "user", "status": "queued", "content": "go"}],
     "timeline": [{"status": "pending", "ms": 90, "polls": 2}, {"status": "completed"}]},
    {"agent_id": "sleepy", "messages": [{"role": "user", "status": "queued", "content": "go"}],
     "timeline": [{"status": "pending", "ms": 90, "polls": 2}, {"status": "completed"}]})";

// What is done to an organization, the same to two of them whose lists are made in different ways.
class Twin {
 public:
  Twin(ClockMode clock, unsigned seed)
      : options_{.clock = clock},
        organizations_(world_with(kListedTurns, kJobs), options_, [](const auto& /*evicted*/) {}),
        random_(seed) {
    organization_.has_job({});  // now the world's jobs are there
  }
  virtual ~Twin() = default;
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  void act() {
    const std::uint64_t what = any(10);
    if (what < 2) return start();
    if (what < 4) return prompt(any_job());
    if (what < 8) return read(any_job());
    organization_.move_time(static_cast<std::int64_t>(any(30)));
  }

  // A list of any sort, filter and page.
  std::string list() {
    ListFilter filter{.sort = static_cast<Sort>(any(4))};
    if (any(2) == 0) filter.statuses = any(15) + 1;
    if (any(2) == 0) filter.updated_after = any_job().updated_at;
    const std::uint64_t offset = any(2) * any(organization_.jobs().size());
    return page(any(4) == 0 ? "sleepy" : "bot", filter, offset, any(100) + 1);
  }

  virtual void deploy(const std::string& agent) = 0;
  virtual void remove(const std::string& agent) = 0;

  // All that there is, as it is.
  std::string everything() {
    std::string text;
    for (Job& job : organization_.jobs()) {
      append_conversation(text, job);
      for (const Message& message : job.messages) append_message(text, job, message);
    }
    return text;
  }

 protected:
  virtual std::string page(const std::string& agent, const ListFilter& filter, std::size_t offset,
                           std::size_t limit) = 0;
  Organization& organization() { return organization_; }

 private:
  std::uint64_t any(std::uint64_t below) { return random_() % below; }
  Job& any_job() { return organization_.jobs()[any(organization_.jobs().size())]; }

  void start() {
    static const char* const kPrompts[] = {"go", "it fails", "endless", "later"};
    Job job;
    job.id = organization_.next_id();
    const Agent* bot = organization_.find_agent(any(4) == 0 ? "sleepy" : "bot");
    job.agent = organization_.index_of(bot == nullptr ? organization_.agents()[0] : *bot);
    job.created_at = job.updated_at = organization_.now();
    add_prompt(organization_, organization_.add_job(std::move(job)), kPrompts[any(4)], {});
  }

  void prompt(Job& job) {
    catch_up(organization_, job);
    job.status = JobStatus::active;
    add_prompt(organization_, job, "more", {});
  }

  void read(Job& job) {
    catch_up(organization_, job);
    count_read(organization_, job);
  }

  FakeOptions options_;
  Organizations organizations_;
  std::shared_ptr<Slot> slot_ = *organizations_.open("nr_test", 0, 0);
  Organization& organization_ = slot_->organization;
  std::mt19937_64 random_;
};

// By the operations of the API, which use the index.
class Indexed : public Twin {
 public:
  using Twin::Twin;

  void deploy(const std::string& agent) override { call(deploy_agent, agent); }
  void remove(const std::string& agent) override { call(delete_agent, agent); }

 protected:
  std::string page(const std::string& agent, const ListFilter& filter, std::size_t offset,
                   std::size_t limit) override {
    static const char* const kSorts[] = {"created_at_asc", "created_at_desc", "updated_at_asc",
                                         "updated_at_desc"};
    std::string query = std::string("sort=") + kSorts[static_cast<std::size_t>(filter.sort)] +
                        "&offset=" + std::to_string(offset) + "&limit=" + std::to_string(limit) +
                        "&status=";
    for (std::size_t status = 0; status < kJobStatuses; ++status) {
      if (!filter.statuses.test(status)) continue;
      if (query.back() != '=') query += ',';
      query += to_string(static_cast<JobStatus>(status));
    }
    if (filter.updated_after) {
      query += "&updated_after=";
      append_timestamp(query, *filter.updated_after);
    }
    const std::string body = call(list_conversations, agent, query);
    return body.substr(0, body.rfind(",\"next_cursor\""));
  }

 private:
  std::string call(Reply (*operation)(Organization&, const Call&), const std::string& agent,
                   const std::string& query = "") {
    const Request request;
    return operation(organization(), {.request = request, .query = query, .parameter = agent}).body;
  }
};

// By going through all conversations, oldest first.
class Naive : public Twin {
 public:
  using Twin::Twin;

  void deploy(const std::string& agent) override {
    Agent& deployed = *organization().find_agent(agent);
    deployed.updated_at = organization().now();
    set_deployed(deployed, true);
    for (Job* job : jobs_of(agent)) catch_up(organization(), *job);
  }
  void remove(const std::string& agent) override {
    for (Job* job : jobs_of(agent)) catch_up(organization(), *job);
    organization().delete_agent(*organization().find_agent(agent));
  }

 protected:
  std::string page(const std::string& agent, const ListFilter& filter, std::size_t offset,
                   std::size_t limit) override {
    std::vector<Job*> jobs = jobs_of(agent);
    for (Job* job : jobs) catch_up(organization(), *job);
    if (filter.sort == Sort::updated_at_asc || filter.sort == Sort::updated_at_desc) {
      sort_by(&Job::updated_at, jobs);
    }
    if (filter.sort == Sort::created_at_desc || filter.sort == Sort::updated_at_desc) {
      std::reverse(jobs.begin(), jobs.end());
    }
    std::erase_if(jobs, [&](const Job* job) {
      return !filter.statuses.test(static_cast<std::size_t>(job->status)) ||
             (filter.updated_after && job->updated_at <= *filter.updated_after);
    });
    std::string text = "{\"conversations\":[";
    for (std::size_t i = offset; i < std::min(jobs.size(), offset + limit); ++i) {
      if (i > offset) text += ',';
      append_conversation(text, *jobs[i]);
    }
    return text + "]";
  }

 private:
  static void sort_by(std::int64_t Job::*time, std::vector<Job*>& jobs) {
    std::stable_sort(jobs.begin(), jobs.end(),
                     [&](const Job* a, const Job* b) { return a->*time < b->*time; });
  }

  std::vector<Job*> jobs_of(const std::string& agent) {
    const std::size_t index = organization().index_of(*organization().find_agent(agent));
    std::vector<Job*> jobs;
    for (Job& job : organization().jobs()) {
      if (job.agent == index) jobs.push_back(&job);
    }
    sort_by(&Job::created_at, jobs);
    return jobs;
  }
};

class ListIndex : public ::testing::TestWithParam<ClockMode> {};

TEST_P(ListIndex, IsWhatSortingAndFilteringAllWouldGive) {
  constexpr int kSteps = 6000;
  Indexed indexed(GetParam(), 7);
  Naive naive(GetParam(), 7);
  for (int step = 0; step < kSteps; ++step) {
    for (Twin* twin : {static_cast<Twin*>(&indexed), static_cast<Twin*>(&naive)}) {
      twin->act();
      if (step == kSteps / 2) twin->deploy("sleepy");
    }
    if (step % 20 != 0) continue;
    ASSERT_EQ(indexed.list(), naive.list()) << "in step " << step;
  }
  indexed.remove("bot");
  naive.remove("bot");
  EXPECT_EQ(indexed.everything(), naive.everything());
}

INSTANTIATE_TEST_SUITE_P(Clocks, ListIndex,
                         ::testing::Values(ClockMode::poll, ClockMode::virtual_time),
                         [](const auto& clock) {
                           return clock.param == ClockMode::poll ? "poll" : "virtual_time";
                         });

}  // namespace
}  // namespace nairi::mock::testing
