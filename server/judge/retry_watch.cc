#include "judge/retry_watch.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "protocol/body.h"
#include "protocol/multipart.h"
#include "protocol/target.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kNotTold =
    "a request that came too early may be from a program that was not asked to wait";

// A date means what the reply's own Date makes of it: the client may share no clock with the fake.
// One that does share it may come at that very time, which is up to a second sooner, as Date has no
// fractions, and counts from the reply's making: what held or slowed it since is off.
std::optional<std::int64_t> ms_until(std::string_view text, const Exchange& exchange) {
  constexpr std::int64_t kFraction = 999;
  const std::string* date = find_header(exchange.reply.headers, "Date");
  const auto from = date == nullptr ? std::nullopt : parse_http_date(*date);
  const auto until = parse_http_date(text);
  if (!from || !until) return std::nullopt;
  const std::int64_t on_its_way =
      exchange.sent().ms_since(exchange.received).value_or(sending_ms(exchange.reply));
  return std::max<std::int64_t>(*until - *from - kFraction - on_its_way, 0);
}

std::optional<std::int64_t> retry_after_ms(const Exchange& exchange) {
  const std::string* text = find_header(exchange.reply.headers, "Retry-After");
  if (text == nullptr || !exchange.delivered || exchange.reply.status < 400) return std::nullopt;
  std::int64_t seconds = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, seconds);
  constexpr std::int64_t kLongest = std::int64_t{365} * 24 * 3600;
  if (error != std::errc{} || stop != end) return ms_until(*text, exchange);
  if (seconds < 0) return std::nullopt;
  return std::min(seconds, kLongest) * 1000;
}

bool is_overload(const Exchange& exchange) {
  return exchange.delivered && (exchange.reply.status == 429 || exchange.reply.status >= 500);
}

// The hash of all but the boundary of a multipart body.
void add_body(Fingerprint& fingerprint, const Request& request) {
  const std::hash<std::string_view> hash;
  const std::string_view boundary =
      multipart_boundary(header_value(request.headers, "Content-Type")).value_or("");
  std::string_view rest = request.body;
  while (true) {
    const std::size_t at = boundary.empty() ? std::string_view::npos : rest.find(boundary);
    const std::string_view piece = rest.substr(0, at);
    fingerprint.body = fingerprint.body * 31 + hash(piece);
    fingerprint.body_bytes += piece.size();
    if (at == std::string_view::npos) return;
    rest.remove_prefix(at + boundary.size());
  }
}

bool is_prompt(const Exchange& exchange) {
  return exchange.operation == Operation::start_conversation ||
         exchange.operation == Operation::continue_conversation;
}

// A prompt is the same to whomever pays for it, also with files that were uploaded anew.
bool add_prompt(Fingerprint& fingerprint, const Exchange& exchange) {
  const auto body = Body::parse(exchange.request.body);
  const auto prompt = body ? body->required_text("prompt") : fail(400, "");
  if (!prompt) return false;
  const nlohmann::json* agent = body->find("agent_id");
  fingerprint.body = std::hash<std::string>{}(*prompt + (agent == nullptr ? "" : agent->dump()));
  fingerprint.body_bytes = prompt->size();
  return true;
}

Fingerprint fingerprint_of(const Exchange& exchange) {
  const Request& request = exchange.request;
  std::string head = request.method + " " + request.target + " ";
  head += header_value(request.headers, "Authorization");
  // Of one that was refused as malformed, the reason tells whether it is the same again: not all of
  // it was read.
  if (exchange.reply.status == 400) head += exchange.refusal;
  Fingerprint fingerprint;
  fingerprint.head = std::hash<std::string>{}(head);
  if (!is_prompt(exchange) || !add_prompt(fingerprint, exchange)) add_body(fingerprint, request);
  return fingerprint;
}

// The body as it was sent, but for a boundary. What was refused with these files may be right with
// others.
std::size_t exact_body(const Exchange& exchange) {
  return is_prompt(exchange) ? std::hash<std::string>{}(exchange.request.body) : 0;
}

bool is_refusal(int status) {
  return status == 400 || status == 401 || status == 404;
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
  if (is_refusal(status)) return Trouble::refused;
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
  if (!exchange.let_go) judge_arrival(before, exchange);
  if (exchange.held) return keep(fingerprint, awaiting(before, exchange));
  note(exchange);
  keep(fingerprint, outcome(before, exchange));
}

void RetryWatch::judge_arrival(const Last* before, const Exchange& exchange) {
  newest_ = exchange.received;
  judge_key_wait(exchange);
  if (before == nullptr) return;
  judge_repetition(*before, exchange);
  judge_wait(*before, exchange);
  judge_backoff(*before, exchange);
}

std::optional<RetryWatch::Last> RetryWatch::awaiting(const Last* before, const Exchange& exchange) {
  const bool is_post = exchange.request.method == "POST";
  if (before == nullptr && !is_post) return std::nullopt;
  Last last = before == nullptr ? Last() : *before;
  last.repeated = true;  // a read, whatever comes of it
  if (!is_post) return last;
  last.held_since = exchange.received;
  last.hold = exchange.reply.hold;
  last.trouble = Trouble::on_its_way;
  last.number = exchange.number;
  last.connection = exchange.request.connection;
  if (before == nullptr) last.first_connection = last.connection;
  return last;
}

