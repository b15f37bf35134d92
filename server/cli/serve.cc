#include <malloc.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/report/run_report.h"
#include "cli/running_fake.h"
#include "cli/signals.h"
#include "nairi/mock/api.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

std::optional<World> load(const std::vector<std::string>& paths) {
  if (paths.empty()) return default_world();
  auto world = read_worlds(paths);
  if (world) return std::move(*world);
  for (const Diagnostic& diagnostic : world.error()) complain(to_string(diagnostic));
  return std::nullopt;
}

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  // The kernel's, as OpenSSL's own would be set up first, for a few tokens.
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::runtime_error("no random bytes can be had for keys and tokens");
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
  fake.keep_idle = options.keep_idle;
  fake.on_evicted = [log = options.log](const EvictedKey& evicted) { log_evicted(log, evicted); };
  fake.clock = options.clock;
  fake.speed = options.speed;
  fake.seed = options.seed;
  fake.listed_keys_only = options.listed_keys_only;
  fake.mutate_additive = options.mutate_additive;
  fake.only_confirmed = options.only_confirmed;
  fake.on_guess = [log = options.log](const Reliance& reliance) { log_guess(log, reliance); };
  fake.wall_ms = steady_unix_ms();
  fake.journal_max_entries = options.journal_max;
  fake.judge = options.judge != JudgeMode::off;
  fake.control_token = options.control_token.empty() ? random_token() : options.control_token;
  fake.control_hosts = options.control_hosts;
  fake.control_hosts.push_back(options.host);
  fake.cors_origins = options.cors;
  fake.version = NAIRI_MOCK_VERSION;
  fake.instance = random_token();
  return fake;
}

FakeOptions after(Fidelity fidelity, FakeOptions fake) {
  fake.fidelity = std::move(fidelity);
  return fake;
}

FakeOptions in_front(std::shared_ptr<const ServerFigures> server, FakeOptions fake) {
  fake.server = std::move(server);
  return fake;
}

ServerOptions server_options(const ServeOptions& options, std::shared_ptr<ServerFigures> figures,
                             std::function<void(const RefusedRequest&)> on_refused) {
  ServerOptions server;
  server.host = options.host;
  server.port = options.port;
  server.allow_remote = options.allow_remote;
  server.threads = options.threads;
  server.encode = options.encode;
  server.tls.own_ca = options.tls;
  server.tls.names = options.tls_names;
  server.tls.cert_file = options.tls_cert;
  server.tls.key_file = options.tls_key;
  server.figures = std::move(figures);
  server.on_refused = std::move(on_refused);
  return server;
}

// glibc gives each thread a heap of its own, which grows by a page and a system call at a time: two
// for each conversation that is started. One loop does as well with the heap of the process.
void use_one_heap(std::size_t threads) {
#ifdef M_ARENA_MAX
  if (threads == 1) (void)::mallopt(M_ARENA_MAX, 1);
#else
  (void)threads;
#endif
}

// A key that is let in: made up, unless only those of the world are.
std::string some_key(const ServeOptions& options, const World& world) {
  if (!options.listed_keys_only) return "nr_" + random_token();
  const auto is_good = [](const KeySpec& key) { return !key.revoked; };
  const auto good = std::find_if(world.keys.begin(), world.keys.end(), is_good);
  return good == world.keys.end() ? world.keys.front().key : good->key;
}

std::string ca_path(const ServeOptions& options, const std::string& instance) {
  if (!options.ca_file.empty()) return options.ca_file;
  if (!options.ready_file.empty()) return options.ready_file + ".ca.pem";
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) throw std::runtime_error("TMPDIR names no folder for the CA: name a --ca-file");
  return folder / ("nairi-mock-ca-" + instance + ".pem");
}

// Browsers read a '+' as a blank.
std::string in_fragment(std::string_view token) {
  std::string written;
  for (const char c : token) c == '+' ? written += "%2B" : written += c;
  return written;
}

// Says, once it listens, where.
void announce(const ServeOptions& options, const ReadyLine& line) {
  std::printf("%s\n", to_json(line).c_str());
  // Whoever started it may wait for that line, and would wait for ever.
  if (const std::string lost = lost_output(); !lost.empty()) throw std::runtime_error(lost);
  if (options.log == LogFormat::text) {
    // Browsers send nobody what stands behind the '#'.
    std::fprintf(stderr,
                 "nairi-mock %s is listening on %s\nLook at it at %s/#token=%s\nStop it with "
                 "Ctrl-C.\n",
                 NAIRI_MOCK_VERSION, line.base_url.c_str(), line.control_url.c_str(),
                 in_fragment(line.control_token).c_str());
  }
}

// Until it is told to end, or the parent has ended. The parent is looked at now and then: the
// kernel's own message comes when the parent's thread ends, which need not be its last.
void wait_for_the_end(const HeldSignals& signals, pid_t parent, bool with_parent) {
  constexpr std::chrono::milliseconds kGlance{100};
  if (!with_parent) {
    signals.next();
    return;
  }
  while (!signals.next(kGlance) && ::getppid() == parent) {
  }
}

// Until no connection is left, the time is over, or somebody is tired of waiting.
void wait_for_answers(const RunningFake& fake, const HeldSignals& signals,
                      std::chrono::milliseconds most) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kGlance{20};
  const auto end = steady_clock::now() + most;
  while (fake.has_connections() && steady_clock::now() < end && !signals.next(kGlance)) {
  }
}

