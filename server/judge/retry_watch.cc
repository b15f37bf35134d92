#include "judge/retry_watch.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>
#include <utility>

#include "protocol/body.h"
#include "protocol/multipart.h"
#include "protocol/target.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// A date means what the reply's own Date makes of it: the client may share no clock with the fake.
// One that does share it may come at that very time, which is up to a second sooner, as Date has no
// fractions, and counts from the reply's making.
std::optional<std::int64_t> ms_until(std::string_view text, const Reply& reply) {
  constexpr std::int64_t kFraction = 999;
  const std::string* date = find_header(reply.headers, "Date");
  const auto from = date == nullptr ? std::nullopt : parse_http_date(*date);
  const auto until = parse_http_date(text);
  if (!from || !until) return std::nullopt;
  return std::max<std::int64_t>(*until - *from - kFraction - sending_ms(reply), 0);
}

std::optional<std::int64_t> retry_after_ms(const Exchange& exchange) {
  const std::string* text = find_header(exchange.reply.headers, "Retry-After");
  if (text == nullptr || !exchange.delivered || exchange.reply.status < 400) return std::nullopt;
  std::int64_t seconds = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, seconds);
  constexpr std::int64_t kLongest = std::int64_t{365} * 24 * 3600;
  if (error != std::errc{} || stop != end) return ms_until(*text, exchange.reply);
  if (seconds < 0) return std::nullopt;
  return std::min(seconds, kLongest) * 1000;
}

bool is_list(std::optional<Operation> operation) {
  return operation == Operation::list_conversations || operation == Operation::list_messages ||
         operation == Operation::list_agents;
}

bool is_overload(const Exchange& exchange) {
  return exchange.delivered && (exchange.reply.status == 429 || exchange.reply.status >= 500);
}

Fingerprint fingerprint_of(const Exchange& exchange) {
  const Request& request = exchange.request;
  const std::hash<std::string_view> hash;
  std::string head = request.method + " " + request.target + " ";
  head += header_value(request.headers, "Authorization");
  // Of one that was refused as malformed, the reason tells whether it is the same again: not all of
  // it was read.
  if (exchange.reply.status == 400) head += exchange.refusal;
  Fingerprint fingerprint;
  fingerprint.head = hash(head);
  const std::string_view boundary =
      multipart_boundary(header_value(request.headers, "Content-Type")).value_or("");
  std::string_view rest = request.body;
  while (true) {
    const std::size_t at = boundary.empty() ? std::string_view::npos : rest.find(boundary);
    const std::string_view piece = rest.substr(0, at);
    fingerprint.body = fingerprint.body * 31 + hash(piece);
    fingerprint.body_bytes += piece.size();
    if (at == std::string_view::npos) return fingerprint;
    rest.remove_prefix(at + boundary.size());
  }
}

}  // namespace

RetryWatch::Trouble RetryWatch::trouble_of(const Exchange& exchange, bool has_retry_after) {
  const int status = exchange.reply.status;
  const bool is_post = exchange.request.method == "POST";
  if (exchange.is_refused()) return status == 400 ? Trouble::refused : Trouble::none;
  if (!exchange.delivered) {
    return exchange.is_get() ? Trouble::read_failed
           : is_post         ? Trouble::may_be_done
                             : Trouble::none;
  }
  if (status == 400 || status == 401 || status == 404) return Trouble::refused;
  if (exchange.is_get()) {
    const bool is_passing = status == 429 || (status >= 502 && status <= 504);
    return is_passing ? Trouble::read_failed : Trouble::none;
  }
  // Assumed: 429, and 503 that says when to come again, mean that nothing was done.
  if (!is_post || status == 429 || (status == 503 && has_retry_after)) return Trouble::none;
  if (status >= 500 || !Body::parse(exchange.reply.body)) return Trouble::may_be_done;
  return sending_ms(exchange.reply) > 0 ? Trouble::on_its_way : Trouble::none;
}

void RetryWatch::observe(const Exchange& exchange) {
  const Fingerprint fingerprint = fingerprint_of(exchange);
  const auto found = troubled_.find(fingerprint);
  const Last* before = found == troubled_.end() ? nullptr : &found->second;
  if (before != nullptr) {
    judge_repetition(*before, exchange);
    judge_wait(*before, exchange);
    judge_backoff(*before, exchange);
  }
  if (exchange.succeeded() && exchange.is_write()) ++writes_;
  if (exchange.succeeded() && is_list(exchange.operation)) ++lists_;
  keep(fingerprint, outcome(before, exchange));
}

