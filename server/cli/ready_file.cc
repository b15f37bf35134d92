#include "cli/ready_file.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/own_file.h"
#include "probe/probe.h"
#include "text/json_source.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;

struct Field {
  std::string_view name;
  std::string ReadyLine::*text;
};

constexpr Field kTexts[] = {{"base_url", &ReadyLine::base_url},
                            {"control_url", &ReadyLine::control_url},
                            {"control_token", &ReadyLine::control_token},
                            {"api_key", &ReadyLine::api_key},
                            {"ca_file", &ReadyLine::ca_file},
                            {"instance", &ReadyLine::instance}};

std::string text_of(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whether it may be asked: neither its scheme nor what follows can stand for anything else.
bool is_http_url(std::string_view url) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  return (url.starts_with("http://") || url.starts_with("https://")) &&
         std::none_of(url.begin(), url.end(), is_odd);
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// Whether the server has gone; one that was told to end a moment ago may still answer.
bool is_gone_soon(const ReadyLine& line) {
  constexpr int kLooks = 50;
  constexpr milliseconds kNap{20};
  for (int look = 0; look < kLooks; ++look) {
    if (!find_server(line, milliseconds(1000))) return true;
    std::this_thread::sleep_for(kNap);
  }
  return false;
}

}  // namespace

std::string to_json(const ReadyLine& line) {
  std::string text;
  ObjectWriter writer(text);
  for (const auto& [name, member] : kTexts) {
    if (!(line.*member).empty()) writer.field(name, line.*member);
  }
  writer.field("pid", line.pid);
  writer.value("states") += line.states;
  writer.close();
  return text;
}

std::optional<ReadyLine> parse_ready_line(const std::string& text) {
  const auto parsed = parse_json(text);  // strictly: what nests deeply can't be written again
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const nlohmann::json& object = *parsed;
  ReadyLine line;
  for (const auto& [name, member] : kTexts) line.*member = text_of(object, name);
  if (!is_http_url(line.control_url)) return std::nullopt;
  if (!line.base_url.empty() && !is_http_url(line.base_url)) return std::nullopt;
  const auto pid = object.find("pid");
  if (line.instance.empty() || pid == object.end() || !pid->is_number_integer()) {
    return std::nullopt;
  }
  line.pid = pid->get<std::int64_t>();
  line.states = object.value("states", nlohmann::json::object()).dump();
  return line;
}

std::vector<std::string_view> ready_fields() {
  std::vector<std::string_view> names;
  for (const Field& field : kTexts) names.push_back(field.name);
  names.insert(names.end(), {"pid", "states"});
  return names;
}

std::string ready_field(const ReadyLine& line, std::string_view name) {
  if (name == "pid") return std::to_string(line.pid);
  if (name == "states") return line.states;
  const auto named = [name](const Field& field) { return field.name == name; };
  const Field* field = std::find_if(std::begin(kTexts), std::end(kTexts), named);
  return field == std::end(kTexts) ? std::string() : line.*(field->text);
}

tl::expected<void, std::string> find_server(const ReadyLine& line, milliseconds patience) {
  const auto health =
      ask({.url = line.control_url + "/health", .ca_file = line.ca_file, .patience = patience});
  if (!health) return tl::unexpected(health.error());
  const nlohmann::json object = nlohmann::json::parse(*health, nullptr, false);
  if (object.is_object() && text_of(object, "instance") == line.instance) return {};
  return tl::unexpected("another server answers at " + line.control_url);
}

tl::expected<void, std::string> claim_ready_file(const std::string& path) {
  const auto text = read_if_there(path);
  if (!text) return tl::unexpected("--ready-file: " + text.error());
  if (!*text || is_blank(**text)) return {};
  const auto line = parse_ready_line(**text);
  if (!line) {
    return tl::unexpected("--ready-file: " + path +
                          " is there already, and no ready file: name another, or delete it");
  }
  if (!is_gone_soon(*line)) {
    return tl::unexpected("--ready-file: " + path + " is that of a server that runs at " +
                          line->base_url + " (pid " + std::to_string(line->pid) +
                          "): end it, or name another file");
  }
  ::unlink(path.c_str());
  return {};
}

}  // namespace nairi::mock
