// What must hold whatever comes in: of each place that takes bytes from strangers, a function that
// says which invariant an input breaks, and "" if none. The fuzzers call them with inputs that they
// make up, and the tests of the corpus with those that are kept.
#ifndef NAIRI_MOCK_TESTS_FUZZ_INVARIANTS_H_
#define NAIRI_MOCK_TESTS_FUZZ_INVARIANTS_H_

#include <string>
#include <string_view>
#include <vector>

namespace nairi::tests {

using Invariant = std::string (*)(std::string_view input);

// The framer of requests. The first byte says how the rest is split.
std::string broken_framing_invariant(std::string_view input);

// The C ABI: two fakes of the input's parts, which lines "%%" divide: world, options, and then
// requests, a head and a body each.
std::string broken_embed_invariant(std::string_view input);

// Whole requests, from their bytes to the fake's replies, /__mock included. The first byte chooses
// the clock and the options of two fakes that must agree.
std::string broken_requests_invariant(std::string_view input);

// Calls of the API one after the other, by several keys, each chosen by bytes of the input: what
// docs/REFERENCE.md says of ids, statuses, timelines and lists is checked after each. The first
// byte chooses the clock.
std::string broken_calls_invariant(std::string_view input);

// World files; one that is accepted is played.
std::string broken_worlds_invariant(std::string_view input);

// Case files, files of states, and the line that a client under test prints.
std::string broken_cases_invariant(std::string_view input);

// Targets, queries and multipart bodies, as the fake reads them and as the harness does. A line end
// divides the Content-Type, or a target, from the body.
std::string broken_forms_invariant(std::string_view input);

// What the client makes of replies that are whole. Lines "%%" divide the bodies; the first byte of
// each chooses its status.
std::string broken_replies_invariant(std::string_view input);

// What the client, and `nairi-mock ready`, make of a server that says just these bytes.
std::string broken_servers_invariant(std::string_view input);

// Ledgers of what is known of the service.
std::string broken_ledgers_invariant(std::string_view input);

// Ready files.
std::string broken_ready_invariant(std::string_view input);

struct FuzzTarget {
  std::string_view name;  // also of its corpus
  Invariant broken_invariant;
};

inline constexpr FuzzTarget kFuzzTargets[] = {
    {"framing", broken_framing_invariant},   {"embed", broken_embed_invariant},
    {"requests", broken_requests_invariant}, {"calls", broken_calls_invariant},
    {"worlds", broken_worlds_invariant},     {"cases", broken_cases_invariant},
    {"forms", broken_forms_invariant},       {"replies", broken_replies_invariant},
    {"servers", broken_servers_invariant},   {"ready", broken_ready_invariant},
    {"ledgers", broken_ledgers_invariant}};

// The input without its first byte, which is kept in `choice`; 0 for none.
std::string_view without_choice(std::string_view input, unsigned& choice);

// What lines "%%" divide. Copies, so that a read beyond the end of one is seen.
std::vector<std::vector<char>> parts_of(std::string_view input);

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_FUZZ_INVARIANTS_H_
