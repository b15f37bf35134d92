#include "nairi/mock/in_process.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "nairi/mock/api.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/delivery.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;

Error failure(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

// Time that passes only by sleeping, and takes the fake's virtual clock along.
class SleptClock : public Clock {
 public:
  explicit SleptClock(Fake& fake) : fake_(fake) {}

  milliseconds now() override { return milliseconds(slept_ms_.load()); }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::time_point(now());
  }
  void sleep_for(milliseconds duration) override {
    slept_ms_ += duration.count();
    fake_.advance(duration.count());
  }

 private:
  Fake& fake_;
  std::atomic<milliseconds::rep> slept_ms_ = 0;
};

// Has a thread sleep until it is woken.
class Wakening {
 public:
  std::function<void()> waker() {
    return [this] {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      changed_.notify_all();
    };
  }

  // False when the request's time was over, or it was stopped.
  bool wait(const HttpRequest& request) {
    std::unique_lock lock(mutex_);
    const auto is_over = [this] { return woken_; };
    if (!request.time_limit) return changed_.wait(lock, request.stop, is_over);
    return changed_.wait_for(lock, request.stop, *request.time_limit, is_over);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;  // protected by mutex_
};

class InProcessTransport : public Transport {
 public:
  explicit InProcessTransport(Fake& fake) : fake_(fake), slept_clock_(fake) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    return send_away(HttpRequest(request));
  }

  Result<HttpReply> send_away(HttpRequest&& request) override {
    Request mocked;
    mocked.method = request.method;
    mocked.target.reserve(kApiPrefix.size() + request.target.size());
    mocked.target.append(kApiPrefix).append(request.target);
    mocked.body = std::move(request.body);
    mocked.headers.reserve(request.headers.size());
    for (HttpHeader& header : request.headers) {
      mocked.headers.push_back({std::move(header.name), std::move(header.value)});
    }
    const milliseconds began = clock().now();
    Reply reply = fake_.handle(std::move(mocked));
    if (reply.hold) {
      if (auto failed = await_release(reply, request)) return tl::unexpected(std::move(*failed));
    }
    refuse_if_revoked(reply);
    const milliseconds duration(sending_ms(reply));
    const bool waited = wait(duration, clock().now() - began, request);
    if (request.stop.stop_requested()) {
      return tl::unexpected(failure(ErrorCode::cancelled, "cancelled before the answer came"));
    }
    if (!waited) {
      return tl::unexpected(
          failure(ErrorCode::timed_out, "no answer came in time: the fake delays it by " +
                                            std::to_string(duration.count()) + " ms"));
    }
    refuse_if_revoked(reply);  // meanwhile
    if (!arrives_whole(reply)) {
      return tl::unexpected(
          failure(ErrorCode::connection_lost, "the connection broke before the whole answer came"));
    }
    HttpReply http = to_http(std::move(reply));
    if (request.method == "HEAD") http.body.clear();  // RFC 9110, 9.3.2
    return http;
  }

  Clock& clock() override { return fake_.clock() == ClockMode::wall ? real_clock() : slept_clock_; }

 private:
  // Whoever lets it go does so on another thread: so what passes is real time, and that it does not
  // come in time is real too.
  std::optional<Error> await_release(const Reply& reply, const HttpRequest& request) {
    Wakening wakening;
    const auto let_go = reply.hold->listen(wakening.waker());
    const auto dropped = reply.cancellation->listen(wakening.waker());
    const bool woken = wakening.wait(request);
    if (request.stop.stop_requested()) {
      return failure(ErrorCode::cancelled, "cancelled before the answer came");
    }
    if (!woken) {
      if (fake_.clock() != ClockMode::wall) slept_clock_.sleep_for(*request.time_limit);
      return failure(ErrorCode::timed_out,
                     "no answer came in time: the fake holds it as \"" + reply.hold->name() + "\"");
    }
    if (reply.hold->is_released() || reply.cancellation->is_revoked()) return std::nullopt;
    return failure(ErrorCode::connection_lost, "the key was reset while the answer was held");
  }

  static void refuse_if_revoked(Reply& reply) {
    if (!reply.cancellation || !reply.cancellation->is_revoked()) return;
    const auto refusal = reply.when_revoked;
    if (refusal) reply = *refusal;
  }

  // False when the limit came first, of which so much is used up.
  bool wait(milliseconds delay, milliseconds used, const HttpRequest& request) {
    const milliseconds left = request.time_limit.value_or(used + delay) - used;
    const milliseconds length = std::min(delay, left);
    if (length > milliseconds(0)) clock().sleep_unless_stopped(length, request.stop);
    return length == delay;
  }

  static HttpReply to_http(Reply reply) {
    HttpReply http{.status = reply.status, .body = std::move(reply.body)};
    if (!http.body.empty()) http.headers.push_back({"Content-Type", reply.content_type});
    for (Header& header : reply.headers) {
      http.headers.push_back({std::move(header.name), std::move(header.value)});
    }
    return http;
  }

  Fake& fake_;
  SleptClock slept_clock_;
};

}  // namespace

std::shared_ptr<Transport> in_process(Fake& fake) {
  return std::make_shared<InProcessTransport>(fake);
}

}  // namespace nairi::mock
