// What differs between cpp-httplib 0.11.4 (Debian 12) and 0.53: a Stream's virtual functions and
// the arguments of Server::process_request. The only file that asks for the version.
#ifndef NAIRI_MOCK_HTTP_HTTPLIB_COMPAT_H_
#define NAIRI_MOCK_HTTP_HTTPLIB_COMPAT_H_

#include <httplib.h>

#include <string>

namespace nairi::mock {

// The functions of a Stream that mean nothing without a socket.
class SocketlessStream : public httplib::Stream {
 public:
  bool is_readable() const override { return true; }
#ifdef CPPHTTPLIB_VERSION_NUM
  bool wait_readable() const override {
    return true;
  }
  bool wait_writable() const override {
    return true;
  }
  time_t duration() const override {
    return 0;
  }
#else
  bool is_writable() const override {
    return true;
  }
#endif
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // Only compared with FD_SETSIZE, and asked whether the peer is alive by nobody here.
  socket_t socket() const override {
    return 0;
  }
};

class HttplibServer : public httplib::Server {
 protected:
  bool process(httplib::Stream& stream) {
    bool closed = false;
    // The header that says so is cheaper than the other one; both are replaced afterwards.
    constexpr bool kCloseConnection = true;
#ifdef CPPHTTPLIB_VERSION_NUM
    static const std::string no_address;
    return process_request(stream, no_address, 0, no_address, 0, kCloseConnection, closed, nullptr);
#else
    return process_request(stream, kCloseConnection, closed, nullptr);
#endif
  }
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_HTTPLIB_COMPAT_H_
