// What the fake costs in process: a whole conversation, what grows with many of them, a message's
// memory, and the contract's cases.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "nairi/client.h"
#include "nairi/contracts/cases.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

namespace {

using nairi::mock::Fake;
using nairi::mock::Reply;
using nairi::mock::Request;

// Two reads pass before each answer: the third poll of a turn sees it.
constexpr const char* kWorld = R"({"agents": [{"agent_id": "bot"}], "turns": [
    {"timeline": [{"status": "queued", "polls": 1}, {"status": "pending", "polls": 1},
                  {"status": "completed", "reply": "You said: {{prompt}}"}]}]})";

// After so many conversations the world is made new, outside of the timing.
constexpr int kConversationsKept = 10'000;

nairi::mock::World world() {
  return *nairi::mock::parse_world(kWorld);
}

Request request(std::string method, std::string target, std::string body = {}) {
  return {.method = std::move(method),
          .target = "/api/public/v1" + target,
          .headers = {{"Host", "127.0.0.1:4747"},
                      {"User-Agent", "bench/1.0"},
                      {"Accept", "application/json"},
                      {"Authorization", "Bearer nr_bench"}},
          .body = std::move(body)};
}

Reply ask(Fake& fake, const Request& asked) {
  Reply reply = fake.handle(asked);
  if (reply.status != 200) throw std::runtime_error(reply.body);
  return reply;
}

// The text of a field in a reply that is known to hold it.
std::string field(const Reply& reply, const std::string& name) {
  const std::size_t begin = reply.body.find("\"" + name + "\":\"") + name.size() + 4;
  return reply.body.substr(begin, reply.body.find('"', begin) - begin);
}

Reply prompt(Fake& fake, const std::string& path, const std::string& fields) {
  return ask(fake, request("POST", path, "{" + fields + R"("prompt":"Refund cus_123"})"));
}

Reply start(Fake& fake) {
  return prompt(fake, "/conversations/start", R"("agent_id":"bot",)");
}

void poll(Fake& fake, const Reply& turn, int times) {
  const Request asked = request("GET", "/messages/" + field(turn, "message_id"));
  for (int i = 0; i < times; ++i) benchmark::DoNotOptimize(ask(fake, asked));
}

// Start, 3 polls, list, continue, 2 polls, list.
void play_conversation(Fake& fake) {
  const Reply first = start(fake);
  const std::string job = "/conversations/" + field(first, "job_id");
  poll(fake, first, 3);
  benchmark::DoNotOptimize(ask(fake, request("GET", job + "/messages")));
  poll(fake, prompt(fake, job + "/continue", ""), 2);
  benchmark::DoNotOptimize(ask(fake, request("GET", job + "/messages")));
}

