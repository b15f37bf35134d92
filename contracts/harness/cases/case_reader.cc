#include "harness/cases/case_reader.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/cases/files.h"
#include "harness/cases/made_content.h"
#include "harness/cases/pattern.h"
#include "nairi/mock/verdicts.h"
#include "text/json_source.h"
#include "text/object_reader.h"
#include "text/report.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;

constexpr int kMostPolls = 1000;
constexpr std::int64_t kMostMs = 3'600'000;
constexpr std::int64_t kMostSpeed = 1000;
constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

const mock::Words& method_words() {
  static const mock::Words words{"get", "head", "post", "put", "patch", "delete", "options"};
  return words;
}

// Every text within a value that is sent.
void check_names_within(const Node& node, const KnownNames& names) {
  const Json& value = *node.value;
  if (value.is_string()) check_names(node, value.get_ref<const std::string&>(), names);
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check_names_within({&value[i], mock::child_pointer(node.pointer, i), node.report}, names);
    }
  }
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      check_names_within({&child, mock::child_pointer(node.pointer, key), node.report}, names);
    }
  }
}

void read_method(const ObjectReader& object, const KnownNames& names, StepCall& call) {
  for (const std::string_view method : method_words()) {
    const auto path = object.find(method);
    if (!path) continue;
    if (!call.method.empty()) {
      return object.node().refuse("a call has one method");
    }
    call.method = method;
    std::transform(call.method.begin(), call.method.end(), call.method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    call.path = mock::read_text(*path).value_or("");
    check_names(*path, call.path, names);
    if (!call.path.starts_with('/')) path->expected("a path below the API's prefix, from \"/\"");
  }
  if (call.method.empty()) {
    object.node().refuse("a call has a method and a path, such as \"get\": \"/agents\"");
  }
}

// Calls `read` for each member of the object's member "headers", if that is there.
void each_header(const ObjectReader& object,
                 const std::function<void(const std::string& name, const Node&)>& read) {
  const auto node = object.find("headers");
  if (!node) return;
  if (!node->value->is_object()) return node->expected("an object");
  for (const auto& [name, value] : node->value->items()) {
    read(name, {&value, mock::child_pointer(node->pointer, name), node->report});
  }
}

// What is no text can be in a part only.
SentPart read_part(const Node& node, KnownNames names) {
  names.emplace(kLongFile);
  const ObjectReader object(node, {"name", "filename", "text", "zero_bytes"});
  SentPart part;
  part.name = object.require_text("name").value_or("");
  part.filename = object.text("filename");
  if (const auto text = object.text("text")) {
    check_names(*object.find("text"), *text, names);
    part.text = *text;
  }
  part.size = static_cast<std::size_t>(object.integer("zero_bytes", {0, kMostBytes}).value_or(0));
  if (object.has("text") == object.has("zero_bytes")) {
    node.refuse("a part has \"text\" or \"zero_bytes\"");
  }
  return part;
}

// "2xx"
bool is_status_class(const Json& status) {
  const auto& text = status.get_ref<const std::string&>();
  return text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5';
}

// Mistakes go to the node's report; the result is of use only when there are none.
StepCall read_call(const Node& node, const KnownNames& names) {
  mock::Words known{"auth", "headers", "json", "body", "times", "multipart"};
  known.insert(known.end(), method_words().begin(), method_words().end());
  const ObjectReader object(node, known);
  StepCall call;
  if (!object.is_object()) return call;
  read_method(object, names, call);
  call.auth = object.text("auth");
  if (call.auth) check_names(*object.find("auth"), *call.auth, names);
  each_header(object, [&](const std::string& name, const Node& value) {
    if (auto text = mock::read_text(value)) {
      check_names(value, *text, names);
      call.headers.emplace_back(name, std::move(*text));
    }
  });
  if (const auto json = object.find("json")) {
    check_names_within(*json, names);
    call.json = *json->value;
  }
  call.body = object.text("body");
  call.body_times = static_cast<std::size_t>(object.integer("times", {1, kMostBytes}).value_or(1));
  if (!call.body) object.refuse_keys({"times"}, "goes with \"body\" only");
  if (call.body && call.body->size() > static_cast<std::size_t>(kMostBytes) / call.body_times) {
    object.find("body")->refuse("expected at most " + std::to_string(kMostBytes) +
                                " bytes with its \"times\"");
  }
  object.list("multipart",
              [&](const Node& part) { call.multipart.push_back(read_part(part, names)); });
  if (call.json.has_value() + call.body.has_value() + !call.multipart.empty() > 1) {
    node.refuse("a call has one of \"json\", \"body\" and \"multipart\"");
  }
  return call;
}

// Adds the names that the expectation captures.
Expected read_expected(const Node& node, KnownNames& names) {
  const ObjectReader object(node, {"status", "headers", "json", "body"});
  Expected expected;
  if (!object.is_object()) return expected;
  const auto read_pattern = [&](std::string_view key, Json& pattern) {
    if (const auto child = object.find(key)) {
      check_pattern(*child, names);
      pattern = *child->value;
    }
  };
  read_pattern("status", expected.status);
  const bool bad_status = expected.status.is_string() && !is_status_class(expected.status);
  if (bad_status)
    object.find("status")->expected("a status such as 200, or a class such as \"2xx\"");
  each_header(object, [&](const std::string& name, const Node& pattern) {
    check_pattern(pattern, names);
    expected.headers[name] = *pattern.value;
  });
  read_pattern("json", expected.json);
  read_pattern("body", expected.body);
  return expected;
}

// Reads one case; what the steps share is kept here.
class CaseReader {
 public:
  CaseReader(Case& result) : case_(result) {}

  void read(const Node& node) {
    const ObjectReader object(node, {"$schema", "name", "why", "source", "level", "given", "steps",
                                     "world", "speed", "faults", "mutate", "client"});
    if (!object.is_object()) return;
    read_head(object);
    read_given(object);
    object.list("steps", [this](const Node& step) { read_step(step); });
    if (const auto world = object.find("world")) read_client_world(*world);
    if (const auto speed = object.integer("speed", {1, kMostSpeed})) {
      case_.speed = static_cast<double>(*speed);
    }
    if (const auto faults = object.find("faults")) read_faults(*faults);
    if (const auto mutate = object.find("mutate")) {
      const auto status = mock::read_word(*mutate, {"additive", "status"}, mutates_status);
      case_.mutate_status = status == true;
      case_.mutate_additive = status == false;
    }
    if (const auto client = object.find("client")) read_client(*client);
    if (case_.steps.empty() && !case_.client) {
      node.refuse("a case has \"steps\" for servers, a \"client\" part, or both");
    }
    if (!case_.client) {
      object.refuse_keys({"world", "speed", "faults", "mutate"},
                         "are played to clients only, and there is no \"client\" part");
    }
  }

 private:
  void read_head(const ObjectReader& object) {
    case_.name = object.require_text("name").value_or("");
    if (const auto why = object.require("why")) read_why(*why);
    if (const auto source = object.require("source")) {
      case_.source = mock::read_word(*source, mock::Words(kSourceWords.begin(), kSourceWords.end()),
                                     source_from)
                         .value_or(Source::seed);
    }
    if (const auto level = object.find("level")) {
      case_.level = mock::read_word(*level, {"MUST", "SHOULD"}, level_from).value_or(Level::must);
    }
  }

  void read_why(const Node& node) {
    if (!node.value->is_array()) {
      if (auto text = mock::read_text(node)) case_.why.push_back(std::move(*text));
      return;
    }
    if (node.value->empty()) return node.refuse("expected at least one reason");
    mock::read_list(node, [this](const Node& one) {
      if (auto text = mock::read_text(one)) case_.why.push_back(std::move(*text));
    });
  }

  static std::optional<Level> level_from(std::string_view word) {
    if (word == "MUST") return Level::must;
    if (word == "SHOULD") return Level::should;
    return std::nullopt;
  }

  void read_given(const ObjectReader& object) {
    names_ = {"api_key", std::string(kLongText), std::string(kLongFileBase64)};
    const auto given = object.find("given");
    if (!given) return;
    if (!given->value->is_object()) return given->expected("an object");
    for (const auto& [name, value] : given->value->items()) {
      names_.insert(name);
      const Node node{&value, mock::child_pointer(given->pointer, name), given->report};
      if (value == true) {
        case_.given[name] = std::nullopt;
      } else if (value.is_string()) {
        fixed_[name] = value;
        case_.given[name] = value.get<std::string>();
      } else {
        node.expected("true or a string");
      }
    }
  }

  void read_step(const Node& node) {
    const ObjectReader object(node,
                              {"id", "call", "reply", "until", "order", "budget", "timeline"});
    if (!object.is_object()) return;
    Step step;
    const auto id = object.require_text("id");
    step.id = id.value_or("");
    if (id && !ids_.insert(*id).second) {
      object.find("id")->refuse("another step is called " + mock::in_quotes(step.id));
    }
    if (const auto call = object.require("call")) step.call = read_call(*call, names_);
    note_prompt(step.call);
    if (const auto timeline = object.find("timeline")) read_timeline(*timeline);
    if (const auto until = object.find("until")) read_until(*until, step);
    if (const auto reply = object.find("reply")) step.reply = read_expected(*reply, names_);
    if (!object.has("reply") && !object.has("until")) {
      node.refuse("a step without \"reply\" and \"until\" checks nothing");
    }
    read_order(object, step);
    if (const auto budget = object.find("budget")) read_budget(*budget, step);
    case_.steps.push_back(std::move(step));
  }

  void read_until(const Node& node, Step& step) {
    if (!node.value->is_object() || node.value->empty()) {
      return node.expected("an object of JSON pointers and patterns");
    }
    for (const auto& [pointer, pattern] : node.value->items()) {
      const Node child{&pattern, mock::child_pointer(node.pointer, pointer), node.report};
      if (!pointer.starts_with('/') || !is_json_pointer(pointer)) {
        node.report->add_at_key(node.pointer, pointer,
                                "expected a JSON pointer such as \"/status\"");
        continue;
      }
      check_pattern(child, names_);
      step.until.emplace_back(pointer, pattern);
    }
  }

  void read_order(const ObjectReader& object, Step& step) {
    object.list("order", [&](const Node& node) {
      if (auto word = mock::read_text(node)) step.order.push_back(std::move(*word));
    });
    if (!step.until.empty()) return;
    object.refuse_keys({"order", "budget"}, "goes with \"until\" only");
  }

  static void read_budget(const Node& node, Step& step) {
    const ObjectReader budget(node, {"polls", "ms"});
    step.polls = static_cast<int>(budget.integer("polls", {1, kMostPolls}).value_or(step.polls));
    step.ms = budget.integer("ms", {1, kMostMs}).value_or(step.ms);
  }

  // A timeline answers the last prompt that was sent.
  void note_prompt(const StepCall& call) {
    if (!call.json || !call.json->is_object()) return;
    const auto prompt = call.json->find("prompt");
    if (prompt != call.json->end() && prompt->is_string()) {
      prompt_ = fill(prompt->get_ref<const std::string&>(), fixed_);
    }
  }

  // The stages are those of a world, so the world's reader checks them.
  void read_timeline(const Node& node) {
    if (!prompt_) return node.refuse("no earlier step sends a prompt that this could answer");
    if (!scripted_.insert(*prompt_).second) {
      return node.refuse("the prompt " + mock::in_quotes(*prompt_) + " has a timeline already");
    }
    const Json turn = {{"when", {{"prompt", {{"equals", *prompt_}}}}}, {"timeline", *node.value}};
    if (auto world = read_world(node, {{"turns", {turn}}}, "/turns/0/timeline")) {
      case_.turns.push_back(std::move(world->turns.front()));
    }
  }

  void read_faults(const Node& node) {
    if (auto world = read_world(node, {{"faults", *node.value}}, "/faults")) {
      case_.faults = std::move(world->faults);
    }
  }

  // Its jobs and turns may name agents of the built-in world, and {names} of made content.
  void read_client_world(const Node& node) {
    const ObjectReader object(node, {"agents", "jobs", "turns"});
    if (!object.is_object()) return;
    Json whole = fill_all(*node.value, {});
    const std::size_t own = whole.contains("agents") ? whole["agents"].size() : 0;
    static const mock::World built_in = mock::default_world();
    for (const mock::AgentSpec& agent : built_in.agents) {
      whole["agents"].push_back({{"agent_id", agent.agent_id}});
    }
    if (auto world = read_world(node, whole, "")) {
      case_.world = std::move(*world);
      case_.world.agents.resize(own);
    }
  }

  // A world of which `node` is the part at `inside`; its mistakes are reported there.
  static std::optional<mock::World> read_world(const Node& node, const Json& world,
                                               std::string_view inside) {
    auto parsed = mock::parse_world(world.dump());
    if (parsed) return std::move(*parsed);
    for (const mock::Diagnostic& mistake : parsed.error()) {
      const std::string_view pointer = mistake.pointer;
      node.report->add(
          node.pointer +
              std::string(pointer.starts_with(inside) ? pointer.substr(inside.size()) : ""),
          mistake.message);
    }
    return std::nullopt;
  }

  void read_client(const Node& node) {
    const ObjectReader object(node, {"do", "expect", "rules"});
    if (!object.is_object()) return;
    ClientPart part;
    if (const auto job = object.require("do")) part.job = read_job(*job);
    if (const auto expect = object.require("expect")) {
      KnownNames names = names_;
      names.emplace(kLongFile);  // as what was downloaded
      check_pattern(*expect, names);
      check_result(*expect);
      part.expect = *expect->value;
    }
    object.list("rules", [&](const Node& rule) {
      if (auto id = mock::read_text(rule)) part.rules.push_back(std::move(*id));
      if (rule.value->is_string()) check_rule(rule);
    });
    case_.client = std::move(part);
  }

  Json read_job(const Node& node) const {
    const ObjectReader job(node, {"op", "agent_id", "job_id", "prompts", "ask_mode", "attachments",
                                  "download", "poll_ms", "deadline_ms"});
    if (const auto op = job.require("op")) {
      const auto operation = mock::read_word(*op, operation_words(), operation_from);
      if (operation) {
        for (const std::string_view key : (*operation)->needs) job.require(key);
      }
    }
    for (const std::string_view key : {"agent_id", "job_id"}) {
      if (const auto text = job.text(key)) check_names(*job.find(key), *text, names_);
    }
    job.list("prompts", [this](const Node& prompt) {
      if (const auto text = mock::read_text(prompt)) check_names(prompt, *text, names_);
    });
    const auto prompts = job.find("prompts");
    if (prompts && *prompts->value == Json::array())
      prompts->refuse("expected at least one prompt");
    job.list("attachments", read_file);
    if (const auto download = job.find("download")) read_file(*download);
    job.flag("ask_mode");
    job.integer("poll_ms", {1, kMostMs});
    job.integer("deadline_ms", {1, kMostMs});
    return *node.value;
  }

  static std::optional<bool> mutates_status(std::string_view word) {
    if (word == "status") return true;
    return word == "additive" ? std::optional(false) : std::nullopt;
  }

  static void read_file(const Node& node) {
    const ObjectReader file(node, {"filename", "text"});
    if (!file.is_object()) return;
    const auto name = file.require_text("filename");
    if (name && !is_plain_name(*name)) {
      file.find("filename")
          ->refuse("expected the name of a file without folders, got " + mock::in_quotes(*name));
    }
    file.require_text("text");
  }

  struct Operation {
    std::string_view word;
    std::vector<std::string_view> needs;  // keys of the job
  };

  static const std::vector<Operation>& operations() {
    static const std::vector<Operation> all{{"converse", {"agent_id", "prompts"}},
                                            {"continue", {"job_id", "prompts"}},
                                            {"messages", {"job_id"}},
                                            {"conversations", {"agent_id"}},
                                            {"agents", {}},
                                            {"download", {"download"}}};
    return all;
  }

  static mock::Words operation_words() {
    mock::Words words;
    for (const Operation& operation : operations()) words.push_back(operation.word);
    return words;
  }

  static std::optional<const Operation*> operation_from(std::string_view word) {
    const auto found = std::ranges::find(operations(), word, &Operation::word);
    return found != operations().end() ? std::optional(&*found) : std::nullopt;
  }

  static void check_rule(const Node& rule) {
    const auto& id = rule.value->get_ref<const std::string&>();
    mock::Words ids;
    for (const mock::Rule& known : mock::rules()) ids.push_back(known.id);
    if (!mock::contains(ids, id)) {
      rule.refuse("there is no rule " + mock::in_quotes(id) + mock::hint(id, ids));
    }
  }

  // What a client is to answer, or a choice of that (docs/test-your-client.md).
  static void check_result(const Node& node) {
    const Json& expect = *node.value;
    if (!is_matchers(expect) || !expect.contains("any_of")) return check_outcome(node);
    mock::read_list(
        {&expect.at("any_of"), mock::child_pointer(node.pointer, "any_of"), node.report},
        check_outcome);
  }

  static void check_outcome(const Node& node) {
    if (!node.value->is_object() || !node.value->contains("outcome")) {
      return node.refuse("expected a result, which has an \"outcome\"");
    }
    static const mock::Words outcomes{"completed", "failed", "timeout", "error"};
    const Json& outcome = node.value->at("outcome");
    const std::vector<std::string> wanted = wanted_texts(outcome);
    const bool known = std::ranges::all_of(
        wanted, [](const std::string& word) { return mock::contains(outcomes, word); });
    if (known && !wanted.empty()) return;
    mock::expected_one_of({&outcome, mock::child_pointer(node.pointer, "outcome"), node.report},
                          outcomes);
  }

  Case& case_;
  KnownNames names_;
  Values fixed_;                       // the given states whose values are known
  std::set<std::string> ids_;          // of the steps
  std::set<std::string> scripted_;     // prompts that have a timeline
  std::optional<std::string> prompt_;  // the last that was sent
};

}  // namespace

tl::expected<Case, mock::Diagnostics> parse_case(std::string_view text, const std::string& file) {
  auto value = parse_document(text, file);
  if (!value) return tl::unexpected(std::move(value.error()));
  Case result;
  result.file = file;
  result.text = text;
  mock::Report report(file);
  CaseReader(result).read({&*value, "", &report});
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return result;
}

}  // namespace nairi::contracts
