// What of an exchange may be kept: an allow-list of headers, and texts without the secrets that
// went with it.
//
// Thread-safety: none of its own; SecretWords is a value.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_REDACTION_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_REDACTION_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nairi::contracts {

// `name` in lower case. Neither credentials nor what tells who somebody is.
bool is_kept_header(std::string_view name);

// Words that must not be written, and what stands for each.
class SecretWords {
 public:
  // Short ones are no secrets, and would tear other words apart.
  void add(std::string_view secret, std::string_view instead);
  std::string without(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> words_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_REDACTION_H_
