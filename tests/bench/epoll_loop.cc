// The floor that servers are measured against: one thread, one epoll, and the same bytes for each
// request, of which nothing is read but where it ends.  epoll_loop REPLY_FILE   prints its port
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

constexpr int kBacklog = 4096;

void must(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

void watch(int epoll, int socket) {
  epoll_event wanted = {.events = EPOLLIN, .data = {.fd = socket}};
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &wanted) == 0, "epoll_ctl");
}

int listen_on_a_free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_port = 0,
                         .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                         .sin_zero = {}};
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  must(bind(listener, plain, size) == 0, "bind");
  must(listen(listener, kBacklog) == 0, "listen");
  must(getsockname(listener, plain, &size) == 0, "getsockname");
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void accept_one(int epoll, int listener) {
  const int socket = accept(listener, nullptr, nullptr);
  if (socket < 0) return;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  watch(epoll, socket);
}

// The load generators send a whole request at a time.
void answer(int socket, std::string_view reply) {
  std::array<char, 4096> request;
  const ssize_t got = read(socket, request.data(), request.size());
  if (got <= 0) {
    close(socket);
    return;
  }
  if (std::string_view(request.data(), static_cast<std::size_t>(got)).ends_with("\r\n\r\n")) {
    must(write(socket, reply.data(), reply.size()) > 0, "write");
  }
}

}  // namespace

int main(int argc, char** argv) {
  must(argc == 2, "usage: epoll_loop REPLY_FILE");
  std::ifstream file(argv[1], std::ios::binary);
  const std::string reply(std::istreambuf_iterator<char>(file), {});
  const int listener = listen_on_a_free_port();
  const int epoll = epoll_create1(0);
  watch(epoll, listener);
  std::array<epoll_event, 512> events;
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        accept_one(epoll, listener);
      } else {
        answer(socket, reply);
      }
    }
  }
}
