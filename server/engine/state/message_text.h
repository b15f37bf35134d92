// How agents, conversations and messages are written (REFERENCE: Messages, Agents).
#ifndef NAIRI_MOCK_ENGINE_STATE_MESSAGE_TEXT_H_
#define NAIRI_MOCK_ENGINE_STATE_MESSAGE_TEXT_H_

#include <span>
#include <string>

#include "engine/state/records.h"

namespace nairi::mock {

void append_message(std::string& out, const Job& job, const Message& message);
// {"messages": [...]}, all of the job's.
void append_timeline(std::string& out, const Job& job);
// As a list shows it.
void append_conversation(std::string& out, const Job& job, bool with_created_at = true);
void append_agent(std::string& out, const Agent& agent);

// The fields of Message::extra.
void append_attachment_ids(std::string& extra, std::span<const Ulid> ids);
void append_usage(std::string& extra, const Usage& usage);

// A progress message's content, an envelope as JSON text, and in `extra` what is copied from it.
struct ProgressText {
  std::string content;
  std::string extra;
};
ProgressText progress_text(const Job& job, Ulid user_message, const Progress& progress);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_MESSAGE_TEXT_H_
