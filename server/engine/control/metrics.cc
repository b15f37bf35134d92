// What a monitoring system asks for, in Prometheus' text format (version 0.0.4). Anybody may read
// it who may call the control API: there are numbers in it, and no keys, ids or targets.
#include <string>
#include <string_view>
#include <utility>

#include "engine/control/operations.h"
#include "protocol/operation.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

class MetricsPage {
 public:
  // What the samples that follow are of. The name of a counter ends in "_total".
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  // `labels` as they are written: R"(status="200")".
  template <typename Number>
  void sample(Number value, std::string_view labels = {}) {
    text_.append(name_);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_ += ' ';
    append(value);
    text_ += '\n';
  }
  template <typename Number>
  void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
    family(name, type, help);
    sample(value);
  }
  std::string take() { return std::move(text_); }

 private:
  template <typename Integer>
  void append(Integer count) {
    text_ += std::to_string(count);
  }
  // By our own, as not every standard library has std::to_chars for these.
  void append(double seconds) { append_decimal(text_, seconds, 6); }

  std::string text_;
  std::string_view name_;
};

// A value may hold anything but these three as they are.
std::string label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  for (const char character : value) {
    if (character == '\n') {
      out += "\\n";
      continue;
    }
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  return out += '"';
}

std::string_view operation_name(std::size_t index) {
  return index == kOperations ? "unrouted" : to_string(static_cast<Operation>(index));
}

std::string status_name(int status) {
  if (status == StatusCounts::kOther) return "other";
  return status == 0 ? "none" : std::to_string(status);
}

void add_requests(MetricsPage& page, const Metrics& metrics) {
  page.family(
      "nairi_mock_requests_total", "counter",
      "Requests to the API that is faked, by operation and by the status that was answered.");
  for (std::size_t i = 0; i < metrics.requests.size(); ++i) {
    for (const auto& [status, count] : metrics.requests[i].counts()) {
      page.sample(count, label("operation", operation_name(i)) + "," +
                             label("status", status_name(status)));
    }
  }
  page.family("nairi_mock_faults_total", "counter", "Faults that struck a call, by operation.");
  for (std::size_t i = 0; i < metrics.faults.size(); ++i) {
    const std::uint64_t struck = metrics.faults[i];
    if (struck != 0) page.sample(struck, label("operation", operation_name(i)));
  }
}

void add_keys(MetricsPage& page, const FakeParts& fake) {
  page.one("nairi_mock_keys", "gauge", "Keys whose organizations are held.",
           fake.organizations.count());
  page.one("nairi_mock_keys_limit", "gauge", "Keys whose organizations may be held.",
           fake.options.max_organizations);
  page.one("nairi_mock_keys_evicted_total", "counter", "Keys that were idle and made room.",
           fake.metrics.evicted_keys.load());
  page.one("nairi_mock_kept_bytes", "gauge", "What messages, files and worlds of keys occupy.",
           fake.organizations.kept_bytes());
  page.one("nairi_mock_kept_limit_bytes", "gauge", "What they may occupy.",
           fake.options.max_kept_bytes);
  page.one("nairi_mock_held_replies", "gauge", "Replies that a fault holds.", fake.held.count());
  const Journal::Size journal = fake.journal.size();
  page.one("nairi_mock_journal_entries", "gauge", "Exchanges that the journal holds.",
           journal.entries);
  page.one("nairi_mock_journal_dropped_total", "counter",
           "Exchanges that made room in the journal for later ones.", journal.dropped);
  page.one("nairi_mock_journal_followers", "gauge",
           "Questions that wait for the journal's next exchange.", fake.journal.followers());
}

constexpr double kSecond = 1'000'000;  // us

void add_server(MetricsPage& page, const ServerFigures& server) {
  page.one("nairi_mock_connections_open", "gauge", "Connections that are open.",
           server.open.load());
  page.one("nairi_mock_connections_accepted_total", "counter", "Connections that were accepted.",
           server.accepted.load());
  page.one("nairi_mock_connections_refused_total", "counter", "Connections that were one too many.",
           server.refused.load());
  page.one("nairi_mock_event_loop_lag_seconds", "gauge", "How late a loop last did what was due.",
           static_cast<double>(server.lag_us) / kSecond);
  page.one("nairi_mock_event_loop_lag_longest_seconds", "gauge",
           "How late a loop was at most since the start.",
           static_cast<double>(server.longest_lag_us) / kSecond);
  page.one("nairi_mock_draining", "gauge", "1 when the server ends as soon as it has answered.",
           server.draining ? 1 : 0);
  page.one("nairi_mock_start_time_seconds", "gauge", "When the server began to listen, Unix time.",
           static_cast<double>(server.started_unix_ms) / 1000);
}

}  // namespace

Reply show_metrics(const ControlCall& call) {
  MetricsPage page;
  page.family("nairi_mock_build_info", "gauge", "1; the version is in the label.");
  page.sample(1, label("version", call.fake.options.version));
  add_requests(page, call.fake.metrics);
  add_keys(page, call.fake);
  if (call.fake.options.server) add_server(page, *call.fake.options.server);
  Reply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = page.take();
  return reply;
}

}  // namespace nairi::mock
