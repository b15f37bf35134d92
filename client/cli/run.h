// The whole of `nairi`, as a function: nothing in it touches the process it runs in.
#ifndef NAIRI_CLI_RUN_H_
#define NAIRI_CLI_RUN_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>

#include "nairi/environment.h"
#include "nairi/http_transport.h"

namespace nairi::cli {

struct Surroundings {
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  Variables variables;
  std::function<Result<std::shared_ptr<Transport>>(const std::string& base_url,
                                                   const HttpOptions& options)>
      connect;
  bool err_is_terminal = false;
  std::function<std::size_t()> err_columns = [] { return std::size_t{80}; };  // > 0
  std::stop_token stop = {};  // ends the command early
};

// The exit code: 0 good, 1 the API or the turn failed, 2 usage or output that was lost, 3 not
// reached or not in time, 130 stopped.
int run(int argc, const char* const* argv, const Surroundings& surroundings);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_RUN_H_
