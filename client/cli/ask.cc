#include <chrono>
#include <nlohmann/json.hpp>

#include "commands.h"

namespace nairi::cli {
namespace {

using Json = nlohmann::ordered_json;

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Result<std::vector<std::string>> upload_all(const Client& client,
                                            const std::vector<std::string>& files) {
  std::vector<std::string> ids;
  for (const std::string& file : files) {
    Result<std::string> id = client.upload_file(file);
    if (!id) return tl::unexpected(std::move(id.error()));
    ids.push_back(std::move(*id));
  }
  return ids;
}

Json json_of(const Outcome& outcome) {
  Json turn{{"message_id", outcome.message.id}, {"status", outcome.message.status}};
  turn["reply"] = outcome.text();
  if (!outcome.completed()) turn["failure"] = outcome.failure;
  turn["messages"] = Json::array();
  for (const Message& reply : outcome.replies) {
    turn["messages"].push_back(Json::parse(reply.raw_json));
  }
  return turn;
}

// Waits for one turn and prints how it ended; adds it to `turns` for --json.
Result<bool> finish_turn(const Client& client, const Turn& turn, const CommandLine& line,
                         const Output& output, ProgressView& view, Json& turns) {
  WaitOptions options{.deadline = milliseconds_of(line.common.timeout_s)};
  if (view.is_on()) {
    options.on_poll = [&](const Message& user) { view.on_poll(user); };
    options.on_message = [&](const Message& message) { view.on_message(message); };
  }
  const auto outcome = client.wait(turn, options);
  view.clear();
  if (!outcome) return tl::unexpected(outcome.error());
  turns.push_back(json_of(*outcome));
  if (!outcome->completed()) {
    output.err << "nairi: the turn failed: " << harmless_line(outcome->failure) << '\n';
  } else if (!output.json) {
    output.out << harmless(outcome->text()) << '\n' << std::flush;
  }
  return outcome->completed();
}

Result<Turn> begin(const Client& client, const AskArguments& ask,
                   std::vector<std::string> attachment_ids) {
  if (!ask.job.empty()) {
    return client.continue_conversation(ask.job, ask.prompt,
                                        {.attachment_ids = std::move(attachment_ids)});
  }
  return client.start(ask.agent, ask.prompt,
                      {.ask_mode = ask.ask_mode, .attachment_ids = std::move(attachment_ids)});
}

// All prompts, one after the other; false as soon as a turn fails.
Result<bool> converse(const Client& client, const CommandLine& line, const Output& output,
                      ProgressView& view, Json& document) {
  auto files = upload_all(client, line.ask.files);
  if (!files) return tl::unexpected(std::move(files.error()));
  auto turn = begin(client, line.ask, std::move(*files));
  if (!turn) {
    if (line.ask.job.empty()) hint_at_agents(client, line.ask.agent, turn.error(), output);
    return tl::unexpected(std::move(turn.error()));
  }
  document["job_id"] = turn->job_id;
  output.err << "job " << harmless_line(turn->job_id) << '\n';
  auto next = line.ask.follow_ups.begin();
  for (;;) {
    auto good = finish_turn(client, *turn, line, output, view, document["turns"]);
    if (!good || !*good || next == line.ask.follow_ups.end()) return good;
    turn = client.continue_conversation(turn->job_id, *next++);
    if (!turn) return tl::unexpected(std::move(turn.error()));
  }
}

// Who ends the command ends no turn.
void tell_what_goes_on(const Json& document, const Output& output) {
  if (document["job_id"].is_null()) return;
  const std::string job = harmless_line(document["job_id"].get<std::string>());
  output.err << "nairi: job " << job << " goes on; to look at it: nairi messages " << job << '\n';
}

}  // namespace

int ask(const Client& client, const CommandLine& line, const Output& output, ProgressView& view) {
  Json document{{"job_id", nullptr}, {"turns", Json::array()}};
  const auto good = converse(client, line, output, view, document);
  if (!good) {
    const int code = output.fail(good.error(), document);
    if (code == kInterrupted) tell_what_goes_on(document, output);
    return code;
  }
  if (output.json) output.print(document);
  return *good ? kGood : kRefused;
}

}  // namespace nairi::cli
