#include "nairi/mock/relay.h"

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/ssl/error.hpp>
#include <atomic>
#include <thread>
#include <unordered_set>
#include <utility>

#include "nairi/mock/api.h"
#include "nairi/mock/late_reply.h"
#include "protocol/failure.h"
#include "relay/forwarding.h"
#include "relay/reply_reader.h"
#include "relay/upstream.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMostIdle = 128;  // connections that are kept for the next requests

std::int64_t now_us() {
  using std::chrono::steady_clock;
  return std::chrono::duration_cast<std::chrono::microseconds>(
             steady_clock::now().time_since_epoch())
      .count();
}

// A peer that just closes, with or without saying so in TLS.
bool is_end(std::error_code error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

}  // namespace

class RelayedExchange;

// What the exchanges of one relay share, all of it the relay's thread's alone.
struct RelayRoom {
  RelayOptions options;
  RelayTarget target;
  std::unique_ptr<asio::ssl::context> trust = {};
  asio::io_context io{1};
  std::vector<std::shared_ptr<Upstream>> idle = {};
  std::unordered_set<std::shared_ptr<RelayedExchange>> running = {};

  std::shared_ptr<Upstream> take_idle() {
    while (!idle.empty()) {
      std::shared_ptr<Upstream> last = std::move(idle.back());
      idle.pop_back();
      if (last->is_quiet()) return last;
      last->close();
    }
    return nullptr;
  }
  void keep(std::shared_ptr<Upstream> upstream) {
    if (idle.size() < kMostIdle) return idle.push_back(std::move(upstream));
    upstream->close();
  }
};

// One request on its way, and its reply on the way back.
class RelayedExchange : public std::enable_shared_from_this<RelayedExchange> {
 public:
  using Ending = Relayed::Ending;

  RelayedExchange(RelayRoom& room, const Request& request, std::uint64_t number)
      : room_(room),
        below_(*below_prefix(request.target)),
        bytes_(forwarded(request, below_, room.target)),
        is_last_(asks_to_close(request)),
        reader_(new_reader(request.method)) {
    relayed_.number = number;
    relayed_.request = request;
    relayed_.target = below_;
    relayed_.began_us = request.received_us != 0 ? request.received_us : now_us();
  }

  Reply reply() const { return promise_->reply(); }

  void start() {
    room_.running.insert(shared_from_this());
    promise_->on_change([&io = room_.io, weak = weak_from_this()] {
      asio::post(io, [weak] {
        if (const auto held = weak.lock()) held->look();
      });
    });
    upstream_ = room_.take_idle();
    is_reused_ = upstream_ != nullptr;
    if (is_reused_) return send();
    connect();
  }

  void abandon() { finish(Ending::abandoned, Afterwards::reset); }

 private:
  ReplyReader new_reader(const std::string& method) const {
    return {method == "HEAD", room_.options.max_header_bytes, room_.options.max_body_bytes};
  }

  // The client went away, perhaps.
  void look() {
    if (promise_ && promise_->wanted() == Wanted::no) abandon();
  }

  void connect() {
    upstream_ = std::make_shared<Upstream>(room_.io, room_.target, room_.trust.get());
    upstream_->open(room_.options.connect_timeout,
                    [this, held = shared_from_this()](const std::string& why) {
                      if (is_over_) return;
                      if (!why.empty()) return fail(why);
                      send();
                    });
  }

  // Reads from the start: a server may answer, and close, before it has all of the request.
  void send() {
    is_sent_ = false;
    upstream_->write(bytes_, [this, held = shared_from_this()](std::error_code error, std::size_t) {
      is_sent_ = !error;  // what else became of it, reading tells
    });
    receive();
  }

  void receive() {
    upstream_->read([this, held = shared_from_this()](std::error_code error, std::size_t size) {
      if (is_over_) return;
      if (error) return on_end(error);
      on_bytes(upstream_->came(size));
    });
  }

