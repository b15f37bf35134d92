#include "http/httplib_bridge.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/httplib_compat.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMaxKinds = 64;

// Reads one request from memory and writes its reply to memory.
class MemoryStream : public SocketlessStream {
 public:
  explicit MemoryStream(std::string_view in) : in_(in) {}

  ssize_t read(char* to, size_t size) override {
    const std::size_t n = in_.copy(to, size);
    in_.remove_prefix(n);
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const char* from, size_t size) override {
    out_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  std::string take_output() { return std::move(out_); }

 private:
  std::string_view in_;
  std::string out_;
};

}  // namespace

class HttplibBridge::HeadWriter : public HttplibServer {
 public:
  explicit HeadWriter(std::chrono::milliseconds idle_timeout)
      : keep_alive_("timeout=" + std::to_string(idle_timeout.count() / 1000)) {
    // The one catch-all: no route, and so no regular expression, is ever tried.
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
      fill(response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler(
        [this](const httplib::Request&, httplib::Response& response) { correct(response); });
  }

  std::string write(const Reply& reply, Persistence persistence) {
    reply_ = &reply;
    persistence_ = persistence;
    MemoryStream stream("GET / HTTP/1.1\r\n\r\n");
    process(stream);
    return stream.take_output();
  }

 private:
  // The body stays where it is: only its length is told.
  void fill(httplib::Response& response) const {
    response.status = reply_->status;
    for (const Header& header : reply_->headers) {
      response.set_header(header.name, header.value);  // drops one with a line end in it
    }
    if (!reply_->body.empty()) {
      response.set_header("Content-Type", reply_->content_type);
    }
  }

  // Undoes what the library says of connection and length: it calls every error the last reply
  // (0.53), does not know the idle timeout, and has no body to measure.
  void correct(httplib::Response& response) const {
    response.headers.erase("Connection");
    response.headers.erase("Content-Length");
    if (persistence_ == Persistence::close) {
      response.headers.emplace("Connection", "close");
      return;
    }
    if (persistence_ == Persistence::keep_alive_http10) {
      response.headers.emplace("Connection", "keep-alive");
    }
    response.headers.emplace("Keep-Alive", keep_alive_);
  }

  std::string keep_alive_;
  const Reply* reply_ = nullptr;
  Persistence persistence_ = Persistence::close;
};

HttplibBridge::HttplibBridge(std::chrono::milliseconds idle_timeout)
    : writer_(std::make_unique<HeadWriter>(idle_timeout)) {}

HttplibBridge::~HttplibBridge() = default;

std::string HttplibBridge::head(const Reply& reply, Persistence persistence) {
  std::string head =
      reply.headers.empty() ? common_start(reply, persistence) : start(reply, persistence);
  if (may_have_body(reply.status)) {  // a 204 has no length either (RFC 9110, 8.6)
    head.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
  }
  return head.append("\r\n");
}

std::string HttplibBridge::start(const Reply& reply, Persistence persistence) {
  std::string written = writer_->write(reply, persistence);
  written.resize(written.size() - std::string_view("\r\n").size());
  return written;
}

const std::string& HttplibBridge::common_start(const Reply& reply, Persistence persistence) {
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) {
    return kind.status == reply.status && kind.persistence == persistence &&
           kind.has_body == !reply.body.empty() && kind.content_type == reply.content_type;
  });
  if (known != kinds_.end()) return known->start;
  if (kinds_.size() == kMaxKinds) kinds_.clear();
  kinds_.push_back({reply.status, persistence, !reply.body.empty(), reply.content_type,
                    start(reply, persistence)});
  return kinds_.back().start;
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace nairi::mock
