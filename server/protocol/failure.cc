#include "protocol/failure.h"

#include "text/json_writer.h"

namespace nairi::mock {

Reply error_reply(int status, std::string_view text) {
  Reply reply;
  reply.status = status;
  ObjectWriter(reply.body).field("error", valid_utf8(text)).close();
  return reply;
}

}  // namespace nairi::mock
