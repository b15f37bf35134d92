// fidelity.json, read and written.
#include <re2/re2.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "harness/cases/files.h"
#include "harness/drift/ledger.h"
#include "text/json_source.h"
#include "text/object_reader.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;
using OrderedJson = nlohmann::ordered_json;

constexpr std::int64_t kLedgerFormat = 1;
constexpr mock::Range kAnyNumber = {0, std::numeric_limits<std::int64_t>::max()};

std::uint64_t count_in(const ObjectReader& object, std::string_view key) {
  (void)object.require(key);
  return static_cast<std::uint64_t>(object.integer(key, kAnyNumber).value_or(0));
}

std::string text_of_ledger(const ObjectReader& object, std::string_view key) {
  return object.require_text(key).value_or("");
}

std::string day_in(const ObjectReader& object, std::string_view key) {
  static const RE2 day("\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])");
  std::string text = text_of_ledger(object, key);
  const auto node = object.find(key);
  if (node && node->value->is_string() && !RE2::FullMatch(text, day)) {
    node->expected("a day such as \"2026-11-26\"");
  }
  return text;
}

OrderedJson tally_json(const Tally& tally) {
  return {{"count", tally.count}, {"first", tally.first}, {"last", tally.last}};
}

OrderedJson entry_json(const LedgerEntry& entry) {
  OrderedJson json{{"verdict", entry.verdict()}};
  if (entry.confirmed.count > 0) json["confirmed"] = tally_json(entry.confirmed);
  if (entry.refuted.count > 0) {
    json["refuted"] = tally_json(entry.refuted);
    json["refuted"]["example"] = entry.example;
  }
  if (!entry.knob.is_null()) json["knob"] = entry.knob;
  return json;
}

// What a link leads to, which need not be there yet: the link itself stays one.
std::filesystem::path behind_links(std::filesystem::path file) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(file, error); ++i) {
    file = file.parent_path() / std::filesystem::read_symlink(file, error);
  }
  return file;
}

tl::unexpected<std::string> could_not_write(const std::string& file) {
  return tl::unexpected("can't write " + file + ": " + std::strerror(errno));
}

}  // namespace

// Reads a ledger strictly.
class LedgerReader {
 public:
  explicit LedgerReader(Ledger& ledger) : ledger_(ledger) {}

  void read(const Node& node) {
    const ObjectReader root(node, {"$schema", "fidelity", "service", "statements", "recordings"});
    if (!root.is_object()) return;
    (void)root.require("fidelity");
    (void)root.integer("fidelity", {kLedgerFormat, kLedgerFormat});
    ledger_.service_ = text_of_ledger(root, "service");
    const auto statements = root.require("statements");
    if (statements && !statements->value->is_object()) statements->expected("an object");
    if (statements && statements->value->is_object()) {
      for (const auto& [id, entry] : statements->value->items()) {
        read_entry({&entry, mock::child_pointer(statements->pointer, id), node.report},
                   ledger_.entries_[id]);
      }
    }
    root.list("recordings", [&](const Node& recording) { read_contribution(recording); });
  }

 private:
  static void read_entry(const Node& node, LedgerEntry& entry) {
    const ObjectReader object(node, {"verdict", "confirmed", "refuted", "knob"});
    if (!object.is_object()) return;
    entry.confirmed = read_tally(object, "confirmed", {"count", "first", "last"});
    entry.refuted = read_tally(object, "refuted", {"count", "first", "last", "example"});
    if (const auto refuted = object.find("refuted")) {
      if (const auto example = ObjectReader(*refuted).find("example")) {
        entry.example = *example->value;
      }
    }
    if (const auto knob = object.find("knob")) {
      if (!knob->value->is_object()) knob->expected("an object");
      entry.knob = *knob->value;
    }
    const std::string verdict = text_of_ledger(object, "verdict");
    const auto word = object.find("verdict");
    if (word && word->value->is_string() && verdict != entry.verdict()) {
      word->expected(mock::in_quotes(entry.verdict()) + ", as the counts say");
    }
  }

  static Tally read_tally(const ObjectReader& entry, std::string_view key,
                          const mock::Words& known) {
    const auto node = entry.find(key);
    if (!node) return {};
    const ObjectReader object(*node, known);
    if (!object.is_object()) return {};
    return {count_in(object, "count"), day_in(object, "first"), day_in(object, "last")};
  }

  void read_contribution(const Node& node) {
    const ObjectReader object(node, {"recording", "target", "at", "gave"});
    if (!object.is_object()) return;
    Ledger::Contribution contribution{text_of_ledger(object, "recording"),
                                      text_of_ledger(object, "target"),
                                      text_of_ledger(object, "at")};
    const auto gave = object.require("gave");
    if (gave && !gave->value->is_object()) gave->expected("an object");
    if (gave && gave->value->is_object()) {
      for (const auto& [id, counts] : gave->value->items()) {
        const ObjectReader given({&counts, mock::child_pointer(gave->pointer, id), node.report},
                                 {"confirmed", "refuted"});
        if (!given.is_object()) continue;
        contribution.gave[id] = {count_in(given, "confirmed"), count_in(given, "refuted")};
      }
    }
    ledger_.contributions_.push_back(std::move(contribution));
  }

  Ledger& ledger_;
};

tl::expected<Ledger, mock::Diagnostics> Ledger::parse(std::string_view text,
                                                      const std::string& file) {
  const auto document = parse_document(text, file);
  if (!document) return tl::unexpected(document.error());
  mock::Report report(file);
  Ledger ledger;
  LedgerReader(ledger).read({&*document, "", &report});
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return ledger;
}

tl::expected<Ledger, mock::Diagnostics> Ledger::read(const std::string& file) {
  std::error_code error;
  if (std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found) {
    return Ledger();
  }
  const auto text = read_text_file(file);
  if (!text) return tl::unexpected(mock::Diagnostics{{file, 0, 0, "", text.error()}});
  return parse(*text, file);
}

std::string Ledger::to_text() const {
  OrderedJson json{{"fidelity", kLedgerFormat}, {"service", service_}};
  json["statements"] = OrderedJson::object();
  for (const auto& [id, entry] : entries_) json["statements"][id] = entry_json(entry);
  json["recordings"] = OrderedJson::array();
  for (const Contribution& one : contributions_) {
    OrderedJson gave = OrderedJson::object();
    for (const auto& [id, counts] : one.gave) {
      gave[id] = {{"confirmed", counts.confirmed}, {"refuted", counts.refuted}};
    }
    json["recordings"].push_back(
        {{"recording", one.recording}, {"target", one.target}, {"at", one.at}, {"gave", gave}});
  }
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

tl::expected<void, std::string> Ledger::write(const std::string& file) const {
  const std::filesystem::path real = behind_links(file);
  std::error_code error;
  const bool is_special =
      std::filesystem::exists(real, error) && !std::filesystem::is_regular_file(real, error);
  const std::string part = real.string() + (is_special ? "" : ".part");
  errno = 0;
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << to_text();
  out.close();
  if (out && (is_special || std::rename(part.c_str(), real.c_str()) == 0)) return {};
  auto mistake = could_not_write(file);
  if (!is_special) std::filesystem::remove(part, error);
  return mistake;
}

}  // namespace nairi::contracts
