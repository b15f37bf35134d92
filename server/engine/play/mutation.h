// Additive changes: what a service may add to its replies at any time, and a client must survive
// (REFERENCE: Basics). A pure step behind each reply of the API, and a function of the seed.
#ifndef NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_
#define NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_

#include <cstdint>
#include <functional>
#include <string>

#include "engine/state/organization.h"
#include "nairi/mock/exchange.h"
#include "protocol/operation.h"

namespace nairi::mock {

// Answers a call of `operation` with such changes: each object of the reply gains a field that
// nobody knows, and its keys change their order; before each answer and each system message of a
// timeline stand a progress message of a type, and a message of a role that nobody knows. Such a
// stranger can be read alone, too. `play` gives the reply for a parameter of the path.
Reply play_mutated(Operation operation, Organization& organization, const std::string& parameter,
                   std::uint64_t seed, const std::function<Reply(const std::string&)>& play);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_
