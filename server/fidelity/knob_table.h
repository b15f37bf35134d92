// The knobs of a ledger: what each is called, which values it may have, and what it sets.
#ifndef NAIRI_MOCK_FIDELITY_KNOB_TABLE_H_
#define NAIRI_MOCK_FIDELITY_KNOB_TABLE_H_

#include <string>
#include <string_view>

#include "nairi/mock/fidelity.h"
#include "text/object_reader.h"

namespace nairi::mock {

// Sets the knob of that name to the value at `node`; whether the fake acts so. It is told why not,
// but for a knob that there is not.
bool set_knob(std::string_view name, const Node& node, Knobs& knobs);

// How it stands, as JSON; "" when there is no such knob.
std::string knob_value(std::string_view name, const Knobs& knobs);

Words knob_names();

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FIDELITY_KNOB_TABLE_H_
