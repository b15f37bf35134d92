#include "harness/recording/recording.h"

#include <array>
#include <filesystem>
#include <limits>
#include <utility>

#include "harness/cases/base64.h"
#include "harness/cases/files.h"
#include "text/json_source.h"
#include "text/json_writer.h"
#include "text/object_reader.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;
using mock::ObjectWriter;

constexpr std::int64_t kFormat = 1;
constexpr std::array<std::string_view, 5> kEndingWords = {"whole", "cut", "reset", "none",
                                                          "abandoned"};
constexpr mock::Range kAnyCount = {0, std::numeric_limits<std::int64_t>::max()};

// ------------------------------------------------------------------------------------- writing

void append_text(std::string& out, std::string_view text) {
  mock::append_json_string(out, mock::valid_utf8(text));
}

void append_headers(std::string& out, const std::vector<mock::Header>& headers) {
  std::string_view comma;
  out += '[';
  for (const mock::Header& header : headers) {
    out += comma;
    out += '[';
    append_text(out, header.name);
    out += ',';
    append_text(out, header.value);
    out += ']';
    comma = ",";
  }
  out += ']';
}

void append_form(std::string& out, const RecordedForm& form) {
  ObjectWriter(out)
      .field("filename", mock::valid_utf8(form.filename))
      .field("content_type", mock::valid_utf8(form.content_type))
      .field("bytes", static_cast<std::int64_t>(form.bytes))
      .close();
}

void append_body(std::string& out, const RecordedBody& body) {
  ObjectWriter object(out);
  if (mock::is_valid_utf8(body.kept)) {
    object.field("text", body.kept);
  } else {
    object.field("base64", encode_base64(body.kept));
  }
  object.field("bytes", static_cast<std::int64_t>(body.bytes));
  if (body.left_out) object.field("left_out", true);
  if (body.form) append_form(object.value("form"), *body.form);
  object.close();
}

void append_request(std::string& out, const RecordedExchange& exchange) {
  ObjectWriter object(out);
  object.field("method", mock::valid_utf8(exchange.method));
  object.field("target", mock::valid_utf8(exchange.target));
  append_headers(object.value("headers"), exchange.request_headers);
  append_body(object.value("body"), exchange.request_body);
  object.close();
}

void append_reply(std::string& out, const RecordedExchange& exchange) {
  ObjectWriter object(out);
  object.field("status", std::int64_t{exchange.status});
  append_headers(object.value("headers"), exchange.reply_headers);
  append_body(object.value("body"), exchange.reply_body);
  object.close();
}

// ------------------------------------------------------------------------------------- reading

std::optional<Ending> ending_from(std::string_view word) {
  for (std::size_t at = 0; at < kEndingWords.size(); ++at) {
    if (kEndingWords[at] == word) return static_cast<Ending>(at);
  }
  return std::nullopt;
}

std::string text_of(const ObjectReader& object, std::string_view key) {
  return object.require_text(key).value_or("");
}

std::int64_t count_of(const ObjectReader& object, std::string_view key) {
  object.require(key);
  return object.integer(key, kAnyCount).value_or(0);
}

mock::Header read_recorded_header(const Node& node) {
  const Json& pair = *node.value;
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
    node.expected("a header as [name, value]");
    return {};
  }
  return {pair[0], pair[1]};
}

std::vector<mock::Header> read_recorded_headers(const ObjectReader& object) {
  std::vector<mock::Header> headers;
  object.require("headers");
  object.list("headers", [&](const Node& node) { headers.push_back(read_recorded_header(node)); });
  return headers;
}

RecordedForm read_recorded_form(const Node& node) {
  const ObjectReader object(node, {"filename", "content_type", "bytes"});
  return {text_of(object, "filename"), text_of(object, "content_type"),
          static_cast<std::size_t>(count_of(object, "bytes"))};
}

std::string read_kept(const ObjectReader& object) {
  const auto base64 = object.text("base64");
  if (!base64) return text_of(object, "text");
  auto bytes = decode_base64(*base64);
  if (!bytes) object.find("base64")->refuse("expected padded base64");
  return std::move(bytes).value_or("");
}

RecordedBody read_recorded_body(const ObjectReader& holder) {
  const auto node = holder.require("body");
  if (!node) return {};
  const ObjectReader object(*node, {"text", "base64", "bytes", "left_out", "form"});
  RecordedBody body;
  body.kept = read_kept(object);
  body.bytes = static_cast<std::size_t>(count_of(object, "bytes"));
  body.left_out = object.flag("left_out").value_or(false);
  if (const auto form = object.find("form")) body.form = read_recorded_form(*form);
  return body;
}

void read_request(const ObjectReader& holder, RecordedExchange& exchange) {
  const auto node = holder.require("request");
  if (!node) return;
  const ObjectReader object(*node, {"method", "target", "headers", "body"});
  exchange.method = text_of(object, "method");
  exchange.target = text_of(object, "target");
  exchange.request_headers = read_recorded_headers(object);
  exchange.request_body = read_recorded_body(object);
}

