// What traffic has settled of our guesses, in a file that grows from run to run: fidelity.json.
// `nairi-contract drift --ledger` writes it, `nairi-mock --fidelity` acts after it. docs/ledger.md
// describes it, contracts/fidelity.schema.json is its schema.
//
//   auto ledger = Ledger::read("fidelity.json");          // tl::expected
//   auto settled = ledger->settle(recording, "recording");
//   for (const Settled& one : *settled) std::cout << one.sentence << '\n';
//   ledger->write("fidelity.json");
//
// A contradiction is never forgotten: counts only grow, and the first example stays. The same
// recording counts once, however often it is settled.
//
// Thread-safety: values.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_LEDGER_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "harness/cases/source.h"
#include "harness/cases/values.h"
#include "harness/pages/assumptions.h"
#include "harness/recording/recording.h"
#include "nairi/mock/diagnostic.h"

namespace nairi::contracts {

// What a recording says of one statement.
struct Settled {
  std::string id;
  std::string why;
  Source source = Source::assumed;
  std::uint64_t confirmed = 0;  // how often
  std::uint64_t refuted = 0;
  std::string sentence;  // "start-status is refuted: wanted … (exchange 4)"
  std::uint64_t exchange =
      0;  // that shows it: the first that refutes it, else one that confirms it

  std::string_view verdict() const;  // "confirmed", "refuted" or "both"
};

// How often a statement was seen to hold, or not, and on which days ("2026-11-26").
struct Tally {
  std::uint64_t count = 0;
  std::string first = {};
  std::string last = {};

  bool operator==(const Tally&) const = default;
};

struct LedgerEntry {
  Tally confirmed;
  Tally refuted;
  Json example = {};  // of what refutes it; null when nothing does
  Json knob = {};     // {"start_status": 202}: how the fake should act; null when it can't

  std::string_view verdict() const;
  bool operator==(const LedgerEntry&) const = default;
};

class Ledger {
 public:
  // A file that is not there is an empty ledger.
  static tl::expected<Ledger, mock::Diagnostics> read(const std::string& file);
  static tl::expected<Ledger, mock::Diagnostics> parse(std::string_view text,
                                                       const std::string& file);

  // Adds what the recording settles, and says what that is, in the order of the assumptions. `name`
  // is how examples call the recording. Refuses the recording of another service, unless told; an
  // error is a sentence.
  tl::expected<std::vector<Settled>, std::string> settle(
      const Recording& recording, const std::string& name, bool of_any_service = false,
      const Assumptions& assumptions = Assumptions::built_in());

  std::string to_text() const;
  // In one step: what was there stays until the new one is whole. An error is a sentence.
  tl::expected<void, std::string> write(const std::string& file) const;

  const std::string& service() const { return service_; }  // "" of an empty one
  const std::map<std::string, LedgerEntry, std::less<>>& entries() const { return entries_; }
  const LedgerEntry* find(std::string_view id) const;  // nullptr: never settled

 private:
  // What a recording has given so far, so that it gives it once.
  struct Given {
    std::uint64_t confirmed = 0;
    std::uint64_t refuted = 0;
  };
  struct Contribution {
    std::string recording;
    std::string target;
    std::string at;  // of its head: with the target it says which recording it is
    std::map<std::string, Given> gave = {};
  };
  friend class LedgerReader;

  Contribution& contribution_of(const Recording& recording, const std::string& name);
  static void keep(const LedgerEntry& found, Given& gave, LedgerEntry& entry);

  std::string service_;
  std::map<std::string, LedgerEntry, std::less<>> entries_;
  std::vector<Contribution> contributions_;
};

// How many of the assumptions that traffic can show: "settled 17 of 92 assumptions".
std::string settled_sentence(std::size_t settled,
                             const Assumptions& assumptions = Assumptions::built_in());

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_LEDGER_H_
