#include "cli/ready_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

std::string because(const std::string& path) {
  return "can't write " + path + ": " + std::strerror(errno);
}

bool write_all(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

std::string to_json(const ReadyLine& line) {
  std::string text;
  ObjectWriter writer(text);
  writer.field("base_url", line.base_url)
      .field("control_url", line.control_url)
      .field("control_token", line.control_token);
  if (!line.ca_file.empty()) writer.field("ca_file", line.ca_file);
  writer.field("pid", std::int64_t{line.pid});
  writer.value("states") += line.states;
  writer.close();
  return text;
}

tl::expected<void, std::string> write_atomically(const std::string& path, const std::string& text) {
  std::string draft = path + ".XXXXXX";
  const int file = ::mkstemp(draft.data());
  if (file < 0) return tl::unexpected(because(path));
  const bool written = write_all(file, text);
  ::close(file);
  if (written && std::rename(draft.c_str(), path.c_str()) == 0) return {};
  const std::string why = because(path);
  ::unlink(draft.c_str());
  return tl::unexpected(why);
}

tl::expected<std::string, std::string> read_ready_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return tl::unexpected("there is no ready file " + path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto line = nlohmann::json::parse(text, nullptr, false);
  const auto pid = line.is_object() ? line.find("pid") : line.end();
  if (!line.is_object() || pid == line.end() || !pid->is_number_integer()) {
    return tl::unexpected(path + " is not a ready file: it holds no JSON object with a \"pid\"");
  }
  if (::kill(pid->get<pid_t>(), 0) != 0 && errno == ESRCH) {
    return tl::unexpected(path + " was left by a server that is gone (pid " + pid->dump() + ")");
  }
  return text;
}

}  // namespace nairi::mock
