// A connection of cpp-httplib, and the handle by which another thread can break it off.
//
// Thread-safety: abort(), is_aborted() and had_address() may be called from any thread, the rest by
// one at a time.
#ifndef NAIRI_CLIENT_CONNECTION_H_
#define NAIRI_CLIENT_CONNECTION_H_

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

#include "httplib_compat.h"
#include "nairi/base_url.h"
#include "nairi/http_transport.h"

namespace nairi {

class Connection {
 public:
  Connection(const BaseUrl& base, const HttpOptions& options) : http(base.origin) {
    http.set_keep_alive(true);
    http.set_tcp_nodelay(true);
    http.set_follow_location(false);
    http.set_connection_timeout(options.connect_timeout);
    http.set_read_timeout(options.read_timeout);
    http.set_write_timeout(options.write_timeout);
    http.set_socket_options([this](int socket) { keep(socket); });
    compat::send_paths_as_they_are(http);
    http.enable_server_certificate_verification(true);
    if (!options.ca_file.empty()) http.set_ca_cert_path(options.ca_file);
  }
  ~Connection() { close_handle(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Ends whatever it waits for, and all that it begins later; it can't be used again. The library's
  // own stop() would wait until a connection is made.
  void abort() {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
    if (handle_ >= 0) ::shutdown(handle_, SHUT_RDWR);
  }
  bool is_aborted() const {
    const std::lock_guard lock(mutex_);
    return aborted_;
  }
  // Whether the host's name led to an address.
  bool had_address() const {
    const std::lock_guard lock(mutex_);
    return handle_ >= 0;
  }

  httplib::Client http;

 private:
  // A duplicate, since the library may close the socket, and its number then mean another one.
  void keep(int socket) {
    const std::lock_guard lock(mutex_);
    close_handle();
    handle_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (aborted_) ::shutdown(socket, SHUT_RDWR);
  }
  void close_handle() {
    if (handle_ >= 0) ::close(handle_);
    handle_ = -1;
  }

  mutable std::mutex mutex_;
  // Protected by mutex_:
  int handle_ = -1;
  bool aborted_ = false;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_CONNECTION_H_
