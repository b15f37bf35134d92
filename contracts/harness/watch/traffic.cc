#include "harness/watch/traffic.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "harness/openapi/openapi_schema.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

// A page for people: of a proxy, a firewall, a portal.
bool is_page(const RecordedExchange& recorded) {
  const std::string* type = mock::find_header(recorded.reply_headers, "content-type");
  return (type != nullptr && type->find("html") != std::string::npos) ||
         mock::trimmed(recorded.reply_body.kept).starts_with('<');
}

std::string broken_off(Ending ending) {
  switch (ending) {
    case Ending::whole:
      return "";
    case Ending::cut:
      return "the reply was cut off";
    case Ending::reset:
      return "the connection was reset";
    case Ending::none:
      return "no reply came";
    case Ending::abandoned:
      return "the client went away";
  }
  return "";
}

bool repeats_a_parameter(const QueryParameters& query) {
  std::set<std::string_view> names;
  return std::any_of(query.begin(), query.end(),
                     [&](const auto& parameter) { return !names.insert(parameter.first).second; });
}

std::string reason_to_pass_over(const RecordedExchange& recorded, const QueryParameters& query,
                                bool has_json) {
  if (recorded.ending != Ending::whole) return broken_off(recorded.ending);
  const std::string status = std::to_string(recorded.status);
  if (recorded.status == 429) return "429: the service limits its clients";
  constexpr int kServerErrors = 500;
  if (recorded.status >= kServerErrors) {
    return status + (has_json ? ": the service was in trouble"
                              : " without JSON: the service or a proxy was in trouble");
  }
  if (!has_json && is_page(recorded)) return status + " with a page of HTML: not the API's answer";
  if (!has_json && recorded.status / 100 == 3)
    return status + ": a redirect, which the API has not";
  if (!has_json && recorded.reply_body.left_out) return "the body was not kept";
  return repeats_a_parameter(query) ? "a parameter that came twice: nobody says which one counts"
                                    : "";
}

}  // namespace

std::string Exchange::request_line() const {
  constexpr std::size_t kMost = 100;
  return mock::cut(recorded->method + " " + recorded->target, kMost);
}

const std::string* Exchange::parameter(std::string_view name) const {
  for (const auto& [known, value] : query) {
    if (known == name) return &value;
  }
  return nullptr;
}

Exchange read_exchange(const RecordedExchange& recorded, const std::string& recording) {
  Exchange exchange{.recorded = &recorded,
                    .recording = recording,
                    .operation = OpenApi::built_in().find(recorded.method, recorded.target)};
  const auto [path, query] = split_target(recorded.target);
  if (auto read = read_query(query)) exchange.query = std::move(*read);
  if (exchange.operation != nullptr) {
    const auto encoded = path_parameter(exchange.operation->path, path);
    if (encoded) exchange.path_id = percent_decode(*encoded).value_or("");
  }
  if (!recorded.request_body.left_out) exchange.sent = parse_bounded(recorded.request_body.kept);
  exchange.body = parse_bounded(recorded.reply_body.kept);
  exchange.passed_over = reason_to_pass_over(recorded, exchange.query, exchange.body.has_value());
  return exchange;
}

}  // namespace nairi::contracts
