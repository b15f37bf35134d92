#include "harness/drift/comparison.h"

#include <algorithm>
#include <set>
#include <string>

namespace nairi::contracts {
namespace {

bool differs(const Observation* seen) {
  return seen != nullptr && seen->broken > 0;
}

// Whether a recording would have shown what another one shows.
bool would_show(const Findings& findings, const Observation* own, const Observation& other) {
  if (own != nullptr && own->held + own->broken > 0) return true;
  return !other.watch.empty() && findings.seen(other.watch) > 0;
}

bool differ_alike(const Observation& then, const Observation& now) {
  return then.gravity == Gravity::adds || then.manner == now.manner;
}

Move move_of(const Findings& then, const Observation* before, const Findings& now,
             const Observation* after) {
  if (differs(before) && differs(after)) {
    return differ_alike(*before, *after) ? Move::differs_still : Move::differs_otherwise;
  }
  if (differs(after)) {
    return would_show(then, before, *after) ? Move::differs_now : Move::first_seen;
  }
  return would_show(now, after, *before) ? Move::agrees_now : Move::not_seen;
}

}  // namespace

std::string_view to_string(Move move) {
  switch (move) {
    case Move::differs_now:
      return "differs now";
    case Move::differs_otherwise:
      return "differs otherwise";
    case Move::first_seen:
      return "differs, first seen";
    case Move::agrees_now:
      return "agrees now";
    case Move::differs_still:
      return "differs still";
    case Move::not_seen:
      return "not seen";
  }
  return "";
}

std::vector<Moved> compare(const Findings& then, const Findings& now) {
  std::set<std::string> ids;
  for (const Findings* findings : {&then, &now}) {
    for (const auto& [id, seen] : findings->all()) {
      if (differs(&seen)) ids.insert(id);
    }
  }
  std::vector<Moved> moves;
  for (const std::string& id : ids) {
    const Observation* before = then.find(id);
    const Observation* after = now.find(id);
    moves.push_back({move_of(then, before, now, after), before, after});
  }
  std::stable_sort(moves.begin(), moves.end(),
                   [](const Moved& a, const Moved& b) { return a.move < b.move; });
  return moves;
}

}  // namespace nairi::contracts
