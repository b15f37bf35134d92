// What reads the parts of a world file. Mistakes go to the node's report, and a result is of use
// only when there are none.
#ifndef NAIRI_MOCK_WORLD_READERS_H_
#define NAIRI_MOCK_WORLD_READERS_H_

#include "nairi/mock/world.h"
#include "world/field_readers.h"

namespace nairi::mock {

// The file's object; reports unknown keys.
ObjectReader read_root(const Node& node);

// Agents come first, those of all files, because jobs and turns name them.
void read_agents(const ObjectReader& root, const WorldContext& context, World& world);
void read_other_lists(const ObjectReader& root, const WorldContext& context, World& world);

JobSpec read_job(const Node& node, const WorldContext& context);
TurnScript read_turn(const Node& node, const WorldContext& context);
// The stages of a turn that no regex was matched for.
std::vector<Stage> read_timeline(const Node& node, const WorldContext& context,
                                 const TurnMatch& match);
FaultSpec read_fault(const Node& node);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_READERS_H_
