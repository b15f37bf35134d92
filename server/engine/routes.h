// The routes, as one table: what dispatches requests also says which methods a path allows, and
// which route is nearest to a path that does not exist.
#ifndef NAIRI_MOCK_ENGINE_ROUTES_H_
#define NAIRI_MOCK_ENGINE_ROUTES_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/api/operations.h"
#include "engine/control/operations.h"
#include "protocol/operation.h"
#include "protocol/target.h"

namespace nairi::mock {

// A row has one of two kinds of handler.
struct ApiRoute {
  Operation operation;
  Reply (*play)(Organization& organization, const Call& call);
};
struct ControlRoute {
  Reply (*play)(const ControlCall& call);
  bool open = false;  // true: needs no key, as it acts on nothing
};

struct Route {
  std::string_view method;
  std::string_view path;  // below the prefix; "{agent_id}" stands for one segment or more, other
                          // names for one
  std::variant<ApiRoute, ControlRoute> handler;

  std::string_view prefix() const;
  std::string full_path() const;
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
  std::string slip = {};  // what is probably wrong, in words; "" when nobody knows

  // "the prefix /api/public/v1 stands there twice; the nearest route is GET /api/public/v1/agents"
  std::string hint() const;
};

// Whether a path belongs to the control API, which is no part of the faked one, even when no route
// fits it.
bool is_control_path(std::string_view path);

// HEAD is allowed wherever GET is.
std::variant<Matched, WrongMethod, NoRoute> find_route(std::string_view method,
                                                       const Target& target);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_ROUTES_H_
