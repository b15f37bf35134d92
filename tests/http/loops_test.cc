// A server of several loops: which of them serves a connection makes no difference to anybody.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "served.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kLoops = 3;

std::vector<Wire> connect_to(const Server& server, std::size_t count) {
  std::vector<Wire> wires;
  for (std::size_t i = 0; i < count; ++i) wires.emplace_back(server.port());
  return wires;
}

std::string id_after(std::string_view name, const std::string& body) {
  const std::size_t begin = body.find(name) + name.size() + 3;  // ":"
  return body.substr(begin, body.find('"', begin) - begin);
}

// All bytes of a conversation of one key, each call on the next of these connections.
std::string conversation(std::vector<Wire>& wires, const std::string& key) {
  const std::string fields = "Authorization: Bearer " + key + "\r\n";
  const std::string api = "/api/public/v1";
  std::string seen;
  std::size_t calls = 0;
  const auto ask = [&](const std::string& request) {
    const WireReply reply = wires[calls++ % wires.size()].ask(request);
    seen += reply.head + reply.body;
    return reply.body;
  };
  for (int turn = 0; turn < 3; ++turn) {
    const std::string begun =
        ask(post(api + "/conversations/start", R"({"agent_id":"my-agent","prompt":"hello"})",
                 fields + "Content-Type: application/json\r\n"));
    for (int poll = 0; poll < 4; ++poll) {
      ask(get(api + "/messages/" + id_after("message_id", begun), fields));
    }
    ask(get(api + "/conversations/" + id_after("job_id", begun) + "/messages", fields));
  }
  return seen + ask(get(api + "/agents/my-agent/conversations", fields));
}

std::string conversation_with(std::size_t threads, std::size_t connections) {
  Fake fake(default_world());
  const Server server(fake, {.threads = threads});
  auto wires = connect_to(server, connections);
  return conversation(wires, "nr_one");
}

TEST(Loops, TakeTurnsWithTheConnections) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  const Server server(
      [&](const Request& request) {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
        return echo(request);
      },
      {.threads = kLoops});
  auto wires = connect_to(server, kLoops);
  for (Wire& wire : wires) EXPECT_EQ(wire.ask(get("/a")).body, "GET /a 0");
  EXPECT_EQ(seen.size(), kLoops);
}

TEST(Loops, AnswerAKeyWithTheSameBytesWhicheverServesIt) {
  const std::string alone = conversation_with(1, 1);
  EXPECT_NE(alone.find("\"status\":\"completed\""), std::string::npos) << alone;
  EXPECT_EQ(conversation_with(kLoops, kLoops), alone);
  EXPECT_EQ(conversation_with(kLoops, 2 * kLoops + 1), alone);
}

TEST(Loops, AnswerManyKeysAtTheSameTimeWithTheSameBytes) {
  constexpr std::size_t kKeys = 6;
  const auto key = [](std::size_t i) { return "nr_" + std::to_string(i); };
  Fake alone(default_world());
  const Server one(alone);
  Fake together(default_world());
  const Server several(together, {.threads = kLoops});
  std::vector<std::string> seen(kKeys);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kKeys; ++i) {
    clients.emplace_back([&, i] {
      auto wires = connect_to(several, 2);
      seen[i] = conversation(wires, key(i));
    });
  }
  for (std::thread& client : clients) client.join();
  for (std::size_t i = 0; i < kKeys; ++i) {
    auto wires = connect_to(one, 1);
    EXPECT_EQ(seen[i], conversation(wires, key(i)));
  }
}

TEST(Loops, HaveOneLimitOfConnections) {
  const Server server(echo, {.threads = kLoops, .max_connections = kLoops});
  auto wires = connect_to(server, kLoops);
  for (Wire& wire : wires) EXPECT_EQ(wire.ask(get("/a")).status, 200);
  EXPECT_EQ(Wire(server.port()).rest(), "");
}

TEST(Loops, AllEndWhenTheServerStops) {
  Server server(echo, {.threads = kLoops});
  auto idle = connect_to(server, kLoops);
  for (Wire& wire : idle) ASSERT_EQ(wire.ask(get("/a")).status, 200);
  auto delayed = connect_to(server, kLoops);
  for (Wire& wire : delayed) wire.send(get("/hour"));
  server.stop();
  for (Wire& wire : idle) EXPECT_EQ(wire.rest(), "");
  for (Wire& wire : delayed) EXPECT_EQ(wire.rest(), "");
  EXPECT_THROW(Wire(server.port()), std::system_error);
}

TEST(Loops, SpeakTlsToo) {
  const Server server(echo, {.threads = kLoops, .tls = {.own_ca = true}});
  for (std::size_t i = 0; i < kLoops; ++i) {
    TlsWire client(server.port(), server.ca_pem());
    ASSERT_TRUE(client.shake_hands());
    client.send(get("/a", "Connection: close\r\n"));
    EXPECT_TRUE(client.rest().ends_with("GET /a 0"));
  }
}

TEST(Loops, ShareTheirPortWithNoOtherServer) {
  const Server server(echo, {.threads = kLoops});
  EXPECT_THROW(Server(echo, {.port = server.port(), .threads = kLoops}), std::system_error);
}

TEST(Loops, AreAtLeastOne) {
  const Server server(echo, {.threads = 0});
  EXPECT_EQ(Wire(server.port()).ask(get("/a")).status, 200);
}

}  // namespace
}  // namespace nairi::mock
