#include "protocol/failure.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

// A value that fits a header.
std::string header_line(std::string_view text) {
  std::string line;
  // As JSON, but quotes and backslashes stay what they are.
  const auto flush = [&](std::string_view part) {
    const std::string escaped =
        nlohmann::json(part).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    line.append(escaped, 1, escaped.size() - 2);
  };
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_of("\"\\"), text.size());
    if (length > 0) flush(text.substr(0, length));
    if (length < text.size()) line += text[length];
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  std::replace(line.begin(), line.end(), '\x7f', '?');
  return line;
}

}  // namespace

Reply error_reply(int status, std::string_view text) {
  Reply reply;
  reply.status = status;
  ObjectWriter(reply.body).field("error", valid_utf8(text)).close();
  return reply;
}

Reply error_reply(const Failure& failure) {
  Reply reply = error_reply(failure.status, failure.text);
  if (!failure.hint.empty()) {
    reply.headers.push_back({std::string(kHintHeader), header_line(failure.hint)});
  }
  return reply;
}

}  // namespace nairi::mock