void RetryWatch::judge_repetition(const Last& last, const Exchange& exchange) {
  const auto since = exchange.received.ms_since(last.sent);
  const std::string first = "(first #" + std::to_string(last.number) + ")";
  switch (last.trouble) {
    case Trouble::refused:
      if (last.writes != writes_) return;
      return refused_.prove("a request was sent again after 400, 401 or 404",
                            evidence_of(exchange, first));
    case Trouble::may_be_done:
      if (last.lists != lists_) return;
      return blind_.prove("a POST was sent again that may have been carried out",
                          evidence_of(exchange, first));
    case Trouble::on_its_way:
      if (!since || *since >= 0) return;
      return blind_.prove("a POST was sent again before the reply to the first could be there",
                          evidence_of(exchange, first));
    case Trouble::read_failed:
      read_retried_ = true;
      return;
    case Trouble::none:
      return;
  }
}

void RetryWatch::judge_wait(const Last& last, const Exchange& exchange) {
  if (!last.asked_ms) return;
  const auto waited = exchange.received.ms_since(last.sent);
  if (!waited) return wait_.doubt(kNoTime);
  wait_.test();
  if (*waited >= *last.asked_ms - tolerance_ms(*last.asked_ms)) return;
  wait_.prove("a request came again sooner than Retry-After asked",
              evidence_of(exchange, "after " + std::to_string(*waited) + " of " +
                                        std::to_string(*last.asked_ms) + " ms"));
}

void RetryWatch::judge_backoff(const Last& last, const Exchange& exchange) {
  constexpr std::int64_t kAtOnce = 50;
  if (last.overloads < 2) return;
  const auto pause = exchange.received.ms_since(last.sent);
  if (!pause || !last.pause_ms) return backoff_.doubt(kNoTime);
  backoff_.test();
  // Jitter may take half of a pause.
  const bool shrinks = *pause < *last.pause_ms / 2 - tolerance_ms(*last.pause_ms);
  const bool hammers = *pause < kAtOnce && *last.pause_ms < kAtOnce;
  if (!shrinks && !hammers) return;
  backoff_.prove(
      hammers ? "retries came at once" : "a pause between retries was shorter than before",
      evidence_of(exchange, "after " + std::to_string(*pause) + " ms, before that " +
                                std::to_string(*last.pause_ms) + " ms"));
}

std::optional<RetryWatch::Last> RetryWatch::outcome(const Last* before, const Exchange& exchange) {
  Last last;
  last.asked_ms = retry_after_ms(exchange);
  last.trouble = trouble_of(exchange, last.asked_ms.has_value());
  if (is_overload(exchange) && !last.asked_ms) {
    last.overloads = (before == nullptr ? 0 : before->overloads) + 1;
    if (last.overloads > 1) last.pause_ms = exchange.received.ms_since(before->sent);
  }
  if (last.trouble == Trouble::none && !last.asked_ms && last.overloads == 0) return std::nullopt;
  if (last.trouble == Trouble::refused) refused_.test();
  if (last.trouble == Trouble::may_be_done) blind_.test();
  last.number = exchange.number;
  last.sent = exchange.sent();
  last.writes = writes_;
  last.lists = lists_;
  if (last.trouble == Trouble::read_failed) {
    last.repeated = before != nullptr && before->trouble == Trouble::read_failed;
    last.evidence = evidence_of(exchange);
    if (exchange.operation == Operation::get_message) {
      last.message = percent_decode(exchange.parameter).value_or("");
    }
  }
  return last;
}

void RetryWatch::keep(const Fingerprint& fingerprint, std::optional<Last> last) {
  if (!last) {
    troubled_.erase(fingerprint);
    return;
  }
  if (troubled_.size() >= options_.max_tracked && !troubled_.contains(fingerprint)) {
    std::erase_if(troubled_, [&](const auto& entry) {
      const Last& old = entry.second;
      const bool is_forgiven = old.trouble == Trouble::refused && old.writes != writes_;
      return is_forgiven || old.trouble == Trouble::on_its_way;
    });
    if (troubled_.size() >= options_.max_tracked) {
      overflowed_ = true;
      return;
    }
  }
  troubled_.insert_or_assign(fingerprint, std::move(*last));
}

Finding RetryWatch::failed_reads(const TurnWatch& turns) const {
  Finding finding("retries-idempotent-reads", "no GET was cut or answered 429, 502, 503 or 504");
  if (read_retried_) finding.test();
  std::vector<Evidence> given_up;
  for (const auto& [fingerprint, last] : troubled_) {
    if (last.trouble != Trouble::read_failed || last.repeated || turns.is_over(last.message)) {
      continue;
    }
    given_up.push_back(last.evidence);
  }
  finding.prove_all("a GET that failed in passing was not tried again", std::move(given_up));
  return finding;
}

void RetryWatch::report(const TurnWatch& turns, std::vector<Verdict>& verdicts) const {
  for (Finding finding : {refused_, blind_, wait_, backoff_, failed_reads(turns)}) {
    if (overflowed_) finding.doubt(kTooMany);
    verdicts.push_back(finding.verdict(options_.in_suite));
  }
}

}  // namespace nairi::mock
