#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/ready_file.h"
#include "nairi/mock/api.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"
#include "protocol/host.h"

namespace nairi::mock {
namespace {

void complain(const std::string& sentence) {
  std::fprintf(stderr, "nairi-mock: %s\n", sentence.c_str());
}

std::optional<World> load(const std::vector<std::string>& paths) {
  if (paths.empty()) return default_world();
  auto world = read_worlds(paths);
  if (world) return std::move(*world);
  for (const Diagnostic& diagnostic : world.error()) complain(to_string(diagnostic));
  return std::nullopt;
}

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  // The kernel's, as OpenSSL's own would be set up first, for one token.
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::runtime_error("no random bytes can be had for the control token");
  }
  std::string token;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    token += kHex[byte >> 4];
    token += kHex[byte & 15];
  }
  return token;
}

// Unix time that goes on evenly: setting the machine's clock must not stop or skip turns.
std::function<std::int64_t()> steady_unix_ms() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  const auto began = steady_clock::now();
  return [unix_time, began] {
    return duration_cast<milliseconds>(unix_time + (steady_clock::now() - began)).count();
  };
}

FakeOptions fake_options(const ServeOptions& options) {
  FakeOptions fake;
  fake.clock = options.clock;
  fake.speed = options.speed;
  fake.seed = options.seed;
  fake.listed_keys_only = options.listed_keys_only;
  fake.mutate_additive = options.mutate_additive;
  fake.wall_ms = steady_unix_ms();
  fake.journal_max_entries = options.journal_max;
  fake.judge = options.judge != JudgeMode::off;
  fake.control_token = random_token();
  if (!is_loopback(options.host)) fake.control_hosts.push_back(options.host);
  fake.version = NAIRI_MOCK_VERSION;
  return fake;
}

ServerOptions server_options(const ServeOptions& options) {
  ServerOptions server;
  server.host = options.host;
  server.port = options.port;
  server.encode = options.encode;
  server.tls.own_ca = options.tls;
  server.tls.cert_file = options.tls_cert;
  server.tls.key_file = options.tls_key;
  return server;
}

std::string ca_path(const ServeOptions& options) {
  if (!options.ca_file.empty()) return options.ca_file;
  if (!options.ready_file.empty()) return options.ready_file + ".ca.pem";
  const auto name = "nairi-mock-ca-" + std::to_string(::getpid()) + ".pem";
  return std::filesystem::temp_directory_path() / name;
}

// Files that exist while the server runs.
class OwnFile {
 public:
  tl::expected<void, std::string> write(const std::string& path, const std::string& text) {
    auto written = write_atomically(path, text);
    if (written) path_ = path;
    return written;
  }
  ~OwnFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  OwnFile() = default;
  OwnFile(const OwnFile&) = delete;
  OwnFile& operator=(const OwnFile&) = delete;

 private:
  std::string path_;
};

// Says, once it listens, where.
tl::expected<void, std::string> announce(const ServeOptions& options, const ReadyLine& line,
                                         OwnFile& ready_file) {
  const std::string text = to_json(line) + "\n";
  if (!options.ready_file.empty()) {
    auto written = ready_file.write(options.ready_file, text);
    if (!written) return written;
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (options.log == LogFormat::text) {
    std::fprintf(stderr, "nairi-mock %s is listening on %s\nStop it with Ctrl-C.\n",
                 NAIRI_MOCK_VERSION, line.base_url.c_str());
  }
  return {};
}

// SIGTERM and SIGINT are waited for, not handled: they must be blocked before any thread starts.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// What the run comes to.
int conclude(JudgeMode mode, const Fake& fake) {
  if (mode == JudgeMode::off) return kExitGood;
  const Verdicts verdicts = fake.verdicts_of_all();
  std::fputs(to_text(verdicts).c_str(), stderr);
  const bool is_broken = verdicts.has_broken(RuleLevel::must);
  return mode == JudgeMode::fail && is_broken ? kExitBroken : kExitGood;
}

int serve_world(const ServeOptions& options, World world) {
  const sigset_t stop_signals = block_stop_signals();
  ReadyLine line;
  FakeOptions fake_settings = fake_options(options);
  line.control_token = fake_settings.control_token;
  Fake fake(std::move(world), std::move(fake_settings));
  Server server(
      [&](const Request& request) {
        Reply reply = fake.handle(request);
        log_exchange(options.log, request, reply);
        return reply;
      },
      server_options(options));
  line.base_url = server.base_url();
  line.control_url = server.root_url().append(kControlPrefix);
  line.pid = ::getpid();
  line.states = fake.states();
  OwnFile ca_file;
  if (options.tls) {
    line.ca_file = std::filesystem::absolute(ca_path(options));
    const auto written = ca_file.write(line.ca_file, server.ca_pem());
    if (!written) throw std::runtime_error(written.error());
  }
  OwnFile ready_file;
  const auto announced = announce(options, line, ready_file);
  if (!announced) throw std::runtime_error(announced.error());
  int signal = 0;
  sigwait(&stop_signals, &signal);
  server.stop();
  return conclude(options.judge, fake);
}

}  // namespace

int serve(const ServeOptions& options) {
  if (!is_loopback(options.host) && !options.allow_remote) {
    complain("--host " + options.host +
             " can be reached from other machines, and this fake lets any key in: add "
             "--allow-remote if that is meant");
    return kExitUsage;
  }
  auto world = load(options.worlds);
  if (!world) return kExitUsage;
  if (options.listed_keys_only && world->keys.empty()) {
    complain("--keys listed lets nobody in: the world has no \"keys\"");
    return kExitUsage;
  }
  try {
    return serve_world(options, std::move(*world));
  } catch (const std::exception& error) {
    complain(error.what());
    return kExitUsage;
  }
}

}  // namespace nairi::mock
