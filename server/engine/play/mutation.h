// Additive changes: what a service may add to its replies at any time, and a client must survive
// (REFERENCE: Basics). A pure step behind each reply of the API, and a function of the seed.
#ifndef NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_
#define NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/organization.h"
#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Adds a field that nobody knows to each object of the reply, and changes the order of keys.
void add_fields(Reply& reply, std::uint64_t seed);

// Before each answer and each system message of a timeline: a progress message of a type, and a
// message of a role that nobody knows.
void add_strangers(Reply& timeline, std::uint64_t seed);

// Such a message can be read alone, too. It stands for the message that it precedes.
struct Stranger {
  std::size_t kind;
  std::string original_id;
};
// nullopt for any other id.
std::optional<Stranger> find_stranger(Organization& organization, std::string_view id,
                                      std::uint64_t seed);
// Turns a reply with the original message into one with the stranger.
void become_stranger(Reply& message, const Stranger& stranger, std::uint64_t seed);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_PLAY_MUTATION_H_
