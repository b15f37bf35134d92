// Servers that are broken in the list of conversations: pages, filters, order.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

// Begins a later page with the last conversation of the page before.
Tamper repeats_at_edges() {
  auto last = std::make_shared<Json>();
  return in_answers_to("conversations", [last](const HttpRequest& request, Json& body) {
    Json& page = body["conversations"];
    const bool later = request.target.find("cursor=") != std::string::npos ||
                       request.target.find("offset=") != std::string::npos;
    const Json remembered = std::exchange(*last, page.empty() ? Json() : page.back());
    if (later && !page.empty() && !remembered.is_null()) page.front() = remembered;
  });
}

// Includes what was updated at the very moment of `updated_after`.
Tamper includes_the_moment() {
  auto seen = std::make_shared<std::map<std::string, Json>>();  // by updated_at
  return in_answers_to("conversations", [seen](const HttpRequest& request, Json& body) {
    for (const Json& conversation : body["conversations"]) {
      (*seen)[conversation["updated_at"]] = conversation;
    }
    for (const auto& [moment, conversation] : *seen) {
      const bool asked =
          request.target.find("updated_after=" + percent_encode(moment)) != std::string::npos;
      if (asked) body["conversations"].push_back(conversation);
    }
  });
}

// Lists by a rule of its own where no parameter of that name asks for another.
MakeTamper by_default(const std::string& parameter, const Edit& edit) {
  return [=] {
    return in_answers_to("conversations", [=](const HttpRequest& request, Json& body) {
      const bool asked = request.target.find(parameter + "=") != std::string::npos;
      if (!asked) edit(body["conversations"]);
    });
  };
}

void reverse_when_unsorted(Json& body) {
  std::reverse(body["conversations"].begin(), body["conversations"].end());
}

void skip_first(Json& body) {
  Json& page = body["conversations"];
  if (page.size() > 1) page.erase(0);
}

void first_is_active(Json& body) {
  Json& page = body["conversations"];
  if (!page.empty()) page[0]["status"] = "active";
}

void only_active(Json& page) {
  erase_where(page, [](const Json& conversation) { return conversation["status"] != "active"; });
}

void at_most_twenty(Json& page) {
  while (page.size() > 20) page.erase(page.size() - 1);
}

void one_more(Json& body) {
  Json& page = body["conversations"];
  if (page.empty()) return;
  Json extra = page.back();
  extra["id"] = "job_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  page.push_back(std::move(extra));
}

void first_status_only(Json& body) {
  Json& page = body["conversations"];
  const Json status = page.empty() ? Json() : page[0]["status"];
  erase_where(page, [&](const Json& conversation) { return conversation["status"] != status; });
}

}  // namespace

BrokenServers servers_broken_in_lists() {
  return {
      {"the oldest conversation comes first", "list/sort-by-creation",
       for_query("conversations", "sort=created_at_desc", reverse_when_unsorted)},
      {"sorting by update is the wrong way round", "list/sort-by-update",
       for_query("conversations", "sort=updated_at", reverse_when_unsorted)},
      {"a page repeats the one before", "list/cursor-walk", repeats_at_edges},
      {"a page by offset skips one", "list/pages-by-offset",
       for_query("conversations", "offset=", skip_first)},
      {"a page by cursor skips one", "list/cursor-walk-by-update",
       for_query("conversations", "cursor=", skip_first)},
      {"the status filter leaks", "list/by-status",
       for_query("conversations", "status=", first_is_active)},
      {"updated_after includes its moment", "list/checkpoint-sync", includes_the_moment},
      {"limit 0 is taken", "list/bad-limit",
       instead_of(400, "conversations", 200, kNoConversations)},
      {"conversations lack updated_at", "list/shape", in_each_conversation(erase("updated_at"))},
      {"next_cursor is a number", "list/last-page",
       in_body_of("conversations",
                  [](Json& body) {
                    if (!body["next_cursor"].is_null()) body["next_cursor"] = 2;
                  })},
      {"the error filter leaks", "list/error",
       for_query("conversations", "status=error", first_is_active)},
      {"the completed filter leaks", "list/completed",
       for_query("conversations", "status=completed", first_is_active)},
      {"the abandoned filter leaks", "list/abandoned",
       for_query("conversations", "status=abandoned", first_is_active)},
      {"only the first of several statuses counts", "list/several-statuses",
       for_query("conversations", ",", first_status_only)},
      {"no filter means active", "list/all-statuses", by_default("status", only_active)},
      {"an unknown status is taken", "list/bad-status",
       instead_where(400, "conversations", "status=", 200, kNoConversations)},
      {"an unknown sort is taken", "list/bad-sort",
       instead_where(400, "conversations", "sort=", 200, kNoConversations)},
      {"a bad offset is taken", "list/bad-offset",
       instead_where(400, "conversations", "offset=", 200, kNoConversations)},
      {"a bad time is taken", "list/bad-updated-after",
       instead_where(400, "conversations", "updated_after=", 200, kNoConversations)},
      {"empty parameters are taken", "list/empty-parameters",
       instead_of(400, "conversations", 200, kNoConversations)},
      {"the moment itself is after", "list/updated-after", includes_the_moment},
      {"a time with an offset is refused", "list/updated-after-forms",
       instead_where(200, "conversations", "%2B", 400, kInvalid)},
      {"twenty by default", "list/fifty-by-default", by_default("limit", at_most_twenty)},
      {"limit is one short", "list/limit", for_query("conversations", "limit=", one_more)},
      {"offset is one off", "list/offset", for_query("conversations", "offset=", skip_first)},
  };
}

}  // namespace nairi::contracts
