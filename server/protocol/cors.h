// What a browser asks before a page of another origin may use a server (the Fetch standard, "CORS
// protocol"). Unless it is told so, nobody's page may.
#ifndef NAIRI_MOCK_PROTOCOL_CORS_H_
#define NAIRI_MOCK_PROTOCOL_CORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

using Origins = std::vector<std::string>;

// Whether it can be what a browser sends as Origin: "http://localhost:5173", "null".
bool is_origin(std::string_view text);

// Whether a browser asks for leave to call. No client does: it is nobody's call of the API.
bool is_preflight(const Request& request);

// What it gets: 204, or 403 for a page that is of none of these origins.
Reply answer_preflight(const Origins& allowed, const Request& request);

// Lets pages of these origins read the reply.
void let_read(const Origins& allowed, const Request& request, Reply& reply);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_CORS_H_
