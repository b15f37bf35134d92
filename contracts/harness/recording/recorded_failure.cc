#include "harness/recording/recorded_failure.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using FailureJson = nlohmann::ordered_json;

constexpr std::int64_t kUsPerFailureMs = 1000;
constexpr std::int64_t kMsPerS = 1000;
// Clients are seldom less patient than this: a quicker reply need not be delayed in a replay.
constexpr std::int64_t kSlowUs = 1'000'000;
// Who goes away sooner did not lose patience: it was ended.
constexpr std::int64_t kImpatientUs = 200'000;
constexpr std::int64_t kLongestDelayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kLongestWaitS = 1'000'000'000;
// Of the fake's replies: about so long is the head that comes before the body.
constexpr std::size_t kHeadBytes = 100;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

std::int64_t lasted_ms(const RecordedExchange& exchange) {
  return (exchange.ended_us - exchange.began_us) / kUsPerFailureMs;
}

FailureJson delay(std::int64_t ms) {
  return {{"delay_ms", std::clamp<std::int64_t>(ms, 1, kLongestDelayMs)}};
}

// Seconds or a date (RFC 9110, 10.2.3).
void add_retry_after(const RecordedExchange& exchange, FailureJson& effect) {
  const std::string text = reply_header(exchange, "retry-after");
  if (text.empty()) return;
  static const RE2 seconds("[0-9]{1,9}");
  if (RE2::FullMatch(text, seconds)) {
    effect["retry_after_s"] = std::stoll(text);
    return;
  }
  const auto until = mock::parse_http_date(text);
  auto from = mock::parse_http_date(reply_header(exchange, "date"));
  if (!from) from = mock::parse_timestamp(exchange.at);
  if (!until || !from) return;
  effect["retry_after_s"] = std::clamp<std::int64_t>((*until - *from) / kMsPerS, 0, kLongestWaitS);
  effect["retry_after_date"] = true;
}

void add_body(const RecordedExchange& exchange, FailureJson& effect) {
  static const RE2 media("[!#-'*+.0-9A-Z^-z|~-]+/[!#-'*+.0-9A-Z^-z|~-]+( *;[ -~]*)?");
  const std::string type = reply_header(exchange, "content-type");
  effect["content_type"] = RE2::FullMatch(type, media) ? type : "application/octet-stream";
  effect["body"] = mock::valid_utf8(exchange.reply_body.kept);
}

FailureJson error_effect(const RecordedExchange& exchange) {
  FailureJson effect = {{"status", exchange.status}};
  const FailureJson body = json_of(exchange.reply_body);
  const std::string error = text_in(body, "error");
  const bool is_plain = !error.empty() && body.size() == 1;
  is_plain ? void(effect["error"] = error) : add_body(exchange, effect);
  add_retry_after(exchange, effect);
  return effect;
}

// A replay must never lead a client, and its key, to where the service sent it.
FailureJson redirect_effect(const RecordedExchange& exchange) {
  return {{"status", exchange.status},
          {"redirect_to", "http://redirected.invalid"},
          {"x-interpolated", "the service named another place, which a replay must not visit"}};
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// One that a world may have.
bool is_error(int status) {
  return status >= 400 && status < 600;
}

bool promises_json(const RecordedExchange& exchange) {
  return reply_header(exchange, "content-type").find("json") != std::string::npos;
}

// A success whose body is none of the API's: the login page of a network, or half a body.
std::optional<RecordedFailure> odd_success(const RecordedExchange& exchange,
                                           const RecordedCall& call) {
  constexpr int kNoContent = 204;
  const RecordedBody& body = exchange.reply_body;
  if (body.left_out || exchange.status == kNoContent) return std::nullopt;
  const FailureJson json = json_of(body);
  const bool starts = call.operation == "start" || call.operation == "continue";
  const bool has_ids = !text_in(json, "job_id").empty() && !text_in(json, "message_id").empty();
  const bool may_be_empty = call.operation == "update_agent" || call.operation == "delete_agent" ||
                            call.operation == "deploy";
  const bool is_empty_answer = body.kept.empty() && may_be_empty;
  if (is_empty_answer || (!json.is_discarded() && (has_ids || !starts))) return std::nullopt;
  if (json.is_discarded() && promises_json(exchange) && !body.kept.empty()) {
    return RecordedFailure{{{"malformed_json", true}}, true, false};
  }
  FailureJson effect = {{"status", 200}};
  add_body(exchange, effect);
  return RecordedFailure{effect, false, false};
}

RecordedFailure unanswered(const RecordedExchange& exchange) {
  if (exchange.ending == Ending::reset) {
    return {{{"reset_after_bytes", 0}, {"executed", false}}, false, false};
  }
  return {{{"empty_response", true}, {"executed", false}}, false, false};
}

// Of a reply of which nothing is told again but its end.
RecordedFailure unfit(const RecordedExchange& exchange) {
  const int status = exchange.status;
  if (is_redirect(status)) return {redirect_effect(exchange), false, false};
  if (is_error(status)) return {error_effect(exchange), false, false};
  return unanswered(exchange);
}

std::optional<RecordedFailure> broken_off(const RecordedExchange& exchange) {
  if (!is_success(exchange.status)) return unfit(exchange);
  const RecordedBody& body = exchange.reply_body;
  const std::size_t came = body.left_out ? body.bytes : body.kept.size();
  if (exchange.ending == Ending::reset) {
    return RecordedFailure{{{"reset_after_bytes", kHeadBytes + came}}, true, false};
  }
  return RecordedFailure{{{"truncate_after_bytes", came}}, true, false};
}

std::optional<RecordedFailure> given_up(const RecordedExchange& exchange) {
  if (exchange.ended_us - exchange.began_us < kImpatientUs) return std::nullopt;
  // Longer than the client waited then: it is to give up again.
  const std::int64_t waited = lasted_ms(exchange);
  FailureJson effect = delay((2 * waited) + kMsPerS);
  effect["x-interpolated"] = "the client went away before it knew how long it takes";
  return RecordedFailure{effect, true, false};
}

std::optional<RecordedFailure> whole_failure(const RecordedExchange& exchange,
                                             const RecordedCall& call) {
  if (is_redirect(exchange.status) || is_error(exchange.status)) return unfit(exchange);
  return is_success(exchange.status) ? odd_success(exchange, call) : std::nullopt;
}

}  // namespace

std::optional<RecordedFailure> failure_of(const RecordedExchange& exchange,
                                          const RecordedCall& call) {
  if (exchange.ending == Ending::abandoned) return given_up(exchange);
  if (exchange.status == 0) return unanswered(exchange);
  if (exchange.ending != Ending::whole) return broken_off(exchange);
  auto failure = whole_failure(exchange, call);
  const bool is_slow = exchange.ended_us - exchange.began_us >= kSlowUs;
  if (!is_slow) return failure;
  if (!failure) return RecordedFailure{delay(lasted_ms(exchange)), true, true};
  failure->effect.update(delay(lasted_ms(exchange)));
  return failure;
}

}  // namespace nairi::contracts