// What the run comes to. A guess is no mistake of whoever relied on it.
int conclude(JudgeMode mode, const Fake& fake, const RunEnd& end) {
  std::fputs(harmless(to_text(fake.reliances())).c_str(), stderr);
  if (mode == JudgeMode::off) return kExitGood;
  const Verdicts verdicts = fake.verdicts_of_all(end);
  std::fputs(harmless(to_text(verdicts)).c_str(), stderr);
  if (mode == JudgeMode::warn) return kExitGood;
  if (verdicts.has_broken(RuleLevel::must)) return kExitBroken;
  return verdicts.has_tested() ? kExitGood : kExitCouldNotCheck;
}

// What the exception says, without the words of the system that follow our own.
std::string sentence_of(const std::exception& error) {
  std::string text = error.what();
  const auto* system_error = dynamic_cast<const std::system_error*>(&error);
  if (system_error == nullptr) return text;
  const std::string ours = text.substr(0, text.rfind(": " + system_error->code().message()));
  // The name of a call is no sentence: "epoll".
  const bool is_sentence = ours.find(' ') != std::string::npos;
  return is_sentence ? ours : "the system does not give what a server needs: " + text;
}

tl::expected<void, std::string> claim_files(const ServeOptions& options) {
  if (!options.ready_file.empty()) {
    auto claimed = claim_ready_file(options.ready_file);
    if (!claimed) return claimed;
  }
  if (!options.report.empty()) {
    const auto could = try_to_write(end_of_links(options.report));
    if (!could) return tl::unexpected("--report: " + could.error());
  }
  return options.ca_file.empty() ? tl::expected<void, std::string>{}
                                 : claim_ca_file(options.ca_file);
}

// The world, if options and world go together; else it has been said why not.
std::optional<World> admit(const ServeOptions& options) {
  if (const auto claimed = claim_files(options); !claimed) {
    complain(claimed.error());
    return std::nullopt;
  }
  auto world = load(options.worlds);
  if (world && options.listed_keys_only && world->keys.empty()) {
    complain("--keys listed lets nobody in: the world has no \"keys\"");
    return std::nullopt;
  }
  return world;
}

}  // namespace

RunningFake::RunningFake(const ServeOptions& options, World world, Fidelity fidelity)
    : RunningFake(options, std::move(world), after(std::move(fidelity), fake_options(options))) {}

RunningFake::RunningFake(const ServeOptions& options, World world, FakeOptions fake)
    : options_(options),
      line_{.control_token = fake.control_token,
            .api_key = some_key(options, world),
            .instance = fake.instance,
            .pid = ::getpid()},
      fake_(std::move(world), in_front(figures_, std::move(fake))),
      server_(
          [this](const Request& request) {
            Reply reply = fake_.handle(request);
            log_exchange(options_.log, request, reply);
            return reply;
          },
          server_options(options, figures_, [this](const RefusedRequest& refused) {
            fake_.note_refused(refused);
            log_refused(options_.log, refused);
          })) {
  line_.base_url = server_.base_url();
  line_.control_url = server_.root_url().append(kControlPrefix);
  line_.states = fake_.states();
  write_files();
}

void RunningFake::write_files() {
  constexpr mode_t kForAll = 0644;    // a certificate is no secret
  constexpr mode_t kForOwner = 0600;  // the control token is one
  if (options_.tls) {
    line_.ca_file = std::filesystem::absolute(ca_path(options_, line_.instance));
    const auto written = ca_file_.write(line_.ca_file, server_.ca_pem(), kForAll);
    if (!written) throw std::runtime_error(written.error());
  }
  if (options_.ready_file.empty()) return;
  const auto written = ready_file_.write(options_.ready_file, to_json(line_) + "\n", kForOwner);
  if (!written) throw std::runtime_error(written.error());
}

// False when one was wanted and can't be written.
bool RunningFake::report(const RunEnd& end, const std::string& what) {
  if (options_.report.empty()) return true;
  const RunFacts facts{
      .title = what, .control_token = line_.control_token, .api_key = line_.api_key, .end = end};
  const auto written = write_report(options_.report, run_report(fake_, facts));
  if (!written) complain("--report: " + written.error());
  return written.has_value();
}

int RunningFake::conclude(std::string_view by, const std::string& what) {
  using std::chrono::microseconds;
  using std::chrono::steady_clock;
  const auto now = std::chrono::duration_cast<microseconds>(steady_clock::now().time_since_epoch());
  server_.stop();
  const RunEnd end{.by = by, .at_us = now.count()};
  const int code = nairi::mock::conclude(options_.judge, fake_, end);
  const bool is_reported = report(end, what);
  return code == kExitGood && !is_reported ? kExitUsage : code;
}

int with_fake(const ServeOptions& options, const std::function<int(RunningFake&)>& use) {
  use_one_heap(options.threads);
  auto world = admit(options);
  if (!world) return kExitUsage;
  auto fidelity = load_fidelity(options.fidelity);
  if (!fidelity) return kExitUsage;
  try {
    RunningFake fake(options, std::move(*world), std::move(*fidelity));
    return use(fake);
  } catch (const std::bad_alloc&) {
    throw;  // main() has a word for it
  } catch (const std::exception& error) {
    return complain(sentence_of(error));
  }
}

int serve(const ServeOptions& options) {
  const pid_t parent = ::getppid();
  // nohup's way of saying that the end of a terminal is to be outlived.
  const int hangup = is_ignored(SIGHUP) ? SIGTERM : SIGHUP;
  const HeldSignals signals({SIGTERM, SIGINT, SIGQUIT, hangup});
  return with_fake(options, [&](RunningFake& fake) {
    announce(options, fake.line());
    wait_for_the_end(signals, parent, options.with_parent);
    if (options.drain.count() > 0) {
      fake.drain();
      wait_for_answers(fake, signals, options.drain);
    }
    return fake.conclude("the server was stopped", "nairi-mock serve");
  });
}

}  // namespace nairi::mock
