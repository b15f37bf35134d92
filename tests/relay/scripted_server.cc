#include "scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace nairi::mock {
namespace {

constexpr int kBacklog = 512;

// The next request of a socket; nullopt at the end.
std::optional<std::string> next_request(int socket, std::string& unread) {
  for (;;) {
    const std::size_t end = unread.find("\r\n\r\n");
    if (end != std::string::npos) {
      constexpr std::string_view kLength = "ontent-Length: ";
      const std::size_t field = unread.find(kLength);
      const std::size_t length =
          field < end ? std::stoul(unread.substr(field + kLength.size())) : 0;
      const std::size_t size = end + 4 + length;
      if (unread.size() >= size) {
        std::string request = unread.substr(0, size);
        unread.erase(0, size);
        return request;
      }
    }
    std::array<char, 65536> buffer{};
    const ssize_t came = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (came <= 0) return std::nullopt;
    unread.append(buffer.data(), static_cast<std::size_t>(came));
  }
}

void send_bytes(int socket, const ScriptedReply& reply) {
  const std::size_t piece =
      reply.piece > 0 ? reply.piece : std::max<std::size_t>(reply.bytes.size(), 1);
  for (std::size_t at = 0; at < reply.bytes.size();) {
    const std::size_t size = std::min(piece, reply.bytes.size() - at);
    const ssize_t sent = ::send(socket, reply.bytes.data() + at, size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

}  // namespace

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, kBacklog);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  ::close(listener_);
  close_connections();
  for (std::thread& thread : threads_) thread.join();
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::close_connections() {
  const std::lock_guard lock(mutex_);
  for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void ScriptedServer::serve(int socket) {
  std::string unread;
  ScriptedReply reply;
  while (reply.end == ScriptedReply::End::keep) {
    const auto request = next_request(socket, unread);
    if (!request) break;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    reply = script_(*request);
    send_bytes(socket, reply);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  if (reply.end == ScriptedReply::End::reset) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(socket);
}

}  // namespace nairi::mock
