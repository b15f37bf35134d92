#include "serving.h"

#include <signal.h>

#include <stdexcept>

namespace nairi::tests {
namespace {

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

Finished run_mock(const Words& arguments, const Words& environment) {
  return run(joined({NAIRI_MOCK_PROGRAM}, arguments), environment);
}

Finished run_nairi(const Words& arguments, const Words& environment) {
  return run(joined({NAIRI_PROGRAM}, arguments), environment);
}

Serving::Serving(const Words& flags)
    : ready_file_(folder_ / "ready.json"),
      program_(joined({NAIRI_MOCK_PROGRAM, "serve", "--port", "0", "--ready-file", ready_file_},
                      flags)) {
  const Finished ready = run_mock({"ready", "--ready-file", ready_file_, "--wait", "1m"});
  if (ready.exit_code != 0) throw std::runtime_error(ready.err + program_.err());
  line_ = nlohmann::json::parse(ready.out);
}

std::uint16_t Serving::port() const {
  const std::string url = text("control_url");
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

Finished Serving::stop() {
  return stop(SIGTERM);
}

Finished Serving::stop(int signal) {
  program_.signal(signal);
  return program_.wait();
}

Finished Serving::ask(const Words& arguments, const std::string& key) const {
  Words environment{"NAIRI_BASE_URL=" + text("base_url"), "NAIRI_API_KEY=" + key};
  if (line_.contains("ca_file")) environment.push_back("NAIRI_CA_FILE=" + text("ca_file"));
  return run_nairi(arguments, environment);
}

}  // namespace nairi::tests
