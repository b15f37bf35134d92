// The operations of the faked API (REFERENCE: Conversations, Messages, Agents, Attachments), each a
// function of one organization and one call. Authorization, routing and the journal are done
// already; the caller holds the organization's lock.
#ifndef NAIRI_MOCK_ENGINE_API_OPERATIONS_H_
#define NAIRI_MOCK_ENGINE_API_OPERATIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/organization.h"
#include "nairi/mock/exchange.h"
#include "protocol/target.h"

namespace nairi::mock {

// One call that was routed.
struct Call {
  const Request& request;
  std::string_view query;                    // still encoded
  std::string parameter;                     // the path's {…}, decoded
  bool counts_as_read = true;                // false for HEAD: only a GET is a poll (assumed)
  std::shared_ptr<const Request> kept = {};  // the request, if it may be kept; else null
};

Reply start_conversation(Organization& organization, const Call& call);
Reply continue_conversation(Organization& organization, const Call& call);
// What a start or a continue lacks that only the default turn would answer; nullopt for one that a
// script answers or that is refused, but for an agent that is not there. Nothing is changed that
// can be seen.
std::optional<Unscripted> unscripted_start(Organization& organization, const Call& call);
std::optional<Unscripted> unscripted_continue(Organization& organization, const Call& call);

Reply get_message(Organization& organization, const Call& call);
Reply list_messages(Organization& organization, const Call& call);
Reply list_conversations(Organization& organization, const Call& call);

Reply list_agents(Organization& organization, const Call& call);
Reply get_agent(Organization& organization, const Call& call);
Reply create_agent(Organization& organization, const Call& call);
Reply update_agent(Organization& organization, const Call& call);
Reply delete_agent(Organization& organization, const Call& call);
Reply deploy_agent(Organization& organization, const Call& call);

Reply upload_attachment(Organization& organization, const Call& call);
Reply get_attachment(Organization& organization, const Call& call);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_API_OPERATIONS_H_
