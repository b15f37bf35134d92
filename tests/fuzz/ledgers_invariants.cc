#include <nlohmann/json.hpp>

#include "invariants.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"

namespace nairi::tests {
namespace {

std::string broken_places(const mock::Diagnostics& diagnostics) {
  for (const mock::Diagnostic& it : diagnostics) {
    if (it.message.empty() || it.line < 1 || it.column < 1) return "a mistake that is nowhere";
  }
  return "";
}

// Whatever the service is said to do, the fake answers, and says so in JSON.
std::string broken_play_by(const mock::Fidelity& fidelity) {
  mock::Fake fake(mock::default_world(), {.fidelity = fidelity, .only_confirmed = true});
  for (const char* target : {"/agents/nobody", "/agents/my-agent/conversations?sort=up"}) {
    const mock::Reply reply =
        fake.handle({.method = "GET",
                     .target = std::string("/api/public/v1") + target,
                     .headers = {{"Authorization", "Bearer nr_test"}, {"X-Mock-Fidelity", "1"}}});
    if (!nlohmann::json::accept(reply.body)) return "a reply that is no JSON";
    if (reply.status < 200 || reply.status > 499) return "a status that no knob can have";
  }
  return "";
}

}  // namespace

std::string broken_ledgers_invariant(std::string_view input) {
  const auto fidelity = mock::parse_fidelity(input);
  if (!fidelity && fidelity.error().empty()) return "refused without a word";
  if (!fidelity) return broken_places(fidelity.error());
  for (const mock::Assumption& assumption : mock::assumptions(*fidelity)) {
    const bool is_shown = assumption.value.empty() || nlohmann::json::accept(assumption.value);
    if (!is_shown) return "a value that is no JSON: " + assumption.value;
  }
  const std::string broken = broken_places(fidelity->hints);
  return broken.empty() ? broken_play_by(*fidelity) : broken;
}

}  // namespace nairi::tests
