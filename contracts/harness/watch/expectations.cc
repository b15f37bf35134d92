#include "harness/watch/expectations.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/openapi/openapi_schema.h"
#include "harness/openapi/openapi_shape.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kUlid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

// --- What is odd about a request -------------------------------------------------------------

std::string kind_of_id(const std::string& text) {
  static const RE2 other("[a-z]+_[0-7][0-9A-HJKMNP-TV-Z]{25}");
  if (text.empty()) return "empty";
  return RE2::FullMatch(text, other) ? "an id of another kind" : "malformed";
}

std::string kind_of_number(const std::string& name, const std::string& text) {
  static const RE2 number("-?(0|[1-9][0-9]*)");
  static const RE2 other_form("\\s*[+-]?[0-9]+\\s*");
  if (!RE2::FullMatch(text, number)) {
    return RE2::FullMatch(text, other_form) ? "a number in another form" : "no number";
  }
  // Whether an offset may be larger than a machine's number, nobody says.
  return name == "offset" && text.front() != '-' ? "large" : "out of range";
}

// Of "status/1" the second of the words between commas.
std::string kind_of_word(const std::string& name, const std::string& text) {
  if (text.empty()) return "empty";
  if (name == "limit" || name == "offset") return kind_of_number(name, text);
  if (name == "updated_after") return "no time";
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return "an unknown word";
  std::string_view rest = text;
  for (std::size_t i = std::stoul(name.substr(slash + 1)); i > 0; --i) {
    rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
  }
  const std::string_view word = rest.substr(0, rest.find(','));
  if (word.empty()) return "an empty word";
  return mock::trimmed(word) == word ? "an unknown word" : "a word with spaces";
}

std::string kind_of_value(const Violation& violation, const std::optional<Json>& body,
                          std::string_view text) {
  if (text.empty()) return "no body";
  if (!body) return "not JSON";
  const Json::json_pointer at(violation.pointer);
  if (!body->contains(at)) return "missing";
  const Json& value = body->at(at);
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return "empty";
  const bool is_id = violation.pointer.starts_with("/attachment_ids/") && value.is_string();
  if (is_id) return kind_of_id(value.get<std::string>());
  const bool too_many = value.is_array() && violation.wanted.starts_with("at most");
  return too_many ? "too many" : value.type_name();
}

// "/attachment_ids/3" as "/attachment_ids/*".
std::string place_of(std::string pointer) {
  RE2::GlobalReplace(&pointer, "/[0-9]+(/|$)", "/*\\1");
  return pointer;
}

class OddityReader {
 public:
  explicit OddityReader(const AskedFor& asked)
      : asked_(asked), operation_(OpenApi::built_in().find(asked.method, asked.target)) {}

  Oddities read() {
    if (!asked_.has_key) add("key", "missing");
    if (operation_ == nullptr) {
      read_method();
    } else {
      read_violations();
      read_additions();
      read_path();
    }
    return std::move(found_);
  }

 private:
  void add(std::string place, std::string kind) {
    Oddity oddity{std::move(place), std::move(kind)};
    if (std::find(found_.begin(), found_.end(), oddity) == found_.end()) {
      found_.push_back(std::move(oddity));
    }
  }

  void read_method() {
    if (asked_.method == "HEAD" || asked_.method == "OPTIONS") return;
    for (const char* method : {"GET", "POST", "PATCH", "DELETE"}) {
      const ApiOperation* other = OpenApi::built_in().find(method, asked_.target);
      if (other != nullptr) return add("method of " + other->path, asked_.method);
    }
  }

