#include "protocol/operation.h"

namespace nairi::mock {

const std::vector<std::string_view>& operation_names() {
  static const std::vector<std::string_view> names = {
      "poll",         "messages", "start",        "continue", "conversations",
      "deploy",       "agents",   "create_agent", "agent",    "update_agent",
      "delete_agent", "upload",   "attachment"};
  return names;
}

std::string_view to_string(Operation operation) {
  return operation_names()[static_cast<std::size_t>(operation)];
}

const std::vector<std::string_view>& fault_places() {
  static const std::vector<std::string_view> places = [] {
    std::vector<std::string_view> all = operation_names();
    all.push_back(kAnyRead);
    all.push_back(kAnyCall);
    return all;
  }();
  return places;
}

}  // namespace nairi::mock
