#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "harness/watch/watches.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream parts(list);
  for (std::string word; std::getline(parts, word, ',');) words.push_back(word);
  return words;
}

// nullopt: the service has to refuse it, or nobody knows what it means.
std::optional<std::size_t> limit_of(const Exchange& exchange) {
  constexpr std::size_t kDefault = 50;
  const std::string* text = exchange.parameter("limit");
  if (text == nullptr) return kDefault;
  std::size_t limit = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, limit);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return limit;
}

// Whether a parameter is as documented beyond any doubt. What others do, nobody knows, nor what an
// offset beyond all lists does, or the same status twice.
bool is_plain_parameter(const std::string& name, const std::string& value) {
  static const RE2 number("[1-9][0-9]{0,5}|0");
  static const RE2 time(
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");
  if (name == "limit" || name == "offset") return RE2::FullMatch(value, number);
  if (name == "updated_after") {
    return RE2::FullMatch(value, time) && mock::parse_timestamp(value).has_value();
  }
  if (name != "status") return name == "sort";
  const std::vector<std::string> words = words_of(value);
  return std::set<std::string>(words.begin(), words.end()).size() == words.size();
}

bool is_sound_query(const Exchange& exchange) {
  return std::all_of(exchange.query.begin(), exchange.query.end(),
                     [](const auto& parameter) {
                       return is_plain_parameter(parameter.first, parameter.second);
                     }) &&
         OpenApi::built_in()
             .check_request(*exchange.operation, exchange.recorded->target, "", "")
             .empty();
}

bool is_bare_query(const Exchange& exchange) {
  return std::all_of(exchange.query.begin(), exchange.query.end(), [](const auto& parameter) {
    return parameter.first == "limit" || parameter.first == "sort";
  });
}

}  // namespace

void ListWatch::see(const Exchange& exchange) {
  if (!exchange.is("conversations") || !exchange.passed_over.empty()) return;
  if (exchange.succeeded() && exchange.body && exchange.body->is_object()) {
    answered_us_.try_emplace(exchange.path_id, exchange.recorded->ended_us);
    const auto page = exchange.body->find("conversations");
    if (page != exchange.body->end() && page->is_array()) check_page(exchange, *page);
  }
  const auto answered = answered_us_.find(exchange.path_id);
  const bool agent_is_known =
      answered != answered_us_.end() && exchange.began_after(answered->second);
  const bool asked_well = agent_is_known && !exchange.query.empty() && is_sound_query(exchange) &&
                          !exchange.recorded->key.empty();
  const bool judged = exchange.succeeded() || exchange.status() == 400;
  if (asked_well && judged) {
    const std::string status = std::to_string(exchange.status());
    findings_.check(facts::kGoodQuery, exchange, exchange.succeeded(), {"200", status, status});
  }
}

void ListWatch::check_page(const Exchange& exchange, const Json& page) {
  for (const Json& job : page) {
    if (!job.is_object()) return;  // openapi.json says what is wrong
  }
  check_once(exchange, page);
  check_walk(exchange, page);
  if (is_sound_query(exchange)) {
    check_limit(exchange, page);
    check_sorted(exchange, page);
    check_filters(exchange, page);
    check_complete(exchange, page);
  }
  for (const Json& job : page) see_job(exchange, job);
}

void ListWatch::check_once(const Exchange& exchange, const Json& page) {
  std::set<std::string> ids;
  for (const Json& job : page) ids.insert(text_in(job, "id"));
  findings_.check(
      facts::kLimit, exchange, ids.size() == page.size(),
      {"each conversation once",
       std::to_string(page.size() - ids.size()) + " of " + std::to_string(page.size()) + " again",
       "twice"});
}

void ListWatch::check_limit(const Exchange& exchange, const Json& page) {
  const auto limit = limit_of(exchange);
  if (!limit) return;
  findings_.check(facts::kLimit, exchange, page.size() <= *limit,
                  {"at most " + std::to_string(*limit), std::to_string(page.size()), "more"});
}

void ListWatch::check_sorted(const Exchange& exchange, const Json& page) {
  const std::string* asked = exchange.parameter("sort");
  const std::string sort = asked == nullptr ? "created_at_desc" : *asked;
  const bool descending = sort.ends_with("_desc");
  if (!descending && !sort.ends_with("_asc")) return;
  const std::string field = sort.substr(0, sort.rfind('_'));
  for (std::size_t i = 1; i < page.size(); ++i) {
    const auto before = mock::parse_timestamp(text_in(page[i - 1], field));
    const auto after = mock::parse_timestamp(text_in(page[i], field));
    if (!before || !after) continue;
    findings_.check(
        facts::kSorted, exchange, descending ? *before >= *after : *before <= *after,
        {sort, text_in(page[i - 1], field) + " before " + text_in(page[i], field), sort});
  }
}

