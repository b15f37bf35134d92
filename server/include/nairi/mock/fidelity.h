// What is known by now of the guesses that the fake makes: a ledger, as `nairi-contract drift`
// writes it, and how the fake acts after it.
//
//   auto fidelity = nairi::mock::read_fidelity("fidelity.json");      // tl::expected
//   nairi::mock::Fake fake(world, {.fidelity = std::move(*fidelity)});
//
// Strict where the fake knows what is meant: a value that a knob can't have is a mistake, with
// file, line, column, JSON pointer and the nearest known word. What it does not know is a hint, as
// a ledger of a newer version must not break it.
//
// Thread-safety: values; every function may be called from any thread.
#ifndef NAIRI_MOCK_FIDELITY_H_
#define NAIRI_MOCK_FIDELITY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "nairi/mock/diagnostic.h"

namespace nairi::mock {

// What a list of conversations says behind its pages (REFERENCE: GET …/conversations).
enum class NextCursor { null_at_end, absent_at_end, absent };

// How the fake acts where nobody knows how the service does (docs/assumptions.md has a table of
// them). The defaults are its guesses.
struct Knobs {
  int start_status = 200;
  int continue_status = 200;
  int upload_status = 201;
  // `continue` in a job that is completed or abandoned. A status of 2xx: the message is taken, and
  // stays queued.
  int continue_ended_status = 400;
  std::string continue_ended_error = "job is not active";
  // True: a job in error stays so until the prompt after it succeeds; false: it is active at once.
  bool retry_stays_in_error = false;
  // True: a message is seen queued before it is seen pending, with an agent ready too.
  bool begins_queued = false;
  NextCursor next_cursor = NextCursor::null_at_end;
  // The service's texts of errors, by ours.
  std::map<std::string, std::string, std::less<>> error_texts = {};
  // True: notices of pull requests and commits, which a world has in plain text, come as Markdown.
  bool markdown_notices = false;
  // True: a prompt is completed a millisecond before its answer is there. Both are seen at once all
  // the same, as clients rely on it.
  bool completed_first = false;
  // 2: an error message that a script says alone is followed by a longer one that ends in it.
  int errors_per_failure = 1;
  int unknown_conversation_status = 404;
  int unknown_attachment_status = 404;
  int unknown_agent_status = 404;  // but of a list of conversations, where 404 is documented
  int foreign_id_status = 404;     // an id of another organization; likewise
  int other_kind_status = 400;     // a well-formed id of another kind
  bool refuses_unknown_fields = false;
  bool exact_scheme = false;  // true: only "Bearer", not "bearer"
  int eleventh_attachment_status = 400;
  int too_large_status = 413;
  int missing_file_status = 400;  // an upload without a file
  bool progress_is_pending = false;
  bool other_origins_listed = true;
  bool other_origins_readable = true;  // their timelines
  bool undeployed_fails = false;  // true: a message to an agent that is not deployed fails at once
  int bad_query_status = 400;     // of a bad sort or updated_after; 2xx: it is ignored
  bool lists_created_at = true;   // in lists of conversations

  bool operator==(const Knobs&) const = default;
};

enum class SettledAs { open, confirmed, refuted, both };

// What a ledger says of one statement.
struct Settled {
  SettledAs verdict = SettledAs::open;
  std::string confirmed_on = {};  // "2026-11-26", the last time; "" for never
  std::string refuted_on = {};
  bool is_followed = false;  // it has a knob that the fake knows

  bool operator==(const Settled&) const = default;
};

// The day on which it turned out how the service does what the fake now does as well: it was
// confirmed, or refuted and a knob makes the fake follow. "" when the fake still guesses.
std::string confirmed_on(const Settled& settled);

// A ledger as the fake takes it; without one, all guesses are open.
struct Fidelity {
  std::string service = {};
  Knobs knobs = {};
  std::map<std::string, Settled, std::less<>> statements = {};  // by id
  Diagnostics hints = {};                                       // at most 50

  bool operator==(const Fidelity& other) const {
    return service == other.service && knobs == other.knobs && statements == other.statements;
  }
};

// All mistakes that were found, in file order, or the ledger. `file` is for messages.
tl::expected<Fidelity, Diagnostics> parse_fidelity(std::string_view text,
                                                   const std::string& file = "fidelity.json");
// The same of a file, or of a pipe; "-" is standard input.
tl::expected<Fidelity, Diagnostics> read_fidelity(const std::string& path);

// A guess of ours: a statement of docs/REFERENCE.md that nobody vouches for.
struct Assumption {
  std::string id = {};      // "start-status"
  std::string why = {};     // where REFERENCE says it: its section, and the words
  std::string source = {};  // "assumed" or "producer"
  std::string knob = {};    // "start_status"; "" when the fake has none for it
  std::string value = {};   // how the knob stands, as JSON: "200"; "" without a knob
  Settled settled = {};
};

// All of contracts/assumptions.json, as it was when this library was built, in its order; with what
// the ledger says of each.
std::vector<Assumption> assumptions(const Fidelity& fidelity = {});

// A statement that replies rested on though nobody has confirmed it (FakeOptions::only_confirmed).
struct Reliance {
  std::string statement = {};   // an id, or what it is about: "HEAD /agents"
  std::uint64_t count = 0;      // of exchanges
  std::uint64_t exchange = 0;   // the first one's number in the journal
  std::string call = {};        // and what it called: "continue"
  int status = 0;               // and its status
  std::string refuted_on = {};  // "2026-11-26" where the service is known to do otherwise
};

// "The run relied on 2 guesses that nobody has confirmed:" and a line for each; "" for none.
std::string to_text(const std::vector<Reliance>& reliances);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FIDELITY_H_