  void read_violations() {
    const std::optional<Json> body = parse_bounded(asked_.body);
    const auto query = read_query(split_target(asked_.target).query);
    for (const Violation& violation : OpenApi::built_in().check_request(
             *operation_, asked_.target, asked_.content_type, asked_.body)) {
      const std::string& place = violation.pointer;
      if (place.starts_with("path ")) {
        add("path", kind_of_id(path_id()));
      } else if (place.starts_with("query ") && query) {
        const std::string name = place.substr(place.find(' ') + 1);
        const std::string parameter = name.substr(0, name.find('/'));
        const auto given = std::find_if(query->begin(), query->end(),
                                        [&](const auto& it) { return it.first == parameter; });
        add("query " + parameter, kind_of_word(name, given == query->end() ? "" : given->second));
      } else if (asked_.has_whole_body && place.starts_with("header")) {
        add(place, "another");
      } else if (asked_.has_whole_body && !place.starts_with("form")) {
        add(place_of(place), kind_of_value(violation, body, asked_.body));
      }
    }
  }

  void read_additions() {
    const auto query = read_query(split_target(asked_.target).query);
    for (const auto& [name, value] : query.value_or(QueryParameters{})) {
      const auto is_known = [&known = name](const ParameterShape& it) { return it.name == known; };
      const auto& known = operation_->shape->parameters;
      if (std::none_of(known.begin(), known.end(), is_known)) add("query", "an unknown parameter");
    }
    const std::optional<Json> body = parse_bounded(asked_.body);
    if (!operation_->shape->request || !body || !body->is_object()) return;
    const Schema* schema = operation_->shape->request->content.schema.get();
    if (schema->target != nullptr) schema = schema->target;
    for (const auto& [name, value] : body->items()) {
      if (!schema->properties.contains(name)) add("body", "an unknown field");
    }
  }

  // The document knows no more of an ULID than its letters.
  void read_path() {
    static const RE2 too_large("[a-z]+_[89A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{25}");
    if (RE2::FullMatch(path_id(), too_large)) add("path", "an id of more than 128 bits");
  }

  std::string path_id() const {
    const auto encoded = path_parameter(operation_->path, split_target(asked_.target).path);
    return encoded ? percent_decode(*encoded).value_or("") : "";
  }

  const AskedFor& asked_;
  const ApiOperation* operation_;
  Oddities found_;
};

// --- Steps of cases --------------------------------------------------------------------------

