// Writes a line for each exchange to stderr, without credentials, and with the hint for people that
// its reply has. Times are UTC.
#ifndef NAIRI_MOCK_CLI_REQUEST_LOG_H_
#define NAIRI_MOCK_CLI_REQUEST_LOG_H_

#include "nairi/mock/exchange.h"
#include "nairi/mock/fake_options.h"

namespace nairi::mock {

enum class LogFormat { text, json, none };

void log_exchange(LogFormat format, const Request& request, const Reply& reply);
// The same of what was refused before the fake could play it, with the reason.
void log_refused(LogFormat format, const RefusedRequest& refused);
// The first reply that rested on a guess which nobody has confirmed.
void log_guess(LogFormat format, const Reliance& reliance);
// That a key made room for another one.
void log_evicted(LogFormat format, const EvictedKey& evicted);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_REQUEST_LOG_H_
