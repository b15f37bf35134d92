// Writes a line for each exchange to stderr, without credentials.
#ifndef NAIRI_MOCK_CLI_REQUEST_LOG_H_
#define NAIRI_MOCK_CLI_REQUEST_LOG_H_

#include "nairi/mock/exchange.h"

namespace nairi::mock {

enum class LogFormat { text, json, none };

void log_exchange(LogFormat format, const Request& request, const Reply& reply);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_REQUEST_LOG_H_
