// Plays the list of probes against a service: what costs nothing first, then so many conversations.
// It never changes or deletes what it did not make, begins no more conversations than it was told,
// and waits when the service asks for that.
//
//   Surveyor surveyor(transport, {.agent = "helper", .api_key = key, .conversations = 1});
//   const SurveyOutcome outcome = surveyor.run();
//
// Thread-safety: one thread. Time is the transport's clock.
#ifndef NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEYOR_H_
#define NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEYOR_H_

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/values.h"
#include "harness/survey/probe.h"
#include "nairi/transport.h"

namespace nairi::contracts {

struct SurveyOptions {
  std::string agent;
  std::string api_key;
  std::string other_api_key = {};  // of another organization; "": there is none
  int conversations = 0;           // 0 to kMostConversations
  std::chrono::seconds turn_deadline{600};
};

struct SurveyOutcome {
  std::string stopped = {};        // why it ended before its end, a sentence; "" when it did not
  bool was_begun_unasked = false;  // a start that has to be refused began a conversation
  bool is_agent_unknown = false;
  std::size_t requests = 0;
  int conversations = 0;  // that were begun
  int files = 0;          // that were taken
  int open_turns = 0;     // not over when their deadline came
  int skipped = 0;        // probes of which something that they need is not there
};

class Surveyor {
 public:
  // The transport must outlive it.
  Surveyor(Transport& transport, SurveyOptions options);

  SurveyOutcome run();

 private:
  using Reply = std::optional<HttpReply>;

  void meet();
  void play(const Probe& probe);
  void play_all(std::span<const Probe> probes);
  void play_conversation(int number);
  void send_probe(const Probe& probe);
  void start(const Probe& probe);
  void refuse(const Probe& probe);
  void upload(const Probe& probe);
  void walk(const Probe& probe);
  void read_found();
  void read_roles(const Json& timeline);
  void watch(const Probe& probe);
  void look(Eye eye, int count);
  bool is_turn_over() const;

  Reply send(const Probe& probe);
  Reply get(std::string_view path);
  Reply exchange(const HttpRequest& request);
  bool wait_as_asked(const HttpReply& reply, int times);
  void note_silence(const Error& error);
  void learn(const HttpReply& reply);
  void learn_message(const Json& message);
  void learn_conversations(const Json& conversations);
  void capture(const Probe& probe, const HttpReply& reply);
  bool knows_all(const Probe& probe) const;
  bool is_stopped() const { return !outcome_.stopped.empty(); }
  void stop(std::string why);

  Transport& transport_;
  const SurveyOptions options_;
  Values values_;
  SurveyOutcome outcome_;
  int silences_ = 0;                             // in a row
  std::map<std::string, std::string> found_;     // a conversation by its kind
  std::map<std::string, std::string> statuses_;  // of messages, as last seen
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SURVEY_SURVEYOR_H_
