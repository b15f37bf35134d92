// Reads one turn script of a world file.
// Thread-safety: none; one reader uses it.
#ifndef NAIRI_MOCK_WORLD_TURN_READER_H_
#define NAIRI_MOCK_WORLD_TURN_READER_H_

#include "nairi/mock/world.h"
#include "world/field_readers.h"

namespace nairi::mock {

// Mistakes go to the node's report; the result is of use only when there are none.
TurnScript read_turn(const Node& node, const WorldContext& context);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_TURN_READER_H_