// States that say something which no request shows.
bool is_neutral(std::string_view name) {
  constexpr std::array<std::string_view, 11> kTelling = {
      "slack",   "discord", "web_",   "completed_", "error_", "abandoned_",
      "revoked", "unknown", "other_", "undeployed", "_prompt"};
  return std::none_of(kTelling.begin(), kTelling.end(), [&](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

std::vector<std::string> names_of(const StepCall& call) {
  std::vector<std::string> names = names_in(call.path);
  if (call.json) {
    for (const std::string& name : names_in(call.json->dump())) names.push_back(name);
  }
  return names;
}

// A value for each name where it stands.
std::string sample_path(const std::string& path) {
  const std::string ulid(kUlid);
  const std::string sample = path.starts_with("/messages/")        ? "cmsg_" + ulid
                             : path.starts_with("/conversations/") ? "job_" + ulid
                             : path.starts_with("/attachments/")   ? "att_" + ulid
                                                                   : "sample";
  Values values;
  for (const std::string& name : names_in(path)) values[name] = sample;
  return fill_path(path, values);
}

Json sample_json(const Json& value, bool in_list = false) {
  if (value.is_string()) {
    Values values;
    for (const std::string& name : names_in(value.get_ref<const std::string&>())) {
      values[name] = in_list ? "att_" + std::string(kUlid) : "sample";
    }
    return fill_all(value, values);
  }
  Json filled = value;
  if (value.is_structured()) {
    for (Json& child : filled) child = sample_json(child, value.is_array());
  }
  return filled;
}

AskedFor sample_of(const StepCall& call) {
  AskedFor asked{.method = call.method, .target = sample_path(call.path)};
  asked.has_key = !call.auth.has_value();
  const bool has_body = call.json || call.body;
  if (has_body) asked.content_type = "application/json";
  for (const auto& [name, value] : call.headers) asked.content_type = value;  // see is_plain()
  if (call.json) asked.body = sample_json(*call.json).dump();
  if (call.body) asked.body = *call.body;
  asked.has_whole_body = call.multipart.empty();
  return asked;
}

// Whether nothing but method, path, query and a JSON body tells what comes of a step.
bool is_plain(const Case& of, const Step& step) {
  const StepCall& call = step.call;
  const std::vector<std::string> names = names_of(call);
  const bool only_type =
      std::all_of(call.headers.begin(), call.headers.end(),
                  [](const auto& header) { return header.first == "Content-Type"; });
  return of.level == Level::must && !of.given.contains("script") && step.until.empty() &&
         !step.reply.status.is_null() && (call.multipart.empty() || call.auth) &&
         names_in(split_target(call.path).query).empty() && call.body_times == 1 && only_type &&
         call.auth.value_or("").empty() && std::all_of(names.begin(), names.end(), is_neutral);
}

// Whether the request shows what it is about: what it names is there already, or never is.
bool says_all(const Case& of, const StepCall& call) {
  const std::vector<std::string> names = names_of(call);
  return names_in(call.path).empty() &&
         std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return of.given.contains(name); });
}

Source source_of_status(const Case& of, const Step& step) {
  const Json& status = step.reply.status;
  if (!status.is_object() || !status.contains("source")) return of.source;
  return source_from(status.at("source").get<std::string>()).value_or(of.source);
}

bool takes_status(const Step& step, int status) {
  Values values;
  Matching matching{.values = values, .scripted = false};
  const Json value = status;
  match(status_pattern(step.reply.status), &value, "", matching);
  return matching.mismatches.empty();
}

// --- Whether a recorded request is that of a step --------------------------------------------

bool fits_target(const std::string& path, const std::string& target) {
  std::string regex;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t brace = rest.find('{');
    regex += RE2::QuoteMeta(std::string(rest.substr(0, brace)));
    if (brace == std::string_view::npos) break;
    regex += "[^/?]+";
    rest.remove_prefix(rest.find('}') + 1);
  }
  return RE2::FullMatch(target, regex);
}

bool fits_json(const Json& wanted, const Json& sent, const std::string& key = "") {
  if (wanted.is_string() && sent.is_string()) {
    const bool is_any_text =
        key == "prompt" || key == "name" || !names_in(wanted.get<std::string>()).empty();
    const auto has_text = [](const Json& text) {
      return !text.get_ref<const std::string&>().empty();
    };
    return is_any_text ? has_text(wanted) == has_text(sent) : wanted == sent;
  }
  if (wanted.type() != sent.type() || wanted.size() != sent.size()) return false;
  if (!wanted.is_structured()) return wanted == sent;
  for (const auto& [name, value] : wanted.items()) {
    if (wanted.is_object() && !sent.contains(name)) return false;
    const Json& other = wanted.is_object() ? sent.at(name) : sent.at(std::stoul(name));
    if (!fits_json(value, other, name)) return false;
  }
  return true;
}

bool fits_exactly(const StepCall& call, const AskedFor& asked) {
  if (call.method != asked.method || !fits_target(call.path, asked.target)) return false;
  if (!asked.has_whole_body) return false;
  if (!call.json) return call.body.value_or("") == asked.body;
  const auto sent = parse_bounded(asked.body);
  return sent && fits_json(*call.json, *sent);
}

std::string in_words(const Exchange& exchange, const Oddities& oddities) {
  std::string words = exchange.operation == nullptr ? exchange.recorded->method + " of a known path"
                                                    : exchange.operation->id;
  for (const Oddity& oddity : oddities) words += ", " + oddity.place + ": " + oddity.kind;
  return words;
}

}  // namespace

AskedFor asked_in(const RecordedExchange& recorded) {
  const std::string* type = mock::find_header(recorded.request_headers, "content-type");
  return {.method = recorded.method,
          .target = recorded.target,
          .has_key = !recorded.key.empty(),
          .content_type = type == nullptr ? "" : *type,
          .body = recorded.request_body.kept,
          .has_whole_body = !recorded.request_body.left_out};
}