void WholeConversationInProcess(benchmark::State& state) {
  Fake fake(world());
  int kept = 0;
  for (auto _ : state) {
    if (++kept % kConversationsKept == 0) {
      state.PauseTiming();
      fake.reset_all();
      state.ResumeTiming();
    }
    play_conversation(fake);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(WholeConversationInProcess)->Unit(benchmark::kMicrosecond);

void WholeConversationThroughTheClient(benchmark::State& state) {
  Fake fake(world());
  const nairi::Client client(nairi::mock::in_process(fake), {.api_key = "nr_bench"});
  int kept = 0;
  for (auto _ : state) {
    if (++kept % kConversationsKept == 0) {
      state.PauseTiming();
      fake.reset_all();
      state.ResumeTiming();
    }
    const auto first = client.start("bot", "Refund cus_123");
    for (int i = 0; i < 3; ++i) benchmark::DoNotOptimize(client.message(first->message_id));
    benchmark::DoNotOptimize(client.messages(first->job_id));
    const auto second = client.continue_conversation(first->job_id, "Refund cus_123");
    for (int i = 0; i < 2; ++i) benchmark::DoNotOptimize(client.message(second->message_id));
    benchmark::DoNotOptimize(client.messages(first->job_id));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(WholeConversationThroughTheClient)->Unit(benchmark::kMicrosecond);

// 100,000 conversations of one agent, a third of them answered.
Fake& crowded_fake() {
  static Fake fake(world());
  static const bool filled = [] {
    for (int i = 0; i < 100'000; ++i) poll(fake, start(fake), i % 3 == 0 ? 3 : 1);
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return fake;
}

constexpr std::array kLists = {
    "",
    "sort=created_at_asc&limit=100",
    "offset=90000&limit=100",
    "sort=updated_at_asc&limit=100",
    "sort=updated_at_desc&offset=90000&limit=100",
    "status=active&offset=20000&limit=100",
    "updated_after=2026-04-12T18:47:00Z&offset=20000&limit=100",
    "updated_after=2026-04-12T18:47:00Z&sort=updated_at_asc&limit=100",
};

// One page of their list, and a change of one of them before it.
void ListOf100000(benchmark::State& state) {
  const std::string query = kLists.at(static_cast<std::size_t>(state.range(0)));
  state.SetLabel(query);
  Fake& fake = crowded_fake();
  const Request list = request("GET", "/agents/bot/conversations?" + query);
  const std::string job = "/conversations/" + field(start(fake), "job_id");
  for (auto _ : state) {
    prompt(fake, job + "/continue", "");
    benchmark::DoNotOptimize(ask(fake, list));
  }
}
BENCHMARK(ListOf100000)->DenseRange(0, kLists.size() - 1)->Unit(benchmark::kMicrosecond);

// A timeline of 26,000 messages, 12 MB, in which the last turn goes on.
void TimelineOf26000(benchmark::State& state) {
  constexpr int kTurns = 13'000;
  Fake fake(world());
  const std::string text(150, 'x');
  const std::string job = "/conversations/" + field(start(fake), "job_id");
  for (int i = 1; i < kTurns; ++i) {
    poll(fake, ask(fake, request("POST", job + "/continue", "{\"prompt\":\"" + text + "\"}")), 3);
  }
  const Request asked = request("GET", job + "/messages");
  std::size_t bytes = 0;
  for (auto _ : state) bytes = ask(fake, asked).body.size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(TimelineOf26000)->Unit(benchmark::kMillisecond);

// Every case of the contract that has steps for a server.
void ContractSetInProcess(benchmark::State& state) {
  using namespace nairi::contracts;
  for (auto _ : state) {
    for (const std::string& name : server_case_names()) {
      const CaseReport report = run_server_case(name);
      if (report.verdict != CaseVerdict::passed) throw std::runtime_error(report.text);
    }
  }
}
BENCHMARK(ContractSetInProcess)->Unit(benchmark::kMillisecond);

// The cost of one poll when the server holds so many conversations.
void PollAmongConversations(benchmark::State& state) {
  Fake fake(world());
  Reply last;
  for (int i = 0; i < state.range(0); ++i) last = start(fake);
  const Request asked = request("GET", "/messages/" + field(last, "message_id"));
  for (auto _ : state) benchmark::DoNotOptimize(ask(fake, asked));
}
BENCHMARK(PollAmongConversations)->Arg(10)->Arg(100'000);

// malloc's own count: of many small things, pages tell too little.
std::size_t allocated_bytes() {
  return ::mallinfo2().uordblks;
}

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Resident memory for each message, among 100,000 of finished turns (a prompt and its answer).
void MemoryOfAMessage(benchmark::State& state) {
  constexpr int kMessages = 100'000;
  for (auto _ : state) {
    Fake fake(world());
    play_conversation(fake);
    const std::size_t before = resident_bytes();
    for (int i = 0; i < kMessages / 2; ++i) poll(fake, start(fake), 3);
    state.counters["bytes_per_message"] =
        static_cast<double>(resident_bytes() - before) / kMessages;
  }
}
BENCHMARK(MemoryOfAMessage)->Iterations(1)->Unit(benchmark::kMillisecond);

// Memory for each key, among 10,000 that each listed the agents of the built-in world. The
// journal, whose room is bounded, is off.
void MemoryOfAKey(benchmark::State& state) {
  constexpr int kKeys = 10'000;
  for (auto _ : state) {
    Fake fake(nairi::mock::default_world(), {.journal_max_entries = 0});
    const std::size_t resident = resident_bytes();
    const std::size_t allocated = allocated_bytes();
    for (int i = 0; i < kKeys; ++i) {
      Request asked = request("GET", "/agents");
      asked.headers.back().value = "Bearer nr_bench_" + std::to_string(i);
      benchmark::DoNotOptimize(ask(fake, asked));
    }
    state.counters["allocated_per_key"] =
        static_cast<double>(allocated_bytes() - allocated) / kKeys;
    state.counters["resident_per_key"] = static_cast<double>(resident_bytes() - resident) / kKeys;
  }
}
BENCHMARK(MemoryOfAKey)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
