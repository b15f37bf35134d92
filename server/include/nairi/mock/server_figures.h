// What one Server counts, for GET /__mock/metrics of the Fake behind it, which knows no sockets.
//
//   const auto figures = std::make_shared<nairi::mock::ServerFigures>();
//   nairi::mock::Fake fake(world, {.server = figures});
//   nairi::mock::Server server(fake, {.figures = figures});
//
// Thread-safety: any member may be read and changed from any thread.
#ifndef NAIRI_MOCK_SERVER_FIGURES_H_
#define NAIRI_MOCK_SERVER_FIGURES_H_

#include <atomic>
#include <cstdint>

namespace nairi::mock {

struct ServerFigures {
  std::atomic<std::int64_t> open = 0;             // connections, now
  std::atomic<std::uint64_t> accepted = 0;        // connections, since the start
  std::atomic<std::uint64_t> refused = 0;         // connections that were one too many
  std::atomic<std::int64_t> lag_us = 0;           // how late the loop last did what was due
  std::atomic<std::int64_t> longest_lag_us = 0;   // the most, since the start
  std::atomic<std::int64_t> started_unix_ms = 0;  // 0: nothing listens yet
  std::atomic<bool> draining = false;             // Server::drain() was called
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_SERVER_FIGURES_H_
