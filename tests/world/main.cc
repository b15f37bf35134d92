#include <gtest/gtest.h>

#include "test_files.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  nairi::mock::test::register_golden_tests();
  nairi::mock::test::register_schema_tests();
  nairi::mock::test::register_doc_tests();
  return RUN_ALL_TESTS();
}
