// What those share who ask a fake: its world, and what must hold of each reply if no fault struck.
#ifndef NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_
#define NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_

#include <string>

#include "nairi/mock/exchange.h"
#include "nairi/mock/world.h"

namespace nairi::tests {

// The built-in world, which is read only once.
const mock::World& played_world();

// "" when the reply fits contracts/openapi.json and what HTTP wants.
std::string unsound_reply(const mock::Request& request, const mock::Reply& reply);

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_
