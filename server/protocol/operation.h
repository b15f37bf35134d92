// The operations of the faked API, and what faults, the journal and the judge call them.
#ifndef NAIRI_MOCK_PROTOCOL_OPERATION_H_
#define NAIRI_MOCK_PROTOCOL_OPERATION_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace nairi::mock {

enum class Operation {
  get_message,
  list_messages,
  start_conversation,
  continue_conversation,
  list_conversations,
  deploy_agent,
  list_agents,
  create_agent,
  get_agent,
  update_agent,
  delete_agent,
  upload_attachment,
  get_attachment,
};
inline constexpr std::size_t kOperations = 13;

// "poll", "start": also the operationId of contracts/openapi.json.
std::string_view to_string(Operation operation);
// All of them, in the order of the values.
const std::vector<std::string_view>& operation_names();

inline constexpr std::string_view kAnyCall = "any";
// A look at a turn: a poll, or the timeline.
inline constexpr std::string_view kAnyRead = "read";
// What a fault may be addressed at: an operation, kAnyRead or kAnyCall.
const std::vector<std::string_view>& fault_places();

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_OPERATION_H_
