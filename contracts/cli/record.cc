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
  RecordingServer(const RecordOptions& options, Recorder& recorder)
      : relay_({.target = options.target,
                .ca_file = options.ca_file,
                .on_exchange =
                    [&recorder](mock::Relayed relayed) { recorder.add(std::move(relayed)); }}),
        server_([this](const mock::Request& request) { return relay_.pass(request); },
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

int record_until_the_end(const RecordOptions& options, Recorder& recorder,
                         const Foreground& foreground) {
  const RecordingServer server(options, recorder);
  if (!options.command.empty()) return foreground.run(options.command, server.variables());
  announce_recorder(options, server);
  foreground.wait_for_the_end();
  return kExitGood;
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
  const int code = record_until_the_end(options, **recorder, foreground);
  const Recorder::Outcome outcome = (*recorder)->finish();
  std::fprintf(stderr, "nairi-contract: %zu exchanges were added to %s\n", outcome.exchanges,
               options.out_folder.c_str());
  if (outcome.lost.empty()) return code;
  complain("the recording is not complete: " + outcome.lost);
  return code == kExitGood ? kExitUsage : code;
}

}  // namespace nairi::contracts
