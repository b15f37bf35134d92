#include "judge/observed.h"

#include <string>

#include "nairi/mock/api.h"

#include "protocol/credentials.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// Of a request that has no route, the whole of it: the prefix may be what is wrong.
std::string target_below_prefix(const Exchange& exchange) {
  constexpr std::size_t kLongest = 160;
  std::string_view target = exchange.request.target;
  if (exchange.operation && target.starts_with(kApiPrefix)) target.remove_prefix(kApiPrefix.size());
  return shown_target(target, exchange.key, kLongest);
}

}  // namespace

Evidence evidence_of(const Exchange& exchange, std::string_view note) {
  Evidence evidence;
  evidence.number = exchange.number;
  if (exchange.at_ms != 0) append_timestamp(evidence.at, exchange.at_ms);
  const bool is_read = !exchange.request.method.empty();
  evidence.text = is_read ? exchange.request.method + " " + target_below_prefix(exchange)
                          : "what is no request";
  evidence.text += " → " + std::to_string(exchange.reply.status);
  if (!exchange.delivered) evidence.text += ", not delivered";
  if (!note.empty()) evidence.text.append(" ").append(note);
  return evidence;
}

}  // namespace nairi::mock
