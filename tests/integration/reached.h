// Fakes and clients that meet: in process, over HTTP and over HTTPS. Nobody ever sleeps.
#ifndef NAIRI_MOCK_TESTS_INTEGRATION_REACHED_H_
#define NAIRI_MOCK_TESTS_INTEGRATION_REACHED_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "files.h"
#include "nairi/client.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/server.h"

namespace nairi::tests {

inline constexpr const char* kBilling = "billing-agent";
inline constexpr const char* kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

// Time that passes only by sleeping.
class SkippedTime : public Clock {
 public:
  std::chrono::milliseconds now() override { return std::chrono::milliseconds(ms_.load()); }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::time_point(now());
  }
  void sleep_for(std::chrono::milliseconds duration) override { ms_ += duration.count(); }

 private:
  std::atomic<std::chrono::milliseconds::rep> ms_ = 0;
};

enum class Way { in_process, http, https };

// A fake of the built-in world and the way to it.
class Reached {
 public:
  explicit Reached(Way way, mock::FakeOptions options = {});

  // Over HTTP each transport has connections of its own.
  std::shared_ptr<Transport> transport();
  Client client(const std::string& key = "nr_test");
  mock::Fake& fake() { return fake_; }
  mock::Server& server() { return *server_; }  // not in process

 private:
  mock::Fake fake_;
  std::optional<mock::Server> server_;
  TemporaryFolder folder_;  // holds the CA of HTTPS
};

std::shared_ptr<Transport> open_http(const mock::Server& server, const std::string& ca_file = {});

// A client that never sleeps.
Client client_of(std::shared_ptr<Transport> transport, const std::string& key = "nr_test");

// The turn's outcome; an error fails the test.
Outcome finish(const Client& client, const Result<Turn>& turn);

// "no error", or the code and message: for failure texts.
template <typename T>
std::string error_of(const Result<T>& result) {
  if (result) return "no error";
  return std::string(to_string(result.error().code)) + ": " + result.error().message;
}

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_INTEGRATION_REACHED_H_
