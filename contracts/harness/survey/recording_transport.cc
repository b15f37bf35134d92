#include "harness/survey/recording_transport.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/recorder/redaction.h"
#include "text/characters.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMicroseconds = 1000;  // in a millisecond

std::string lower(std::string_view text) {
  std::string lowered;
  for (const char c : text) lowered += mock::lower(c);
  return lowered;
}

std::vector<mock::Header> in_words_of_the_server(const std::vector<HttpHeader>& headers) {
  std::vector<mock::Header> same;
  same.reserve(headers.size());
  for (const HttpHeader& header : headers) same.push_back({header.name, header.value});
  return same;
}

Ending ending_of(const Error& error) {
  if (error.code == ErrorCode::connection_lost) return Ending::cut;
  if (error.code == ErrorCode::cancelled || error.code == ErrorCode::timed_out) {
    return Ending::abandoned;
  }
  return Ending::none;
}

class RecordedTransport : public Transport {
 public:
  RecordedTransport(std::shared_ptr<Transport> transport, ExchangeSink sink)
      : transport_(std::move(transport)),
        sink_(std::move(sink)),
        began_(transport_->clock().now()) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    RecordedExchange exchange = what_is_sent(request);
    auto reply = transport_->send(request);
    exchange.ended_us = later_us();
    if (reply) {
      add_reply(*reply, exchange);
    } else {
      exchange.ending = ending_of(reply.error());
    }
    sink_(exchange);
    return reply;
  }
  Clock& clock() override { return transport_->clock(); }

 private:
  // One after the other, as they are sent, also where the clock's milliseconds tell no difference.
  std::int64_t later_us() {
    const std::int64_t us = (transport_->clock().now() - began_).count() * kMicroseconds;
    return last_us_ = std::max(us, last_us_ + 1);
  }

  RecordedExchange what_is_sent(const HttpRequest& request) {
    RecordedExchange exchange;
    exchange.number = ++count_;
    exchange.connection = 1;
    exchange.at = time_text(transport_->clock().wall_time());
    exchange.began_us = later_us();
    exchange.method = request.method;
    const auto headers = in_words_of_the_server(request.headers);
    exchange.key = redaction_.learn(headers);
    exchange.target = redaction_.target(request.target);
    exchange.request_headers = kept(headers);
    add_scheme(headers, exchange);
    exchange.request_body = body(request.body);
    return exchange;
  }

  void add_reply(const HttpReply& reply, RecordedExchange& exchange) {
    exchange.status = reply.status;
    const auto headers = in_words_of_the_server(reply.headers);
    redaction_.learn(headers);
    exchange.reply_headers = kept(headers);
    exchange.reply_body = body(reply.body);
  }

  // All of it: the only files that a survey sees are its own.
  RecordedBody body(const std::string& bytes) {
    RecordedBody body;
    body.bytes = bytes.size();
    body.kept = redaction_.body(bytes, {}, body.left_out);
    return body;
  }

  std::vector<mock::Header> kept(const std::vector<mock::Header>& headers) {
    std::vector<mock::Header> kept;
    for (const mock::Header& header : headers) {
      if (!Redaction::is_kept_header(header.name)) continue;
      kept.push_back({lower(header.name), redaction_.text(header.value)});
    }
    return kept;
  }

  // What comes behind another word than bearer, or behind none, is no key (assumed).
  static void add_scheme(const std::vector<mock::Header>& headers, RecordedExchange& exchange) {
    const auto scheme = Redaction::kept_authorization(headers, exchange.key);
    if (scheme) {
      exchange.request_headers.push_back(*scheme);
    } else {
      exchange.key.clear();
    }
  }

  const std::shared_ptr<Transport> transport_;
  const ExchangeSink sink_;
  const milliseconds began_;
  Redaction redaction_ = *Redaction::make({});
  std::uint64_t count_ = 0;
  std::int64_t last_us_ = -1;
};

}  // namespace

std::shared_ptr<Transport> recorded(std::shared_ptr<Transport> transport, ExchangeSink sink) {
  return std::make_shared<RecordedTransport>(std::move(transport), std::move(sink));
}

std::string time_text(std::chrono::system_clock::time_point time) {
  std::string text;
  mock::append_timestamp(text,
                         std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count());
  return text;
}

}  // namespace nairi::contracts
