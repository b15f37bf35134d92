// What must hold of each reply of the fake, if no fault struck.
#ifndef NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_
#define NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_

#include <string>

#include "nairi/mock/exchange.h"

namespace nairi::tests {

// "" when the reply fits contracts/openapi.json and what HTTP wants.
std::string unsound_reply(const mock::Request& request, const mock::Reply& reply);

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_FUZZ_SOUND_REPLY_H_
