// What the fake guesses, and what became of each guess.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fidelity/knob_table.h"
#include "nairi/mock/fidelity.h"
#include "text/json_writer.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

// A guess, and which of the texts of errors it is about, if any.
struct Guessed {
  Assumption assumption;
  std::string text;
};

// The first name in an object: "start_status" of {"start_status": "/status"}.
std::string first_name(const nlohmann::json& object) {
  return object.is_object() && !object.empty() ? object.begin().key() : "";
}

Guessed read_guess(const nlohmann::json& entry) {
  const auto knob = entry.value("knob", nlohmann::json::object());
  const std::string name = first_name(knob);
  return {{.id = entry.value("id", ""),
           .why = entry.value("why", ""),
           .source = entry.value("source", ""),
           .knob = name},
          name == "error_texts" ? first_name(knob.at(name)) : ""};
}

std::vector<Guessed> read_assumptions() {
  const auto document = nlohmann::json::parse(embedded_contract("assumptions.json").value_or("{}"));
  std::vector<Guessed> all;
  for (const auto& entry : document.value("assumptions", nlohmann::json::array())) {
    all.push_back(read_guess(entry));
  }
  return all;
}

// How an error is told that we call `ours`.
std::string told_as(const std::string& ours, const Knobs& knobs) {
  const auto theirs = knobs.error_texts.find(ours);
  return theirs == knobs.error_texts.end() ? ours : theirs->second;
}

std::string as_json(const std::string& text) {
  std::string json;
  append_json_string(json, text);
  return json;
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
  static const std::vector<Guessed> known = read_assumptions();
  std::vector<Assumption> all;
  for (const auto& [guess, text] : known) {
    Assumption& assumption = all.emplace_back(guess);
    assumption.value = text.empty() ? knob_value(guess.knob, fidelity.knobs)
                                    : as_json(told_as(text, fidelity.knobs));
    const auto settled = fidelity.statements.find(guess.id);
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
