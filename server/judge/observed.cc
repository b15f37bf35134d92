#include "judge/observed.h"

#include <string>

#include "nairi/mock/api.h"

#include "protocol/credentials.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

std::string target_below_prefix(const Exchange& exchange) {
  constexpr std::size_t kLongest = 160;
  std::string_view target = exchange.request.target;
  if (target.starts_with(kApiPrefix)) target.remove_prefix(kApiPrefix.size());
  return shown_target(target, exchange.key, kLongest);
}

}  // namespace

Evidence evidence_of(const Exchange& exchange, std::string_view note) {
  Evidence evidence;
  evidence.number = exchange.number;
  if (exchange.at_ms != 0) append_timestamp(evidence.at, exchange.at_ms);
  evidence.text = exchange.request.method + " " + target_below_prefix(exchange) + " → " +
                  std::to_string(exchange.reply.status);
  if (!exchange.delivered) evidence.text += ", not delivered";
  if (!note.empty()) evidence.text.append(" ").append(note);
  return evidence;
}

}  // namespace nairi::mock
