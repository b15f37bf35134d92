// What `nairi` prints: results for people or, with --json, one JSON document for scripts.
#ifndef NAIRI_CLI_OUTPUT_H_
#define NAIRI_CLI_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <ostream>

#include "nairi/result.h"
#include "words.h"

namespace nairi::cli {

struct Output {
  std::ostream& out;
  std::ostream& err;
  bool json = false;

  void print(const nlohmann::ordered_json& document) const;
  // Tells the error on stderr and, with --json, as "error" of a document on stdout that holds what
  // was found until then. Answers the exit code.
  int fail(const Error& error, nlohmann::ordered_json document = {}) const;
};

}  // namespace nairi::cli

#endif  // NAIRI_CLI_OUTPUT_H_
