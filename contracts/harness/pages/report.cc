#include "harness/pages/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sstream>

#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

std::string seconds(std::chrono::microseconds duration) {
  std::array<char, 32> text{};
  const double value = std::chrono::duration<double>(duration).count();
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::chrono::microseconds total_time(const RunReport& report) {
  std::chrono::microseconds total{0};
  for (const CaseResult& result : report.results) total += result.duration;
  return total;
}

// "poll: body /status (documented)"
std::string place_in_run(const Mismatch& mismatch) {
  std::string place = mismatch.step + ": " + mismatch.part;
  if (!mismatch.pointer.empty()) place += " " + mismatch.pointer;
  return place + " (" + std::string(to_string(mismatch.source)) + ")";
}

std::string to_line(const Mismatch& mismatch) {
  return place_in_run(mismatch) + "\n      wanted " + mismatch.wanted + "\n      got    " +
         mismatch.got;
}

constexpr std::size_t kMostShown = 2000;

std::string shortened(const std::string& text) {
  if (text.size() <= kMostShown) return text;
  return mock::cut(text, kMostShown) + " (" + std::to_string(text.size()) + " bytes)";
}

std::string headline(const CaseResult& result) {
  const char* mark = result.verdict == CaseVerdict::passed    ? "passed "
                     : result.verdict == CaseVerdict::failed  ? "FAILED "
                     : result.verdict == CaseVerdict::differs ? "DIFFERS "
                     : result.verdict == CaseVerdict::known   ? "KNOWN "
                                                              : "NOT CHECKED ";
  std::string line = mark + result.name + " (" + std::string(to_string(result.source)) + ")";
  if (!result.reason.empty()) line += ": " + result.reason;
  return line + "\n";
}

// "it …"
std::string ending(CaseVerdict verdict) {
  if (verdict == CaseVerdict::passed) return "passed";
  if (verdict == CaseVerdict::differs) return "only differs from an assumption";
  return "was " + std::string(to_string(verdict));
}

std::string summary(const RunReport& report) {
  const Count counted = count(report);
  std::string line = report.title + ": " + std::to_string(report.results.size()) +
                     (report.results.size() == 1 ? " case, " : " cases, ") +
                     std::to_string(counted.passed) + " passed";
  const auto add = [&](int number, const char* what) {
    if (number > 0) line += ", " + std::to_string(number) + " " + what;
  };
  add(counted.failed, "failed");
  add(counted.known, "known to fail");
  add(counted.differ,
      counted.differ == 1 ? "differs from our assumption" : "differ from our assumptions");
  add(counted.not_checked, "not checked");
  return line + ", " + seconds(total_time(report)) + " s\n";
}

// What a server answered may be no UTF-8, and XML has no form for U+FFFE and U+FFFF, nor for
// control characters.
std::string writable(std::string_view text) {
  const std::string json = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string valid = Json::parse(json).get<std::string>();
  for (const std::string_view noncharacter : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = 0; (at = valid.find(noncharacter, at)) != std::string::npos;) {
      valid.replace(at, noncharacter.size(), " ");
    }
  }
  return valid;
}

// "lifecycle/completes" is the test "completes" of the class "lifecycle".
std::pair<std::string, std::string> class_and_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) return {"contracts", name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

std::string mismatch_lines(const CaseResult& result) {
  std::string lines;
  for (const Mismatch& mismatch : result.mismatches) lines += to_line(mismatch) + "\n";
  return lines;
}

std::string junit_case(const CaseResult& result) {
  const auto [group, name] = class_and_name(result.name);
  std::string text = "    <testcase classname=\"" + xml_text(group) + "\" name=\"" +
                     xml_text(name) + "\" time=\"" + seconds(result.duration) + "\"";
  if (result.verdict == CaseVerdict::passed && result.notes.empty()) return text + "/>\n";
  text += ">\n";
  if (result.verdict == CaseVerdict::failed) {
    text += "      <failure message=\"" + std::to_string(result.mismatches.size()) +
            " mismatches\">" + xml_text(mismatch_lines(result)) + "</failure>\n";
  } else if (result.verdict != CaseVerdict::passed) {
    const std::string reason = !result.reason.empty() ? result.reason
                               : result.verdict == CaseVerdict::differs
                                   ? "differs from an assumption"
                                   : "known to fail";
    text += "      <skipped message=\"" + xml_text(reason) + "\"/>\n";
    if (!result.mismatches.empty()) {
      text += "      <system-out>" + xml_text(mismatch_lines(result)) + "</system-out>\n";
    }
  }
  if (!result.notes.empty()) {
    text += "      <system-err>" + xml_text(result.notes) + "</system-err>\n";
  }
  return text + "    </testcase>\n";
}

Json to_json(const CaseResult& result) {
  Json json{{"name", result.name},
            {"source", to_string(result.source)},
            {"verdict", to_string(result.verdict)},
            {"seconds", std::chrono::duration<double>(result.duration).count()},
            {"mismatches", Json::array()}};
  if (!result.reason.empty()) json["reason"] = result.reason;
  if (!result.notes.empty()) json["stderr"] = result.notes;
  for (const Mismatch& mismatch : result.mismatches) {
    json["mismatches"].push_back({{"step", mismatch.step},
                                  {"part", mismatch.part},
                                  {"pointer", mismatch.pointer},
                                  {"wanted", mismatch.wanted},
                                  {"got", mismatch.got},
                                  {"source", to_string(mismatch.source)}});
  }
  return json;
}

}  // namespace

