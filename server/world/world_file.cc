#include "nairi/mock/world_file.h"

#include <array>
#include <deque>
#include <iterator>
#include <utility>

#include "text/json_source.h"
#include "text/report.h"
#include "text/wording.h"
#include "world/embedded.h"
#include "world/files.h"
#include "world/readers.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kBuiltIn = "builtin:";
constexpr std::array<std::string_view, 3> kBuiltInWorlds = {"daemon", "default", "refund"};
constexpr std::size_t kMaxWorldBytes = std::size_t{64} << 20;

// One text on its way into a world.
struct Source {
  std::string file;
  std::string_view text;
  FileOpener open_file;
};

Diagnostics not_json(const Source& source, const JsonMistake& mistake) {
  const auto [line, column] = line_column(source.text, mistake.offset);
  return {{source.file, line, column, mistake.pointer, mistake.message}};
}

void append(Diagnostics& all, Diagnostics more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// A text that is JSON, and the mistakes that are found in it.
struct Document {
  Source source;
  nlohmann::json value;
  Report report;

  Node root() { return {&value, "", &report}; }
};

tl::expected<CheckedWorld, Diagnostics> read_documents(std::deque<Document>& documents) {
  World world;
  Names names;
  std::vector<ObjectReader> roots;
  for (Document& document : documents) {
    roots.push_back(read_root(document.root()));
    read_agents(roots.back(), {names, document.source.open_file}, world);
  }
  Diagnostics mistakes;
  Diagnostics hints;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Document& document = documents[i];
    read_other_lists(roots[i], {names, document.source.open_file}, world);
    append(mistakes, document.report.diagnostics(document.source.text));
    append(hints, document.report.hints(document.source.text));
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return CheckedWorld{std::move(world), std::move(hints)};
}

tl::expected<CheckedWorld, Diagnostics> read_sources(const std::vector<Source>& sources) {
  std::deque<Document> documents;  // a deque: nodes point to the reports
  Diagnostics mistakes;
  for (const Source& source : sources) {
    if (auto value = parse_json(source.text)) {
      documents.push_back({source, std::move(*value), Report(source.file)});
    } else {
      append(mistakes, not_json(source, value.error()));
    }
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return read_documents(documents);
}

FileOpener opener_for(const WorldSource& source) {
  if (!source.has_files) return no_files();
  return source.open_file ? files_from(source.open_file) : files_beside(source.file);
}

tl::expected<Source, std::string> built_in_source(const std::string& path) {
  const std::string_view name = std::string_view(path).substr(kBuiltIn.size());
  if (const auto text = built_in_world(name)) return Source{path, *text, embedded_files()};
  const Words names(kBuiltInWorlds.begin(), kBuiltInWorlds.end());
  return tl::unexpected("no world " + in_quotes(name) + " is built in" + hint(name, names));
}

// The file is read into `texts`, which the source views.
tl::expected<Source, std::string> world_source(const std::string& path,
                                               std::deque<std::string>& texts) {
  if (path.starts_with(kBuiltIn)) return built_in_source(path);
  auto text = read_file_or_stream(path, kMaxWorldBytes);
  if (!text) return tl::unexpected("can't read the world file: " + text.error());
  const std::string beside = is_stream(path) ? "" : path;  // "": what is in the current folder
  return Source{path, texts.emplace_back(std::move(*text)), files_beside(beside)};
}

tl::expected<World, Diagnostics> without_hints(tl::expected<CheckedWorld, Diagnostics> checked) {
  return std::move(checked).map(
      [](CheckedWorld&& with_hints) { return std::move(with_hints.world); });
}

World value_or_throw(tl::expected<World, Diagnostics> world) {
  if (!world) throw WorldError(std::move(world.error()));
  return std::move(*world);
}

}  // namespace

WorldError::WorldError(Diagnostics diagnostics)
    : std::runtime_error(to_string(diagnostics, "\n")), diagnostics_(std::move(diagnostics)) {}

tl::expected<World, Diagnostics> parse_world(std::string_view text, const WorldSource& source) {
  return without_hints(read_sources({{source.file, text, opener_for(source)}}));
}

tl::expected<World, Diagnostics> read_worlds(const std::vector<std::string>& paths) {
  return without_hints(check_worlds(paths));
}

tl::expected<CheckedWorld, Diagnostics> check_worlds(const std::vector<std::string>& paths) {
  std::deque<std::string> texts;  // a deque: the sources view them
  std::vector<Source> sources;
  Diagnostics mistakes;
  for (const std::string& path : paths) {
    if (auto source = world_source(path, texts)) {
      sources.push_back(std::move(*source));
    } else {
      mistakes.push_back({path, 0, 0, "", std::move(source.error())});
    }
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return read_sources(sources);
}

World load_world(const std::string& path) {
  return value_or_throw(read_worlds({path}));
}

std::vector<std::string_view> built_in_worlds() {
  return {kBuiltInWorlds.begin(), kBuiltInWorlds.end()};
}

std::optional<std::string_view> built_in_world(std::string_view name) {
  return embedded_file(std::string(name) + ".json");
}

World default_world() {
  return value_or_throw(read_worlds({"builtin:default"}));
}

tl::expected<JobSpec, Diagnostics> parse_job(std::string_view text,
                                             const std::vector<std::string>& agents) {
  const Source source{"job", text, no_files()};
  auto value = parse_json(text);
  if (!value) return tl::unexpected(not_json(source, value.error()));
  Names names;
  for (const std::string& agent_id : agents) names.add_agent(agent_id);
  Report report(source.file);
  JobSpec job = read_job({&*value, "", &report}, {names, source.open_file});
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return job;
}

tl::expected<std::vector<FaultSpec>, Diagnostics> parse_faults(std::string_view text) {
  const Source source{"faults", text, no_files()};
  auto value = parse_json(text);
  if (!value) return tl::unexpected(not_json(source, value.error()));
  Report report(source.file);
  std::vector<FaultSpec> faults;
  const auto read = [&](const Node& node) { faults.push_back(read_fault(node)); };
  const Node root{&*value, "", &report};
  value->is_array() ? read_list(root, read) : read(root);
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return faults;
}

}  // namespace nairi::mock
