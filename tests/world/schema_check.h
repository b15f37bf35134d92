// Validates worlds against contracts/world.schema.json.
#ifndef NAIRI_MOCK_TESTS_WORLD_SCHEMA_CHECK_H_
#define NAIRI_MOCK_TESTS_WORLD_SCHEMA_CHECK_H_

#include <string>

namespace nairi::mock::test {

// What the schema has against a world, a line for each; empty when it accepts it.
std::string schema_mistakes(const std::string& text);

}  // namespace nairi::mock::test

#endif  // NAIRI_MOCK_TESTS_WORLD_SCHEMA_CHECK_H_
