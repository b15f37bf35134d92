// A server that answers with given bytes and ends as it is told: it plays services that do what no
// library would. One thread for each connection, on a free port of loopback.
//
//   ScriptedServer server([](const std::string& head) { return ScriptedReply{"HTTP/1.1 …"}; });
#ifndef NAIRI_TESTS_RELAY_SCRIPTED_SERVER_H_
#define NAIRI_TESTS_RELAY_SCRIPTED_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nairi::mock {

struct ScriptedReply {
  enum class End { keep, close, reset };
  std::string bytes = {};
  End end = End::keep;
  std::size_t piece = 0;  // bytes that are sent at once; 0: all
};

class ScriptedServer {
 public:
  // Called with head and body of each request, from several threads.
  using Script = std::function<ScriptedReply(const std::string& request)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() const;
  int connections() const { return connections_; }
  // Ends the connections that are open, as a server does that is tired of idle ones.
  void close_connections();

 private:
  void accept_all();
  void serve(int socket);

  const Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  // Protected by mutex_:
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace nairi::mock

#endif  // NAIRI_TESTS_RELAY_SCRIPTED_SERVER_H_
