#include "harness/recording/recorded_call.h"

#include <array>
#include <cstddef>

#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

// "*" stands for an id, or for a slug, which may hold slashes (REFERENCE: Agents).
struct CallRoute {
  std::string_view method;
  std::string_view before;
  bool has_parameter;
  std::string_view behind;
  std::string_view operation;
};

constexpr std::array<CallRoute, 13> kCallRoutes = {{
    {"POST", "/conversations/start", false, "", "start"},
    {"GET", "/conversations/", true, "/messages", "messages"},
    {"POST", "/conversations/", true, "/continue", "continue"},
    {"GET", "/messages/", true, "", "poll"},
    {"GET", "/agents/", true, "/conversations", "conversations"},
    {"POST", "/agents/", true, "/deploy", "deploy"},
    {"GET", "/agents", false, "", "agents"},
    {"POST", "/agents", false, "", "create_agent"},
    {"GET", "/agents/", true, "", "agent"},
    {"PATCH", "/agents/", true, "", "update_agent"},
    {"DELETE", "/agents/", true, "", "delete_agent"},
    {"POST", "/attachments", false, "", "upload"},
    {"GET", "/attachments/", true, "", "attachment"},
}};

int hex_digit(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto place = kDigits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
  return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

std::string percents_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                           hex_digit(text[i + 2]) >= 0;
    if (!is_escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>((hex_digit(text[i + 1]) * 16) + hex_digit(text[i + 2]));
    i += 2;
  }
  return mock::valid_utf8(decoded);
}

// The parameter when the path is one of the route's.
std::optional<std::string_view> match(const CallRoute& route, std::string_view path) {
  if (!route.has_parameter) {
    return path == route.before ? std::optional(std::string_view()) : std::nullopt;
  }
  const bool fits = path.size() > route.before.size() + route.behind.size() &&
                    path.starts_with(route.before) && path.ends_with(route.behind);
  if (!fits) return std::nullopt;
  path.remove_prefix(route.before.size());
  path.remove_suffix(route.behind.size());
  return path;
}

}  // namespace

std::optional<RecordedCall> call_of(const RecordedExchange& exchange) {
  std::string_view path = exchange.target;
  path = path.substr(0, path.find_first_of("?#"));
  for (const CallRoute& route : kCallRoutes) {
    if (route.method != exchange.method) continue;
    if (const auto parameter = match(route, path)) {
      return RecordedCall{std::string(route.operation), percents_decoded(*parameter)};
    }
  }
  return std::nullopt;
}

nlohmann::ordered_json json_of(const RecordedBody& body) {
  constexpr int kDeepest = 200;
  if (mock::nests_deeper_than(body.kept, kDeepest))
    return nlohmann::ordered_json::value_t::discarded;
  return nlohmann::ordered_json::parse(body.kept, nullptr, false);
}

std::string text_in(const nlohmann::ordered_json& object, std::string_view key) {
  if (!object.is_object()) return {};
  const auto member = object.find(std::string(key));
  if (member == object.end() || !member->is_string()) return {};
  return member->get<std::string>();
}

std::string reply_header(const RecordedExchange& exchange, std::string_view name) {
  return std::string(mock::header_value(exchange.reply_headers, name));
}

}  // namespace nairi::contracts
