// Where the API is, taken apart.
//
//   auto base = nairi::parse_base_url("https://api.nairi.ai/");
//   base->origin;   // "https://api.nairi.ai"
//   base->prefix;   // "/api/public/v1"
//
// Thread-safety: a free function without state.
#ifndef NAIRI_BASE_URL_H_
#define NAIRI_BASE_URL_H_

#include <string>
#include <string_view>

#include "nairi/result.h"

namespace nairi {

inline constexpr std::string_view kDefaultBaseUrl = "https://api.nairi.ai";  // REFERENCE: Basics

struct BaseUrl {
  std::string origin;  // scheme, host, and the port if one was given
  std::string prefix;  // "/api/public/v1", behind the URL's own path if it has one
};

// The URL may be given with or without "/api/public/v1" and a trailing slash (REFERENCE: Basics).
// invalid_argument says what is wrong: no http or https scheme, no host, a bad port, a user name or
// password, a query, a fragment, or white space.
Result<BaseUrl> parse_base_url(std::string_view url);

}  // namespace nairi

#endif  // NAIRI_BASE_URL_H_
