#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "fidelity/knob_table.h"
#include "nairi/mock/fidelity.h"
#include "text/json_source.h"
#include "text/report.h"
#include "world/files.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMaxLedgerBytes = std::size_t{16} << 20;
constexpr std::int64_t kLedgerVersion = 1;
constexpr std::int64_t kMostSightings = INT64_MAX;

// Members that a newer version may have are told of, and left out.
void remark_unknown(const ObjectReader& object, const Words& known, std::string_view noun) {
  for (const auto& [key, value] : object.node().value->items()) {
    if (key.starts_with("x-") || contains(known, key)) continue;
    object.node().report->add_hint_at_key(
        object.node().pointer, key,
        "unknown " + std::string(noun) + " " + in_quotes(key) + hint(key, known));
  }
}

bool is_day(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (is_digit != (kForm[i] == '0') || (!is_digit && text[i] != '-')) return false;
  }
  return true;
}

std::string read_day(const ObjectReader& object, std::string_view key) {
  const auto node = object.require(key);
  const auto text = node ? read_text(*node) : std::nullopt;
  if (!text) return {};
  if (!is_day(*text)) node->expected("a day such as \"2026-11-26\"");
  return *text;
}

// How often it was seen, and when: {"count": 12, "first": "2026-11-26", "last": "2026-11-26"}.
// Gives the last day; "" when it never was. An example is for people.
std::string read_sightings(const ObjectReader& statement, std::string_view key) {
  const auto node = statement.find(key);
  if (!node) return {};
  const ObjectReader object(*node);
  if (!object.is_object()) return {};
  remark_unknown(object, {"count", "first", "last", "example"}, "key");
  (void)object.require("count");
  const auto count = object.integer("count", {0, kMostSightings});
  if (count == 0) return {};
  (void)read_day(object, "first");
  return read_day(object, "last");
}

constexpr std::array<std::pair<std::string_view, SettledAs>, 3> kVerdicts{
    {{"confirmed", SettledAs::confirmed},
     {"refuted", SettledAs::refuted},
     {"both", SettledAs::both}}};

std::optional<SettledAs> verdict_from(std::string_view word) {
  for (const auto& [known, verdict] : kVerdicts) {
    if (known == word) return verdict;
  }
  return std::nullopt;
}

void check_sightings(const ObjectReader& statement, const Settled& settled) {
  const bool needs_confirmed = settled.verdict != SettledAs::refuted;
  const bool needs_refuted = settled.verdict != SettledAs::confirmed;
  const auto* const verdict = statement.find("verdict")->value;
  const std::string after = " by its \"verdict\" " + describe(*verdict);
  if (needs_confirmed && settled.confirmed_on.empty()) {
    statement.node().refuse("\"confirmed\" must say when it was," + after);
  }
  if (needs_refuted && settled.refuted_on.empty()) {
    statement.node().refuse("\"refuted\" must say when it was," + after);
  }
}

// Whether the fake knows one of them.
bool read_knobs(const Node& node, Knobs& knobs) {
  const ObjectReader object(node);
  if (!object.is_object()) return false;
  bool is_followed = false;
  remark_unknown(object, knob_names(), "knob");
  for (const auto& [name, value] : node.value->items()) {
    if (node.report->full()) break;
    is_followed |= set_knob(name, {&value, child_pointer(node.pointer, name), node.report}, knobs);
  }
  return is_followed;
}

Settled read_statement(const Node& node, Knobs& knobs) {
  Settled settled;
  const ObjectReader statement(node);
  if (!statement.is_object()) return settled;
  remark_unknown(statement, {"verdict", "confirmed", "refuted", "knob"}, "key");
  const auto word = statement.require("verdict");
  settled.confirmed_on = read_sightings(statement, "confirmed");
  settled.refuted_on = read_sightings(statement, "refuted");
  if (word) {
    const auto verdict = read_word(*word, {"confirmed", "refuted", "both"}, verdict_from);
    settled.verdict = verdict.value_or(SettledAs::open);
    if (verdict) check_sightings(statement, settled);
  }
  if (const auto knob = statement.find("knob")) settled.is_followed = read_knobs(*knob, knobs);
  return settled;
}

Words ids_of(const std::vector<Assumption>& known) {
  Words ids;
  for (const Assumption& assumption : known) ids.push_back(assumption.id);
  return ids;
}

void read_statements(const Node& node, Fidelity& fidelity) {
  const ObjectReader object(node);
  if (!object.is_object()) return;
  const auto known = assumptions();
  remark_unknown(object, ids_of(known), "statement");
  for (const auto& [id, value] : node.value->items()) {
    if (node.report->full()) return;
    const Node statement{&value, child_pointer(node.pointer, id), node.report};
    fidelity.statements[id] = read_statement(statement, fidelity.knobs);
  }
}

void read_version(const ObjectReader& root) {
  const auto node = root.require("fidelity");
  const auto version = node ? read_integer(*node, {1, INT64_MAX}) : std::nullopt;
  if (version && *version > kLedgerVersion) {
    node->remark("the ledger has version " + std::to_string(*version) +
                 ", and this fake knows version " + std::to_string(kLedgerVersion) +
                 ": what is new in it has no effect");
  }
}

Fidelity read_ledger(const Node& node) {
  Fidelity fidelity;
  const ObjectReader root(node);
  if (!root.is_object()) return fidelity;
  // Which recordings it comes from is for whoever writes on in it.
  remark_unknown(root, {"$schema", "fidelity", "service", "statements", "recordings"}, "key");
  read_version(root);
  fidelity.service = root.text("service").value_or("");
  if (const auto statements = root.require("statements")) read_statements(*statements, fidelity);
  return fidelity;
}

}  // namespace

tl::expected<Fidelity, Diagnostics> parse_fidelity(std::string_view text, const std::string& file) {
  const auto value = parse_json(text);
  if (!value) {
    const auto [line, column] = line_column(text, value.error().offset);
    return tl::unexpected(
        Diagnostics{{file, line, column, value.error().pointer, value.error().message}});
  }
  Report report(file);
  Fidelity fidelity = read_ledger({&*value, "", &report});
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  fidelity.hints = report.hints(text);
  return fidelity;
}

tl::expected<Fidelity, Diagnostics> read_fidelity(const std::string& path) {
  const auto text = read_file_or_stream(path, kMaxLedgerBytes);
  if (text) return parse_fidelity(*text, path);
  return tl::unexpected(Diagnostics{{path, 0, 0, "", "can't read the ledger: " + text.error()}});
}

}  // namespace nairi::mock
