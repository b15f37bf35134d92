// What a fault holds: it is listed, and let go.
#include <algorithm>
#include <string>

#include "engine/control/operations.h"
#include "protocol/body.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// Whose replies are meant: nullopt for those of all.
std::optional<std::uint64_t> whose_replies(const ControlCall& call) {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  if (call.scope.all) return std::nullopt;
  return call.fake.organizations.find_number(call.scope.key).value_or(kNobody);
}

std::string none_held(std::string_view name, const std::vector<HeldReply>& held) {
  const std::string none = "no reply is held as " + in_quotes(name);
  if (held.empty()) return none + ", nor as anything else: it is let go only once it is held";
  std::string names;
  for (const HeldReply& one : held) {
    names += (names.empty() ? "" : ", ") + in_quotes(one.name) + " (" + one.at + ")";
  }
  return none + "; held are " + names;
}

}  // namespace

Reply show_held(const ControlCall& call) {
  Reply reply;
  ObjectWriter writer(reply.body);
  append_held(writer.value("held"), call.fake.held.list(whose_replies(call)));
  writer.close();
  return reply;
}

Reply release_held(const ControlCall& call) {
  const auto body = Body::parse(call.request.body);
  if (!body) return error_reply(body.error());
  const auto name = body->required_text("name");
  if (!name) return error_reply(name.error());
  const auto whose = whose_replies(call);
  const std::size_t released = call.fake.release(whose, *name, call.request.received_us);
  if (released == 0) return error_reply(404, none_held(*name, call.fake.held.list(whose)));
  Reply reply;
  ObjectWriter(reply.body).field("released", static_cast<std::int64_t>(released)).close();
  return reply;
}

}  // namespace nairi::mock
