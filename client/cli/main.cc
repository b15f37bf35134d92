// The executable `nairi`.
#include <unistd.h>

#include <iostream>

#include "run.h"

int main(int argc, char** argv) {
  const nairi::cli::Surroundings surroundings{
      .out = std::cout,
      .err = std::cerr,
      .variables = nairi::process_variable,
      .connect = [](const std::string& base_url, const nairi::HttpOptions& options)
          -> nairi::Result<std::shared_ptr<nairi::Transport>> {
        return nairi::HttpTransport::open(base_url, options);
      },
      .err_is_terminal = isatty(STDERR_FILENO) == 1};
  return nairi::cli::run(argc, argv, surroundings);
}
