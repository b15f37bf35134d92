// What the calls of a Client can be told. Every field has a default; name those you change:
//
//   nairi::Client client(transport, {.api_key = "nr_test", .poll_interval = 500ms});
//   client.start("acme/ops", "Is the queue empty?", {.ask_mode = true});
//   client.wait(turn, {.deadline = 10min});
//
// `stop`, where there is one, ends the call early with the error cancelled: a pause at once, an
// exchange as soon as its connection is broken off. What the server has begun goes on.
//
//   std::stop_source shutdown;
//   auto done = client.wait(turn, {.stop = shutdown.get_token()});   // request_stop() elsewhere
//
// Thread-safety: values; the callbacks are called on the thread that made the call.
#ifndef NAIRI_OPTIONS_H_
#define NAIRI_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/transport.h"
#include "nairi/types.h"

namespace nairi {

// When a request is sent again. GET: after 429, 502, 503, 504, connection_failed, connection_lost
// and timed_out. Anything else may have been carried out already, so it is sent again only after
// connection_failed, when nothing was sent. tls and malformed_reply are never tried again.
struct RetryPolicy {
  int max_attempts = 5;                           // the first included; 1: never again
  std::chrono::milliseconds first_backoff{500};   // doubles with every attempt
  std::chrono::milliseconds max_backoff{16'000};  // before jitter
  // A Retry-After is a lower bound for the pause; a longer one than this is not slept through: the
  // error comes back at once, with Error::retry_after.
  std::chrono::milliseconds max_retry_after{60'000};
  // Numbers in [0, 1): a pause lasts between half the backoff and all of it. Must be callable from
  // every thread that uses the client. Default: the system's random numbers.
  std::function<double()> jitter = {};
};

struct ClientOptions {
  std::string api_key = {};                       // required; sent in the Authorization header only
  std::chrono::milliseconds poll_interval{2000};  // between two polls of wait(); > 0
  // Of one exchange, from its first byte to the last of its answer: timed_out. None: as long as the
  // transport waits.
  std::optional<std::chrono::milliseconds> request_limit = {};
  RetryPolicy retry = {};
  std::shared_ptr<Clock> clock = {};  // none: the transport's
  std::stop_token stop = {};          // ends every call that is given none of its own
};

struct StartOptions {
  bool ask_mode = false;  // the agent answers without running tools
  std::vector<std::string> attachment_ids =
      {};  // at most 10 (REFERENCE: POST /conversations/start)
  std::stop_token stop = {};
};

struct ContinueOptions {
  std::vector<std::string> attachment_ids = {};  // at most 10
  std::stop_token stop = {};
};

struct WaitOptions {
  // None: as long as it takes. Reached: one last poll, then deadline_reached.
  std::optional<std::chrono::milliseconds> deadline = std::chrono::minutes(30);
  std::optional<std::chrono::milliseconds> poll_interval =
      {};  // none: ClientOptions::poll_interval
  // The user message as each poll found it.
  std::function<void(const Message&)> on_poll = {};
  // Every message of this turn once, in timeline order, progress included. When set, the timeline
  // is read after each poll.
  std::function<void(const Message&)> on_message = {};
  std::stop_token stop = {};
};

// REFERENCE: GET /agents/{agent_id}/conversations. What is left out takes the server's default;
// values are not checked here: the server says what is wrong with them.
struct ConversationQuery {
  std::vector<std::string> statuses = {};         // any of job_status; none: all
  std::optional<std::string> updated_after = {};  // RFC 3339; strictly after
  std::optional<std::string> sort = {};           // one of conversation_sort
  std::optional<std::int64_t> limit = {};         // 1 to 100
  std::optional<std::int64_t> offset = {};        // >= 0
  std::optional<std::string> cursor = {};         // a page's next_cursor
};

struct NewAgent {
  std::string name = {};             // required; the slug is made from it
  std::int64_t instances_count = 1;  // >= 1
  std::optional<std::string> description = {};
  std::optional<std::string> system_prompt = {};
};

// What is set is changed, the rest stays.
struct AgentChanges {
  std::optional<std::string> name = {};
  std::optional<std::int64_t> instances_count = {};
  std::optional<std::string> description = {};
  std::optional<std::string> system_prompt = {};
};

struct DeployOptions {
  bool update_config_only = false;
};

}  // namespace nairi

#endif  // NAIRI_OPTIONS_H_
