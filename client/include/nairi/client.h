// A thin client of the Conversations API: one typed call for each endpoint, and wait().
//
//   nairi::Client client(*nairi::HttpTransport::open("https://api.nairi.ai"), {.api_key = key});
//   auto turn = client.start("billing-agent", "Refund the failed charge");
//   auto done = client.wait(*turn);                     // done->text() is the agent's answer
//
// Every call answers a Result: the value, or an Error whose code says whether the API refused, the
// way there failed, the answer made no sense, or the caller made a mistake. Nothing throws but
// std::bad_alloc. Calls block; pauses are slept on the client's clock.
// An agent is named by its slug or its cci_ id. Ids and slugs are percent-encoded on the way.
//
// Thread-safety: every call may be made from any thread at any time. Copies share the transport.
// Not promised: that a call is fast to give up by itself (see RetryPolicy). A std::stop_token in
// the options ends it (options.h); only the look-up of a host's name is not broken off.
#ifndef NAIRI_CLIENT_H_
#define NAIRI_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/options.h"
#include "nairi/result.h"
#include "nairi/transport.h"
#include "nairi/types.h"

namespace nairi {

class ApiCaller;

// How a turn ended.
struct Outcome {
  Message message;               // the user message in its final state
  std::vector<Message> replies;  // completed: the assistant messages of this turn; may be none
  std::string failure;           // failed: the text of the newest system message; may be empty

  bool completed() const { return message.status == message_status::kCompleted; }
  std::string text() const;  // the contents of the replies, joined by an empty line
};

// What incremental sync brings: see Client::changed_conversations().
struct Changes {
  std::vector<Conversation> conversations;  // oldest change first
  std::optional<std::string> watermark;     // to be passed next time; none: nothing was ever seen
};

class Client {
 public:
  // `transport` must not be null. The first call reports a missing or
  // unusable api_key.
  explicit Client(std::shared_ptr<Transport> transport, ClientOptions options = {});

  // REFERENCE: POST /conversations/start. Errors of the API: 400, 401, 404.
  Result<Turn> start(std::string_view agent_id, std::string_view prompt,
                     const StartOptions& options = {}) const;

  // REFERENCE: POST /conversations/{job_id}/continue. A job that was not created by the API answers
  // 400 with server_text "job is not an API job".
  Result<Turn> continue_conversation(std::string_view job_id, std::string_view prompt,
                                     const ContinueOptions& options = {}) const;

  // Polls the turn's user message until it is completed or failed, then reads the timeline once for
  // the answer. Both endings are an Outcome; an Error means that the ending is not known.
  // The first poll is made at once; a Retry-After of any answer is a lower bound for the next
  // pause. REFERENCE: GET /messages/{message_id}; GET /conversations/{job_id}/messages.
  Result<Outcome> wait(const Turn& turn, const WaitOptions& options = {}) const;

  // REFERENCE: GET /messages/{message_id}.
  Result<Message> message(std::string_view message_id) const;

  // The whole timeline, oldest first. REFERENCE: GET /conversations/{job_id}/messages.
  Result<std::vector<Message>> messages(std::string_view job_id) const;

  // One page. REFERENCE: GET /agents/{agent_id}/conversations.
  Result<ConversationPage> conversations(std::string_view agent_id,
                                         const ConversationQuery& query = {}) const;

  // All pages, in the query's order: by cursor when the server answers one, else by offset. Each
  // conversation is visited once; the walk ends early when `visit` answers false. By offset, one
  // that moves across a page's edge during the walk can be missed.
  Result<void> walk_conversations(std::string_view agent_id, const ConversationQuery& query,
                                  const std::function<bool(const Conversation&)>& visit) const;

  // The conversations that changed after `watermark` (none: all of them), and the next watermark.
  // REFERENCE: GET /agents/{agent_id}/conversations, incremental sync.
  Result<Changes> changed_conversations(std::string_view agent_id,
                                        std::optional<std::string> watermark = {}) const;

  // REFERENCE: Agents.
  Result<std::vector<Agent>> agents() const;
  Result<Agent> agent(std::string_view agent_id) const;
  Result<Agent> create_agent(const NewAgent& agent) const;
  // ASSUMED: fields are named as in an Agent, and the answer is the changed agent.
  Result<Agent> update_agent(std::string_view agent_id, const AgentChanges& changes) const;
  Result<void> delete_agent(std::string_view agent_id) const;
  // Asynchronous on the server's side; answers its word for the state of the deployment.
  Result<std::string> deploy_agent(std::string_view agent_id,
                                   const DeployOptions& options = {}) const;

  // The new attachment's id. `filename` is UTF-8, without folders. REFERENCE: POST /attachments.
  Result<std::string> upload(std::string_view filename, std::string_view bytes) const;
  // Reads the file whole (50 MiB at most) and uploads it under its own name.
  Result<std::string> upload_file(const std::string& path) const;
  // REFERENCE: GET /attachments/{id}.
  Result<Attachment> attachment(std::string_view attachment_id) const;

 private:
  std::shared_ptr<const ApiCaller> caller_;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_H_
