// What the fake guesses, and what became of each guess.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fidelity/knob_table.h"
#include "nairi/mock/fidelity.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

// "start_status" of {"knob": {"start_status": "/status"}}.
std::string knob_of(const nlohmann::json& entry) {
  const auto knob = entry.value("knob", nlohmann::json::object());
  return knob.empty() ? "" : knob.begin().key();
}

std::vector<Assumption> read_assumptions() {
  const auto document = nlohmann::json::parse(embedded_contract("assumptions.json").value_or("{}"));
  std::vector<Assumption> all;
  for (const auto& entry : document.value("assumptions", nlohmann::json::array())) {
    all.push_back({.id = entry.value("id", ""),
                   .why = entry.value("why", ""),
                   .source = entry.value("source", ""),
                   .knob = knob_of(entry)});
  }
  return all;
}

// "  unknown-conversation: 3 times, first in exchange 7 (messages, 404)"
std::string line_of(const Reliance& reliance) {
  const std::string times =
      reliance.count == 1 ? "once, in" : std::to_string(reliance.count) + " times, first in";
  const std::string refuted =
      reliance.refuted_on.empty() ? "" : "; the service does otherwise: " + reliance.refuted_on;
  return "  " + reliance.statement + ": " + times + " exchange " +
         std::to_string(reliance.exchange) + " (" + reliance.call + ", " +
         std::to_string(reliance.status) + ")" + refuted + "\n";
}

}  // namespace

std::string confirmed_on(const Settled& settled) {
  if (settled.is_followed) return std::max(settled.confirmed_on, settled.refuted_on);
  return settled.verdict == SettledAs::confirmed ? settled.confirmed_on : "";
}

std::vector<Assumption> assumptions(const Fidelity& fidelity) {
  static const std::vector<Assumption> known = read_assumptions();
  std::vector<Assumption> all = known;
  for (Assumption& assumption : all) {
    assumption.value = knob_value(assumption.knob, fidelity.knobs);
    const auto settled = fidelity.statements.find(assumption.id);
    if (settled != fidelity.statements.end()) assumption.settled = settled->second;
  }
  return all;
}

std::string to_text(const std::vector<Reliance>& reliances) {
  if (reliances.empty()) return {};
  std::string text = reliances.size() == 1
                         ? "The run relied on a guess that nobody has confirmed:\n"
                         : "The run relied on " + std::to_string(reliances.size()) +
                               " guesses that nobody has confirmed:\n";
  for (const Reliance& reliance : reliances) text += line_of(reliance);
  return text;
}

}  // namespace nairi::mock
