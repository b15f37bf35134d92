// Reads the lists of a world file. Agents come first, those of all files, because jobs and turns
// name them.
// Thread-safety: none; one reader uses it.
#ifndef NAIRI_MOCK_WORLD_WORLD_READER_H_
#define NAIRI_MOCK_WORLD_WORLD_READER_H_

#include "nairi/mock/world.h"
#include "world/field_readers.h"

namespace nairi::mock {

// The file's object; reports unknown keys.
ObjectReader read_root(const Node& node);

void read_agents(const ObjectReader& root, const WorldContext& context, World& world);
void read_other_lists(const ObjectReader& root, const WorldContext& context, World& world);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_WORLD_READER_H_
