// A recorded exchange as a judge reads it: its operation, what was asked, what came, and whether it
// says anything of the API.
//
//   const Exchange exchange = read_exchange(recorded, "recording");
//   if (exchange.passed_over.empty() && exchange.is("poll")) …
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_TRAFFIC_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_TRAFFIC_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/cases/values.h"
#include "harness/openapi/openapi.h"
#include "harness/openapi/request_reader.h"
#include "harness/recording/recording.h"

namespace nairi::contracts {

struct Exchange {
  const RecordedExchange* recorded = nullptr;  // must outlive this
  std::string recording;                       // its name
  const ApiOperation* operation = nullptr;     // nullptr: openapi.json does not have it
  std::string path_id;                         // what stands for the path's {name}, decoded
  QueryParameters query;
  std::optional<Json> sent;  // the JSON of the request
  std::optional<Json> body;  // the JSON of the reply
  // Why it says nothing of the API: "the connection was reset"; "" when it does.
  std::string passed_over;

  bool is(std::string_view id) const { return operation != nullptr && operation->id == id; }
  int status() const { return recorded->status; }
  bool succeeded() const { return passed_over.empty() && status() / 100 == 2; }
  // Whether its reply is known to be newer than one that had come at `ended_us`.
  bool began_after(std::int64_t ended_us) const { return recorded->began_us >= ended_us; }
  // "GET /messages/cmsg_…", cut when it is long.
  std::string request_line() const;
  // The value of a query parameter, or nullptr.
  const std::string* parameter(std::string_view name) const;
};

Exchange read_exchange(const RecordedExchange& recorded, const std::string& recording);

// What had been learned of something by the time at which an exchange began. Replies that overtake
// one another say nothing of what came first.
template <typename Known>
class History {
 public:
  // Of what is known so far, to be changed and told with the end of an exchange; ends never go
  // back.
  Known latest() const { return kept_.empty() ? Known{} : kept_.back().second; }
  void learn(std::int64_t ended_us, Known known) {
    if (!kept_.empty() && kept_.back().first == ended_us) {
      kept_.back().second = std::move(known);
    } else {
      kept_.emplace_back(ended_us, std::move(known));
    }
  }
  // nullptr: nothing.
  const Known* before(const Exchange& exchange) const {
    const auto later = std::find_if(kept_.rbegin(), kept_.rend(), [&](const auto& kept) {
      return exchange.began_after(kept.first);
    });
    return later == kept_.rend() ? nullptr : &later->second;
  }

 private:
  std::vector<std::pair<std::int64_t, Known>> kept_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_TRAFFIC_H_
