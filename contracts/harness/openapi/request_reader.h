// Takes a request apart as RFC 3986 and RFC 7578 say: its target, its query, the path against a
// template, the parts of a form. The judge's own reader: the fake has another one, so that a
// mistake of the one is not forgiven by the other.
//
//   auto [path, query] = split_target("/agents/acme%2Fops/conversations?limit=2");
//   auto slug = path_parameter("/agents/{agent_id}/conversations", path);   // "acme%2Fops"
//   percent_decode(*slug);                                                   // "acme/ops"
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_REQUEST_READER_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_REQUEST_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace nairi::contracts {

// Views into what was read, which must outlive them.
struct SplitTarget {
  std::string_view path;   // still encoded
  std::string_view query;  // likewise; without its "?"
};

// In absolute form ("http://host/agents") scheme and host are left out; a fragment always is.
SplitTarget split_target(std::string_view target);

// nullopt when a "%" is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// The parameters in the order in which they come, a "+" taken for a space; nullopt when one is
// badly encoded.
std::optional<QueryParameters> read_query(std::string_view query);

// What stands for the template's {name}, still encoded; "" when it has none. nullopt: the path does
// not fit. {agent_id} stands for several segments, too: slugs may contain "/" (REFERENCE: Basics).
// Requires a template with at most one {name}, which is a whole segment.
std::optional<std::string_view> path_parameter(std::string_view path_template,
                                               std::string_view path);

// One part of a form, as it came.
struct ReceivedPart {
  std::string name;
  std::optional<std::string> filename;  // nullopt: a plain field, or one without a file
  std::string_view bytes;
};

// The first part of that name; an error is a sentence. What comes after the part is not read.
tl::expected<ReceivedPart, std::string> find_form_part(std::string_view content_type,
                                                       std::string_view body,
                                                       std::string_view name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_REQUEST_READER_H_
