#include "nairi/mock/inspector/report.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "inspector/data.h"
#include "nairi/mock/inspector/page.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

// Which runs come first, and are whole when not all can be.
std::size_t report_rank(const InspectedRun& run) {
  constexpr std::array<std::string_view, 5> kOrder = {"failed", "warned", "not checked", "",
                                                      "passed"};
  return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), run.result) -
                                  kOrder.begin());
}

void append_report_texts(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (const std::string& text : texts) {
    if (out.back() != '[') out += ',';
    append_json_string(out, valid_utf8(text));
  }
  out += ']';
}

// All of a run but its exchanges and its state, which may be long.
std::string report_facts(const InspectedRun& run) {
  std::string out;
  ObjectWriter writer(out);
  writer.field("name", valid_utf8(run.name)).field("result", valid_utf8(run.result));
  append_report_texts(writer.value("findings"), run.findings);
  if (!run.verdicts.empty()) writer.value("verdicts") += run.verdicts;
  if (!run.unmatched.empty()) writer.value("unmatched") += run.unmatched;
  return out;
}

// A run as far as there is room for it.
struct FittedRun {
  const InspectedRun& run;
  std::string facts;      // an object that is still open
  std::size_t first = 0;  // of the exchanges that are kept
  bool has_state = false;
};

void append_fitted(std::string& out, const FittedRun& fitted) {
  const bool is_recording = fitted.run.is_recording;
  out += fitted.facts;
  if (fitted.has_state) out += ",\"state\":" + fitted.run.state;
  out += is_recording ? ",\"recording\":[" : ",\"journal\":{\"entries\":[";
  for (std::size_t i = fitted.first; i < fitted.run.exchanges.size(); ++i) {
    if (i > fitted.first) out += ',';
    out += fitted.run.exchanges[i];
  }
  out += "]";
  if (!is_recording) out += ",\"dropped\":" + std::to_string(fitted.first) + "}";
  out += "}";
}

// "1,234"
std::string report_number(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string size_in_words(std::size_t bytes) {
  constexpr std::size_t kMebi = std::size_t{1} << 20;
  return bytes % kMebi == 0 ? std::to_string(bytes / kMebi) + " MiB"
                            : report_number(bytes) + " bytes";
}

// Takes what there is room for, in order.
class Fitting {
 public:
  explicit Fitting(std::size_t room) : room_(room) {}

  // What is said of all runs comes before the exchanges of any.
  void add_facts(const std::vector<InspectedRun>& runs) {
    constexpr std::size_t kAround = 64;  // what append_fitted() adds, and a comma
    for (const InspectedRun& run : runs) {
      std::string facts = report_facts(run);
      if (take(page_data_size(facts) + kAround)) {
        fitted_.push_back({run, std::move(facts), run.exchanges.size()});
      } else {
        ++runs_left_out_;
        is_full_ = false;  // a shorter one may fit
      }
    }
  }

  void add_exchanges() {
    for (FittedRun& fitted : fitted_) {
      const auto& exchanges = fitted.run.exchanges;
      while (fitted.first > 0 && take(page_data_size(exchanges[fitted.first - 1]) + 1)) {
        --fitted.first;
      }
      exchanges_left_out_ += fitted.first;
    }
  }

  // The exchanges tell more.
  void add_states() {
    for (FittedRun& fitted : fitted_) {
      const std::string& state = fitted.run.state;
      fitted.has_state = !state.empty() && take(page_data_size(state) + sizeof(",\"state\":"));
      if (!state.empty() && !fitted.has_state) ++states_left_out_;
    }
  }

  std::vector<std::string> left_out(const std::vector<InspectedRun>& runs, std::size_t most) const {
    std::vector<std::string> sentences;
    const std::string why = " were left out: the file may have " + size_in_words(most);
    std::size_t exchanges = 0;
    for (const FittedRun& fitted : fitted_) exchanges += fitted.run.exchanges.size();
    if (exchanges_left_out_ > 0) {
      sentences.push_back(report_number(exchanges_left_out_) + " of " + report_number(exchanges) +
                          " exchanges" + why);
    }
    if (states_left_out_ > 0) {
      sentences.push_back("the state of " + report_number(states_left_out_) + " of " +
                          report_number(runs.size()) + " runs was left out: the file may have " +
                          size_in_words(most));
    }
    if (runs_left_out_ > 0) {
      sentences.push_back(report_number(runs_left_out_) + " of " + report_number(runs.size()) +
                          " runs" + why);
    }
    return sentences;
  }

  const std::vector<FittedRun>& fitted() const { return fitted_; }

 private:
  bool take(std::size_t bytes) {
    is_full_ = is_full_ || bytes > room_;
    if (is_full_) return false;
    room_ -= bytes;
    return true;
  }

  std::size_t room_;
  bool is_full_ = false;  // nothing that comes later is taken in place of what did not fit
  std::vector<FittedRun> fitted_;
  std::size_t runs_left_out_ = 0;
  std::size_t states_left_out_ = 0;
  std::size_t exchanges_left_out_ = 0;
};

std::string report_json(const InspectorReport& report, const std::vector<FittedRun>& runs) {
  std::string out;
  ObjectWriter writer(out);
  writer.field("page", std::int64_t{1})
      .field("mode", "file")
      .field("by", valid_utf8(report.by))
      .field("title", valid_utf8(report.title))
      .field("at", valid_utf8(report.at))
      .field("root", valid_utf8(report.root));
  std::string& list = writer.value("runs") += '[';
  for (const FittedRun& run : runs) {
    if (list.back() != '[') list += ',';
    append_fitted(list, run);
  }
  list += ']';
  append_report_texts(writer.value("remarks"), report.remarks);
  writer.close();
  return out;
}

}  // namespace

InspectorFile inspector_file(InspectorReport report, std::size_t most_bytes) {
  constexpr std::size_t kForRemarks = 512;  // which are written last
  std::stable_sort(
      report.runs.begin(), report.runs.end(),
      [](const InspectedRun& a, const InspectedRun& b) { return report_rank(a) < report_rank(b); });
  const std::size_t frame = inspector_page(report_json(report, {})).size() + kForRemarks;
  Fitting fitting(most_bytes - std::min(most_bytes, frame));
  fitting.add_facts(report.runs);
  fitting.add_exchanges();
  fitting.add_states();
  const auto left_out = fitting.left_out(report.runs, most_bytes);
  report.remarks.insert(report.remarks.end(), left_out.begin(), left_out.end());
  return {inspector_page(report_json(report, fitting.fitted())), left_out};
}

}  // namespace nairi::mock
