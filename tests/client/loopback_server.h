// A raw TCP server on a free loopback port: each accepted connection gets the next script of pieces
// to answer with, one for each whole request. No HTTP library, so the bytes are exactly these.
#ifndef NAIRI_TESTS_CLIENT_LOOPBACK_SERVER_H_
#define NAIRI_TESTS_CLIENT_LOOPBACK_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace nairi::tests {

class LoopbackServer {
 public:
  // What one connection answers, request by request; then it is closed.
  struct Connection {
    std::vector<std::string> replies;
    bool reset = false;         // closed by a RST
    std::string greeting = {};  // sent before anything is read
    // Called when a request has come, before it is answered.
    std::function<void()> on_request = {};
    bool drips = false;  // the last reply: its last byte over and over, until the client goes
  };

  // `together`: no connection is answered before all of them are there and have sent a request.
  explicit LoopbackServer(std::vector<Connection> script, bool together = false)
      : script_(std::move(script)), together_(together) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 16);
    thread_ = std::thread([this] { serve(); });
  }
  ~LoopbackServer() { stop(); }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // Ends the server; afterwards `requests` may be read.
  void stop() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::vector<std::string> requests;  // as they came
  std::size_t connections = 0;

 private:
  void serve() {
    std::vector<int> sockets;
    for (const Connection& connection : script_) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      ++connections;
      if (together_) {
        read_request(socket);
        sockets.push_back(socket);
      } else {
        play(connection, socket);
      }
    }
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      write(sockets[i], script_[i].replies.at(0));
      ::close(sockets[i]);
    }
  }

  void play(const Connection& connection, int socket) {
    write(socket, connection.greeting);
    for (const std::string& reply : connection.replies) {
      if (!read_request(socket)) break;
      if (connection.on_request) connection.on_request();
      write(socket, reply);
    }
    if (connection.drips) drip(socket, connection.replies.back().back());
    if (connection.reset) {
      const linger at_once{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(socket);
  }

  static void write(int socket, const std::string& bytes) {
    (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  static void drip(int socket, char byte) {
    pollfd gone{socket, POLLIN, 0};
    while (::poll(&gone, 1, 1) == 0) write(socket, std::string(1, byte));
  }

  bool read_request(int socket) {
    std::string request;
    char buffer[4096];
    while (!is_whole(request)) {
      const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
      if (size <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(size));
    }
    requests.push_back(request);
    return true;
  }

  static bool is_whole(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t at = request.find("Content-Length: ");
    const std::size_t length = at < head ? std::stoul(request.substr(at + 16)) : 0;
    return request.size() >= head + 4 + length;
  }

  const std::vector<Connection> script_;
  const bool together_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace nairi::tests

#endif  // NAIRI_TESTS_CLIENT_LOOPBACK_SERVER_H_
