#include "http/refusal.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace nairi::mock {
namespace {
constexpr std::size_t kMaxQuoted = 60;
}  // namespace

tl::unexpected<Refusal> refuse(int status, std::string message) {
  return tl::unexpected(Refusal{status, std::move(message)});
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kMaxQuoted)) out += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > kMaxQuoted) out += "...";
  return out += '"';
}

Reply reply_for(const Refusal& refusal) {
  // The text of an exception may be anything; dump() would throw on what is no UTF-8.
  using Json = nlohmann::json;
  const Json body{{"error", refusal.message}};
  return {.status = refusal.status,
          .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace nairi::mock
