// The guesses of ours that replies rest on, whatever the document says of their status: what was
// asked for tells them, and which of the fake's errors was the answer.
#ifndef NAIRI_MOCK_ENGINE_API_GUESSES_H_
#define NAIRI_MOCK_ENGINE_API_GUESSES_H_

#include <optional>
#include <string_view>

#include "engine/api/operations.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/fidelity.h"

namespace nairi::mock {

// An id of contracts/assumptions.json; "" for a guess that has none. nullopt: it rests on none.
// `operation` is a route's name. Of a reply that was not yet told as the service does.
std::optional<std::string_view> guess_of(std::string_view operation, const Request& request,
                                         const Reply& reply, const Knobs& knobs);

// Of a call that succeeds, and names that message or job: the guess that it may. "" for none.
std::string_view guess_of_job(Operation operation, Organization& organization, std::string_view id);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_API_GUESSES_H_
