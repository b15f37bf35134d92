#include "http/outgoing.h"

#include <algorithm>
#include <utility>

#include "nairi/mock/delivery.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kMaxDelayMs = std::int64_t{1000} * 60 * 60 * 24 * 365;  // clocks overflow

}  // namespace

Outgoing Outgoing::interim() {
  Outgoing out;
  out.head_ = "HTTP/1.1 100 Continue\r\n\r\n";
  out.interim_ = true;
  return out;
}

Outgoing Outgoing::reply(Reply reply, Persistence persistence, bool with_body,
                         std::chrono::milliseconds idle_timeout, AcceptedEncodings accepted) {
  Outgoing out;
  encode(reply, accepted);
  out.head_ = reply_head(reply, persistence, idle_timeout);
  if (with_body && may_have_body(reply.status)) out.body_ = std::move(reply.body);
  out.cut(reply.wire, reply.encode);
  if (reply.wire.drip_bytes_per_s > 0) out.drip(reply.wire.drip_bytes_per_s);
  out.delay_ = std::chrono::milliseconds(std::min(reply.delay_ms, kMaxDelayMs));
  out.cancellation_ = std::move(reply.cancellation);
  if (reply.wire.ending == WireFault::Ending::reset) {
    out.ending_ = Ending::reset;
  } else if (reply.wire.ending != WireFault::Ending::whole || persistence == Persistence::close) {
    out.ending_ = Ending::close;
  }
  return out;
}

Outgoing Outgoing::verbatim(std::string bytes, Ending ending) {
  Outgoing out;
  out.head_ = std::move(bytes);
  out.ending_ = ending;
  return out;
}

// The head has announced the whole body, or chunks up to the empty one. What stands behind the
// content of the last chunk is not counted: some who miss nothing but a part of that don't mind.
void Outgoing::cut(const WireFault& fault, Encoding encoding) {
  if (fault.ending == WireFault::Ending::whole) return;
  const bool has_chunks = encoding == Encoding::chunked && !body_.empty();
  const std::size_t counted = body_.size() - (has_chunks ? kChunkedEnd.size() : 0);
  const SentBytes sent = sent_bytes(fault, head_.size(), counted);
  head_.resize(sent.head);
  body_.resize(sent.body);
}

void Outgoing::say_last() {
  if (ending_ != Ending::next_request) return;
  ending_ = Ending::close;
  for (const std::string_view field : {"\r\nConnection: ", "\r\nKeep-Alive: "}) {
    const std::size_t begin = head_.find(field);
    if (begin != std::string::npos) head_.erase(begin, head_.find('\r', begin + 2) - begin);
  }
  head_.insert(head_.find('\r'), "\r\nConnection: close");
}

// Ten pieces a second, or a byte at a time.
void Outgoing::drip(std::int64_t bytes_per_s) {
  constexpr std::int64_t kPiecesPerSecond = 10;
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const std::int64_t bytes = std::max<std::int64_t>(bytes_per_s / kPiecesPerSecond, 1);
  piece_bytes_ = static_cast<std::size_t>(bytes);
  pause_ = std::chrono::microseconds(bytes * kMicroseconds / bytes_per_s);
  resume();
}

std::array<std::string_view, 2> Outgoing::due() const {
  const std::size_t end = piece_bytes_ > 0 ? std::min(piece_end_, size()) : size();
  const auto between = [&](std::string_view part, std::size_t begins) {
    const std::size_t from = std::clamp(sent_, begins, begins + part.size()) - begins;
    const std::size_t to = std::clamp(end, begins, begins + part.size()) - begins;
    return part.substr(from, to - from);
  };
  return {between(head_, 0), between(body_, head_.size())};
}

}  // namespace nairi::mock
