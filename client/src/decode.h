// From the text of a reply to the types of the API. Every function answers malformed_reply, with a
// JSON pointer, for a text of another shape.
#ifndef NAIRI_CLIENT_DECODE_H_
#define NAIRI_CLIENT_DECODE_H_

#include <string>
#include <string_view>
#include <vector>

#include "nairi/types.h"

namespace nairi {

Result<Turn> decode_turn(std::string_view text);
Result<Message> decode_message(std::string_view text);
Result<std::vector<Message>> decode_messages(std::string_view text);
Result<Progress> decode_progress(std::string_view text);
Result<ConversationPage> decode_conversations(std::string_view text);
Result<Agent> decode_agent(std::string_view text);
Result<std::vector<Agent>> decode_agents(std::string_view text);
Result<std::string> decode_deployment(std::string_view text);  // its status
Result<std::string> decode_attachment_id(std::string_view text);
Result<Attachment> decode_attachment(std::string_view text);

// The `error` text of an API error; empty when the body has none (REFERENCE: Basics).
std::string decode_error_text(std::string_view text);

}  // namespace nairi

#endif  // NAIRI_CLIENT_DECODE_H_