void ListWatch::check_filters(const Exchange& exchange, const Json& page) {
  const std::string* statuses = exchange.parameter("status");
  const std::string* after = exchange.parameter("updated_after");
  const auto after_ms = after == nullptr ? std::nullopt : mock::parse_timestamp(*after);
  const auto words = statuses == nullptr ? std::vector<std::string>() : words_of(*statuses);
  for (const Json& job : page) {
    const std::string status = text_in(job, "status");
    if (!words.empty()) {
      findings_.check(facts::kFiltered, exchange,
                      std::find(words.begin(), words.end(), status) != words.end(),
                      {*statuses, status, status});
    }
    const auto updated = mock::parse_timestamp(text_in(job, "updated_at"));
    if (after_ms && updated) {
      findings_.check(facts::kStrictlyAfter, exchange, *updated > *after_ms,
                      {"updated after " + *after, text_in(job, "updated_at")});
    }
  }
}

void ListWatch::check_walk(const Exchange& exchange, const Json& page) {
  std::set<std::string> listed;
  if (const std::string* cursor = exchange.parameter("cursor")) {
    const auto walk = walks_.find(*cursor);
    if (walk == walks_.end()) return;  // it began before the recording
    listed = walk->second;
    const auto again = std::find_if(page.begin(), page.end(), [&](const Json& job) {
      return listed.contains(text_in(job, "id"));
    });
    findings_.check(
        facts::kWalk, exchange, again == page.end(),
        {"none that came before", again == page.end() ? "" : text_in(*again, "id") + " again"});
  }
  const std::string next = text_in(*exchange.body, "next_cursor");
  if (next.empty()) return;
  for (const Json& job : page) listed.insert(text_in(job, "id"));
  walks_[next] = std::move(listed);
}

// A page that can have left out nothing has each conversation that was started before.
void ListWatch::check_complete(const Exchange& exchange, const Json& page) {
  const auto limit = limit_of(exchange);
  const bool has_all = is_bare_query(exchange) && limit && page.size() < *limit &&
                       text_in(*exchange.body, "next_cursor").empty();
  if (!has_all) return;
  std::set<std::string> ids;
  for (const Json& job : page) ids.insert(text_in(job, "id"));
  for (const auto& [id, job] : knowledge_.jobs) {
    const bool expected = job.started_here && job.agent == exchange.path_id &&
                          job.key == exchange.recorded->key && knowledge_.knew(id, exchange) &&
                          !knowledge_.may_have_gone(job, exchange);
    if (!expected) continue;
    findings_.check(facts::kAllStatuses, exchange, ids.contains(id),
                    {id + ", which was started before", "a list without it"});
  }
}

void ListWatch::see_job(const Exchange& exchange, const Json& job) {
  const std::string id = text_in(job, "id");
  if (id.empty()) return;
  knowledge_.saw(id, exchange);
  KnownJob& known = knowledge_.jobs[id];
  if (const std::string origin = text_in(job, "origin"); !origin.empty()) {
    known.origin = origin;
    known.origin_key = exchange.recorded->key;
  }
  const JobState now{text_in(job, "status"), text_in(job, "updated_at")};
  History<JobState>& history = jobs_[id];
  if (const JobState* before = history.before(exchange)) {
    const bool moved = now.status == before->status || now.updated_at > before->updated_at;
    findings_.check(facts::kJobForward, exchange, now.updated_at >= before->updated_at && moved,
                    {before->status + " of " + before->updated_at + ", or later",
                     now.status + " of " + now.updated_at});
  }
  JobState newest = history.latest();
  if (now.updated_at >= newest.updated_at) history.learn(exchange.recorded->ended_us, now);
  check_after_failure(exchange, known, now.status);
}

// One that is in error after a refused retry was so when it was refused: what has ended stays so.
void ListWatch::check_after_failure(const Exchange& exchange, KnownJob& job,
                                    const std::string& status) {
  std::erase_if(job.refused_retries, [&](const Exchange* refused) {
    if (status != "error") return true;
    if (!exchange.began_after(refused->recorded->ended_us)) return false;
    const std::string got = std::to_string(refused->status());
    findings_.check(facts::kRetry, *refused, false, {"any 2xx", got, got});
    return true;
  });
  if (!knowledge_.failed_last(job, exchange)) return;
  if (status == "active") {
    job.listed_active.push_back(&exchange);  // somebody else may have continued it
  } else {
    findings_.check(facts::kErrorJob, exchange, true, {});
  }
}

}  // namespace nairi::contracts
