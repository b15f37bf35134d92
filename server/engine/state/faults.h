// The faults of one organization: which call is struck, and what becomes of its reply. Faults are
// data; what happens on the wire is only written into the reply.
//
// Thread-safety: none; Fake holds one lock for each organization.
#ifndef NAIRI_MOCK_ENGINE_STATE_FAULTS_H_
#define NAIRI_MOCK_ENGINE_STATE_FAULTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/world.h"
#include "protocol/failure.h"
#include "protocol/operation.h"

namespace nairi::mock {

class Faults {
 public:
  static constexpr std::size_t kMost = 1000;

  // `seed` decides what is struck by chance.
  Faults(const std::vector<FaultSpec>& specs, std::uint64_t seed);

  // 400 for more than kMost in all.
  Checked<void> add(const std::vector<FaultSpec>& specs);

  // None strikes any more. Calls are counted on.
  void clear() { armed_.clear(); }

  std::size_t size() const { return armed_.size(); }
  // A JSON list: each with the moment that it is for, what it does, and how often it did.
  void append_to(std::string& out) const;

  // A call that is struck; the first fault in order strikes.
  struct Strike {
    FaultEffect effect;
    std::string address;  // "poll#3": the organization's third poll
  };
  // Counts a call of the API, and says whether a fault strikes it.
  std::optional<Strike> count(Operation operation);

 private:
  struct Armed {
    FaultSpec spec;
    std::int64_t struck = 0;
  };

  static bool is_spent(const Armed& armed, std::int64_t number);
  std::int64_t arrivals(std::string_view place) const;
  bool has_come_to(const FaultSpec& spec, Operation operation) const;
  bool strikes(const Armed& armed, std::int64_t number, std::size_t index) const;

  std::vector<Armed> armed_;
  const std::uint64_t seed_;
  std::array<std::int64_t, kOperations> arrivals_{};  // by Operation
};

// Whether the struck call takes effect.
bool is_executed(const FaultEffect& effect);

// Does to the reply what the effect wants; `target` is that of the request. `date_ms` is the Unix
// time that the reply is from, for effects that speak of dates.
void spoil(Reply& reply, const FaultEffect& effect, std::string_view target, std::int64_t date_ms);

// "status 503, retry_after_s 1", for the journal. Of a body only its size.
std::string to_string(const FaultEffect& effect);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_FAULTS_H_
