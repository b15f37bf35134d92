// What is secret in a request: one place that authorization, journal and log share.
#ifndef NAIRI_MOCK_PROTOCOL_CREDENTIALS_H_
#define NAIRI_MOCK_PROTOCOL_CREDENTIALS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

inline constexpr std::size_t kLongestKey = 512;

// The token of `Authorization: Bearer <token>`; nullopt when there is none or it is absurdly long.
// The scheme is compared without case, unless it has to be exact (assumed, see REFERENCE: Basics).
std::optional<std::string_view> bearer_token(const std::vector<Header>& headers,
                                             bool exact_scheme = false);

// Whether an agent's own software holds it: no such key is let in (REFERENCE: Basics).
bool is_key_of_agent(std::string_view key);

// Whether the header's value is never to be shown or kept: by what its name says.
bool is_credential_header(std::string_view name);

inline constexpr std::string_view kRedacted = "[redacted]";

// False only if redacted() would change nothing.
bool may_hold_key(std::string_view text, std::string_view key);

// The text without the key that the request came with, and without anything that looks like a
// public key of the API (nr_...).
std::string redacted(std::string_view text, std::string_view key);
// The same for a request target, and without the values of parameters that are secrets by their
// names; one that hides a key behind percent-encoding is decoded first.
std::string redacted_target(std::string_view target, std::string_view key);
// What a person may be shown of a target: no key, no control characters, at most so many bytes and
// "...".
std::string shown_target(std::string_view target, std::string_view key, std::size_t most);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_CREDENTIALS_H_
