// Who may call the control API, and whom a call acts on.
#ifndef NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_
#define NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/fake_parts.h"
#include "nairi/mock/fake_options.h"
#include "protocol/failure.h"
#include "protocol/target.h"

namespace nairi::mock {

// Refuses a browser's page of another origin, and one that found a name for 127.0.0.1. There is no
// CORS.
std::optional<Failure> check_caller(const FakeOptions& options, const Request& request);

// The organization of the bearer key that a call comes with. Who has the control token as the
// bearer says which: `organization=2` for that of this number, `all=true` for everything.
struct Scope {
  bool all = false;
  std::string key = {};  // unused with all
};
Checked<Scope> read_scope(const FakeParts& fake, const Request& request, const Query& query);

// A whole number of the query; nullopt when it has none of that name. 400 for anything else.
Checked<std::optional<std::uint64_t>> read_count(const Query& query, std::string_view name,
                                                 std::uint64_t most);
// Likewise true or false, which it is when it is not there.
Checked<bool> read_flag(const Query& query, std::string_view name);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_
