#include "harness/server/cost.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "harness/cases/pattern.h"

namespace nairi::contracts {
namespace {

constexpr std::uint64_t kSmallFiles = 64 * 1024;  // of one case, together

constexpr int kLastSuccess = 206;  // that anybody answers

// Whether nobody but us says that it has to be refused.
bool is_refused_by_guess(const Case& contract_case, const Step& step) {
  const Json& status = step.reply.status;
  const auto word = status.is_object() ? status.find("source") : status.end();
  const auto source = word == status.end() ? std::nullopt : source_from(word->get<std::string>());
  return !binds_servers(source.value_or(contract_case.source));
}

// Whether the step is kept by some status that says that it was done.
bool may_be_done(const Step& step) {
  if (step.reply.status.is_null()) return true;
  Values values;
  for (int status = 200; status <= kLastSuccess; ++status) {
    const Json value = status;
    Matching matching{values};
    match(status_pattern(step.reply.status), &value, "", matching);
    if (matching.mismatches.empty()) return true;
  }
  return false;
}

bool is_start(const StepCall& call) {
  return call.method == "POST" && call.path == "/conversations/start";
}

bool is_continue(const std::string& path) {
  return path.starts_with("/conversations/") && path.ends_with("/continue");
}

// Whether the path leads to what the tester already had.
bool names_what_was_there(const Case& contract_case, const std::string& path) {
  const auto names = names_in(path);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return contract_case.given.contains(name); });
}

void add_files(const StepCall& call, Cost& cost) {
  if (call.multipart.empty()) return;
  ++cost.files;
  for (const SentPart& part : call.multipart) {
    cost.file_bytes += fill(part.text, {}).size() + part.size;
  }
}

void add_what_is_done(const Case& contract_case, const StepCall& call, Cost& cost) {
  if (is_start(call)) {
    ++cost.conversations;
    ++cost.prompts;
  } else if (call.method == "POST" && call.path == "/agents") {
    ++cost.agents;
  } else if (call.method == "POST" && is_continue(call.path)) {
    ++cost.prompts;
    if (names_what_was_there(contract_case, call.path)) cost.changes_others = true;
  } else if (call.method != "GET" && call.path.starts_with("/agents/")) {
    cost.changes_others = cost.changes_others || cost.agents == 0;
  }
}

void add(const Cost& more, Cost& sum) {
  sum.conversations += more.conversations;
  sum.prompts += more.prompts;
  sum.agents += more.agents;
  sum.files += more.files;
  sum.file_bytes += more.file_bytes;
  sum.changes_others = sum.changes_others || more.changes_others;
}

// "284 bytes", "157 MB".
std::string size_in_words(std::uint64_t bytes) {
  constexpr std::uint64_t kMega = 1'000'000;
  if (bytes < kMega) return counted(bytes, "byte");
  return std::to_string((bytes + (kMega / 2)) / kMega) + " MB";
}

// --- Which cases are worth their conversations ------------------------------------------------

struct Offer {
  std::size_t place;  // among the cases
  Cost cost;
  const Case* offered;
};

std::size_t count_new(const Case& contract_case, const std::set<std::string>& known) {
  return static_cast<std::size_t>(
      std::count_if(contract_case.why.begin(), contract_case.why.end(),
                    [&](const std::string& statement) { return !known.contains(statement); }));
}

// More statements for a conversation; of equals the one with fewer prompts, then the first.
bool is_better(const Offer& one, std::size_t new_in_one, const Offer& other,
               std::size_t new_in_other) {
  const std::size_t left = new_in_one * other.cost.conversations;
  const std::size_t right = new_in_other * one.cost.conversations;
  if (left != right) return left > right;
  return std::pair(one.cost.prompts, one.place) < std::pair(other.cost.prompts, other.place);
}

// The best that can still be paid; its place among the offers.
std::optional<std::size_t> best_of(const std::vector<Offer>& offers,
                                   const std::set<std::string>& known, std::size_t left) {
  std::optional<std::size_t> best;
  std::size_t new_in_best = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    if (offers[i].cost.conversations > left) continue;
    const std::size_t found = count_new(*offers[i].offered, known);
    if (best && !is_better(offers[i], found, offers[*best], new_in_best)) continue;
    best = i;
    new_in_best = found;
  }
  return best;
}

}  // namespace

Cost cost_of(const Case& contract_case) {
  Cost cost;
  for (const Step& step : contract_case.steps) {
    add_files(step.call, cost);
    const bool begins_by_guess = is_start(step.call) && is_refused_by_guess(contract_case, step);
    if (begins_by_guess || may_be_done(step)) add_what_is_done(contract_case, step.call, cost);
  }
  return cost;
}

Cost total_cost(const std::vector<Case>& cases) {
  Cost sum;
  for (const Case& it : cases) add(cost_of(it), sum);
  return sum;
}

std::string in_words(const Cost& cost) {
  std::vector<std::string> parts;
  const auto add_some = [&](std::size_t count, std::string_view what) {
    if (count > 0) parts.push_back(counted(count, what));
  };
  add_some(cost.conversations, "conversation");
  add_some(cost.prompts, "prompt");
  add_some(cost.agents, "agent");
  add_some(cost.files, "file");
  if (cost.files > 0) parts.back() += " of " + size_in_words(cost.file_bytes);
  return parts.empty() ? "nothing" : joined(parts);
}

std::vector<Case> frugal_cases(std::vector<Case> cases, std::size_t most_conversations) {
  std::set<std::string> known;
  std::set<std::size_t> chosen;
  std::vector<Offer> offers;
  const auto choose = [&](std::size_t place) {
    chosen.insert(place);
    known.insert(cases[place].why.begin(), cases[place].why.end());
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Cost cost = cost_of(cases[i]);
    if (cost.agents > 0 || cost.changes_others || cost.file_bytes > kSmallFiles) continue;
    if (cost.conversations == 0) {
      choose(i);
    } else {
      offers.push_back({i, cost, &cases[i]});
    }
  }
  for (std::size_t left = most_conversations; const auto best = best_of(offers, known, left);) {
    left -= offers[*best].cost.conversations;
    choose(offers[*best].place);
    offers.erase(offers.begin() + static_cast<std::ptrdiff_t>(*best));
  }
  std::vector<Case> selected;
  selected.reserve(chosen.size());
  for (const std::size_t place : chosen) selected.push_back(std::move(cases[place]));
  return selected;
}

}  // namespace nairi::contracts
