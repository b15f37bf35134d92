// Talks to an in-process fake as a caller with one key would, and gives back JSON.
#ifndef NAIRI_MOCK_TESTS_SUPPORT_API_H_
#define NAIRI_MOCK_TESTS_SUPPORT_API_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"

namespace nairi::mock::testing {

using Json = nlohmann::json;

struct Answer {
  int status = 0;
  std::string text;
  std::vector<Header> headers;

  Json json() const { return Json::parse(text); }
  std::string error() const { return json().at("error").get<std::string>(); }
  // What an error says to people; "" when it says no more than its text.
  std::string hint() const {
    const std::string* value = find_header(headers, "X-Mock-Hint");
    return value == nullptr ? "" : *value;
  }
  // Both.
  std::string error_and_hint() const { return error() + ": " + hint(); }
};

// Ids of one prompt.
struct Started {
  std::string job;
  std::string message;
};

// The world of a JSON text; a bad one ends the test with its diagnostics.
inline World world_of(std::string_view text) {
  auto world = parse_world(text);
  if (!world) throw WorldError(world.error());
  return std::move(*world);
}

class Api {
 public:
  explicit Api(Fake& fake, std::string key = "nr_test") : fake_(fake), key_(std::move(key)) {}

  Answer send(Request request) {
    if (!key_.empty() && find_header(request.headers, "Authorization") == nullptr) {
      request.headers.push_back({"Authorization", "Bearer " + key_});
    }
    Reply reply = fake_.handle(request);
    return {reply.status, std::move(reply.body), std::move(reply.headers)};
  }
  Answer call(std::string method, const std::string& path, std::string body = {}) {
    Request request;
    request.method = std::move(method);
    request.target = "/api/public/v1" + path;
    request.body = std::move(body);
    return send(std::move(request));
  }
  Answer get(const std::string& path) { return call("GET", path); }
  Answer post(const std::string& path, const Json& body) { return call("POST", path, body.dump()); }
  Answer control(std::string method, const std::string& path, std::string body = {}) {
    Request request;
    request.method = std::move(method);
    request.target = "/__mock" + path;
    request.body = std::move(body);
    return send(std::move(request));
  }

  Started start(const std::string& agent, const std::string& prompt, Json more = Json::object()) {
    more["agent_id"] = agent;
    more["prompt"] = prompt;
    return started(post("/conversations/start", more));
  }
  Started continue_job(const std::string& job, const std::string& prompt) {
    return started(post("/conversations/" + job + "/continue", {{"prompt", prompt}}));
  }
  Json message(const std::string& id) { return get("/messages/" + id).json(); }
  std::string status(const std::string& id) { return message(id).at("status"); }
  Json messages(const std::string& job) {
    return get("/conversations/" + job + "/messages").json().at("messages");
  }
  // Those of the timeline that have this role.
  std::vector<Json> messages(const std::string& job, const std::string& role) {
    std::vector<Json> found;
    for (const Json& message : messages(job)) {
      if (message.at("role") == role) found.push_back(message);
    }
    return found;
  }
  // Polls until the message is completed or failed, and returns that status; "" if it never is.
  std::string finish(const std::string& id) {
    constexpr int kMostPolls = 100;
    for (int poll = 0; poll < kMostPolls; ++poll) {
      const std::string now = status(id);
      if (now == "completed" || now == "failed") return now;
    }
    return "";
  }
  Json conversations(const std::string& agent, const std::string& query = "") {
    return get("/agents/" + agent + "/conversations" + query).json().at("conversations");
  }
  std::string job_status(const std::string& agent, const std::string& job) {
    for (const Json& conversation : conversations(agent, "?limit=100")) {
      if (conversation.at("id") == job) return conversation.at("status");
    }
    return "";
  }
  // The multipart upload of one file, as a client would send it.
  Answer upload(const std::string& filename, const std::string& bytes) {
    Request request;
    request.method = "POST";
    request.target = "/api/public/v1/attachments";
    request.headers = {{"Content-Type", "multipart/form-data; boundary=XX"}};
    request.body = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
                   "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes +
                   "\r\n--XX--\r\n";
    return send(std::move(request));
  }

 private:
  static Started started(const Answer& answer) {
    const Json json = answer.json();
    return {json.value("job_id", answer.text), json.value("message_id", answer.text)};
  }

  Fake& fake_;
  std::string key_;
};

}  // namespace nairi::mock::testing

#endif  // NAIRI_MOCK_TESTS_SUPPORT_API_H_
