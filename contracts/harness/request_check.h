// Requests, as the server saw them, against the OpenAPI document.
// Thread-safety: members may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_REQUEST_CHECK_H_
#define NAIRI_CONTRACTS_HARNESS_REQUEST_CHECK_H_

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::contracts {

class RequestCheck {
 public:
  // `target` is below the API's prefix.
  void see(std::string_view method, std::string_view target, std::string_view content_type,
           std::string_view body);

  // What was wrong, in the order in which it came.
  std::vector<std::string> wrong() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> wrong_;  // protected by mutex_
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_REQUEST_CHECK_H_
