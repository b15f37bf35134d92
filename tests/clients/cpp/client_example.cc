// A good client of the Conversations API, with nairi::Client. Its job is in NAIRI_JOB.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nairi/client.h"
#include "nairi/environment.h"

namespace {

using nairi::Client;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Texts = std::vector<std::string>;

// value() of a result throws where the call failed; that ends the job.
nairi::Turn send(const Client& client, const json& job, const std::string& job_id,
                 const std::string& prompt, Texts files) {
  if (!job_id.empty()) {
    return client.continue_conversation(job_id, prompt, {std::move(files)}).value();
  }
  const bool ask_mode = job.value("ask_mode", false);
  return client.start(job.value("agent_id", ""), prompt, {ask_mode, std::move(files)}).value();
}

json converse(const Client& client, const json& job) {
  const auto end = steady_clock::now() + milliseconds(job.value("deadline_ms", 60'000));
  Texts files;
  for (const std::string& path : job.value("attachments", Texts())) {
    files.push_back(client.upload_file(path).value());
  }
  std::string job_id = job.value("job_id", "");
  json replies = json::array();
  for (const std::string& prompt : job.value("prompts", Texts())) {
    const auto turn = send(client, job, job_id, prompt, std::exchange(files, {}));
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    const nairi::Outcome outcome = client.wait(turn, {.deadline = left}).value();
    if (!outcome.completed()) {
      return {{"outcome", "failed"}, {"error", {{"message", outcome.failure}}}};
    }
    replies.push_back(outcome.replies.empty() ? "" : outcome.replies.back().content);  // the newest
    job_id = turn.job_id;
  }
  return {{"replies", replies}};
}

json messages(const Client& client, const json& job) {
  json found = json::array();
  for (const auto& message : nairi::visible(client.messages(job.value("job_id", "")).value())) {
    found.push_back(json::parse(message.raw_json));
  }
  return {{"messages", found}};
}

json conversations(const Client& client, const json& job) {
  json ids = json::array();
  const auto keep = [&](const nairi::Conversation& it) { return ids.push_back(it.id), true; };
  const auto all = client.walk_conversations(job.value("agent_id", ""), {.limit = 100}, keep);
  return {{"conversations", all.map([&] { return ids; }).value()}};
}

json download(const Client& client, const json& job) {
  const nairi::Attachment file = client.attachment(job.value("attachment_id", "")).value();
  std::ofstream(job.value("path", ""), std::ios::binary) << file.data;
  return json::object();
}

json agents(const Client& client, const json& /*job*/) {
  json slugs = json::array();
  const std::vector<nairi::Agent> found = client.agents().value();
  for (const nairi::Agent& agent : found) slugs.push_back(agent.agent_id);
  return {{"agents", slugs}};
}

json perform(const json& job) {
  const std::map<std::string, json (*)(const Client&, const json&)> operations = {
      {"converse", converse},           {"continue", converse}, {"messages", messages},
      {"conversations", conversations}, {"agents", agents},     {"download", download},
  };
  json result = {{"id", job.value("id", "")}, {"outcome", "completed"}};
  const auto operation = operations.find(job.at("op"));
  if (operation == operations.end()) {
    result["outcome"] = "unsupported";
    return result;
  }
  try {
    // Where the service is, the key and a CA file come from the environment.
    const auto client = nairi::client_from_environment(
        {.poll_interval = milliseconds(job.value("poll_ms", 2000)),
         .request_limit = milliseconds(job.value("deadline_ms", 60'000)),
         .retry = {.first_backoff = milliseconds(100)}});
    result.update(operation->second(client.value(), job));
  } catch (const tl::bad_expected_access<nairi::Error>& failed) {
    const nairi::Error& error = failed.error();
    result["outcome"] = error.code == nairi::ErrorCode::deadline_reached ? "timeout" : "error";
    result["error"] = {{"status", error.status}, {"message", error.message}};
  }
  return result;
}

}  // namespace

int main() try {
  const char* job = std::getenv("NAIRI_JOB");
  std::cout << perform(json::parse(job == nullptr ? "" : job)) << '\n';
} catch (const std::exception& error) {
  std::cerr << "NAIRI_JOB: " << error.what() << '\n';
  return 2;
}
