#include "embed/embed_options.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "protocol/cors.h"
#include "text/json_source.h"
#include "text/object_reader.h"
#include "text/report.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
const std::string kName = "options";  // in messages

std::optional<ClockMode> clock_from(std::string_view word) {
  if (word == "poll") return ClockMode::poll;
  if (word == "virtual") return ClockMode::virtual_time;
  if (word == "wall") return ClockMode::wall;
  return std::nullopt;
}

// Whether only the world's keys are let in.
std::optional<bool> listed_from(std::string_view word) {
  if (word == "any") return false;
  if (word == "listed") return true;
  return std::nullopt;
}

std::optional<bool> additive_from(std::string_view word) {
  return word == "additive" ? std::optional(true) : std::nullopt;
}

template <typename Value>
void read(const ObjectReader& object, std::string_view key, const Words& words,
          std::optional<Value> (*from)(std::string_view), Value& into) {
  const auto node = object.find(key);
  if (!node) return;
  if (const auto value = read_word(*node, words, from)) into = *value;
}

void read_speed(const ObjectReader& object, double& speed) {
  const auto node = object.find("speed");
  if (!node) return;
  const bool fits = node->value->is_number() && node->value->get<double>() > 0;
  fits ? void(speed = node->value->get<double>()) : node->expected("a number above 0");
}

// A ledger as text: positions in messages are those of its own file.
void read_ledger(const ObjectReader& object, FakeOptions& fake, Diagnostics& mistakes) {
  const auto text = object.text("fidelity");
  if (!text) return;
  auto fidelity = parse_fidelity(*text);
  if (fidelity) {
    fake.fidelity = std::move(*fidelity);
  } else {
    mistakes = std::move(fidelity.error());
  }
}

void read_origins(const ObjectReader& object, std::vector<std::string>& origins) {
  object.list("cors_origins", [&](const Node& node) {
    const auto origin = read_text(node);
    if (!origin) return;
    if (!is_origin(*origin)) return node.expected("an origin like \"http://localhost:5173\"");
    origins.push_back(*origin);
  });
}

EmbedOptions read_object(const ObjectReader& object, Diagnostics& mistakes) {
  EmbedOptions options;
  FakeOptions& fake = options.fake;
  read(object, "clock", {"poll", "virtual", "wall"}, clock_from, fake.clock);
  if (fake.clock == ClockMode::wall) {
    read_speed(object, fake.speed);
  } else {
    object.refuse_keys({"speed"}, "goes with \"clock\": \"wall\" only");
  }
  if (const auto seed = object.integer("seed", {0, kMost})) {
    fake.seed = static_cast<std::uint64_t>(*seed);
  }
  read(object, "keys", {"any", "listed"}, listed_from, fake.listed_keys_only);
  read(object, "mutate", {"additive"}, additive_from, fake.mutate_additive);
  read_ledger(object, fake, mistakes);
  if (const auto most = object.integer("journal_max", {0, 1'000'000'000})) {
    fake.journal_max_entries = static_cast<std::size_t>(*most);
  }
  fake.judge = object.flag("judge").value_or(false);
  read_origins(object, fake.cors_origins);
  options.world_file = object.text("world_file").value_or(options.world_file);
  fake.control_token = object.text("control_token").value_or("");
  return options;
}

}  // namespace

tl::expected<EmbedOptions, Diagnostics> read_embed_options(std::string_view json) {
  if (json.empty()) return EmbedOptions{};
  const auto value = parse_json(json);
  if (!value) {
    const auto [line, column] = line_column(json, value.error().offset);
    return tl::unexpected(
        Diagnostics{{kName, line, column, value.error().pointer, value.error().message}});
  }
  Report report(kName);
  const ObjectReader object({&*value, "", &report},
                            {"clock", "speed", "seed", "keys", "mutate", "fidelity", "journal_max",
                             "judge", "cors_origins", "world_file", "control_token"});
  if (!object.is_object()) return tl::unexpected(report.diagnostics(json));
  Diagnostics of_ledger;
  EmbedOptions options = read_object(object, of_ledger);
  if (!report.empty()) return tl::unexpected(report.diagnostics(json));
  if (!of_ledger.empty()) return tl::unexpected(std::move(of_ledger));
  return options;
}

}  // namespace nairi::mock