std::string sentence_of(const Mismatch& mismatch) {
  return place_in_run(mismatch) + ": wanted " + mismatch.wanted + ", got " + mismatch.got;
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char c : mock::harmless(writable(text))) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string case_text(const CaseResult& result) {
  std::string text = headline(result);
  for (const std::string& why : result.why) text += "  " + why + "\n";
  for (const Mismatch& mismatch : result.mismatches) text += "    " + to_line(mismatch) + "\n";
  return text;
}

std::string trace_text(const CaseResult& result) {
  std::string text;
  for (const TraceEntry& entry : result.trace) {
    text += "    " + entry.step + "> " + entry.request + "\n";
    if (!entry.sent.empty()) text += "      " + shortened(entry.sent) + "\n";
    text += "    " + entry.step + "<";
    if (entry.status != 0) {
      text += " " + std::to_string(entry.status) + " " + shortened(entry.received);
    }
    if (!entry.mishap.empty()) text += " (" + entry.mishap + ")";
    text += "\n";
  }
  std::istringstream notes(result.notes);
  for (std::string line; std::getline(notes, line);) text += "    stderr: " + line + "\n";
  return text;
}

Count count(const RunReport& report) {
  Count counted;
  for (const CaseResult& result : report.results) {
    switch (result.verdict) {
      case CaseVerdict::passed:
        ++counted.passed;
        break;
      case CaseVerdict::failed:
        ++counted.failed;
        break;
      case CaseVerdict::differs:
        ++counted.differ;
        break;
      case CaseVerdict::known:
        ++counted.known;
        break;
      case CaseVerdict::not_checked:
        ++counted.not_checked;
        break;
    }
  }
  return counted;
}

std::string text_report(const RunReport& report, const TextOptions& options) {
  std::string text;
  for (const CaseResult& result : report.results) {
    if (result.reason == kNotRun) continue;
    if (result.verdict != CaseVerdict::passed) {
      text += case_text(result);
      if (options.trace) text += trace_text(result);
      text += "  again: " + report.again + " --case " + result.name + " --trace" +
              report.again_after + "\n";
    } else if (options.trace) {
      text += "passed " + result.name + "\n" + trace_text(result);
    }
  }
  return text + summary(report);
}

std::string junit_report(const RunReport& report) {
  const Count counted = count(report);
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
      xml_text(report.title) + "\" tests=\"" + std::to_string(report.results.size()) +
      "\" failures=\"" + std::to_string(counted.failed) + "\" errors=\"0\" skipped=\"" +
      std::to_string(counted.differ + counted.known + counted.not_checked) + "\" time=\"" +
      seconds(total_time(report)) + "\">\n";
  for (const CaseResult& result : report.results) text += junit_case(result);
  return text + "  </testsuite>\n</testsuites>\n";
}

std::string json_report(const RunReport& report) {
  const Count counted = count(report);
  Json json{{"title", report.title},    {"passed", counted.passed},
            {"failed", counted.failed}, {"known", counted.known},
            {"differ", counted.differ}, {"not_checked", counted.not_checked},
            {"cases", Json::array()}};
  if (report.extra.is_object()) json.update(report.extra);
  for (const CaseResult& result : report.results) json["cases"].push_back(to_json(result));
  // What a server answered may be no UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> read_known_failing(const std::string& text) {
  std::vector<std::string> known;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    const std::size_t end = line.find_last_not_of(" \t\r");
    const std::size_t begin = line.find_first_not_of(" \t");
    if (end != std::string::npos) known.push_back(line.substr(begin, end + 1 - begin));
  }
  return known;
}

std::vector<std::string> apply_known_failing(const std::vector<std::string>& known,
                                             RunReport& report) {
  std::vector<std::string> wrong;
  for (const std::string& name : known) {
    const auto found = std::find_if(report.results.begin(), report.results.end(),
                                    [&](const CaseResult& result) { return result.name == name; });
    if (found == report.results.end()) {
      wrong.push_back(name + " is listed as failing, but no case that ran is called so");
    } else if (found->verdict == CaseVerdict::failed) {
      found->verdict = CaseVerdict::known;
    } else if (found->reason == kNotRun) {
      continue;
    } else {
      wrong.push_back(name + " is listed as failing, but it " + ending(found->verdict) +
                      ": take it off the list");
    }
  }
  return wrong;
}

}  // namespace nairi::contracts
