// A ledger grows from recording to recording, counts none twice and forgets no contradiction.
#include "harness/drift/ledger.h"

#include <gmock/gmock.h>

#include "files.h"
#include "told_recording.h"

namespace nairi::contracts {
namespace {

TEST(Ledger, IsEmptyWhenItsFileIsNotThere) {
  const tests::TemporaryFolder folder;
  const auto ledger = Ledger::read(folder / "fidelity.json");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->service(), "");
}

}  // namespace
}  // namespace nairi::contracts
