// What a survey sends, as a list to read: each probe is one call, what it may settle and what has
// to be known for it. {names} stand for what the run knows: {agent}, and what earlier replies gave.
//
//   for (const Probe& probe : free_probes()) std::cout << probe.call << '\n';
//
// Thread-safety: immutable.
#ifndef NAIRI_CONTRACTS_HARNESS_SURVEY_PROBE_H_
#define NAIRI_CONTRACTS_HARNESS_SURVEY_PROBE_H_

#include <span>
#include <string_view>

namespace nairi::contracts {

enum class Act {
  send,        // the call, once
  refused,     // a start that has to be refused: one that is not ends the survey
  start,       // a start that may begin a conversation: one is begun at most in each round
  upload,      // `body` is the file's content, `file` its name
  no_file,     // an upload without a file
  walk,        // from {cursor} page by page to the end, ten pages at most
  read_found,  // the messages of each kind of conversation that the lists showed
  read_own,    // those of {job}, one by one of each role
  watch,       // reads until the turn of {message} is over
};

// How a turn is watched.
enum class Eye { message_and_timeline, timeline, message_and_list };

struct Probe {
  std::string_view call;          // "GET /agents/{agent}"; a name that is not known: it is not sent
  std::string_view settles;       // what it may settle
  std::string_view body = {};     // JSON with {names}; what is none is sent as it is
  std::string_view capture = {};  // "job=/job_id message=/message_id": taken from a good reply
  Act act = Act::send;
  std::string_view auth = "Bearer {key}";  // "": without
  std::string_view unless = {};            // not sent when this name is known
  std::string_view file = {};              // of an upload; "": it has no name
  Eye eye = Eye::message_and_timeline;
};

// What costs nothing: reads, and what has to be refused.
std::span<const Probe> free_probes();

inline constexpr int kMostConversations = 5;

// Stands for {text} in the list: blanks at both ends, all kinds of line ends, quotes, HTML,
// escapes, and what is hard about Unicode.
extern const std::string_view kTextOfEveryKind;

// What is done with the conversation of that number, from 1 to kMostConversations. {job}, {message}
// and what else it captured begin anew with each.
std::span<const Probe> conversation_probes(int number);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SURVEY_PROBE_H_
