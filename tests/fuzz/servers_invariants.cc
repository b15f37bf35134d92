#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "invariants.h"
#include "nairi/http_transport.h"
#include "probe/probe.h"
#include "reply_reader.h"

namespace nairi::tests {
namespace {

// Says the same bytes to whoever connects, once something was asked, and hangs up. One for all
// inputs: fuzzers are quick.
class Speaker {
 public:
  Speaker() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    ::listen(listener_, 16);
    thread_ = std::thread([this] { serve(); });
  }
  ~Speaker() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;

  const std::string& url() const { return url_; }
  void say(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ = bytes;
  }

 private:
  void serve() {
    for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(socket)) {
      char request[4096];
      if (::recv(socket, request, sizeof request, 0) <= 0) continue;
      const std::lock_guard lock(mutex_);
      (void)::send(socket, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      ::shutdown(socket, SHUT_WR);
      while (::recv(socket, request, sizeof request, 0) > 0) {
      }
    }
  }

  int listener_;
  std::string url_;
  std::thread thread_;
  std::mutex mutex_;
  std::string bytes_;  // protected by mutex_
};

constexpr std::size_t kMostBytes = 2048;

std::string broken_reply(const Result<HttpReply>& reply) {
  if (!reply) return reply.error().message.empty() ? "an error without a word" : "";
  // The client above makes an error of what is no 2xx.
  if (reply->status < 0 || reply->status > 999) return "a status that is none";
  if (reply->body.size() > kMostBytes) return "more than was asked for";
  const std::string* length = find_header(*reply, "Content-Length");
  // What is packed is unpacked; nothing asks for it.
  const bool is_counted = length != nullptr && find_header(*reply, "Content-Encoding") == nullptr &&
                          find_header(*reply, "Transfer-Encoding") == nullptr;
  const bool is_number = is_counted && !length->empty() && length->size() < 9 &&
                         length->find_first_not_of("0123456789") == std::string::npos;
  const bool is_cut = is_number && reply->body.size() < std::stoul(*length);
  return is_cut && reply->status != 204 && reply->status != 304 ? "a body that was cut short" : "";
}

// The same bytes, read in pieces of that size.
std::string read_in_pieces(std::string_view bytes, std::size_t size) {
  ReplyReader reader(kMostBytes);
  bool wants_more = true;
  for (std::size_t at = 0; at < bytes.size() && wants_more; at += size) {
    wants_more = reader.take(bytes.substr(at, size));
  }
  reader.end();
  if (!reader.is_whole()) return reader.is_too_large() ? "too large" : "nothing";
  return std::to_string(reader.reply.status) + " " + reader.reply.body;
}

// Its connections are closed when it returns: the server has time for one at a time.
std::string broken_client(const std::string& url) {
  const HttpOptions options{.read_timeout = std::chrono::seconds(5), .max_reply_bytes = kMostBytes};
  const auto transport = HttpTransport::open(url, options);
  for (const char* method : {"GET", "POST"}) {
    const auto reply = (*transport)->send({.method = method, .target = "/agents", .headers = {}});
    if (std::string broken = broken_reply(reply); !broken.empty()) return broken;
  }
  return "";
}

}  // namespace

std::string broken_servers_invariant(std::string_view input) {
  static Speaker server;
  server.say(input);
  if (read_in_pieces(input, input.size() + 1) != read_in_pieces(input, 1)) {
    return "the reply depends on the split";
  }
  if (std::string broken = broken_client(server.url()); !broken.empty()) return broken;
  const auto health = mock::ask({.url = server.url() + "/__mock/health", .ca_file = ""});
  return !health && health.error().empty() ? "no answer, and no reason" : "";
}

}  // namespace nairi::tests
