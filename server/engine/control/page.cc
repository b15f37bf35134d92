// The inspector: a page that shows what happens here, and asks this API for it. It holds no data,
// so that whoever may call the control API may have it; what it asks for takes a key or the token.
#include <utility>

#include "engine/control/operations.h"
#include "inspector/live_page.h"
#include "nairi/mock/api.h"
#include "text/json_writer.h"

namespace nairi::mock {

Reply show_page(const ControlCall& call) {
  std::string data;
  ObjectWriter(data)
      .field("page", std::int64_t{1})
      .field("mode", "live")
      .field("by", "nairi-mock " + call.fake.options.version)
      .field("root", kApiPrefix)
      .close();
  LivePage page = live_inspector_page(data);
  Reply reply;
  reply.body = std::move(page.html);
  reply.content_type = "text/html; charset=utf-8";
  reply.headers = {{"Content-Security-Policy", std::move(page.policy)},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", "no-referrer"}};
  return reply;
}

Reply lead_to_page(const ControlCall& /*call*/) {
  Reply reply;
  reply.status = 308;
  reply.headers = {{"Location", std::string(kControlPrefix) + "/"}};
  return reply;
}

}  // namespace nairi::mock
