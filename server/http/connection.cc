#include "http/connection.h"

#include <algorithm>
#include <asio/post.hpp>
#include <exception>
#include <utility>

#include "http/tls.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kLargeRead = 64 * 1024;  // for bodies
constexpr std::size_t kMostAhead = 64 * 1024;  // of further requests, while a reply waits
constexpr std::size_t kDrainBytes = std::size_t{64} << 20;  // an upload that was refused fits in
constexpr std::chrono::seconds kDrainTime{5};
constexpr std::chrono::milliseconds kLastChance{250};  // for a request, while the server drains

std::int64_t microseconds(SteadyClock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

FramingLimits limits_of(const ServerOptions& options) {
  return {.max_header_bytes = options.max_header_bytes,
          .max_body_bytes = options.max_body_bytes,
          .max_upload_bytes = options.max_upload_bytes};
}

Failure speaks_https(const Request& request) {
  const std::string_view host = header_value(request.headers, "Host");
  return {400, "this port speaks HTTPS: use https://" + std::string(host.empty() ? "…" : host)};
}

}  // namespace

// Of which there may be 20,000 that idle; what else one takes is about a quarter of this.
static_assert(sizeof(Connection) <= 2048);

void ConnectionContext::tell(const RefusedRequest& refused) const {
  if (!options.on_refused) return;
  try {
    options.on_refused(refused);
  } catch (...) {  // who listens must not end what is served
  }
}

Connection::Connection(ConnectionContext& context, Executor executor,
                       std::unique_ptr<Stream> stream, std::uint64_t id)
    : context_(context),
      executor_(std::move(executor)),
      stream_(std::move(stream)),
      id_(id),
      framer_(limits_of(context.options)) {}

void Connection::start() {
  now_ = SteadyClock::now();
  set_deadline(context_.options.request_timeout);
  stream_->open(*this);
}

void Connection::on_open(std::error_code error) {
  if (phase_ == Phase::closed) return;
  now_ = SteadyClock::now();
  if (error == plain_http()) {
    stream_ = stream_->unencrypted();
    is_misdirected_ = true;
  } else if (error) {
    if (error != silent()) tell({}, handshake_failure(error));
    return close();
  }
  set_deadline(context_.options.idle_timeout);
  phase_ = Phase::reading;
  proceed();
}

// Answers everything that has come, in order, then waits for more.
void Connection::proceed() {
  while (phase_ == Phase::reading) {
    const bool is_refused = framer_.state() == Framer::State::refused;
    const bool is_complete = framer_.state() == Framer::State::complete;
    if (!is_complete) account(framer_.buffered_bytes());
    if (is_misdirected_ && (is_complete || is_refused)) {
      refuse(speaks_https(framer_.so_far()));
    } else if (is_complete) {
      answer(framer_.take());
    } else if (is_refused) {
      refuse(framer_.refusal());
    } else if (context_.totals.buffered_bytes > context_.options.max_buffered_bytes) {
      refuse({503, "expected unfinished requests of at most " +
                       std::to_string(context_.options.max_buffered_bytes) +
                       " bytes in all, got more: try again later"});
    } else if (framer_.take_continue()) {
      out_ = Outgoing::interim();
      send();
    } else {
      return read_more();
    }
  }
}

void Connection::read_more() {
  const bool has_begun = framer_.state() == Framer::State::receiving && !request_begun_;
  if (has_begun && phase_ == Phase::reading) {
    request_begun_ = true;
    set_deadline(context_.options.request_timeout);
    stream_->acknowledge();
  }
  if (read_pending_) return;  // the peer was watched while its reply waited
  read_pending_ = true;
  stream_->read(in_buffer(), *this);
}

// Where the next bytes go.
asio::mutable_buffer Connection::in_buffer() {
  const bool much = phase_ == Phase::draining || framer_.expected_bytes() > small_in_.size();
  if (much && large_in_.empty()) large_in_ = std::vector<char>(kLargeRead);
  if (!much && !large_in_.empty()) large_in_ = std::vector<char>();
  return much ? asio::buffer(large_in_) : asio::buffer(small_in_);
}

