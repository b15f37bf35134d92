// docs/rules.md explains each of these.
#include <algorithm>
#include <array>

#include "nairi/mock/verdicts.h"

namespace nairi::mock {
namespace {

using enum RuleLevel;
using enum JudgedBy;

constexpr std::array kRules = {
    Rule{"polls-until-terminal", must, traffic, "polls a message until it is completed or failed"},
    Rule{"stops-after-terminal", must, traffic,
         "stops polling a message when it is completed or failed"},
    Rule{"result-matches-terminal", must, result,
         "reports a failed turn as failed, and nothing but the assistant's text as the answer"},
    Rule{"reads-the-answer", must, result,
         "answers with the assistant's text of this turn, not of an earlier one"},
    Rule{"keeps-texts-as-they-are", must, result,
         "passes on prompts, answers, messages and files as they are"},
    Rule{"filters-progress", must, result, "keeps progress messages out of the conversation"},
    Rule{"surfaces-api-errors", must, result, "passes on an error's status and text"},
    Rule{"no-retry-on-4xx", must, traffic,
         "does not send a request again that was answered 400, 401 or 404"},
    Rule{"no-blind-retry-of-post", must, traffic,
         "does not send a POST again that may have been carried out"},
    Rule{"sends-a-prompt-once", must, traffic,
         "does not send a prompt again before its first turn has ended"},
    Rule{"retry-after", must, traffic, "waits at least as long as Retry-After asks"},
    Rule{"auth-on-every-call", must, traffic,
         "sends the key with every request, in the Authorization header and nowhere else"},
    Rule{"valid-requests", must, traffic, "sends requests of the documented shape"},
    Rule{"encodes-path", must, traffic, "percent-encodes ids and slugs in paths, once"},
    Rule{"continues-the-same-job", must, result,
         "sends a follow-up to the conversation that it follows up"},
    Rule{"survives-additive-changes", must, result,
         "ignores fields, roles and progress types that it does not know"},
    Rule{"unknown-status-is-not-terminal", must, result,
         "polls on when a message has a status that it does not know"},
    Rule{"malformed-or-truncated-is-an-error", must, result,
         "reports a reply that is cut or not JSON as an error, not as an answer"},
    Rule{"reads-all-pages", must, traffic, "reads a list to its last page", true},
    Rule{"deadline-kept", must, result, "ends by the deadline that it was given"},
    Rule{"ids-are-opaque", must, result, "takes ids as they come"},
    Rule{"polls-no-faster-than-asked", should, traffic, "leaves time between two polls"},
    Rule{"backoff-grows", should, traffic, "waits longer before each further retry"},
    Rule{"reuses-connections", should, traffic, "keeps connections alive and uses them again"},
    Rule{"user-agent", should, traffic, "says in User-Agent who it is"},
    Rule{"retries-idempotent-reads", should, traffic,
         "tries a GET again that was cut or answered 429, 502, 503 or 504"},
    Rule{"uploads-a-file-once", should, traffic,
         "does not upload a file again whose upload may have worked"},
    Rule{"key-is-filled-in", should, traffic,
         "sends a key as it is, and not the name of a variable, quotes or blanks"},
    Rule{"known-parameters", should, traffic,
         "sends the query parameters that the API knows, and each once"},
    Rule{"polls-per-answer", info, traffic, "how often a message is polled until its turn ends"},
    Rule{"bytes", info, traffic, "how much is sent and received, without headers"},
    Rule{"time-to-answer", info, traffic, "from a prompt's reply to the poll that sees its end"},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

const Rule* find_rule(std::string_view id) {
  const auto found =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : &*found;
}

std::string Rule::page() const {
  return "docs/rules.md#" + std::string(id);
}

}  // namespace nairi::mock