Oddities oddities_of(const AskedFor& asked) {
  Oddities oddities = OddityReader(asked).read();
  std::sort(oddities.begin(), oddities.end(), [](const Oddity& a, const Oddity& b) {
    return std::pair(a.place, a.kind) < std::pair(b.place, b.kind);
  });
  return oddities;
}

Expectations::Expectations(std::vector<Case> cases) : cases_(std::move(cases)) {
  for (const Case& of : cases_) {
    for (const Step& step : of.steps) {
      if (!is_plain(of, step)) continue;
      const AskedFor asked = sample_of(step.call);
      Oddities oddities = oddities_of(asked);
      const bool refused = !takes_status(step, 200) && !takes_status(step, 201);
      const bool shows_why = !oddities.empty() || (refused && says_all(of, step.call));
      if (!shows_why) continue;
      predictions_.push_back({&of, &step, OpenApi::built_in().find(asked.method, asked.target),
                              asked.has_key, std::move(oddities), source_of_status(of, step)});
    }
  }
}

std::vector<const Case*> Expectations::used() const {
  std::vector<const Case*> all;
  for (const Prediction& prediction : predictions_) {
    if (all.empty() || all.back() != prediction.of) all.push_back(prediction.of);
  }
  return all;
}

// The one that says most: of the same request, else of one with the same mistakes; and of these the
// one that is known best.
const Expectations::Prediction* Expectations::nearest(const Exchange& exchange,
                                                      const AskedFor& asked,
                                                      const Oddities& oddities) const {
  const Prediction* best = nullptr;
  bool best_is_exact = false;
  for (const Prediction& prediction : predictions_) {
    const bool alike = prediction.operation == exchange.operation &&
                       prediction.has_key == asked.has_key && prediction.oddities == oddities;
    if (!alike) continue;
    const bool exact = fits_exactly(prediction.step->call, asked);
    if (oddities.empty() && !exact) continue;
    const bool better = best == nullptr || (exact && !best_is_exact) ||
                        (exact == best_is_exact && prediction.source < best->source);
    if (!better) continue;
    best = &prediction;
    best_is_exact = exact;
  }
  return best;
}

void Expectations::check(const Exchange& exchange, bool things_exist, Findings& findings) const {
  if (!exchange.passed_over.empty()) return;
  const AskedFor asked = asked_in(*exchange.recorded);
  const Oddities oddities = oddities_of(asked);
  const Prediction* prediction = nearest(exchange, asked, oddities);
  if (prediction == nullptr) return;
  const int status = exchange.status();
  const bool fits = takes_status(*prediction->step, status);
  const bool about_the_key = status == 401 && !takes_status(*prediction->step, 401);
  const bool about_the_path =
      std::any_of(oddities.begin(), oddities.end(),
                  [](const Oddity& oddity) { return oddity.place == "path"; });
  const bool about_what_is_not_there =
      status == 404 && !things_exist && !oddities.empty() && !about_the_path;
  const bool allowed = takes_status(*prediction->step, 200) || takes_status(*prediction->step, 201);
  const bool says_nothing = allowed && !exchange.succeeded() && status != 400;
  const bool about_another_thing = status == 402 || status == 408;  // money, or a slow client
  if (!fits && (about_the_key || about_what_is_not_there || says_nothing || about_another_thing)) {
    return;
  }
  const std::string got = std::to_string(status);
  const Json& wanted = prediction->step->reply.status;
  findings.look(
      {.gravity = binds_servers(prediction->source) ? Gravity::contradicts : Gravity::settles,
       .id = "case " + prediction->of->name + " " + prediction->step->id,
       .says = in_words(exchange, oddities),
       .why = prediction->of->why.front(),
       .source = prediction->source,
       .wanted = wanted.is_string() ? wanted.get<std::string>() : contracts::in_words(wanted),
       .got = got,
       .manner = got},
      exchange, fits);
}

}  // namespace nairi::contracts