void Connection::on_read(std::error_code error, std::size_t size) {
  now_ = SteadyClock::now();
  read_pending_ = false;
  if (phase_ == Phase::draining) {
    drained_ += size;
    if (error || drained_ > kDrainBytes) return close();
    return read_more();
  }
  if (phase_ < Phase::reading || phase_ > Phase::writing) return;
  if (error) {
    // A peer that only shut down its sending side has its answers, but for one that waits: those
    // who ended the connection look the same.
    if (phase_ == Phase::reading) tell_of_the_end();
    if (phase_ != Phase::writing) close();
    return;  // the next read will find the end again
  }
  framer_.feed({large_in_.empty() ? small_in_.data() : large_in_.data(), size});
  if (phase_ == Phase::reading) return proceed();
  if (phase_ != Phase::writing) watch_peer();
}

void Connection::answer(FramedRequest framed) {
  account(framer_.buffered_bytes());
  request_begun_ = false;
  has_asked_ = true;
  framed.request.connection = id_;
  framed.request.received_us = microseconds(now_);
  Reply reply = ask_handler(framed.request);
  if (!reply.late && reply.encode == Encoding::plain) reply.encode = context_.options.encode;
  Manner manner{.http10 = framed.http10,
                .keep_alive = framed.keep_alive,
                .with_body = framed.request.method != "HEAD"};
  if (reply.late || reply.encode != Encoding::plain) {
    manner.accepted = accepted_by(framed.request.headers, framed.http10);
  }
  if (reply.late) return await({std::move(reply.late), manner});
  begin(std::move(reply), manner);
}

// Sends it, or waits until it may be sent.
void Connection::begin(Reply reply, const Manner& manner) {
  const auto kept = manner.http10 ? Persistence::keep_alive_http10 : Persistence::keep_alive;
  const auto persistence = manner.keep_alive && !context_.is_draining() ? kept : Persistence::close;
  std::shared_ptr<Hold> hold = std::move(reply.hold);
  if (reply.when_revoked) {
    when_revoked_ = std::make_unique<Outgoing>(Outgoing::reply(
        *reply.when_revoked, persistence, manner.with_body, context_.options.idle_timeout));
  }
  out_ = Outgoing::reply(std::move(reply), persistence, manner.with_body,
                         context_.options.idle_timeout, manner.accepted);
  if (hold) return hold_back(std::move(hold));
  send_in_time();
}

// Keeps the reply, as it was made, until somebody lets it go.
void Connection::hold_back(std::shared_ptr<Hold> hold) {
  phase_ = Phase::holding;
  deadline_ = SteadyClock::time_point::max();
  watch_peer();
  listen_for_cancellation();
  hold_ = std::move(hold);
  // Called on the thread that lets go.
  holding_ = hold_->listen([executor = executor_, weak = weak_from_this(), this] {
    asio::post(executor, [weak, this] {
      if (const auto held = weak.lock()) on_released();
    });
  });
}

void Connection::on_released() {
  if (phase_ != Phase::holding) return;
  now_ = SteadyClock::now();
  holding_.reset();
  hold_.reset();
  send_in_time();
  proceed();
}

void Connection::send_in_time() {
  if (out_.delay() > std::chrono::milliseconds(0)) return wait(Phase::delaying, out_.delay());
  send();
}

void Connection::await(Awaited awaited) {
  awaited_ = std::make_unique<Awaited>(std::move(awaited));
  if (context_.is_draining()) awaited_->late->hurry();
  await_more();
  // Called on the thread that answers, never after drop().
  awaited_->late->carry([executor = executor_, weak = weak_from_this(), this] {
    asio::post(executor, [weak, this] {
      if (const auto held = weak.lock()) on_late();
    });
  });
  if (awaited_) await_at_most(awaited_->late->most());
}

void Connection::await_at_most(std::chrono::milliseconds time) {
  if (time.count() == 0) return;
  if (!timer_) timer_ = std::make_unique<Timer>(executor_);
  timer_->expires_after(time);
  timer_->async_wait([late = std::weak_ptr(awaited_->late)](std::error_code error) {
    const auto held = late.lock();
    if (!error && held) held->settle();
  });
}

void Connection::await_more() {
  phase_ = Phase::awaiting;
  deadline_ = SteadyClock::time_point::max();
  watch_peer();
}

