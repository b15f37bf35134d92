// Reads one fault.
// Thread-safety: none; one reader uses it.
#ifndef NAIRI_MOCK_WORLD_FAULT_READER_H_
#define NAIRI_MOCK_WORLD_FAULT_READER_H_

#include "nairi/mock/world.h"
#include "text/object_reader.h"

namespace nairi::mock {

// Mistakes go to the node's report; the result is of use only when there are none.
FaultSpec read_fault(const Node& node);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_FAULT_READER_H_
