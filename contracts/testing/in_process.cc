#include "nairi/mock/in_process.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "nairi/mock/api.h"
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
    Reply reply = fake_.handle(std::move(mocked));
    const milliseconds duration(sending_ms(reply));
    const bool waited = wait(duration, request);
    if (request.stop.stop_requested()) {
      return tl::unexpected(failure(ErrorCode::cancelled, "cancelled before the answer came"));
    }
    if (!waited) {
      return tl::unexpected(
          failure(ErrorCode::timed_out, "no answer came in time: the fake delays it by " +
                                            std::to_string(duration.count()) + " ms"));
    }
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
  // False when the limit came first.
  bool wait(milliseconds delay, const HttpRequest& request) {
    const milliseconds length = std::min(delay, request.time_limit.value_or(delay));
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
