// The contract cases, put to a server by a user of the installed library.
#include <cstdio>
#include <string>

#include "nairi/contracts/cases.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

int main() {
  int failed = 0;
  for (const std::string& name : nairi::contracts::server_case_names("lifecycle/*")) {
    nairi::mock::Fake fake(nairi::mock::default_world());
    const auto report = nairi::contracts::run_server_case(
        name, {.transport = nairi::mock::in_process(fake),
               .states = {{"api_key", "nr_consumer"}, {"agent", "my-agent"}}});
    std::fputs(report.text.c_str(), stdout);
    if (report.verdict == nairi::contracts::CaseVerdict::failed) ++failed;
  }
  return failed;
}
