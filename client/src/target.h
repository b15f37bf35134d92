// Builds the target of a request: path segments and query values, percent-encoded.
//
//   Target("/agents").segment("acme/ops", "an agent").path("/conversations").query("limit",
//   "5").text()
//   // "/agents/acme%2Fops/conversations?limit=5"
#ifndef NAIRI_CLIENT_TARGET_H_
#define NAIRI_CLIENT_TARGET_H_

#include <optional>
#include <string>
#include <string_view>

#include "nairi/result.h"

namespace nairi {

class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}
  Target& path(std::string_view text);  // taken as it is
  // One segment: '/' in it becomes %2F. An empty value would name another path; `what` is then
  // named in the error.
  Target& segment(std::string_view value, std::string_view what);
  Target& query(std::string_view name, std::string_view value);
  Result<std::string> text() const;

 private:
  std::string text_;
  bool has_query_ = false;
  std::optional<Error> error_;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_TARGET_H_
