// REFERENCE: GET /agents/{agent_id}/conversations.
#include "judge/page_watch.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/body.h"
#include "protocol/target.h"

namespace nairi::mock {
namespace {

// Who goes by offset knows the last page by its being short.
bool is_short(const nlohmann::json* page, const Query& query) {
  const std::string* limit = query.find("offset") != nullptr ? query.find("limit") : nullptr;
  const bool counts = limit != nullptr && page != nullptr && page->is_array();
  return counts && page->size() < std::strtoull(limit->c_str(), nullptr, 10);
}

bool has_next_page(const Exchange& exchange, std::string_view query_text) {
  if (!exchange.succeeded()) return false;
  const auto body = Body::parse(exchange.reply.body);
  const nlohmann::json* next = body ? body->find("next_cursor") : nullptr;
  if (next == nullptr || !next->is_string()) return false;
  const auto query = Query::parse(query_text);
  if (!query) return true;
  // A cursor that leads to itself leads nowhere.
  const std::string* cursor = query->find("cursor");
  const bool goes_round = cursor != nullptr && *cursor == next->get_ref<const std::string&>();
  return !goes_round && !is_short(body->find("conversations"), *query);
}

}  // namespace

// A client may go on by cursor, by offset or by updated_after: any other query of the same list.
void PageWatch::observe(const Exchange& exchange) {
  if (exchange.operation != Operation::list_conversations || !exchange.is_get()) return;
  const Target target = split_target(exchange.request.target);
  const std::string path(target.path);
  const auto found = unfinished_.find(path);
  if (found != unfinished_.end()) {
    const bool is_other = found->second.query != target.query;
    went_on_ = went_on_ || is_other;
    if (is_other || exchange.succeeded()) unfinished_.erase(found);  // else the same page, in vain
  }
  if (!has_next_page(exchange, target.query)) return;
  if (unfinished_.size() >= options_.max_tracked) {
    overflowed_ = true;
    return;
  }
  unfinished_.emplace(path, Page{std::string(target.query), evidence_of(exchange)});
}

void PageWatch::report(std::vector<Verdict>& verdicts) const {
  Finding finding("reads-all-pages",
                  "no list of conversations had more pages when it was last read whole");
  if (went_on_) finding.test();
  std::vector<Evidence> left;
  for (const auto& [path, page] : unfinished_) left.push_back(page.evidence);
  finding.prove_all("a list had more pages, and nobody asked for them", std::move(left));
  if (overflowed_) finding.doubt(kTooMany);
  verdicts.push_back(finding.verdict(options_.in_suite));
}

}  // namespace nairi::mock
