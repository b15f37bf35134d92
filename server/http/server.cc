#include "nairi/mock/server.h"

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "http/loop.h"
#include "http/tls.h"
#include "nairi/mock/fake.h"

namespace nairi::mock {
namespace {

std::optional<asio::ssl::context> tls_context(const ServerOptions& options, std::string& ca_pem) {
  if (!wants_tls(options.tls)) return std::nullopt;
  return make_tls_context(options.tls, options.host, ca_pem);
}

// Tells the fake first.
ServerOptions noting(Fake& fake, ServerOptions options) {
  options.on_refused = [&fake,
                        also = std::move(options.on_refused)](const RefusedRequest& refused) {
    fake.note_refused(refused);
    if (also) also(refused);
  };
  return options;
}

}  // namespace

class Server::Impl {
 public:
  Impl(Handler handler, ServerOptions options)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        loop_(options_, handler_, tls_context(options_, ca_pem_)),
        thread_([this] { loop_.run(); }) {}

  ~Impl() { stop(); }

  void stop() {
    const std::lock_guard lock(stop_mutex_);
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }

  std::string root_url() const {
    const char* scheme = wants_tls(options_.tls) ? "https://" : "http://";
    return scheme + loop_.url_host() + ":" + std::to_string(port());
  }
  std::uint16_t port() const { return loop_.port(); }
  const std::string& ca_pem() const { return ca_pem_; }

 private:
  const ServerOptions options_;
  const Handler handler_;
  std::string ca_pem_;
  Loop loop_;
  std::mutex stop_mutex_;
  std::thread thread_;
};

Server::Server(Fake& fake, ServerOptions options)
    : Server([&fake](const Request& request) { return fake.handle(request); },
             noting(fake, std::move(options))) {}

Server::Server(Handler handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(handler), std::move(options))) {}

Server::~Server() = default;

std::string Server::root_url() const {
  return impl_->root_url();
}
std::string Server::base_url() const {
  return root_url().append(kApiPrefix);
}
std::uint16_t Server::port() const {
  return impl_->port();
}
const std::string& Server::ca_pem() const {
  return impl_->ca_pem();
}
void Server::stop() {
  impl_->stop();
}

}  // namespace nairi::mock
