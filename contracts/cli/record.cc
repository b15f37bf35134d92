#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "cli/commands.h"
#include "cli/foreground.h"
#include "cli/running.h"
#include "harness/cases/values.h"
#include "harness/recorder/on_miss.h"
#include "harness/recorder/recorder.h"
#include "nairi/mock/relay.h"
#include "nairi/mock/server.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

// Those who wait have two connections each.
void take_all_descriptors() {
  constexpr rlim_t kMany = 65'536;  // more would cost programs that close all that there may be
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMany));
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// A certificate authority in a file of its own, for as long as it is needed.
class RecordersCa {
 public:
  explicit RecordersCa(const std::string& pem) {
    if (pem.empty()) return;
    path_ = (std::filesystem::temp_directory_path() / "nairi-contract-ca-XXXXXX").string();
    const int file = ::mkstemp(path_.data());
    if (file < 0) throw std::runtime_error("can't write " + path_ + ": " + std::strerror(errno));
    const bool good = ::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size());
    ::close(file);
    if (!good) throw std::runtime_error("can't write " + path_);
  }
  ~RecordersCa() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  RecordersCa(const RecordersCa&) = delete;
  RecordersCa& operator=(const RecordersCa&) = delete;

  const std::string& path() const { return path_; }  // "" without one

 private:
  std::string path_;
};

mock::ServerOptions server_options(const RecordOptions& options) {
  mock::ServerOptions server;
  server.host = "127.0.0.1";  // it would lend your key's service to other machines
  server.port = options.port;
  server.tls.own_ca = options.tls;
  server.tls.names = options.tls_names;
  server.tls.cert_file = options.tls_cert;
  server.tls.key_file = options.tls_key;
  return server;
}

// The recorder at work: a server, behind it the relay, and what is written.
class RecordingServer {
 public:
  // `on_miss` is null where all is passed on.
  RecordingServer(const RecordOptions& options, Recorder& recorder, OnMiss* on_miss)
      : relay_({.target = options.target,
                .ca_file = options.ca_file,
                .on_exchange =
                    [&recorder, on_miss](mock::Relayed relayed) {
                      if (on_miss != nullptr) on_miss->learn(relayed);
                      recorder.add(std::move(relayed));
                    }}),
        server_([this, on_miss](const mock::Request& request) { return answer(request, on_miss); },
                server_options(options)),
        ca_(server_.ca_pem()) {}

  std::string base_url() const { return server_.base_url(); }
  const std::string& ca_file() const { return ca_.path(); }

  // What a command finds besides our own environment.
  std::vector<std::string> variables() const {
    std::vector<std::string> all{"NAIRI_BASE_URL=" + base_url()};
    for (const char* name : {"NO_PROXY", "no_proxy"}) {
      const std::string others = environment(name);
      all.push_back(name + ("=127.0.0.1" + (others.empty() ? "" : "," + others)));
    }
    if (ca_file().empty()) return all;
    for (const char* name : {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
                             "CURL_CA_BUNDLE", "NAIRI_CA_FILE"}) {
      all.push_back(name + ("=" + ca_file()));
    }
    return all;
  }

 private:
  mock::Reply answer(const mock::Request& request, OnMiss* on_miss) {
    if (on_miss == nullptr) return relay_.pass(Recorder::readable(request));
    if (auto reply = on_miss->answer(request)) return std::move(*reply);
    return relay_.pass(OnMiss::readable(request));
  }

  mock::Relay relay_;
  mock::Server server_;
  RecordersCa ca_;
};

// Says, once it listens, where.
void announce_recorder(const RecordOptions& options, const RecordingServer& server) {
  std::string line;
  mock::ObjectWriter(line)
      .field("base_url", server.base_url())
      .field("ca_file", server.ca_file())
      .field("target", options.target)
      .field("recording", options.out_folder)
      .field("pid", std::int64_t{::getpid()})
      .close();
  std::printf("%s\n", line.c_str());
  if (const std::string lost = lost_output(); !lost.empty()) throw std::runtime_error(lost);
}

int record_until_the_end(const RecordOptions& options, Recorder& recorder, OnMiss* on_miss,
                         const Foreground& foreground) {
  const RecordingServer server(options, recorder, on_miss);
  if (!options.command.empty()) return foreground.run(options.command, server.variables());
  announce_recorder(options, server);
  foreground.wait_for_the_end();
  return kExitGood;
}

