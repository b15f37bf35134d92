// Deprecated, and gone in version 0.2: include nairi/mock/in_process.h and call
// nairi::mock::in_process(). As long as this file is included, GoogleTest's `testing` is hidden
// within `namespace nairi`, where it has to be written `::testing`.
//
// Thread-safety: as there.
#ifndef NAIRI_TESTING_IN_PROCESS_H_
#define NAIRI_TESTING_IN_PROCESS_H_

#include "nairi/mock/in_process.h"

namespace nairi::testing {

using mock::in_process;

}  // namespace nairi::testing

#endif  // NAIRI_TESTING_IN_PROCESS_H_