  void on_bytes(std::string_view bytes) {
    reader_.feed(bytes);
    if (reader_.is_too_large()) return finish(Ending::cut, Afterwards::reset);
    if (!reader_.done()) {
      promise_->pass(std::string(bytes));
      return receive();
    }
    const bool keeps = reader_.keeps_connection();
    tell(Ending::whole);  // before the client can go on
    promise_->pass(std::string(bytes));
    promise_->end(keeps ? Afterwards::next_request : Afterwards::close);
    if (keeps && is_sent_ && !is_last_) room_.keep(std::move(upstream_));
    leave();
  }

  void on_end(std::error_code error) {
    const bool may_repeat = is_reused_ && !reader_.begun() && is_safe_method(method());
    if (may_repeat) {
      is_reused_ = false;
      upstream_->close();
      return connect();
    }
    if (!is_end(error)) return finish(Ending::reset, Afterwards::reset);
    finish(reader_.end() ? Ending::whole : Ending::cut, Afterwards::close);
  }

  void fail(const std::string& why) {
    relayed_.why = why;
    tell(Ending::none);
    promise_->answer(
        error_reply({502, "the service was not reached", "the recorder says: " + why}));
    leave();
  }

  void finish(Ending ending, Afterwards afterwards) {
    if (is_over_) return;
    tell(ending);
    promise_->end(afterwards);
    leave();
  }

  void tell(Ending ending) {
    if (!room_.options.on_exchange) return;
    relayed_.status = ending == Ending::none ? 0 : reader_.status();
    relayed_.headers = std::move(reader_.headers());
    relayed_.body = std::move(reader_.body());
    relayed_.body_bytes = relayed_.body.size();
    relayed_.is_packed = !unpack(relayed_.headers, relayed_.body, room_.options.max_body_bytes);
    std::string& sent = relayed_.request.body;
    relayed_.request_bytes = sent.size();
    relayed_.request_is_packed =
        !unpack(relayed_.request.headers, sent, room_.options.max_body_bytes);
    relayed_.ending = ending;
    relayed_.ended_us = now_us();
    room_.options.on_exchange(std::move(relayed_));
  }

  void leave() {
    is_over_ = true;
    if (upstream_) upstream_->close();
    promise_.reset();
    room_.running.erase(shared_from_this());
  }

  const std::string& method() const { return relayed_.request.method; }

  RelayRoom& room_;
  const std::string below_;
  const std::string bytes_;
  const bool is_last_;  // on its connection to the server
  ReplyReader reader_;
  Relayed relayed_;
  std::unique_ptr<ReplyPromise> promise_ = std::make_unique<ReplyPromise>();
  std::shared_ptr<Upstream> upstream_;
  bool is_reused_ = false;
  bool is_sent_ = false;
  bool is_over_ = false;
};

class Relay::Impl {
 public:
  explicit Impl(RelayOptions options)
      : room_{.options = std::move(options), .target = parse_target(room_.options.target)} {
    if (room_.target.tls) room_.trust = make_trust(room_.options.ca_file);
    thread_ = std::thread([this] { room_.io.run(); });
  }

  ~Impl() {
    asio::post(room_.io, [this] {
      const auto running = room_.running;
      for (const auto& exchange : running) exchange->abandon();
      for (const auto& upstream : room_.idle) upstream->close();
      room_.idle.clear();
      guard_.reset();
    });
    thread_.join();
  }

  Reply pass(const Request& request) {
    if (!below_prefix(request.target)) return outside();
    const auto exchange = std::make_shared<RelayedExchange>(room_, request, ++last_number_);
    Reply reply = exchange->reply();
    asio::post(room_.io, [exchange] { exchange->start(); });
    return reply;
  }

 private:
  static Reply outside() {
    return error_reply(
        {404, "not found", "the recorder passes on only what is below " + std::string(kApiPrefix)});
  }

  RelayRoom room_;
  std::atomic<std::uint64_t> last_number_ = 0;
  asio::executor_work_guard<asio::io_context::executor_type> guard_ =
      asio::make_work_guard(room_.io);
  std::thread thread_;
};

Relay::Relay(RelayOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Relay::~Relay() = default;

Reply Relay::pass(const Request& request) {
  return impl_->pass(request);
}

std::string relay_target(const std::string& url) {
  return parse_target(url).url();
}

}  // namespace nairi::mock