// Before a call is made: what it may cost.
void announce_limit(const RecordOptions& options) {
  const std::size_t most = options.max_conversations;
  if (most == 0) {
    std::fprintf(stderr,
                 "nairi-contract: worlds answer, and no conversation goes to the service: "
                 "--max-conversations is 0\n");
    return;
  }
  std::fprintf(stderr, "nairi-contract: worlds answer, and at most %s to %s\n",
               (counted(most, "conversation") + (most == 1 ? " goes" : " go")).c_str(),
               options.target.c_str());
}

// "1 prompt was", "3 prompts were".
std::string counted_were(std::size_t count, const char* what) {
  return counted(count, what) + (count == 1 ? " was" : " were");
}

void tell_summary(const OnMiss::Summary& summary, std::size_t most) {
  std::string further;
  if (summary.further_prompts > 0) {
    further = " with " + counted(summary.further_prompts, "further prompt");
  }
  std::fprintf(
      stderr, "nairi-contract: %s answered by worlds, %zu of at most %zu by the service%s\n",
      counted(summary.served, "conversation").c_str(), summary.forwarded, most, further.c_str());
  if (summary.refused > 0) {
    std::fprintf(stderr,
                 "nairi-contract: %s refused, as no script answers them: see their X-Mock-Hint\n",
                 counted_were(summary.refused, "start").c_str());
  }
  const auto tell_prompts = [](std::size_t count, const char* which) {
    if (count == 0) return;
    std::fprintf(stderr, "nairi-contract: %s refused%s\n", counted_were(count, "prompt").c_str(),
                 which);
  };
  tell_prompts(summary.refused_follow_ups, " in conversations that worlds began");
  tell_prompts(summary.refused_files, ", as their files are not at the service");
}

// `code` is the command's.
void tell_added(const RecordOptions& options, int code, std::size_t exchanges) {
  std::fprintf(stderr, "nairi-contract: %s added to %s\n",
               counted_were(exchanges, "exchange").c_str(), options.out_folder.c_str());
  constexpr int kNotRun = 126;  // or, above it, ended by a signal
  if (exchanges > 0 || options.on_miss || options.command.empty() || code >= kNotRun) return;
  std::fprintf(stderr, "nairi-contract: %s called nothing: it has to ask NAIRI_BASE_URL\n",
               options.command.front().c_str());
}

// Where worlds answer: what they are, once the recording's own is there. An error was said.
bool read_worlds_of(const RecordOptions& options, std::unique_ptr<OnMiss>& on_miss) {
  if (!options.on_miss) return true;
  auto worlds = read_served_worlds(options.worlds, options.out_folder);
  if (!worlds) {
    complain(worlds.error());
    return false;
  }
  on_miss = std::make_unique<OnMiss>(std::move(*worlds), options.max_conversations);
  announce_limit(options);
  return true;
}

}  // namespace

int record(const RecordOptions& options) {
  const Foreground foreground;
  take_all_descriptors();
  auto recorder = Recorder::open({.folder = options.out_folder,
                                  .target = mock::relay_target(options.target),
                                  .by = "nairi-contract " + options.version,
                                  .with_files = options.with_files,
                                  .redact = options.redact,
                                  .secrets = {environment("NAIRI_API_KEY")}});
  if (!recorder) {
    complain(recorder.error());
    return kExitUsage;
  }
  std::unique_ptr<OnMiss> on_miss;
  if (!read_worlds_of(options, on_miss)) return kExitUsage;
  const int code = record_until_the_end(options, **recorder, on_miss.get(), foreground);
  if (on_miss) tell_summary(on_miss->summary(), options.max_conversations);
  const Recorder::Outcome outcome = (*recorder)->finish();
  tell_added(options, code, outcome.exchanges);
  if (outcome.unread > 0) {
    std::fprintf(stderr,
                 "nairi-contract: %zu of the replies came in a coding that can't be unpacked: "
                 "their bodies were not kept\n",
                 outcome.unread);
  }
  if (outcome.lost.empty()) return code;
  complain("the recording is not complete: " + outcome.lost);
  return code == kExitGood ? kExitUsage : code;
}

}  // namespace nairi::contracts
