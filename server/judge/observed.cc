#include "judge/observed.h"

#include <string>

#include "protocol/credentials.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// What may be shown of a target: no key, no control characters, not too long.
std::string shown_target(const Exchange& exchange) {
  constexpr std::size_t kLongest = 160;
  std::string target = redacted_target(exchange.request.target, exchange.key);
  if (target.starts_with(kApiPrefix)) target.erase(0, kApiPrefix.size());
  if (target.size() > kLongest) target = target.substr(0, kLongest) + "...";
  for (char& character : target) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
  }
  return valid_utf8(target);
}

}  // namespace

Evidence evidence_of(const Exchange& exchange, std::string_view note) {
  Evidence evidence;
  evidence.number = exchange.number;
  if (exchange.at_ms != 0) append_timestamp(evidence.at, exchange.at_ms);
  evidence.text = exchange.request.method + " " + shown_target(exchange) + " → " +
                  std::to_string(exchange.reply.status);
  if (!exchange.delivered) evidence.text += ", not delivered";
  if (!note.empty()) evidence.text.append(" ").append(note);
  return evidence;
}

}  // namespace nairi::mock
