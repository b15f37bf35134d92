#include <algorithm>
#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kVerdicts[] = {"open", "confirmed", "refuted", "both"};

std::string_view verdict_of(const Assumption& assumption) {
  return kVerdicts[static_cast<std::size_t>(assumption.settled.verdict)];
}

bool is_refuted(const Settled& settled) {
  return settled.verdict == SettledAs::refuted || settled.verdict == SettledAs::both;
}

// "confirmed 2026-11-26", "refuted 2026-11-26, followed", "open".
std::string words_of(const Settled& settled) {
  if (settled.verdict == SettledAs::open) return "open";
  if (!is_refuted(settled)) return "confirmed " + settled.confirmed_on;
  const std::string words = settled.verdict == SettledAs::both
                                ? "both " + std::max(settled.confirmed_on, settled.refuted_on)
                                : "refuted " + settled.refuted_on;
  return words + (settled.is_followed ? ", followed" : "");
}

std::size_t count(const std::vector<Assumption>& all, bool (*fits)(const Settled&)) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Assumption& one) { return fits(one.settled); }));
}

struct Counts {
  std::size_t all, confirmed, followed, refuted, open;
};

Counts count_all(const std::vector<Assumption>& all) {
  return {all.size(),
          count(all, [](const Settled& it) { return it.verdict == SettledAs::confirmed; }),
          count(all, [](const Settled& it) { return is_refuted(it) && it.is_followed; }),
          count(all, [](const Settled& it) { return is_refuted(it) && !it.is_followed; }),
          count(all, [](const Settled& it) { return it.verdict == SettledAs::open; })};
}

// One of 80 columns, but for values that are longer.
void print_row(const Assumption& assumption) {
  std::printf("%-34s %-8s %s\n", assumption.id.c_str(), assumption.source.c_str(),
              words_of(assumption.settled).c_str());
  if (assumption.knob.empty()) return;
  std::printf("  %s: %s\n", assumption.knob.c_str(), harmless_line(assumption.value).c_str());
}

void print_text(const std::vector<Assumption>& all, const std::string& service) {
  for (const Assumption& assumption : all) print_row(assumption);
  const Counts counts = count_all(all);
  std::printf("\n%zu guesses: %zu confirmed, %zu refuted and followed, %zu refuted, %zu open\n",
              counts.all, counts.confirmed, counts.followed, counts.refuted, counts.open);
  if (!service.empty()) std::printf("The service was %s\n", harmless_line(service).c_str());
}

void append_json(std::string& out, const Assumption& assumption) {
  ObjectWriter writer(out);
  writer.field("id", assumption.id)
      .field("source", assumption.source)
      .field("why", assumption.why)
      .field("verdict", verdict_of(assumption));
  const Settled& settled = assumption.settled;
  if (!settled.confirmed_on.empty()) writer.field("confirmed", settled.confirmed_on);
  if (!settled.refuted_on.empty()) writer.field("refuted", settled.refuted_on);
  writer.field("followed", settled.is_followed);
  if (!assumption.knob.empty()) {
    writer.field("knob", assumption.knob);
    writer.value("value") += assumption.value;
  }
  writer.close();
}

void print_json(const std::vector<Assumption>& all, const std::string& service) {
  const Counts counts = count_all(all);
  const auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  std::string out;
  ObjectWriter writer(out);
  writer.field("service", service);
  ObjectWriter(writer.value("counts"))
      .field("all", number(counts.all))
      .field("confirmed", number(counts.confirmed))
      .field("followed", number(counts.followed))
      .field("refuted", number(counts.refuted))
      .field("open", number(counts.open))
      .close();
  std::string& list = writer.value("assumptions");
  list += '[';
  for (const Assumption& assumption : all) {
    if (list.back() != '[') list += ',';
    append_json(list, assumption);
  }
  list += ']';
  writer.close();
  std::printf("%s\n", out.c_str());
}

}  // namespace

std::optional<Fidelity> load_fidelity(const std::string& path) {
  if (path.empty()) return Fidelity();
  auto fidelity = read_fidelity(path);
  if (fidelity) {
    print_hints(fidelity->hints);
    return std::move(*fidelity);
  }
  for (const Diagnostic& mistake : fidelity.error()) complain(to_string(mistake));
  return std::nullopt;
}

int print_fidelity(const std::string& ledger, bool as_json) {
  const auto fidelity = load_fidelity(ledger);
  if (!fidelity) return kExitUsage;
  const auto all = assumptions(*fidelity);
  as_json ? print_json(all, fidelity->service) : print_text(all, fidelity->service);
  return kExitGood;
}

}  // namespace nairi::mock
