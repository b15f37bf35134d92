// A fake that listens, and the files that say where: what `serve` and `run` have in common.
#ifndef NAIRI_MOCK_CLI_RUNNING_FAKE_H_
#define NAIRI_MOCK_CLI_RUNNING_FAKE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/own_file.h"
#include "cli/ready_file.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/server.h"

namespace nairi::mock {

class RunningFake {
 public:
  // Listens, and has written its files, when it returns. Throws std::runtime_error with a sentence.
  RunningFake(const ServeOptions& options, World world, Fidelity fidelity);

  const ReadyLine& line() const { return line_; }

  // Lets what is under way end, and tells balancers to send nothing more.
  void drain() { server_.drain(); }
  bool has_connections() const { return figures_->open > 0; }

  // Stops it, writes the report of what ran, and says on which guesses it was relied, and the
  // verdicts, if there are any. `by` as in RunEnd. The exit code.
  int conclude(std::string_view by, const std::string& what);

 private:
  RunningFake(const ServeOptions& options, World world, FakeOptions fake);
  void write_files();
  bool report(const RunEnd& end, const std::string& what);

  const ServeOptions& options_;
  const std::shared_ptr<ServerFigures> figures_ = std::make_shared<ServerFigures>();
  ReadyLine line_;
  Fake fake_;
  Server server_;
  OwnFile ca_file_;
  OwnFile ready_file_;
};

// Starts a fake as the options say, lets it be used, and ends it. The exit code is that of `use`,
// unless the fake can't be started: then it has been said why.
int with_fake(const ServeOptions& options, const std::function<int(RunningFake&)>& use);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_RUNNING_FAKE_H_
