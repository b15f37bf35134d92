#include "harness/request_check.h"

#include "harness/openapi.h"

namespace nairi::contracts {

void RequestCheck::see(std::string_view method, std::string_view target,
                       std::string_view content_type, std::string_view body) {
  const OpenApi& api = OpenApi::built_in();
  const std::string_view path = target.substr(0, target.find('?'));
  const Operation* operation = api.find(method, path);
  const std::lock_guard lock(mutex_);
  const std::string where = std::string(method) + " " + std::string(target);
  if (operation == nullptr) {
    wrong_.push_back(where + ": there is no such operation");
    return;
  }
  for (const Violation& violation : api.check_request(*operation, target, content_type, body)) {
    wrong_.push_back(where + ": " + violation.pointer + ": wanted " + violation.wanted + ", got " +
                     violation.got);
  }
}

std::vector<std::string> RequestCheck::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

}  // namespace nairi::contracts
