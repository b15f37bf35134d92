#include <map>
#include <set>

#include "harness/cases/values.h"
#include "harness/pages/assumptions.h"
#include "harness/pages/lint.h"
#include "harness/pages/reference.h"

namespace nairi::contracts {
namespace {

constexpr const char* kHead =
    R"(# What the fake's behaviour rests on

Every graded statement of [REFERENCE.md](REFERENCE.md), where it comes from, and the contract cases that pin it or the worlds that play it. Written by `nairi-contract fidelity`; a test compares this page with the cases.

`seed`, `documented` and `client` are known of the API. `producer` is what the daemon sends that does the agents' work: how the service shows it, nobody knows, so no server fails for it. `assumed` is our guess.

**Settled by** names the entries of [assumptions.json](../contracts/assumptions.json) that say which traffic confirms or refutes the statement, and the knob by which the fake then does as the service does ([ledger.md](ledger.md)).

**Verified** means compared with the real service. Nothing has been: there is no access to it. To change that, record traffic with a key of your own and let a ledger settle it; `nairi-contract fidelity --ledger fidelity.json` prints this page with what it found.

Ask the fake itself: a request with the header `X-Mock-Fidelity: 1` is answered with the same header, which says `seed`, `documented`, `client`, `producer` or `assumed` of the reply's operation and status, or `fault`. With a ledger it can say `confirmed 2026-11-26` ([fidelity](nairi-mock.md#fidelity)).

)";

std::string link_to_case(const std::string& name) {
  return "[" + name + "](../contracts/cases/" + name + ".json)";
}

// "fixtures/worlds/daemon.json" as a link called "daemon.json".
std::string link_to_world(const std::string& path) {
  return "[" + path.substr(path.rfind('/') + 1) + "](../" + path + ")";
}

using Links = std::set<std::string>;

// Of each statement that is quoted, by its number.
std::map<std::size_t, Links> pins(const std::vector<Case>& cases, const Remarks& remarks) {
  std::map<std::size_t, Links> links;
  const auto add = [&](const std::string& why, const std::string& link) {
    const auto quote = Reference::built_in().find(why);
    if (!quote) return;
    for (const std::size_t index : quote->statements) links[index].insert(link);
  };
  for (const Case& it : cases) {
    for (const std::string& why : it.why) add(why, link_to_case(it.name));
  }
  for (const ShownByWorld& world : remarks.worlds) {
    for (const std::string& why : world.why) add(why, link_to_world(world.file));
  }
  return links;
}

// The links, and why there are none or they don't show all.
std::string shown_by(const Links& links, const std::string& excuse) {
  if (links.empty()) return excuse.empty() ? "–" : excuse;
  return joined({links.begin(), links.end()}) + (excuse.empty() ? "" : ". " + excuse);
}

// The assumptions that are about each statement, by its number.
std::map<std::size_t, std::vector<const Assumption*>> guesses() {
  std::map<std::size_t, std::vector<const Assumption*>> about;
  for (const Assumption& guess : Assumptions::built_in().all) {
    const auto quote = Reference::built_in().find(guess.why);
    if (!quote) continue;
    for (const std::size_t index : quote->statements) about[index].push_back(&guess);
  }
  return about;
}

// "`start-status` (knob `start_status`)", or why nothing settles it.
std::string settled_by(const std::vector<const Assumption*>& about) {
  std::vector<std::string> entries;
  for (const Assumption* guess : about) {
    std::string entry = guess->because.empty() ? "`" + guess->id + "`" : guess->because;
    if (!guess->knob.empty()) entry += " (knob `" + guess->knob + "`)";
    entries.push_back(std::move(entry));
  }
  return entries.empty() ? "–" : joined(entries);
}

std::string verified_by(const std::vector<const Assumption*>& about, const Verified& verified) {
  std::vector<std::string> found;
  for (const Assumption* guess : about) {
    const auto it = verified.find(guess->id);
    if (it == verified.end()) continue;
    found.push_back(about.size() == 1 ? it->second : "`" + guess->id + "` " + it->second);
  }
  return found.empty() ? "never" : joined(found);
}

}  // namespace

std::string fidelity_page(const std::vector<Case>& cases, const Remarks& remarks,
                          const Verified& verified) {
  const Reference& reference = Reference::built_in();
  std::map<std::size_t, Links> pinned = pins(cases, remarks);
  auto about = guesses();
  std::map<std::size_t, std::string> excused;
  for (const Excuse& excuse : remarks.excuses) {
    const auto quote = reference.find(excuse.why);
    if (!quote) continue;
    for (const std::size_t index : quote->statements) excused[index] = excuse.because;
  }
  std::string page = kHead;
  std::string section;
  for (std::size_t i = 0; i < reference.statements().size(); ++i) {
    const Statement& statement = reference.statements()[i];
    if (statement.section != section) {
      page += (section.empty() ? "" : "\n") + ("## " + statement.section) +
              "\n\n| behaviour | source | cases and worlds | settled by | verified |\n"
              "|---|---|---|---|---|\n";
      section = statement.section;
    }
    page += "| " + cell_text(statement) + " | " + grades_text(statement) + " | " +
            shown_by(pinned[i], excused[i]) + " | " + settled_by(about[i]) + " | " +
            verified_by(about[i], verified) + " |\n";
  }
  return page;
}

}  // namespace nairi::contracts