void RetryWatch::note(const Exchange& exchange) {
  if (exchange.succeeded() && exchange.is_write()) ++writes_;
  if (exchange.succeeded() && exchange.is_get() && exchange.operation) {
    ++reads_.at(static_cast<std::size_t>(*exchange.operation));
  }
  const auto asked_ms = exchange.reply.status == 429 ? retry_after_ms(exchange) : std::nullopt;
  if (!asked_ms) return;
  // Of several, the one that lasts longest.
  const auto later = key_wait_ ? exchange.sent().ms_since(key_wait_->sent) : std::nullopt;
  if (later && *later + *asked_ms < key_wait_->asked_ms) return;
  key_wait_ = KeyWait{exchange.sent(), *asked_ms, exchange.number, exchange.request.connection};
}

// Two runs of one command, with one key, look like a client that tries again, but for the
// connection.
bool RetryWatch::is_same_client(const Last& last, const Exchange& exchange) const {
  const std::uint64_t connection = exchange.request.connection;
  return options_.in_suite || connection == last.connection || connection == last.first_connection;
}

// How often the client looked where it can see whether such a POST was carried out.
std::uint64_t RetryWatch::looks_for(std::optional<Operation> post) const {
  const auto reads = [this](Operation look) { return reads_.at(static_cast<std::size_t>(look)); };
  if (post == Operation::upload_attachment) return 0;
  const std::uint64_t conversations = reads(Operation::list_conversations);
  if (post == Operation::start_conversation) return conversations;
  if (post == Operation::continue_conversation) {
    return conversations + reads(Operation::list_messages);
  }
  return reads(Operation::list_agents) + reads(Operation::get_agent);
}

void RetryWatch::judge_repetition(const Last& last, const Exchange& exchange) {
  switch (last.trouble) {
    case Trouble::refused:
      return judge_refused(last, exchange);
    case Trouble::may_be_done:
    case Trouble::on_its_way:
      return judge_blind(last, exchange);
    case Trouble::read_failed:
      read_retried_ = true;
      return;
    case Trouble::none:
      return;
  }
}

void RetryWatch::judge_refused(const Last& last, const Exchange& exchange) {
  if (last.writes != writes_ || last.exact != exact_body(exchange)) return;
  if (!is_same_client(last, exchange)) {
    return refused_.doubt(
        "a refused request came again on another connection, maybe from another run");
  }
  if (!options_.in_suite) {
    if (!follows_at_once(exchange.request.connection, last.sent, exchange)) {
      return refused_.doubt("a refused request came again after a while, maybe by the user");
    }
    if (!last.struck && !is_refusal(exchange.reply.status)) {
      return refused_.doubt("a refused request was not refused again: somebody changed something");
    }
  }
  refused_.prove("a request was sent again after 400, 401 or 404",
                 evidence_of(exchange, "(first #" + std::to_string(last.number) + ")"));
}

void RetryWatch::judge_blind(const Last& last, const Exchange& exchange) {
  const bool is_upload = exchange.operation == Operation::upload_attachment;
  Finding& finding = is_upload ? uploads_ : blind_;
  const bool on_its_way = last.trouble == Trouble::on_its_way;
  if (on_its_way && !last.held_since) {
    const auto since = exchange.received.ms_since(last.sent);
    if (!since || *since >= 0) return;
  } else {
    if (!on_its_way && last.looks != looks_for(exchange.operation)) return;
    if (!options_.in_suite && !last.hold.expired()) {
      return finding.doubt(
          "a POST was sent again while the reply to the first was held, maybe by another program");
    }
    const Moment& at = last.held_since ? *last.held_since : last.sent;
    if (!options_.in_suite && !follows_at_once(last.connection, at, exchange)) {
      return finding.doubt(
          "a POST that may have been carried out came again after a while, maybe "
          "by the user");
    }
  }
  finding.prove(on_its_way ? "a POST was sent again before the reply to the first could be there"
                           : "a POST was sent again that may have been carried out",
                evidence_of(exchange, "(first #" + std::to_string(last.number) + ")"));
}

// After a 429 no request of the key may come too early, whatever it asks for. What was on its way
// already, or comes from a program that was not told, breaks nothing.
void RetryWatch::judge_key_wait(const Exchange& exchange) {
  constexpr std::int64_t kOnItsWayMs = 100;
  if (!key_wait_) return;
  const auto waited = exchange.received.ms_since(key_wait_->sent);
  if (!waited) {
    key_wait_.reset();
    return wait_.doubt(kNoTime);
  }
  if (*waited < 0) return;
  if (*waited >= key_wait_->asked_ms - tolerance_ms(key_wait_->asked_ms)) {
    key_wait_.reset();
    return wait_.test();
  }
  if (exchange.request.connection != key_wait_->connection) {
    if (*waited < kOnItsWayMs) return;
    if (!options_.in_suite) return wait_.doubt(kNotTold);
  }
  wait_.prove("a request came sooner than the Retry-After of a 429 asked the key to wait",
              evidence_of(exchange, "after " + std::to_string(*waited) + " of " +
                                        std::to_string(key_wait_->asked_ms) + " ms (429 #" +
                                        std::to_string(key_wait_->number) + ")"));
}