// Something of the reply is there, unless it was taken already.
void Connection::on_late() {
  if (phase_ != Phase::awaiting) return;
  now_ = SteadyClock::now();
  LateReply::Part part = awaited_->late->take();
  if (part.reply) {
    const auto awaited = std::exchange(awaited_, nullptr);
    if (timer_) timer_->cancel();
    if (part.reply->encode == Encoding::plain) part.reply->encode = context_.options.encode;
    begin(std::move(*part.reply), awaited->manner);
  } else if (!part.bytes.empty() || part.end) {
    const auto ending = part.end ? ending_after(*part.end) : Outgoing::Ending::more;
    if (part.end) awaited_.reset();
    out_ = Outgoing::verbatim(std::move(part.bytes), ending);
    send();
  }
  proceed();
}

Outgoing::Ending Connection::ending_after(Afterwards afterwards) const {
  if (afterwards == Afterwards::reset) return Outgoing::Ending::reset;
  const bool goes_on = afterwards == Afterwards::next_request && awaited_->manner.keep_alive;
  return goes_on && !context_.is_draining() ? Outgoing::Ending::next_request
                                            : Outgoing::Ending::close;
}

Reply Connection::ask_handler(Request& request) const {
  std::string what;
  try {
    return context_.handler(request);
  } catch (const std::exception& error) {
    what = std::string(": ") + error.what();
  } catch (...) {  // what it is, nobody knows
  }
  const std::string why = "expected a reply, but the handler failed" + what;
  RefusedRequest refused{.whole_head = true, .reply = error_reply(500, why), .why = why};
  // Not a copy of the body: that there was no memory for one may be why the handler failed.
  std::string body = std::exchange(request.body, {});
  refused.request = request;
  refused.request.body = std::move(body);
  context_.tell(refused);
  return std::move(refused.reply);
}

void Connection::refuse(const Failure& refusal) {
  RefusedRequest refused = framer_.give_up();
  refused.misdirected = is_misdirected_;
  refused.reply = error_reply(refusal);
  refused.request.connection = id_;
  refused.request.received_us = microseconds(SteadyClock::now());
  refused.why = refusal.text + (refusal.hint.empty() ? "" : "; " + refusal.hint);
  context_.tell(refused);
  out_ = Outgoing::reply(std::move(refused.reply), Persistence::close, true,
                         context_.options.idle_timeout);
  framer_ = Framer(limits_of(context_.options));  // frees what it holds of the request
  account(0);
  send();
}

void Connection::tell(RefusedRequest refused, std::string why) const {
  refused.request.connection = id_;
  refused.request.received_us = microseconds(SteadyClock::now());
  refused.reply.status = 0;
  refused.why = std::move(why);
  context_.tell(refused);
}

// Many libraries look at the certificate only when the handshake is done.
void Connection::tell_of_the_end() {
  if (framer_.state() == Framer::State::receiving) {
    tell(framer_.give_up(), "the client ended the connection in the middle of the request");
  } else if (!has_asked_ && !is_misdirected_ && wants_tls(context_.options.tls)) {
    tell({}, "the client ended the connection without a request, " + std::string(kPerhapsNoTrust));
  }
}

// Sends when the time is over.
void Connection::wait(Phase phase, SteadyClock::duration time) {
  phase_ = phase;
  deadline_ = SteadyClock::time_point::max();
  if (!timer_) timer_ = std::make_unique<Timer>(executor_);
  timer_->expires_after(time);
  timer_->async_wait([this, phase, held = shared_from_this()](std::error_code error) {
    if (error || phase_ != phase) return;
    now_ = SteadyClock::now();
    if (phase == Phase::dripping) out_.resume();
    send();
    proceed();
  });
  watch_peer();
  listen_for_cancellation();
}

// A peer that goes away meanwhile frees its place. One that sends its next requests already has
// them kept while it awaits a reply that may never come; while a reply that will come waits, it is
// not watched any further.
void Connection::watch_peer() {
  account(framer_.buffered_bytes());
  const bool is_open = phase_ == Phase::awaiting || phase_ == Phase::holding;
  const std::size_t most = is_open ? kMostAhead : 0;
  if (framer_.state() == Framer::State::idle || framer_.buffered_bytes() < most) read_more();
}

void Connection::listen_for_cancellation() {
  if (!out_.cancellation() || listening_) return;
  // Called on the thread that cancels; whether it is still wanted is known on the loop's alone.
  const auto look = [weak = weak_from_this(), this] {
    const auto held = weak.lock();
    if (held && out_.cancellation() && out_.cancellation()->is_cancelled()) on_cancelled();
  };
  listening_ =
      out_.cancellation()->listen([executor = executor_, look] { asio::post(executor, look); });
}

