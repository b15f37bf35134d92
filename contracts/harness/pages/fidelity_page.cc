#include <map>
#include <set>

#include "harness/cases/values.h"
#include "harness/pages/lint.h"
#include "harness/pages/reference.h"

namespace nairi::contracts {
namespace {

constexpr const char* kHead =
    R"(# What the fake's behaviour rests on

Every graded statement of [REFERENCE.md](REFERENCE.md), where it comes from, and the contract cases that pin it. Written by `nairi-contract fidelity`; a test compares this page with the cases.

**Verified** means compared with the real service. Nothing has been: there is no access to it. To change that, run `nairi-contract server --target https://api.nairi.ai` with a key of your own ([contracts.md](contracts.md)).

Ask the fake itself: a request with the header `X-Mock-Fidelity: 1` is answered with the same header, which says `seed`, `documented`, `client` or `assumed` of the reply's operation and status, or `fault`.

)";

// A table's cell holds neither line breaks nor bars.
std::string cell(const std::string& text) {
  std::string result;
  const std::size_t item = text.starts_with("- ") ? 2 : 0;  // it begins a list there
  for (const char c : text.substr(item)) {
    if (c == '|') result += '\\';
    result += c;
  }
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

// "[name](../contracts/cases/name.json), …", or why there is none.
std::string pins(const std::set<std::string>& names, const std::string& excuse) {
  if (names.empty()) return excuse.empty() ? "–" : excuse;
  std::vector<std::string> links;
  links.reserve(names.size());
  for (const std::string& name : names) {
    links.push_back("[" + name + "](../contracts/cases/" + name + ".json)");
  }
  return joined(links);
}

}  // namespace

std::string fidelity_page(const std::vector<Case>& cases, const std::vector<Excuse>& excuses) {
  const Reference& reference = Reference::built_in();
  std::map<std::size_t, std::set<std::string>> pinned;
  for (const Case& contract_case : cases) {
    for (const std::string& why : contract_case.why) {
      const auto quote = reference.find(why);
      if (!quote) continue;
      for (const std::size_t index : quote->statements) pinned[index].insert(contract_case.name);
    }
  }
  std::map<std::size_t, std::string> excused;
  for (const Excuse& excuse : excuses) {
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
              "\n\n| behaviour | source | cases | verified |\n|---|---|---|---|\n";
      section = statement.section;
    }
    page += "| " + cell(statement.text) + " | " + grades_text(statement) + " | " +
            pins(pinned[i], excused[i]) + " | never |\n";
  }
  return page;
}

}  // namespace nairi::contracts
