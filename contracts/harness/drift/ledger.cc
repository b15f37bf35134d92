#include "harness/drift/ledger.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/drift/views.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::size_t kDayLength = std::string_view("2026-11-26").size();

std::string_view verdict_word(std::uint64_t confirmed, std::uint64_t refuted) {
  if (refuted == 0) return "confirmed";
  return confirmed == 0 ? "refuted" : "both";
}

// What a member of a view must be for a pattern to fit, as far as that is plain to see: most views
// are nothing to most patterns, and comparing one value is a hundredth of matching.
struct PlainCondition {
  std::string member;
  Json values;  // an array of which one must be there
};

std::vector<PlainCondition> plain_conditions(const Json& pattern) {
  std::vector<PlainCondition> conditions;
  if (is_matchers(pattern)) return conditions;
  for (const auto& [member, wanted] : pattern.items()) {
    const bool is_choice = wanted.is_object() && wanted.size() == 1 && wanted.contains("in");
    if (wanted.is_primitive()) conditions.push_back({member, Json::array({wanted})});
    if (is_choice) conditions.push_back({member, wanted.at("in")});
  }
  return conditions;
}

bool may_fit(const std::vector<PlainCondition>& conditions, const Json& view) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const PlainCondition& condition) {
    const auto value = view.find(condition.member);
    return value != view.end() && std::find(condition.values.begin(), condition.values.end(),
                                            *value) != condition.values.end();
  });
}

// A knob's value as an assumption gives it: texts that begin with "/" point into the view. nullopt:
// there is nothing where it points.
std::optional<Json> filled(const Json& value, const Json& view) {
  if (value.is_string() && value.get_ref<const std::string&>().starts_with('/')) {
    const Json::json_pointer at(value.get<std::string>());
    return view.contains(at) ? std::optional(view.at(at)) : std::nullopt;
  }
  if (!value.is_object()) return value;
  Json result = Json::object();
  for (const auto& [name, member] : value.items()) {
    if (auto inner = filled(member, view)) result[name] = std::move(*inner);
  }
  return result.empty() ? std::nullopt : std::optional(std::move(result));
}

std::string day_of(const std::string& time) {
  return time.substr(0, kDayLength);
}

void add(Tally& tally, const Tally& more, std::uint64_t count) {
  if (count == 0) return;
  tally.count += count;
  if (tally.first.empty() || more.first < tally.first) tally.first = more.first;
  tally.last = std::max(tally.last, more.last);
}

void note(Tally& tally, const std::string& day) {
  ++tally.count;
  if (tally.first.empty() || day < tally.first) tally.first = day;
  tally.last = std::max(tally.last, day);
}

// What one recording says of one assumption.
class Trial {
 public:
  Trial(const Assumption& guess, const Assumptions& assumptions, const std::string& recording)
      : guess_(guess),
        assumptions_(assumptions),
        recording_(recording),
        conditions_(plain_conditions(guess.of)) {}

  void look_at(const evidence::View& view) {
    if (guess_.over != view.over || !may_fit(conditions_, view.json)) return;
    Values values;
    Matching of{values};
    match(guess_.of, &view.json, "", of);
    if (!of.mismatches.empty()) return;
    Matching holds{values};
    if (guess_.holds) match(*guess_.holds, &view.json, "", holds);
    const bool is_confirmed = holds.mismatches.empty();
    note(is_confirmed ? found.confirmed : found.refuted, day_of(view.at));
    if (!is_confirmed && found.example.is_null()) {
      note_example(holds.mismatches.front(), view);
    } else if (found.example.is_null()) {
      exchange = view.exchange;
    }
    note_knob(view.json, is_confirmed);
  }

  Settled settled() const {
    Settled settled{guess_.id,           guess_.why, guess_.source, found.confirmed.count,
                    found.refuted.count, {},         exchange};
    settled.sentence = guess_.id + " is " + words();
    return settled;
  }

  bool has_settled() const { return found.confirmed.count + found.refuted.count > 0; }

  LedgerEntry found;
  std::uint64_t exchange = 0;

 private:
  void note_example(const Mismatch& mismatch, const evidence::View& view) {
    exchange = view.exchange;
    found.example = {{"recording", recording_},
                     {"exchange", view.exchange},
                     {"at", mismatch.pointer},
                     {"expected", mismatch.wanted},
                     {"got", mismatch.got}};
  }