// Of a reply that waits: before its first byte another can be sent in its place.
void Connection::on_cancelled() {
  const bool is_unsent = phase_ == Phase::holding || phase_ == Phase::delaying;
  if (!is_unsent || !when_revoked_ || !out_.cancellation()->is_revoked()) return close();
  now_ = SteadyClock::now();
  if (timer_) timer_->cancel();
  holding_.reset();
  hold_.reset();
  out_ = std::move(*when_revoked_);
  if (context_.is_draining()) out_.say_last();
  send();
  proceed();
}

// Writes what the socket takes at once, and the rest when it takes more. Phase::reading afterwards
// means that all of it is out.
void Connection::send() {
  phase_ = Phase::writing;
  std::error_code error;
  out_.advance(stream_->write_now(unsent(), error));
  if (error) return close();
  send_rest();
}

void Connection::send_rest() {
  if (out_.done()) return after_sent();
  if (out_.paused()) return wait(Phase::dripping, out_.pause());
  set_deadline(context_.options.request_timeout);
  stream_->write(unsent(), *this);
}

OutBuffers Connection::unsent() const {
  const auto [head, body] = out_.due();
  return {asio::buffer(head), asio::buffer(body)};
}

void Connection::on_written(std::error_code error, std::size_t size) {
  now_ = SteadyClock::now();
  if (phase_ != Phase::writing) return;
  if (error) return close();
  out_.advance(size);
  send_rest();
  proceed();
}

void Connection::after_sent() {
  // Moved out, not overwritten: a string that is assigned an empty one keeps its memory, and the
  // connection may idle from now on.
  const Outgoing sent = std::exchange(out_, {});
  listening_.reset();
  when_revoked_.reset();
  switch (sent.ending()) {
    case Outgoing::Ending::more:
      await_more();
      // What came while this was written.
      return asio::post(executor_, [this, held = shared_from_this()] { on_late(); });
    case Outgoing::Ending::reset:
      stream_->reset();
      return close();
    case Outgoing::Ending::close:
      phase_ = Phase::shutting;
      set_deadline(kDrainTime);
      return stream_->shut(*this);
    case Outgoing::Ending::next_request:
      phase_ = Phase::reading;
      if (!sent.is_interim()) set_deadline(context_.options.idle_timeout);
  }
}

void Connection::on_shut() {
  if (phase_ != Phase::shutting) return;
  phase_ = Phase::draining;
  if (!read_pending_) read_more();
}

void Connection::give_up() {
  if (phase_ == Phase::opening) {
    tell({}, "the TLS handshake did not end within " +
                 std::to_string(context_.options.request_timeout.count()) + " ms");
  }
  if (phase_ != Phase::reading || framer_.state() != Framer::State::receiving) return close();
  refuse({408, "expected the whole request within " +
                   std::to_string(context_.options.request_timeout.count()) +
                   " ms of its first byte, got a part of it"});
}

void Connection::stop() {
  if (phase_ == Phase::awaiting && awaited_->late->settle()) {
    awaited_->manner.keep_alive = false;
    return on_late();
  }
  if (phase_ < Phase::writing) return close();
  out_.make_last();
}

void Connection::retire() {
  // Its next request may be on its way.
  const bool is_idle = phase_ == Phase::reading && framer_.state() == Framer::State::idle;
  if (is_idle) return set_deadline(kLastChance);
  if (phase_ == Phase::holding || phase_ == Phase::delaying) return out_.say_last();
  if (awaited_) return awaited_->late->hurry();
  if (!out_.is_interim()) out_.make_last();
}

void Connection::close() {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  account(0);
  stream_->close();
  if (timer_) timer_->cancel();
  listening_.reset();
  holding_.reset();
  hold_.reset();
  if (awaited_) awaited_->late->drop();
  context_.on_closed(id_);
}

void Connection::account(std::size_t bytes) {
  if (bytes == accounted_) return;  // most requests come whole, and are counted by nobody
  context_.totals.buffered_bytes += bytes - accounted_;  // wraps around when there are fewer
  accounted_ = bytes;
}

}  // namespace nairi::mock
