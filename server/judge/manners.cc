#include "judge/manners.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "nairi/mock/api.h"
#include "protocol/body.h"
#include "protocol/credentials.h"
#include "protocol/multipart.h"
#include "protocol/target.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kFewestRequests = 4;  // before unused connections say anything
constexpr std::size_t kMostWatched = 64;

// RFC 3986, 2.3.
bool is_unreserved(char c) {
  return is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}
// What may stand in a path as it is (RFC 3986, 3.3), the '%' of an encoding included.
bool is_path_char(char c) {
  return is_unreserved(c) || std::string_view("!$&'()*+,;=:@/%").find(c) != std::string_view::npos;
}

// Whether the key stands somewhere in the text, not as a part of a longer word.
bool holds_key(std::string_view text, std::string_view key) {
  constexpr std::size_t kShortest = 8;  // a shorter one may well be a word of its own
  if (key.size() < kShortest) return false;
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    const bool begins = at == 0 || !is_unreserved(text[at - 1]);
    if (begins && (end == text.size() || !is_unreserved(text[end]))) return true;
  }
  return false;
}

// Assumed: no slug holds a '%' and two hexadecimal digits, so that one is left of an encoding.
bool is_encoded(std::string_view decoded) {
  const auto again = percent_decode(decoded);
  return again && *again != decoded;
}

// No HTTP carries it in a path: the request was refused for it.
bool has_raw_path(const Exchange& exchange) {
  const std::string_view path = split_target(exchange.request.target).path;
  return exchange.is_refused() &&
         std::any_of(path.begin(), path.end(), [](char c) { return c <= ' ' || c > '~'; });
}

// Whether it only asks what there is: OPTIONS, or a look whether a server is up, at its root or at
// that of the API; also what browsers ask for by themselves.
bool is_no_call(const Exchange& exchange) {
  std::string_view path = split_target(exchange.request.target).path;
  if (path.ends_with('/')) path.remove_suffix(1);
  return exchange.request.method == "OPTIONS" || path.empty() || path == kApiPrefix ||
         path == "/favicon.ico";
}

// Whether the request itself is to blame for being refused, not its size or its pace.
bool is_malformed(const Exchange& exchange) {
  constexpr int kStatuses[] = {400, 415, 417, 501, 505};
  return std::count(std::begin(kStatuses), std::end(kStatuses), exchange.reply.status) > 0;
}

// What programs write for nothing, and for a thing that is no text.
constexpr std::string_view kNoKeys[] = {"undefined", "null",  "none", "nil",
                                        "nan",       "false", "true", "NAIRI_API_KEY"};

// What stands for a key that somebody forgot to fill in: "$KEY", "${KEY}", "{{ key }}", "%KEY%",
// "<your-key>", "[object Object]".
bool is_placeholder(std::string_view key) {
  return key.starts_with('$') || key.starts_with('{') || key.starts_with('[') ||
         (key.starts_with('%') && key.ends_with('%')) ||
         (key.starts_with('<') && key.ends_with('>'));
}

bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

// What is wrong with a bearer key as it stands in the header; "" when it may be one.
std::string_view key_mistake(std::string_view sent) {
  const std::string_view key = trimmed(sent);
  if (key.empty()) return "the key is empty";
  if (equal_ignoring_case(key.substr(0, 7), "bearer ")) return "\"Bearer\" stands there twice";
  if (is_quote(key.front()) || is_quote(key.back())) return "the key stands in quotes";
  if (is_placeholder(key)) return "the key was not filled in";
  for (const std::string_view word : kNoKeys) {
    if (equal_ignoring_case(key, word)) return "the key is no key but a word for none";
  }
  if (sent.find_first_of(" \t\r\n") != std::string_view::npos) return "the key has blanks";
  return {};
}

// The query parameters of each operation (REFERENCE: GET /agents/{agent_id}/conversations; `cursor`
// is assumed). The others have none.
Words known_parameters(Operation operation) {
  if (operation != Operation::list_conversations) return {};
  return {"status", "updated_after", "sort", "limit", "offset", "cursor"};
}

// A '?' that should have been encoded makes a query of the rest of the path.
bool is_path_in_query(std::string_view query) {
  return query.find('=') == std::string_view::npos && query.find('/') != std::string_view::npos;
}

enum class FieldType { text, flag, integer, list_of_text };

// The documented shape of request bodies, as far as the engine reads them (REFERENCE:
// Conversations, Agents, Attachments). The whole of it is in the API's description, which a harness
// can check requests against.
struct Field {
  std::string_view name;
  FieldType type;
  bool required;
};

