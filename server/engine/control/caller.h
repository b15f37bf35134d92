// Who may call the control API, and whom a call acts on.
#ifndef NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_
#define NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_

#include <optional>
#include <string>

#include "nairi/mock/fake_options.h"
#include "protocol/failure.h"
#include "protocol/target.h"

namespace nairi::mock {

// Refuses a browser's page of another origin, and one that found a name for 127.0.0.1. There is no
// CORS.
std::optional<Failure> check_caller(const FakeOptions& options, const Request& request);

// The organization of the bearer key that a call comes with; with `all=true` everything, which
// takes the control token as the bearer.
struct Scope {
  bool all = false;
  std::string key = {};  // unused with all
};
Checked<Scope> read_scope(const FakeOptions& options, const Request& request, const Target& target);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_CONTROL_CALLER_H_
