// Where the behaviour that a reply shows comes from: what contracts/openapi.json says of it, and of
// a few errors that one status can't tell apart; and whether the service was seen to do so.
#ifndef NAIRI_MOCK_ENGINE_API_FIDELITY_H_
#define NAIRI_MOCK_ENGINE_API_FIDELITY_H_

#include <string>
#include <string_view>

#include "nairi/mock/exchange.h"
#include "nairi/mock/fidelity.h"

namespace nairi::mock {

// With which value in a request a reply tells its source, and where.
inline constexpr std::string_view kFidelityHeader = "X-Mock-Fidelity";

struct Basis {
  // "seed", "documented", "client", "producer" or "assumed"; it lives as long as the program.
  std::string_view source;
  std::string_view statement = {};  // an id of contracts/assumptions.json; "" for none
  // Likewise of the guess which 2xx it is, where the source says no more than that it succeeds.
  std::string_view status_statement = {};
};

// `operation` is a route's name; "" for what the API does not have, which is assumed, as is any
// status that nobody lists. Of a reply that was not yet told as the service does. What the call
// itself does not show: guess_of_job().
Basis basis_of(std::string_view operation, const Request& request, const Reply& reply,
               const Knobs& knobs, std::string_view guess_of_its_job = {});

// What the header says: the source, or "confirmed 2026-11-26", or "assumed, refuted 2026-11-26"
// where the service does otherwise and the fake can't follow; and ", status assumed" likewise.
std::string fidelity_text(const Basis& basis, const Fidelity& fidelity);

// Gives an error the text that the service was seen to give it.
void tell_as_service(Reply& reply, const Knobs& knobs);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_API_FIDELITY_H_
