// How a server that is not ours is spared: the pauses that it asks for, requests that do not come
// too fast, and an end when the run is stopped.
//
//   auto transport = spared(std::move(http), std::make_shared<Pace>(10), stop);
//   if (const auto pause = asked_pause(reply, clock)) clock.sleep_for(*pause);
//
// Thread-safety: a Pace may be shared by transports of several threads.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_PATIENCE_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_PATIENCE_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "nairi/transport.h"

namespace nairi::contracts {

// For how long the answer sends us away: a 429, or a 503 with a Retry-After. One that says 429 and
// not for how long means a second. nullopt for every other answer.
std::optional<std::chrono::milliseconds> asked_pause(const HttpReply& reply, Clock& clock);

class Pace {
 public:
  explicit Pace(double requests_per_second) : interval_s_(1 / requests_per_second) {}

  // How long to wait before the next request, which is then counted as sent.
  std::chrono::milliseconds before_next(std::chrono::milliseconds now);

 private:
  const double interval_s_;
  std::mutex mutex_;
  std::optional<double> next_s_;  // protected by mutex_
};

// The transport with that pace (none: as fast as it goes); all that it sends and every pause on its
// clock ends when a stop is requested.
std::shared_ptr<Transport> spared(std::shared_ptr<Transport> transport, std::shared_ptr<Pace> pace,
                                  std::stop_token stop);

// A sentence when replies of a server on this machine take as long as a delayed acknowledgement
// (40 ms, on Linux), which shows that it writes head and body of a reply apart; else "".
std::string hint_at_delays(std::vector<std::chrono::microseconds> replies);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_PATIENCE_H_