void read_reply(const ObjectReader& holder, RecordedExchange& exchange) {
  const auto node = holder.require("reply");
  if (!node) return;
  const ObjectReader object(*node, {"status", "headers", "body"});
  object.require("status");
  exchange.status = static_cast<int>(object.integer("status", {0, 999}).value_or(0));
  exchange.reply_headers = read_recorded_headers(object);
  exchange.reply_body = read_recorded_body(object);
}

RecordedExchange read_exchange(const Node& node) {
  const ObjectReader object(node, {"number", "key", "connection", "at", "began_us", "ended_us",
                                   "request", "reply", "ending"});
  RecordedExchange exchange;
  exchange.number = static_cast<std::uint64_t>(count_of(object, "number"));
  exchange.key = text_of(object, "key");
  exchange.connection = static_cast<std::uint64_t>(count_of(object, "connection"));
  exchange.at = text_of(object, "at");
  exchange.began_us = count_of(object, "began_us");
  exchange.ended_us = count_of(object, "ended_us");
  read_request(object, exchange);
  read_reply(object, exchange);
  if (const auto ending = object.require("ending")) {
    exchange.ending =
        mock::read_word<Ending>(*ending, {kEndingWords.begin(), kEndingWords.end()}, ending_from)
            .value_or(Ending::whole);
  }
  return exchange;
}

RecordingHead read_head(const Node& node) {
  const ObjectReader object(node, {"recording", "target", "at", "by"});
  object.require("recording");
  object.integer("recording", {kFormat, kFormat});
  return {text_of(object, "target"), text_of(object, "at"), text_of(object, "by")};
}

// Goes through the lines of a file.
class TrafficReader {
 public:
  TrafficReader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  tl::expected<Recording, mock::Diagnostics> read() {
    bool has_head = false;
    while (!rest_.empty() && mistakes_.size() < mock::Report::kMaxMistakes) {
      ++line_;
      const std::size_t end = rest_.find('\n');
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      if (!has_head) {
        has_head = true;
        read_line(line, [&](const Node& node) { recording_.head = read_head(node); });
      } else if (end == std::string_view::npos) {
        recording_.remark = file_ + ":" + std::to_string(line_) +
                            ": the last line is cut off, and left out: its recorder was ended";
      } else {
        read_line(line,
                  [&](const Node& node) { recording_.exchanges.push_back(read_exchange(node)); });
      }
    }
    if (!has_head) mistakes_.push_back({file_, 1, 1, "", "expected a recording, got nothing"});
    if (!mistakes_.empty()) return tl::unexpected(std::move(mistakes_));
    return std::move(recording_);
  }

 private:
  template <typename Read>
  void read_line(std::string_view line, Read read) {
    const auto value = parse_document(line, file_);
    if (!value) return add(value.error());
    mock::Report report(file_);
    read(Node{&*value, "", &report});
    add(report.diagnostics(line));
  }

  void add(mock::Diagnostics mistakes) {
    for (mock::Diagnostic& mistake : mistakes) {
      mistake.line = line_;
      mistakes_.push_back(std::move(mistake));
    }
  }

  std::string_view rest_;
  const std::string& file_;
  int line_ = 0;
  Recording recording_;
  mock::Diagnostics mistakes_;
};

}  // namespace

std::string head_line(const RecordingHead& head) {
  std::string line;
  ObjectWriter(line)
      .field("recording", kFormat)
      .field("target", mock::valid_utf8(head.target))
      .field("at", head.at)
      .field("by", head.by)
      .close();
  return line + '\n';
}

std::string exchange_line(const RecordedExchange& exchange) {
  std::string line;
  ObjectWriter object(line);
  object.field("number", static_cast<std::int64_t>(exchange.number));
  object.field("key", exchange.key);
  object.field("connection", static_cast<std::int64_t>(exchange.connection));
  object.field("at", exchange.at);
  object.field("began_us", exchange.began_us);
  object.field("ended_us", exchange.ended_us);
  append_request(object.value("request"), exchange);
  append_reply(object.value("reply"), exchange);
  object.field("ending", kEndingWords[static_cast<std::size_t>(exchange.ending)]);
  object.close();
  return line + '\n';
}

tl::expected<Recording, mock::Diagnostics> parse_recording(std::string_view text,
                                                           const std::string& file) {
  return TrafficReader(text, file).read();
}

tl::expected<Recording, mock::Diagnostics> read_recording(const std::string& path) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(path, error);
  const std::string file = is_folder ? (std::filesystem::path(path) / kTrafficFile).string() : path;
  const auto text = read_text_file(file);
  if (!text) return tl::unexpected(mock::Diagnostics{{file, 0, 0, "", text.error()}});
  return parse_recording(*text, file);
}

}  // namespace nairi::contracts
