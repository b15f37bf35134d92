// A client that sends bytes as they are and sees the bytes that come: a blocking POSIX socket.
#ifndef NAIRI_MOCK_TESTS_HTTP_WIRE_H_
#define NAIRI_MOCK_TESTS_HTTP_WIRE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nairi::mock {

struct WireReply {
  int status = 0;    // 0: the connection ended instead
  std::string head;  // status line and fields, each with its CRLF
  std::string body;

  bool has(std::string_view field) const { return head.find(field) != std::string::npos; }
};

class Wire {
 public:
  explicit Wire(std::uint16_t port) : Wire(make_socket()) { connect(port); }
  // A connected or unconnected socket.
  explicit Wire(int fd) : fd_(fd) {}
  ~Wire();
  Wire(Wire&& other) noexcept : fd_(other.fd_), unread_(std::move(other.unread_)) {
    other.fd_ = -1;
  }
  Wire& operator=(Wire&&) = delete;

  static int make_socket();
  void connect(std::uint16_t port) const;
  int fd() const { return fd_; }
  std::uint16_t local_port() const;

  // False when the peer does not take the bytes any more.
  bool send(std::string_view bytes) const;
  void shut_sending() const;

  // The next reply. A reply to HEAD has no body whatever its length says.
  WireReply reply(bool to_head = false);
  std::string rest();  // everything until the end of the connection

  WireReply ask(std::string_view request);

 private:
  bool read_more();

  int fd_;
  std::string unread_;
};

// A GET of `target` as HTTP/1.1 with `fields`, each of which ends in CRLF.
std::string get(std::string_view target, std::string_view fields = {});
std::string post(std::string_view target, std::string_view body, std::string_view fields = {});

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_HTTP_WIRE_H_
