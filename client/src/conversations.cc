// The conversations of an agent, by page, all of them, or those that changed (REFERENCE: GET
// /agents/{agent_id}/conversations).
#include <algorithm>
#include <set>

#include "api_caller.h"
#include "decode.h"
#include "failure.h"
#include "nairi/client.h"
#include "target.h"

namespace nairi {
namespace {

constexpr std::int64_t kLargestPage = 100;

std::string comma_separated(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

Result<std::string> page_target(std::string_view agent_id, const ConversationQuery& query) {
  Target target("/agents");
  target.segment(agent_id, "an agent's slug or id").path("/conversations");
  if (!query.statuses.empty()) target.query("status", comma_separated(query.statuses));
  if (query.updated_after) target.query("updated_after", *query.updated_after);
  if (query.sort) target.query("sort", *query.sort);
  if (query.limit) target.query("limit", std::to_string(*query.limit));
  if (query.offset) target.query("offset", std::to_string(*query.offset));
  if (query.cursor) target.query("cursor", *query.cursor);
  return target.text();
}

// Makes `query` ask for the page after `page`; false when there is none.
Result<bool> turn_page(ConversationQuery& query, const ConversationPage& page) {
  if (page.next_cursor) {
    if (page.next_cursor == query.cursor) {
      return malformed("/next_cursor", "expected another cursor than the one of this page");
    }
    query.cursor = page.next_cursor;
    query.offset.reset();
    return true;
  }
  // A short page is the last one; so is one whose server knows cursors but gave none. Who was led
  // here by a cursor would be led here again.
  const auto count = static_cast<std::int64_t>(page.conversations.size());
  if (page.has_cursors || query.cursor || count == 0 || count < *query.limit) return false;
  query.offset = query.offset.value_or(0) + count;
  return true;
}

}  // namespace

Result<ConversationPage> Client::conversations(std::string_view agent_id,
                                               const ConversationQuery& query) const {
  return page_target(agent_id, query).and_then([&](std::string target) {
    return caller_->call({"GET", std::move(target)}, decode_conversations);
  });
}

Result<void> Client::walk_conversations(
    std::string_view agent_id, const ConversationQuery& query,
    const std::function<bool(const Conversation&)>& visit) const {
  ConversationQuery next = query;
  if (!next.limit) next.limit = kLargestPage;
  std::set<std::string> seen;  // by offset, a page can repeat what moved down meanwhile
  for (;;) {
    const auto page = conversations(agent_id, next);
    if (!page) return tl::unexpected(page.error());
    for (const Conversation& conversation : page->conversations) {
      if (seen.insert(conversation.id).second && !visit(conversation)) return {};
    }
    const auto more = turn_page(next, *page);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
  }
}

Result<Changes> Client::changed_conversations(std::string_view agent_id,
                                              std::optional<std::string> watermark) const {
  ConversationQuery query{.updated_after = watermark,
                          .sort = std::string(conversation_sort::kUpdatedAtAsc)};
  Changes changes{.conversations = {}, .watermark = std::move(watermark)};
  return walk_conversations(agent_id, query,
                            [&](const Conversation& conversation) {
                              changes.conversations.push_back(conversation);
                              changes.watermark =
                                  std::max(changes.watermark.value_or(""), conversation.updated_at);
                              return true;
                            })
      .map([&] { return std::move(changes); });
}

}  // namespace nairi
