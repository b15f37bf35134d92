#include "nairi/mock/server.h"

#include <algorithm>
#include <asio/post.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "http/door.h"
#include "http/loop.h"
#include "http/tls.h"
#include "nairi/mock/fake.h"

namespace nairi::mock {
namespace {

std::optional<asio::ssl::context> tls_context(const ServerOptions& options, std::string& ca_pem) {
  if (!wants_tls(options.tls)) return std::nullopt;
  return make_tls_context(options.tls, options.host, ca_pem);
}

ServerOptions with_figures(ServerOptions options) {
  if (!options.figures) options.figures = std::make_shared<ServerFigures>();
  return options;
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
      : options_(with_figures(std::move(options))),
        handler_(std::move(handler)),
        tls_(tls_context(options_, ca_pem_)),
        loops_(make_loops()),
        door_(options_, loops_.front()->executor(),
              [this](Socket socket) { admit(std::move(socket)); }) {
    using std::chrono::system_clock;
    options_.figures->started_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                            system_clock::now().time_since_epoch())
                                            .count();
    try {
      for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
    } catch (...) {
      stop();
      throw;
    }
  }

  ~Impl() { stop(); }

  void drain() {
    options_.figures->draining = true;
    for (const auto& loop : loops_) loop->drain();
  }

  void stop() {
    const std::lock_guard lock(stop_mutex_);
    if (threads_.empty()) return;
    asio::post(loops_.front()->executor(), [this] { door_.close(); });
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::string root_url() const {
    const char* scheme = wants_tls(options_.tls) ? "https://" : "http://";
    return scheme + door_.url_host() + ":" + std::to_string(port());
  }
  std::uint16_t port() const { return door_.port(); }
  const std::string& ca_pem() const { return ca_pem_; }

 private:
  std::vector<std::unique_ptr<Loop>> make_loops() {
    std::vector<std::unique_ptr<Loop>> loops(std::max<std::size_t>(options_.threads, 1));
    for (auto& loop : loops) {
      loop = std::make_unique<Loop>(options_, handler_, tls_ ? &*tls_ : nullptr, totals_);
    }
    return loops;
  }

  // On the first loop, which has the door. The loops take turns: the few connections of a client's
  // pool are spread evenly, which the hashing of SO_REUSEPORT does for many only; and a port that
  // another server has is in use as ever, which it would not be.
  void admit(Socket socket) {
    const std::uint64_t id = ++last_id_;
    Loop& loop = *loops_[id % loops_.size()];
    if (&loop == loops_.front().get()) return loop.admit(std::move(socket), id);
    loop.hand_over(std::move(socket), id);
  }

  const ServerOptions options_;
  const Handler handler_;
  std::string ca_pem_;
  std::optional<asio::ssl::context> tls_;
  Totals totals_;
  std::vector<std::unique_ptr<Loop>> loops_;
  Door door_;
  std::uint64_t last_id_ = 0;  // the first loop's thread alone touches it
  std::mutex stop_mutex_;
  std::vector<std::thread> threads_;
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
void Server::drain() {
  impl_->drain();
}
void Server::stop() {
  impl_->stop();
}

}  // namespace nairi::mock
