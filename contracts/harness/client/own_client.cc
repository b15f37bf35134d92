#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/client/client_runner.h"
#include "nairi/client.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

Json to_json(const Error& error) {
  const std::string& text = error.server_text.empty() ? error.message : error.server_text;
  return {{"status", error.status}, {"message", text}};
}

ClientOptions options_of(const Json& job) {
  ClientOptions options{.api_key = job.at("api_key")};
  options.poll_interval = milliseconds(job.value("poll_ms", std::int64_t{2000}));
  if (job.contains("deadline_ms")) {
    options.request_limit = milliseconds(job.at("deadline_ms").get<std::int64_t>());
  }
  return options;
}

// One job; the result grows as the calls come back.
class JobRun {
 public:
  JobRun(const Json& job, const std::shared_ptr<Transport>& transport)
      : job_(job),
        client_(transport, options_of(job)),
        clock_(transport->clock()),
        begin_(clock_.now()) {
    result_["id"] = job.value("id", "");
  }

  Json run() {
    const auto& op = job_.at("op").get_ref<const std::string&>();
    if (op == "converse") {
      converse();
    } else if (op == "continue") {
      follow_up();
    } else if (op == "messages") {
      messages();
    } else if (op == "conversations") {
      conversations();
    } else if (op == "agents") {
      agents();
    } else if (op == "download") {
      download();
    } else {
      result_["outcome"] = "unsupported";
    }
    return std::move(result_);
  }

 private:
  void fail(const Error& error) {
    result_["outcome"] = error.code == ErrorCode::deadline_reached ? "timeout" : "error";
    result_["error"] = to_json(error);
  }

  std::string text(const char* key) const { return job_.value(key, std::string()); }
  std::vector<std::string> prompts() const {
    return job_.value("prompts", std::vector<std::string>());
  }

  void converse() {
    std::optional<std::string> conversation;
    for (const std::string& prompt : prompts()) {
      auto turn = conversation ? go_on(*conversation, prompt) : start(prompt);
      if (!turn) return fail(turn.error());
      conversation = turn->job_id;
      if (!finish(*turn)) return;
    }
  }

  void follow_up() {
    for (const std::string& prompt : prompts()) {
      const auto turn = go_on(text("job_id"), prompt);
      if (!turn) return fail(turn.error());
      if (!finish(*turn)) return;
    }
  }

  Result<Turn> start(const std::string& prompt) {
    auto files = upload();
    if (!files) return tl::unexpected(files.error());
    return client_.start(
        text("agent_id"), prompt,
        {.ask_mode = job_.value("ask_mode", false), .attachment_ids = std::move(*files)});
  }

  Result<Turn> go_on(const std::string& conversation, const std::string& prompt) {
    return client_.continue_conversation(conversation, prompt);
  }

  Result<std::vector<std::string>> upload() {
    std::vector<std::string> ids;
    for (const std::string& path : job_.value("attachments", std::vector<std::string>())) {
      auto id = client_.upload_file(path);
      if (!id) return tl::unexpected(id.error());
      ids.push_back(std::move(*id));
    }
    return ids;
  }

  // False when this was the last turn.
  bool finish(const Turn& turn) {
    WaitOptions options;
    if (job_.contains("deadline_ms")) {
      const milliseconds deadline(job_.at("deadline_ms").get<std::int64_t>());
      options.deadline = std::max(deadline - (clock_.now() - begin_), milliseconds(0));
    }
    const auto outcome = client_.wait(turn, options);
    if (!outcome) {
      fail(outcome.error());
      return false;
    }
    result_["outcome"] = outcome->message.status;
    if (!outcome->completed()) {
      result_["error"] = {{"status", 0}, {"message", outcome->failure}};
      return false;
    }
    // Of several the newest counts.
    result_["replies"].push_back(outcome->replies.empty() ? "" : outcome->replies.back().content);
    return true;
  }

  void messages() {
    const auto timeline = client_.messages(text("job_id"));
    if (!timeline) return fail(timeline.error());
    result_["outcome"] = "completed";
    result_["messages"] = Json::array();
    for (const Message& message : visible(*timeline)) {
      result_["messages"].push_back(Json::parse(message.raw_json));
    }
  }

  void download() {
    const auto file = client_.attachment(text("attachment_id"));
    if (!file) return fail(file.error());
    std::ofstream(text("path"), std::ios::binary) << file->data;
    result_["outcome"] = "completed";
  }

  void conversations() {
    Json ids = Json::array();
    const auto walked = client_.walk_conversations(text("agent_id"), {.limit = 2},
                                                   [&](const Conversation& conversation) {
                                                     ids.push_back(conversation.id);
                                                     return true;
                                                   });
    if (!walked) return fail(walked.error());
    result_["outcome"] = "completed";
    result_["conversations"] = std::move(ids);
  }

  void agents() {
    const auto agents = client_.agents();
    if (!agents) return fail(agents.error());
    result_["outcome"] = "completed";
    result_["agents"] = Json::array();
    for (const Agent& agent : *agents) result_["agents"].push_back(agent.agent_id);
  }

  const Json& job_;
  Client client_;
  Clock& clock_;
  const milliseconds begin_;
  Json result_;
};

}  // namespace

ClientAnswer own_client(const Json& job, const std::shared_ptr<Transport>& transport) {
  return {.kind = ClientAnswer::Kind::answered,
          .result = JobRun(job, transport).run(),
          .how = {},
          .notes = {}};
}

}  // namespace nairi::contracts