  void note_knob(const Json& view, bool is_confirmed) {
    if (guess_.knob.empty()) return;
    const bool is_of_outcomes = guess_.value.is_object() && guess_.value.contains("confirmed");
    const Json& wanted =
        is_of_outcomes ? guess_.value.at(is_confirmed ? "confirmed" : "refuted") : guess_.value;
    found.knob = Json();  // what was seen last counts
    const auto value = filled(wanted, view);
    if (!value) return;
    Values values;
    Matching matching{values};
    match(assumptions_.knobs.at(guess_.knob), &*value, "", matching);
    if (matching.mismatches.empty()) found.knob = {{guess_.knob, *value}};
  }

  std::string words() const {
    const std::string where = " (exchange " + std::to_string(exchange) + ")";
    if (found.refuted.count == 0) return "confirmed" + where;
    const auto text = [&](const char* name) { return found.example.at(name).get<std::string>(); };
    const bool also_confirmed = found.confirmed.count > 0;
    return (also_confirmed ? "confirmed and refuted: " : "refuted: ") +
           ("at " + text("at") + " wanted " + text("expected") + ", got " + text("got")) + where;
  }

  const Assumption& guess_;
  const Assumptions& assumptions_;
  const std::string& recording_;
  std::vector<PlainCondition> conditions_;
};

// Of a service's address what says which one it is.
std::string without_slash_at_end(std::string target) {
  while (target.ends_with('/')) target.pop_back();
  return target;
}

}  // namespace

std::string_view Settled::verdict() const {
  return verdict_word(confirmed, refuted);
}

std::string_view LedgerEntry::verdict() const {
  return verdict_word(confirmed.count, refuted.count);
}

const LedgerEntry* Ledger::find(std::string_view id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

Ledger::Contribution& Ledger::contribution_of(const Recording& recording, const std::string& name) {
  const std::string target = without_slash_at_end(recording.head.target);
  const auto found = std::find_if(
      contributions_.begin(), contributions_.end(),
      [&](const Contribution& it) { return it.at == recording.head.at && it.target == target; });
  if (found != contributions_.end()) return *found;
  return contributions_.emplace_back(Contribution{name, target, recording.head.at});
}

// Only what the recording has not given before counts.
void Ledger::keep(const LedgerEntry& found, Given& gave, LedgerEntry& entry) {
  const std::string last = std::max(entry.confirmed.last, entry.refuted.last);
  const auto more = [](std::uint64_t now, std::uint64_t before) {
    return now > before ? now - before : 0;
  };
  add(entry.confirmed, found.confirmed, more(found.confirmed.count, gave.confirmed));
  add(entry.refuted, found.refuted, more(found.refuted.count, gave.refuted));
  gave.confirmed = std::max(gave.confirmed, found.confirmed.count);
  gave.refuted = std::max(gave.refuted, found.refuted.count);
  if (entry.example.is_null()) entry.example = found.example;
  const bool is_newest = std::max(found.confirmed.last, found.refuted.last) >= last;
  if (is_newest) entry.knob = found.knob;
}

tl::expected<std::vector<Settled>, std::string> Ledger::settle(const Recording& recording,
                                                               const std::string& name,
                                                               bool of_any_service,
                                                               const Assumptions& assumptions) {
  const std::string target = without_slash_at_end(recording.head.target);
  if (!service_.empty() && service_ != target && !of_any_service) {
    return tl::unexpected("the ledger is of " + mock::in_quotes(service_) + ", and the recording " +
                          name + " of " + mock::in_quotes(target));
  }
  if (service_.empty()) service_ = target;
  std::vector<Trial> trials;
  for (const Assumption& guess : assumptions.all) {
    if (guess.because.empty()) trials.emplace_back(guess, assumptions, name);
  }
  evidence::for_each_view(recording, [&](const evidence::View& view) {
    for (Trial& trial : trials) trial.look_at(view);
  });
  Contribution& contribution = contribution_of(recording, name);
  std::vector<Settled> all;
  for (const Trial& trial : trials) {
    if (!trial.has_settled()) continue;
    all.push_back(trial.settled());
    const std::string& id = all.back().id;
    keep(trial.found, contribution.gave[id], entries_[id]);
  }
  return all;
}

std::string settled_sentence(std::size_t settled, const Assumptions& assumptions) {
  const auto can_be_shown = std::count_if(assumptions.all.begin(), assumptions.all.end(),
                                          [](const Assumption& it) { return it.because.empty(); });
  return "settled " + std::to_string(settled) + " of " + std::to_string(can_be_shown) +
         " assumptions";
}

}  // namespace nairi::contracts
