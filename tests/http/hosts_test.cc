// Where a server listens, by whatever name it is told, and by which it is called.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <system_error>

#include "protocol/host.h"
#include "served.h"
#include "wire.h"

namespace nairi::mock {
namespace {

// A socket of IPv6's loopback: connected to `port`, or bound to it. Below 0 when that fails.
int loopback6(std::uint16_t port, int (*use)(int, const sockaddr*, socklen_t)) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  if (fd >= 0 && use(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return fd;
  }
  ::close(fd);
  return -1;
}

bool has_ipv6() {
  return Wire(loopback6(0, ::bind)).fd() >= 0;
}

std::string answer4(const Server& server) {
  return Wire(server.port()).ask(get("/a")).body;
}

std::string answer6(const Server& server) {
  Wire wire(loopback6(server.port(), ::connect));
  return wire.fd() < 0 ? "" : wire.ask(get("/a")).body;
}

ServerOptions local(const std::string& host) {
  return {.host = host, .allow_remote = false};
}

std::string refusal(ServerOptions options) {
  try {
    const Server server(echo, std::move(options));
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(Localhost, IsListenedOnAtAllOfItsAddresses) {
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "app.localhost"}) {
    const Server server(echo, local(host));
    EXPECT_EQ(answer4(server), "GET /a 0") << host;
    EXPECT_EQ(answer6(server), has_ipv6() ? "GET /a 0" : "") << host;
  }
}

TEST(Localhost, IsCalledByItsName) {
  const Server server(echo, local("localhost."));
  EXPECT_EQ(server.root_url(), "http://localhost:" + std::to_string(server.port()));
}

TEST(Localhost, NeedsItsPortOnAllOfItsAddresses) {
  const Server taken(echo, local(has_ipv6() ? "::1" : "127.0.0.1"));
  ServerOptions options = local("localhost");
  options.port = taken.port();
  EXPECT_NE(refusal(options).find(" is in use: choose another --port"), std::string::npos);
}

TEST(Loopback, IsNeverRemoteHoweverItIsSpelt) {
  for (const char* host : {"127.0.0.1", "127.1", "127.0.0.2", "0x7f.1", "2130706433",
                           "::ffff:127.0.0.1", "[::ffff:7f00:1]"}) {
    const Server server(echo, local(host));
    EXPECT_TRUE(server.port() > 0) << host;
  }
}

TEST(Loopback, OfIpv6IsCalledInBrackets) {
  if (!has_ipv6()) {
    EXPECT_NE(refusal(local("::1")).find("\"::1\" is no address"), std::string::npos);
    return;
  }
  for (const char* host : {"::1", "[::1]", "0:0:0:0:0:0:0:1"}) {
    const Server server(echo, local(host));
    EXPECT_EQ(server.base_url(),
              "http://[::1]:" + std::to_string(server.port()) + "/api/public/v1");
    EXPECT_EQ(answer6(server), "GET /a 0") << host;
  }
}

TEST(Addresses, AreCalledAsTheyAreWrittenInUrls) {
  const Server server(echo, local("127.1"));
  EXPECT_EQ(server.root_url(), "http://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(answer4(server), "GET /a 0");
}

TEST(RemoteHosts, AreRefusedIfTheyMustNotBe) {
  for (const char* host : {"0.0.0.0", "0", "::ffff:0.0.0.0", "[::]"}) {
    const std::string said = refusal(local(host));
    EXPECT_NE(said.find("can be reached from other machines"), std::string::npos) << host << said;
    EXPECT_NE(said.find("--allow-remote"), std::string::npos) << host;
  }
}

TEST(RemoteHosts, AreCalledByLoopbackWhereAllAddressesAreMeant) {
  const Server server(echo, {.host = "0.0.0.0"});
  EXPECT_EQ(server.root_url(), "http://127.0.0.1:" + std::to_string(server.port()));
}

TEST(Hosts, ThatAreNoneAreRefused) {
  for (const char* host :
       {"", "localhost:4747", "[::1]:80", "http://localhost", "a b", "127.0.0.1/8", "[localhost"}) {
    EXPECT_NE(
        refusal({.host = host}).find("\"" + std::string(host) + "\" is no address to listen on"),
        std::string::npos)
        << host;
  }
}

TEST(HostNames, AreReadWithoutPortBracketsAndFinalDot) {
  EXPECT_EQ(host_name("Fake:4747"), "Fake");
  EXPECT_EQ(host_name("fake.:80"), "fake");
  EXPECT_EQ(host_name("[::1]:80"), "::1");
  EXPECT_EQ(host_name("::1"), "::1");
  EXPECT_EQ(host_name("127.0.0.1"), "127.0.0.1");
}

TEST(HostNames, OfThisMachineEndInLocalhost) {
  EXPECT_TRUE(is_localhost("LocalHost"));
  EXPECT_TRUE(is_localhost("a.localhost"));
  EXPECT_FALSE(is_localhost("notlocalhost"));
  EXPECT_FALSE(is_localhost("localhost.example"));
  EXPECT_FALSE(is_localhost(""));
}

TEST(HostNames, FitCertificatesIfTheirLabelsDo) {
  for (const char* name : {"fake", "my_fake", "a-b.example", "*.test"}) {
    EXPECT_TRUE(is_dns_name(name)) << name;
  }
  for (const char* name :
       {"", ".", "a..b", "a b", "a,DNS:b", "a:80", "127.1", "*", "f\xC3\xA4ke", "http://a"}) {
    EXPECT_FALSE(is_dns_name(name)) << name;
  }
  EXPECT_FALSE(is_dns_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace nairi::mock
