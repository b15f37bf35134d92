// docs/watched.md.
#include <algorithm>
#include <map>
#include <utility>

#include "harness/cases/values.h"
#include "harness/drift/drift_report.h"
#include "harness/pages/reference.h"
#include "harness/watch/expectations.h"
#include "harness/watch/facts.h"
#include "harness/watch/replies.h"

namespace nairi::contracts {
namespace {

constexpr const char* kHeadOfWatched =
    R"(# What drift looks for

Every statement of [REFERENCE.md](REFERENCE.md) that is graded seed, documented or client, and what of [`nairi-contract drift`](drift.md) holds recorded traffic against it. Written by `nairi-contract drift --list`; a test compares this page with what is looked for. What is assumed or a producer's is settled by a [ledger](ledger.md): [fidelity.md](fidelity.md) has the entry of each.

- `messages/oldest-first` and its like are watches: they hold several exchanges against each other. A report names what they find so.
- `openapi.json: Message.id` is a part of a reply that is held against [`openapi.json`](../contracts/openapi.json). What that says of a part beside it is looked at, too.
- A case's name says that a recorded request with the same mistake in it is held against that [contract case](contracts.md).
- `–`: nothing quotes it. `openapi.json` may say it all the same, such as how an id begins; [fidelity.md](fidelity.md) says which case asks a server for it.

)";

using Watchers = std::map<std::size_t, std::vector<std::string>>;  // by a statement's number

void add_watcher(std::string_view why, const std::string& name, Watchers& watchers) {
  const auto quote = Reference::built_in().find(why);
  if (!quote) return;
  for (const std::size_t index : quote->statements) watchers[index].push_back(name);
}

Watchers watchers_of(std::vector<Case> cases) {
  Watchers watchers;
  for (const Fact* fact : facts::kAll) {
    if (!fact->why.empty()) add_watcher(fact->why, "`" + std::string(fact->id) + "`", watchers);
  }
  for (const WordsOfReply& words : words_of_replies()) {
    add_watcher(words.why, "`openapi.json: " + std::string(words.part) + "`", watchers);
  }
  const Expectations expectations(std::move(cases));
  for (const Case* used : expectations.used()) {
    const std::string link = "[" + used->name + "](../contracts/cases/" + used->name + ".json)";
    for (const std::string& why : used->why) add_watcher(why, link, watchers);
  }
  return watchers;
}

bool is_fact(const Statement& statement) {
  return std::any_of(statement.grades.begin(), statement.grades.end(), binds_servers);
}

}  // namespace

std::string watched_page(std::vector<Case> cases) {
  const Watchers watchers = watchers_of(std::move(cases));
  const auto& statements = Reference::built_in().statements();
  std::string page = kHeadOfWatched;
  std::string section;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (!is_fact(statement)) continue;
    if (statement.section != section) {
      page += (section.empty() ? "" : "\n") + ("## " + statement.section) +
              "\n\n| statement | source | looked for by |\n|---|---|---|\n";
      section = statement.section;
    }
    const auto by = watchers.find(i);
    page += "| " + cell_text(statement) + " | " + grades_text(statement) + " | " +
            (by == watchers.end() ? "–" : joined(by->second)) + " |\n";
  }
  return page;
}

}  // namespace nairi::contracts