// Assumed: 503 speaks of what was asked for, and not of the key.
void RetryWatch::judge_wait(const Last& last, const Exchange& exchange) {
  if (!last.asked_ms) return;
  const auto waited = exchange.received.ms_since(last.sent);
  if (!waited) return wait_.doubt(kNoTime);
  if (*waited >= *last.asked_ms - tolerance_ms(*last.asked_ms)) return wait_.test();
  if (!is_same_client(last, exchange)) return wait_.doubt(kNotTold);
  wait_.prove("a request came again sooner than Retry-After asked",
              evidence_of(exchange, "after " + std::to_string(*waited) + " of " +
                                        std::to_string(*last.asked_ms) + " ms"));
}

void RetryWatch::judge_backoff(const Last& last, const Exchange& exchange) {
  constexpr std::int64_t kAtOnce = 50;
  if (last.overloads < 2) return;
  const auto pause = exchange.received.ms_since(last.sent);
  if (!pause || !last.pause_ms) return backoff_.doubt(kNoTime);
  if (*pause < 0) return;  // it did not wait for the reply
  backoff_.test();
  // Jitter may take half of a pause.
  const bool shrinks = *pause < *last.pause_ms / 2 - tolerance_ms(*last.pause_ms);
  const bool hammers = *pause < kAtOnce && *last.pause_ms < kAtOnce;
  if (!shrinks && !hammers) return;
  if (!is_same_client(last, exchange)) {
    return backoff_.doubt("retries came on several connections, maybe from several programs");
  }
  backoff_.prove(
      hammers ? "retries came at once" : "a pause between retries was shorter than before",
      evidence_of(exchange, "after " + std::to_string(*pause) + " ms, before that " +
                                std::to_string(*last.pause_ms) + " ms"));
}

std::optional<RetryWatch::Last> RetryWatch::outcome(const Last* before, const Exchange& exchange) {
  Last last;
  const auto asked_ms = retry_after_ms(exchange);
  if (exchange.reply.status != 429) last.asked_ms = asked_ms;  // that is the key's
  last.trouble = trouble_of(exchange, asked_ms.has_value());
  if (is_overload(exchange) && !asked_ms) {
    last.overloads = (before == nullptr ? 0 : before->overloads) + 1;
    if (last.overloads > 1) last.pause_ms = exchange.received.ms_since(before->sent);
  }
  if (last.trouble == Trouble::none && !last.asked_ms && last.overloads == 0) return std::nullopt;
  if (last.trouble == Trouble::refused) refused_.test();
  if (last.trouble == Trouble::may_be_done) {
    (exchange.operation == Operation::upload_attachment ? uploads_ : blind_).test();
  }
  last.number = exchange.number;
  last.connection = exchange.request.connection;
  last.first_connection = before == nullptr ? last.connection : before->first_connection;
  last.struck = exchange.struck;
  last.exact = exact_body(exchange);
  last.sent = exchange.sent();
  last.writes = writes_;
  last.looks = looks_for(exchange.operation);
  last.patience_ms = asked_ms.value_or(0);
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

std::string RetryWatch::excuse(const Last& last, const RunEnd& end) const {
  if (last.patience_ms > kRetriesWithinMs) {
    return "a read was asked to wait for longer than its client may have had";
  }
  if (end.by.empty()) return "";
  const auto since = end_of(end, newest_).ms_since(last.sent);
  if (since && *since > kRetriesWithinMs + last.patience_ms) return "";
  return "a read had just failed when " + std::string(end.by);
}

Finding RetryWatch::failed_reads(const TurnWatch& turns, const RunEnd& end) const {
  Finding finding("retries-idempotent-reads",
                  "no GET that was cut or answered 429, 502, 503 or 504 needed another try");
  if (read_retried_) finding.test();
  std::vector<Evidence> given_up;
  for (const auto& [fingerprint, last] : troubled_) {
    if (last.trouble != Trouble::read_failed || last.repeated || turns.is_over(last.message)) {
      continue;
    }
    const std::string why = excuse(last, end);
    if (why.empty()) {
      given_up.push_back(last.evidence);
    } else {
      finding.doubt(why);
    }
  }
  finding.prove_all("a GET that failed in passing was not tried again", std::move(given_up));
  return finding;
}

void RetryWatch::report(const TurnWatch& turns, const RunEnd& end,
                        std::vector<Verdict>& verdicts) const {
  for (Finding finding : {refused_, blind_, uploads_, wait_, backoff_, failed_reads(turns, end)}) {
    if (overflowed_) finding.doubt(kTooMany);
    verdicts.push_back(finding.verdict(options_.in_suite));
  }
}

}  // namespace nairi::mock