constexpr Field kStart[] = {{"agent_id", FieldType::text, true},
                            {"prompt", FieldType::text, true},
                            {"ask_mode", FieldType::flag, false},
                            {"attachment_ids", FieldType::list_of_text, false}};
constexpr Field kContinue[] = {{"prompt", FieldType::text, true},
                               {"attachment_ids", FieldType::list_of_text, false}};
constexpr Field kCreateAgent[] = {{"name", FieldType::text, true},
                                  {"instances_count", FieldType::integer, false}};

bool fits(const nlohmann::json& value, FieldType type) {
  switch (type) {
    case FieldType::text:
      return value.is_string();
    case FieldType::flag:
      return value.is_boolean();
    case FieldType::integer:
      return value.is_number_integer();
    case FieldType::list_of_text:
      return value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const auto& item) { return item.is_string(); });
  }
  return false;
}

std::span<const Field> fields_of(Operation operation) {
  if (operation == Operation::start_conversation) return kStart;
  if (operation == Operation::continue_conversation) return kContinue;
  if (operation == Operation::create_agent) return kCreateAgent;
  return {};
}

// Whether the operation takes a body.
bool takes_body(Operation operation) {
  return !fields_of(operation).empty() || operation == Operation::upload_attachment;
}

// What is wrong with the body: "prompt is missing". nullopt when its shape is right, also when its
// values are not (an unknown agent, an empty prompt): these are the user's, not the client's.
std::optional<std::string> shape_mistake(Operation operation, const Request& request) {
  if (operation == Operation::upload_attachment) {
    const auto part =
        find_part(header_value(request.headers, "Content-Type"), request.body, "file");
    return part ? std::nullopt : std::optional(part.error().text);
  }
  const auto body = Body::parse(request.body);
  if (!body) return body.error().text;
  for (const Field& field : fields_of(operation)) {
    const nlohmann::json* value = body->find(field.name);
    if (value == nullptr && field.required) return std::string(field.name) + " is missing";
    if (value != nullptr && !fits(*value, field.type)) {
      return std::string(field.name) + " is " + describe(*value);
    }
  }
  return std::nullopt;
}

}  // namespace

void Manners::observe(const Exchange& exchange) {
  judge_key(exchange);
  judge_key_text(exchange);
  judge_path(exchange);
  judge_name(exchange);
  judge_shape(exchange);
  judge_query(exchange);
  judge_connection(exchange);
}

void Manners::judge_key(const Exchange& exchange) {
  if (!exchange.whole_head) return;  // what was not read may be there
  const bool has_key = bearer_token(exchange.request.headers).has_value();
  if (!has_key && is_no_call(exchange)) return;
  auth_.test();
  if (!has_key) {
    return auth_.prove("a request came without Authorization: Bearer <key>", evidence_of(exchange));
  }
  const auto target = percent_decode(exchange.request.target);
  if (holds_key(target ? *target : exchange.request.target, exchange.key)) {
    auth_.prove("the key stands in the URL, which logs and proxies keep", evidence_of(exchange));
  }
}

