// The routes, as one table: what dispatches requests also says which methods a path allows and
// which route is nearest to a path that does not exist.
#ifndef NAIRI_MOCK_PROTOCOL_OPERATION_H_
#define NAIRI_MOCK_PROTOCOL_OPERATION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nairi/mock/api.h"
#include "protocol/target.h"

namespace nairi::mock {

enum class Operation {
  start_conversation,
  get_message,
  list_messages,
  continue_conversation,
  list_conversations,
  list_agents,
  create_agent,
  get_agent,
  update_agent,
  delete_agent,
  deploy_agent,
  upload_attachment,
  get_attachment,
  control_health,  // from here on: the control API
  control_reset,
  control_clock,
  control_jobs,
  control_journal,
  control_verdicts,
  control_revoke,
  control_openapi,
  control_faults,
  control_put_world,
  control_delete_world,
  control_unmatched,
};
inline constexpr auto kApiOperations = static_cast<std::size_t>(Operation::control_health);

struct Route {
  Operation operation;
  std::string_view method;
  std::string_view path;  // "{agent_id}" stands for one segment or more, other names for one
  std::string_view name;  // "start", as faults and the journal call it
};

struct Matched {
  const Route* route;
  std::string_view parameter;  // the one {…} of the path, still encoded; empty when it has none
};
struct WrongMethod {
  std::string allow;  // for the Allow header
};
struct NoRoute {
  const Route* nearest;
};

// The part of `path` that stands for the pattern's {…}, still encoded; empty when the pattern has
// none. nullopt: it does not fit.
std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path);

// The names of the API's routes.
std::vector<std::string_view> api_names();

// HEAD is allowed wherever GET is.
std::variant<Matched, WrongMethod, NoRoute> find_route(std::string_view method,
                                                       const Target& target);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_OPERATION_H_
