// Reads what a call names and says, with the documented errors: a malformed id is 400, one that
// names nothing here is 404 (REFERENCE: Basics; the 404 is assumed).
#ifndef NAIRI_MOCK_ENGINE_API_ARGUMENTS_H_
#define NAIRI_MOCK_ENGINE_API_ARGUMENTS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "engine/api/operations.h"
#include "engine/state/organization.h"
#include "protocol/body.h"
#include "protocol/failure.h"
#include "text/wording.h"

namespace nairi::mock {

// The body of a call that knows these fields. Assumed, unless a ledger says otherwise: others are
// ignored.
Checked<Body> read_body(const Organization& organization, std::string_view text,
                        const Words& fields);

// Those of an operation, by a route's name; none for one that has no JSON body.
const Words& fields_of_body(std::string_view operation);

Checked<Job*> find_job(Organization& organization, std::string_view id);
Checked<Organization::Found> find_message(Organization& organization, std::string_view id);
Checked<const Attachment*> find_attachment(Organization& organization, std::string_view id);

// By slug, or by `cci_` id (REFERENCE: Agents). `unknown_status` is that of one that is not there,
// where it is no guess.
Checked<Agent*> find_agent(Organization& organization, std::string_view slug_or_id,
                           std::optional<int> unknown_status = std::nullopt);

// Whether it is a well-formed id of anything that a path may name.
bool is_id(std::string_view text);
// Whether the organization has what it names.
bool has_id(Organization& organization, std::string_view id);

// The ids in a prompt's "attachment_ids"; any that can't be used is 400 (REFERENCE: Conversations).
Checked<std::vector<Ulid>> find_attachments(Organization& organization, const Body& body);

// The failure of a call whose body the fake has no room to keep (a limit of ours: assumed to be
// 503).
std::optional<Failure> check_room(const Organization& organization, const Call& call);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_API_ARGUMENTS_H_