void Manners::judge_key_text(const Exchange& exchange) {
  constexpr std::string_view kScheme = "bearer";
  const std::string_view value = header_value(exchange.request.headers, "Authorization");
  if (!equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return;
  std::string_view sent = value.substr(kScheme.size());
  if (!sent.empty() && sent.front() != ' ') return;  // another scheme
  if (!sent.empty()) sent.remove_prefix(1);
  key_.test();
  const std::string_view mistake = key_mistake(sent);
  if (!mistake.empty()) key_.prove(mistake, evidence_of(exchange));
}

void Manners::judge_path(const Exchange& exchange) {
  if (has_raw_path(exchange)) {
    return path_.prove("a character in a path was not encoded", evidence_of(exchange));
  }
  const std::string_view sent = exchange.parameter;
  const auto decoded = percent_decode(sent);
  if (decoded && std::all_of(decoded->begin(), decoded->end(), is_unreserved)) {
    if (!is_path_in_query(split_target(exchange.request.target).query)) return;
    return path_.prove("a ? in a path was not encoded", evidence_of(exchange));
  }
  path_.test();
  if (!decoded) return path_.prove("a % in a path was not encoded", evidence_of(exchange));
  if (!std::all_of(sent.begin(), sent.end(), is_path_char)) {
    return path_.prove("a character in a path was not encoded", evidence_of(exchange));
  }
  if (is_encoded(*decoded)) path_.prove("a path was encoded twice", evidence_of(exchange));
}

void Manners::judge_name(const Exchange& exchange) {
  if (!exchange.whole_head) return;
  name_.test();
  const std::string* name = find_header(exchange.request.headers, "User-Agent");
  if (name != nullptr && !name->empty()) return;
  name_.prove("a request came without User-Agent", evidence_of(exchange));
}

void Manners::judge_shape(const Exchange& exchange) {
  if (exchange.is_refused()) return judge_form(exchange);
  if (!exchange.operation || !takes_body(*exchange.operation)) return;
  shape_.test();
  if (exchange.reply.status == 415 && refuse_packed(exchange.request)) {
    return shape_.prove("a body came packed", evidence_of(exchange));
  }
  if (exchange.reply.status != 400) return;
  if (const auto mistake = shape_mistake(*exchange.operation, exchange.request)) {
    shape_.prove("a request was not of the documented shape", evidence_of(exchange, *mistake));
  }
}

void Manners::judge_form(const Exchange& exchange) {
  if (!is_malformed(exchange) || has_raw_path(exchange)) return;
  shape_.prove("a request was no HTTP as the server takes it",
               evidence_of(exchange, redacted(exchange.refusal, exchange.key)));
}

void Manners::judge_query(const Exchange& exchange) {
  const auto query = Query::parse(split_target(exchange.request.target).query);
  if (!exchange.operation || !query || query->all().empty()) return;
  query_.test();
  const Words known = known_parameters(*exchange.operation);
  std::set<std::string_view> seen;
  for (const auto& [name, value] : query->all()) {
    const std::string shown = in_quotes(redacted(name, exchange.key));
    if (!contains(known, name)) {
      query_.prove("a query parameter is none of the API's",
                   evidence_of(exchange, "has " + shown + hint(name, known)));
    } else if (!seen.insert(name).second) {
      query_.prove("a query parameter came twice", evidence_of(exchange, "has two " + shown));
    }
  }
}

// A connection that was cut is not the client's to keep.
void Manners::judge_connection(const Exchange& exchange) {
  if (exchange.is_refused()) return;  // after which the server closes
  if (reused_ || exchange.request.connection == 0 || !exchange.delivered) return;
  reused_ = !single_use_.insert(exchange.request.connection).second;
  if (single_use_.size() > kMostWatched) single_use_.erase(single_use_.begin());
  if (first_.size() < kFewestRequests) first_.push_back(evidence_of(exchange));
  note_look(exchange);
}

// What waits for a turn lives on between two looks, and could keep its connection. Not for long:
// libraries close those that idle (REFERENCE: How real clients talk).
void Manners::note_look(const Exchange& exchange) {
  constexpr std::int64_t kKeptMs = 4000;
  if (!exchange.is_get() || (exchange.operation != Operation::get_message &&
                             exchange.operation != Operation::list_messages)) {
    return;
  }
  const std::size_t id = std::hash<std::string_view>{}(exchange.parameter);
  const auto last = looks_.find(id);
  if (last != looks_.end()) {
    const auto pause = exchange.received.ms_since(last->second);
    const bool is_soon = !pause || *pause < kKeptMs;
    if (is_soon) {
      waits_.prove("each poll came on a connection of its own", evidence_of(exchange));
      ++waits_count_;
    }
  } else if (looks_.size() >= kMostWatched) {
    looks_.erase(looks_.begin());
  }
  looks_.insert_or_assign(id, exchange.sent());
}

// Programs of a few requests each, as a script of curl calls has them, have nothing to use again.
// Who is told what to do is a single program.
Finding Manners::connections() const {
  constexpr std::size_t kFewestWaits = 3;
  Finding finding("reuses-connections", kFewConnections);
  if (reused_) {
    finding.test();
  } else if (options_.in_suite && first_.size() == kFewestRequests) {
    finding.prove_all("each request came on a connection of its own", first_);
  } else if (waits_count_ >= kFewestWaits) {
    return waits_;
  } else if (first_.size() == kFewestRequests) {
    finding.doubt("each request may be that of a program that makes no other");
  }
  return finding;
}

void Manners::report(std::vector<Verdict>& verdicts) const {
  for (const Finding& finding : {auth_, path_, name_, shape_, key_, query_, connections()}) {
    verdicts.push_back(finding.verdict(options_.in_suite));
  }
}

}  // namespace nairi::mock
