#include "api_caller.h"

#include <algorithm>
#include <random>
#include <utility>

#include "decode.h"
#include "failure.h"
#include "retry_after.h"

namespace nairi {
namespace {

using std::chrono::milliseconds;

double random_fraction() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

bool is_worth_another_try(const Error& error) {
  switch (error.code) {
    case ErrorCode::api:
      return error.status == 429 || (error.status >= 502 && error.status <= 504);
    case ErrorCode::connection_failed:
    case ErrorCode::connection_lost:
    case ErrorCode::timed_out:
      return true;
    default:
      return false;
  }
}

// A request other than GET may have been carried out even though no answer came.
bool may_be_sent_again(const ApiRequest& request, const Error& error) {
  if (request.method == "GET") return is_worth_another_try(error);
  return error.code == ErrorCode::connection_failed;
}

std::optional<Error> mistake_in(const std::string& api_key) {
  if (api_key.empty()) {
    return failure(ErrorCode::invalid_argument,
                   "expected an API key, came none: give one in NAIRI_API_KEY");
  }
  const auto is_visible = [](char c) { return c > ' ' && c < 127; };
  if (!std::all_of(api_key.begin(), api_key.end(), is_visible)) {
    return failure(ErrorCode::invalid_argument,
                   "expected an API key of visible ASCII characters, came one with others in it "
                   "(a line break at its end?)");
  }
  return std::nullopt;
}

Error deadline_error(Error last) {
  last.code = ErrorCode::deadline_reached;
  last.message = "the deadline comes before the next attempt; the last one: " + last.message;
  return last;
}

}  // namespace

ApiCaller::ApiCaller(std::shared_ptr<Transport> transport, ClientOptions options)
    : transport_(std::move(transport)), options_(std::move(options)) {
  if (!options_.retry.jitter) options_.retry.jitter = random_fraction;
}

Result<HttpReply> ApiCaller::send(const ApiRequest& request) const {
  const RetryPolicy& retry = options_.retry;
  for (int attempt = 1;; ++attempt) {
    Result<HttpReply> reply = send_once(request);
    if (reply) return reply;
    const Error& error = reply.error();
    if (!may_be_sent_again(request, error)) return named(request, std::move(reply));
    const milliseconds asked = error.retry_after.value_or(milliseconds(0));
    const milliseconds pause = std::max(backoff_after(attempt), asked);
    if (request.deadline && clock().now() + pause > *request.deadline) {
      return tl::unexpected(named(request, deadline_error(error)));
    }
    if (attempt >= retry.max_attempts || asked > retry.max_retry_after) {
      return named(request, std::move(reply));
    }
    clock().sleep_unless_stopped(pause, stop_of(request.stop));
  }
}

Result<HttpReply> ApiCaller::send_once(const ApiRequest& request) const {
  if (auto mistake = mistake_in(options_.api_key)) return tl::unexpected(std::move(*mistake));
  const std::stop_token& stop = stop_of(request.stop);
  if (stop.stop_requested()) return tl::unexpected(cancelled());
  HttpRequest http{.method = request.method,
                   .target = request.target,
                   .headers = {{"Authorization", "Bearer " + options_.api_key},
                               {"User-Agent", "nairi-cpp/" NAIRI_VERSION},
                               {"Accept", "application/json"}},
                   .body = request.body,
                   .stop = stop};
  if (!request.body.empty()) http.headers.push_back({"Content-Type", request.content_type});
  http.time_limit = options_.request_limit;
  if (request.deadline) {
    // The poll that is made when the deadline comes still gets the time for an answer.
    const milliseconds left = std::max(*request.deadline - clock().now(), milliseconds(1000));
    http.time_limit = std::min(http.time_limit.value_or(left), left);
  }
  Result<HttpReply> reply = transport_->send_away(std::move(http));
  if (reply && (reply->status < 200 || reply->status > 299)) {
    return tl::unexpected(error_of(*reply));
  }
  return reply;
}

Error ApiCaller::error_of(const HttpReply& reply) const {
  Error error;
  error.status = reply.status;
  error.retry_after = retry_after(reply, clock());
  const std::string status = std::to_string(reply.status);
  if (reply.status >= 400) {
    error.code = ErrorCode::api;
    error.server_text = decode_error_text(reply.body);
    error.message =
        "the server answered " + status +
        (error.server_text.empty() ? " without an error text" : ": " + error.server_text);
  } else if (reply.status >= 300) {
    error.code = ErrorCode::redirected;
    const std::string* location = find_header(reply, "Location");
    error.message = "the server answered " + status + ", a redirect to " +
                    (location ? *location : "nowhere") +
                    "; redirects are not followed, lest the key go elsewhere: check the base URL";
  } else {
    error.code = ErrorCode::malformed_reply;
    error.message = "expected a final HTTP status, came " + status;
  }
  return error;
}

milliseconds ApiCaller::backoff_after(int attempt) const {
  const RetryPolicy& retry = options_.retry;
  milliseconds backoff = retry.first_backoff;
  for (int i = 1; i < attempt && backoff < retry.max_backoff; ++i) backoff *= 2;
  const auto ms = static_cast<double>(std::min(backoff, retry.max_backoff).count());
  return milliseconds(static_cast<std::int64_t>(ms * (0.5 + 0.5 * retry.jitter())));
}

Error ApiCaller::named(const ApiRequest& request, Error error) {
  error.message = request.method + " " + request.target + ": " + error.message;
  return error;
}

}  // namespace nairi
