// Makes a world from a recording: agents and jobs that were seen, for each prompt a turn script
// that tells what was observed, and faults for what went wrong otherwise (docs/recording.md).
//
//   WorldBuilder builder;
//   for (const RecordedExchange& exchange : recording.exchanges) builder.add(exchange);
//   write("world.json", builder.world_json());
//
// Pure. add() takes what one exchange takes; world_json() and files() take what the world is long.
// Thread-safety: none.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_BUILDER_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_BUILDER_H_

#include <memory>
#include <string>
#include <vector>

#include "harness/recording/recording.h"
#include "nairi/mock/world.h"

namespace nairi::contracts {

class WorldBuilder {
 public:
  WorldBuilder();
  ~WorldBuilder();
  WorldBuilder(WorldBuilder&&) noexcept;
  WorldBuilder& operator=(WorldBuilder&&) noexcept;

  // In the order in which they ended.
  void add(const RecordedExchange& exchange);

  // A world file of what was added so far, which loads at any time, with the files beside it.
  std::string world_json() const;

  // The agent's files: `filename` is a path relative to the world, "files/1/report.csv". Those
  // whose content was not kept say so instead.
  std::vector<mock::File> files() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_BUILDER_H_
