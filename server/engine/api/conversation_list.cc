// REFERENCE: GET /agents/{agent_id}/conversations.
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/api/arguments.h"
#include "engine/api/operations.h"
#include "engine/play/playback.h"
#include "engine/state/message_text.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kMostPerPage = 100;
constexpr std::int64_t kDefaultPerPage = 50;

// Where a walk goes on: its number and how many conversations it has answered.
struct Cursor {
  std::uint64_t walk;
  std::size_t position;
};

using Statuses = decltype(ListFilter::statuses);

struct ListQuery {
  ListFilter filter;
  std::int64_t limit = kDefaultPerPage;
  std::int64_t offset = 0;
  std::optional<Cursor> cursor;
};

tl::unexpected<Failure> bad_parameter(std::string_view name, std::string_view got,
                                      std::string_view expected) {
  return fail(400, "invalid " + std::string(name),
              std::string(name) + " must be " + std::string(expected) + ", got " + in_quotes(got));
}

Checked<std::int64_t> read_integer(const Query& query, std::string_view name, std::int64_t least,
                                   std::int64_t most, std::int64_t otherwise) {
  const std::string* text = query.find(name);
  if (text == nullptr) return otherwise;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) {
    return bad_parameter(
        name, *text, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

// Assumed, here and below: a parameter that is there but empty is 400.
Checked<Statuses> read_statuses(const Query& query) {
  const std::string* text = query.find("status");
  if (text == nullptr) return Statuses().set();
  Statuses statuses;
  std::string_view rest = *text;
  while (true) {
    const std::string_view word = rest.substr(0, rest.find(','));
    const auto status = job_status_from(word);
    if (!status) {
      return bad_parameter("status", *text,
                           "a comma-separated list of active, completed, error and abandoned");
    }
    statuses.set(static_cast<std::size_t>(*status));
    if (word.size() == rest.size()) return statuses;
    rest.remove_prefix(word.size() + 1);
  }
}

// What is assumed of a bad value here; of the other parameters it is documented.
tl::unexpected<Failure> bad_assumed(int status, std::string_view name, std::string_view got,
                                    std::string_view expected) {
  auto failure = bad_parameter(name, got, expected);
  failure.value().status = status;
  return failure;
}

Checked<Sort> read_sort(const Query& query, int bad_status) {
  const std::string* text = query.find("sort");
  if (text == nullptr || *text == "created_at_desc") return Sort::created_at_desc;
  if (*text == "created_at_asc") return Sort::created_at_asc;
  if (*text == "updated_at_asc") return Sort::updated_at_asc;
  if (*text == "updated_at_desc") return Sort::updated_at_desc;
  if (bad_status < 400) return Sort::created_at_desc;
  return bad_assumed(bad_status, "sort", *text,
                     "created_at_asc, created_at_desc, updated_at_asc or updated_at_desc");
}

Checked<std::optional<std::int64_t>> read_updated_after(const Query& query, int bad_status) {
  const std::string* text = query.find("updated_after");
  if (text == nullptr) return std::nullopt;
  const auto time = parse_timestamp(*text);
  if (!time && bad_status >= 400) {
    return bad_assumed(bad_status, "updated_after", *text,
                       "an RFC 3339 time such as 2026-04-12T18:45:12.000Z (a + is sent as %2B)");
  }
  return time;
}

// Opaque, and with what a query has to encode, as base64 has it: "walk+1/50=" (assumed).
constexpr std::string_view kCursorPrefix = "walk+";
constexpr std::string_view kCursorEnd = "=";

Checked<std::optional<Cursor>> read_cursor(const Query& query) {
  const std::string* text = query.find("cursor");
  if (text == nullptr) return std::nullopt;
  Cursor cursor{};
  if (text->starts_with(kCursorPrefix) && text->ends_with(kCursorEnd)) {
    const char* end = text->data() + text->size() - kCursorEnd.size();
    const auto walk = std::from_chars(text->data() + kCursorPrefix.size(), end, cursor.walk);
    if (walk.ec == std::errc{} && walk.ptr != end && *walk.ptr == '/') {
      const auto position = std::from_chars(walk.ptr + 1, end, cursor.position);
      if (position.ec == std::errc{} && position.ptr == end) return cursor;
    }
  }
  return bad_parameter("cursor", *text, "a next_cursor of an earlier page");
}

Checked<ListQuery> read_query(std::string_view text, int bad_status) {
  const auto query = Query::parse(text);
  if (!query) return fail(400, "invalid query", "it has a % without two hexadecimal digits");
  const auto statuses = read_statuses(*query);
  if (!statuses) return tl::unexpected(statuses.error());
  const auto updated_after = read_updated_after(*query, bad_status);
  if (!updated_after) return tl::unexpected(updated_after.error());
  const auto sort = read_sort(*query, bad_status);
  if (!sort) return tl::unexpected(sort.error());
  const auto limit = read_integer(*query, "limit", 1, kMostPerPage, kDefaultPerPage);
  if (!limit) return tl::unexpected(limit.error());
  const auto offset = read_integer(*query, "offset", 0, INT64_MAX, 0);
  if (!offset) return tl::unexpected(offset.error());
  const auto cursor = read_cursor(*query);
  if (!cursor) return tl::unexpected(cursor.error());
  return ListQuery{{*sort, *statuses, *updated_after}, *limit, *offset, *cursor};
}

std::string cursor_text(std::uint64_t walk, std::size_t position) {
  return std::string(kCursorPrefix) + std::to_string(walk) + "/" + std::to_string(position) +
         std::string(kCursorEnd);
}

Reply page_reply(Organization& organization, const std::vector<std::uint32_t>& page,
                 const std::optional<std::string>& next_cursor) {
  const Knobs& knobs = organization.knobs();
  Reply reply;
  reply.body = "{\"conversations\":[";
  for (const std::uint32_t job : page) {
    if (reply.body.back() != '[') reply.body += ',';
    append_conversation(reply.body, organization.job_of_age(job), knobs.lists_created_at);
  }
  reply.body += ']';
  // Assumed: additive, null at the end.
  if (next_cursor && knobs.next_cursor != NextCursor::absent) {
    reply.body += ",\"next_cursor\":";
    append_json_string(reply.body, *next_cursor);
  } else if (knobs.next_cursor == NextCursor::null_at_end) {
    reply.body += ",\"next_cursor\":null";
  }
  reply.body += '}';
  return reply;
}

// The cursor decides what is walked; sort and filters beside it are ignored (assumed).
Reply next_page(Organization& organization, const Agent& agent, const ListQuery& query) {
  const Cursor cursor = *query.cursor;
  const Walk* walk = organization.find_walk(cursor.walk);
  if (walk == nullptr || walk->agent != organization.index_of(agent) ||
      cursor.position > walk->conversations.size()) {
    return error_reply(
        {400, "invalid cursor", "cursor is unknown or too old: start the walk again without one"});
  }
  const auto page =
      walk->conversations.page(cursor.position, static_cast<std::size_t>(query.limit));
  for (const std::uint32_t job : page) catch_up(organization, organization.job_of_age(job));
  const std::size_t end = cursor.position + page.size();
  if (end == walk->conversations.size()) return page_reply(organization, page, std::nullopt);
  return page_reply(organization, page, cursor_text(cursor.walk, end));
}

}  // namespace

Reply list_conversations(Organization& organization, const Call& call) {
  constexpr int kUnknown = 404;  // REFERENCE: it is documented here
  const auto agent = find_agent(organization, call.parameter, kUnknown);
  if (!agent) return error_reply(agent.error());
  const auto query = read_query(call.query, organization.knobs().bad_query_status);
  if (!query) return error_reply(query.error());
  if (query->cursor) return next_page(organization, **agent, *query);
  catch_up_all(organization, **agent);
  ListView found = organization.conversations(**agent).view(query->filter);
  const auto offset = static_cast<std::size_t>(query->offset);
  const auto page = found.page(offset, static_cast<std::size_t>(query->limit));
  const std::size_t end = offset + page.size();
  if (page.empty() || end == found.size()) return page_reply(organization, page, std::nullopt);
  const std::uint64_t walk = organization.keep_walk(**agent, query->filter, std::move(found));
  return page_reply(organization, page, cursor_text(walk, end));
}

}  // namespace nairi::mock
