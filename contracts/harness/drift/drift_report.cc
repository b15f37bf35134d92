#include "harness/drift/drift_report.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "harness/pages/report.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

// --- Words -----------------------------------------------------------------------------------

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The text in lines of at most 80 columns, where its words allow that. Line ends in it are blanks.
std::string wrapped(const std::string& text, const std::string& first, const std::string& others) {
  constexpr std::size_t kColumns = 80;
  std::istringstream words(text);
  std::string lines;
  std::string line = first;
  bool is_empty = true;
  for (std::string word; words >> word; is_empty = false) {
    if (!is_empty && columns_of(line) + 1 + columns_of(word) > kColumns) {
      lines += line + "\n";
      line = others + word;
    } else {
      line += (is_empty ? "" : " ") + word;
    }
  }
  return lines + line + "\n";
}

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

// "#12 GET /messages/cmsg_…", with the recording if there are several.
std::string place_of(const Sighting& sighting, const DriftReport& report) {
  const std::string of = report.recordings.size() > 1 ? sighting.recording + " " : "";
  return of + "#" + std::to_string(sighting.exchange) + " " + sighting.request;
}

std::string shown(const std::string& text) {
  constexpr std::size_t kMost = 300;
  return mock::cut(text, kMost);
}

std::string verdict_words(const Observation& seen) {
  return seen.held == 0 ? "refuted" : "refuted, and confirmed " + times(seen.held);
}

std::string title_of(const DriftReport& report) {
  constexpr std::size_t kMostNamed = 3;
  if (report.recordings.size() > kMostNamed) {
    return std::to_string(report.recordings.size()) + " recordings";
  }
  std::string title;
  for (const NamedRecording& named : report.recordings) {
    title += (title.empty() ? "" : ", ") + named.name;
  }
  return title;
}

struct DriftCount {
  std::size_t contradictions;
  std::size_t additions;
  std::size_t confirmed = 0;
  std::size_t refuted = 0;
};

DriftCount count_of(const DriftReport& report) {
  const Findings& findings = report.drift.findings;
  DriftCount count{findings.of(Gravity::contradicts).size(), findings.of(Gravity::adds).size()};
  for (const Observation* seen : findings.of(Gravity::settles)) {
    ++(seen->refuted() ? count.refuted : count.confirmed);
  }
  return count;
}

// --- Text ------------------------------------------------------------------------------------

std::string text_of_addition(const Observation& seen, const DriftReport& report) {
  return "ADDS " + seen.id + ", " + times(seen.broken) + "\n    " + place_of(seen.first, report) +
         "\n" +
         (seen.got.empty() ? "" : wrapped(shown(seen.got), "      got    ", "             "));
}

std::string text_of_evidence(const Observation& seen, const DriftReport& report) {
  std::string text = seen.says.empty() ? "" : wrapped(seen.says, "  ", "  ");
  if (!seen.why.empty()) text += wrapped(seen.why, "  ", "    ");
  text += "    " + place_of(seen.first, report) + "\n";
  text += wrapped(shown(seen.wanted), "      wanted ", "             ");
  return text + wrapped(shown(seen.got), "      got    ", "             ");
}

std::string text_of_contradiction(const Observation& seen, const DriftReport& report) {
  return "CONTRADICTS " + seen.id + " (" + std::string(to_string(seen.source)) + "), " +
         times(seen.broken) + "\n" + text_of_evidence(seen, report);
}

std::string text_of_guesses(const DriftReport& report) {
  std::string text;
  std::string confirmed;
  for (const Observation* seen : report.drift.findings.of(Gravity::settles)) {
    if (seen->refuted()) {
      text += "SETTLES " + seen->id + " (" + std::string(to_string(seen->source)) +
              "): " + verdict_words(*seen) + ", " + times(seen->broken) + "\n" +
              text_of_evidence(*seen, report);
    } else {
      confirmed += (confirmed.empty() ? "" : ", ") + seen->id;
    }
  }
  return confirmed.empty() ? text : text + wrapped(confirmed, "CONFIRMED ", "  ");
}

std::string text_of_move(const Moved& moved) {
  const Observation& seen = moved.now != nullptr ? *moved.now : *moved.then;
  std::string text = std::string(to_string(moved.move)) + ": " + seen.id + "\n";
  for (const auto& [when, observed] :
       {std::pair("then", moved.then), std::pair("now ", moved.now)}) {
    if (observed == nullptr || observed->broken == 0) continue;
    const std::string about = observed->first.day + " " + shown(observed->got);
    text += wrapped(about, std::string("      ") + when + "   ", "             ");
  }
  return text;
}

std::string text_of_passed_over(const DriftReport& report) {
  std::string text;
  for (const auto& [reason, passed] : report.drift.findings.passed_over()) {
    text += wrapped(counted(passed.count, "exchange", "exchanges") + ": " + reason + "; first " +
                        place_of(passed.first, report),
                    "NOT JUDGED ", "  ");
  }
  return text;
}

std::string text_of_moves(const DriftReport& report) {
  if (!report.moves) return "";
  std::string text = "Against " + report.against + ": ";
  if (report.moves->empty()) return text + "nothing differed then, and nothing does now\n";
  text += counted(report.moves->size(), "difference", "differences") + "\n";
  for (const Moved& moved : *report.moves) text += "  " + text_of_move(moved);
  return text;
}

std::string text_of_heads(const DriftReport& report) {
  std::string text;
  for (const NamedRecording& named : report.recordings) {
    const RecordingHead& head = named.recording.head;
    text += wrapped(named.name + ": " + head.target + " at " + head.at, "", "  ");
    if (!named.recording.remark.empty()) text += "  " + named.recording.remark + "\n";
  }
  return text;
}

// --- JUnit -----------------------------------------------------------------------------------

std::string case_of_junit(const Observation& seen, const DriftReport& report) {
  const std::string kind = seen.gravity == Gravity::adds      ? "adds"
                           : seen.gravity == Gravity::settles ? "settles"
                                                              : "contradicts";
  const std::string begin =
      "    <testcase classname=\"" + kind + "\" name=\"" + xml_text(seen.id) + "\"";
  if (seen.broken == 0) return begin + "/>\n";
  const std::string what =
      xml_text(seen.says + "\n" + seen.why + "\n" + place_of(seen.first, report) + "\nwanted " +
               shown(seen.wanted) + "\ngot    " + shown(seen.got) + "\n");
  const bool is_failure = seen.gravity == Gravity::contradicts || report.strict;
  const std::string message = seen.gravity == Gravity::adds      ? "nobody told of it"
                              : seen.gravity == Gravity::settles ? "differs from an assumption"
                                                                 : times(seen.broken);
  if (is_failure) {
    return begin + ">\n      <failure message=\"" + xml_text(message) + "\">" + what +
           "</failure>\n    </testcase>\n";
  }
  return begin + ">\n      <skipped message=\"" + xml_text(message) + "\"/>\n      <system-out>" +
         what + "</system-out>\n    </testcase>\n";
}

// --- JSON ------------------------------------------------------------------------------------

Json json_of(const Observation& seen) {
  Json json{{"id", seen.id},
            {"says", seen.says},
            {"source", to_string(seen.source)},
            {"held", seen.held},
            {"broken", seen.broken},
            {"recording", seen.first.recording},
            {"exchange", seen.first.exchange},
            {"request", seen.first.request},
            {"day", seen.first.day}};
  if (!seen.why.empty()) json["why"] = seen.why;
  if (seen.gravity == Gravity::settles) {
    json["verdict"] = seen.broken == 0 ? "confirmed" : seen.held == 0 ? "refuted" : "both";
  }
  if (seen.gravity == Gravity::adds) json.erase("held");
  if (seen.broken == 0) return json;
  if (seen.gravity != Gravity::adds) json["wanted"] = seen.wanted;
  json["got"] = seen.got;
  return json;
}

Json json_of(const std::vector<const Observation*>& list) {
  Json json = Json::array();
  for (const Observation* seen : list) json.push_back(json_of(*seen));
  return json;
}

Json json_of_moves(const std::vector<Moved>& moves) {
  Json json = Json::array();
  for (const Moved& moved : moves) {
    const Observation& seen = moved.now != nullptr ? *moved.now : *moved.then;
    Json one{{"id", seen.id}, {"move", to_string(moved.move)}};
    if (moved.then != nullptr && moved.then->broken > 0) one["then"] = moved.then->got;
    if (moved.now != nullptr && moved.now->broken > 0) one["now"] = moved.now->got;
    json.push_back(std::move(one));
  }
  return json;
}

// --- Markdown --------------------------------------------------------------------------------

// As code: what a service sent is no Markdown.
std::string code(const std::string& text) {
  std::string line = mock::harmless_line(shown(text));
  std::replace(line.begin(), line.end(), '`', '\'');
  return line.empty() ? "nothing" : "`" + line + "`";
}

std::string markdown_of(const Observation& seen, const DriftReport& report) {
  std::string text = "- **" + seen.id + "** (" + std::string(to_string(seen.source)) + "), " +
                     times(seen.broken) + ": " + seen.says + "\n";
  if (!seen.why.empty()) text += "  - " + seen.why + "\n";
  return text + "  - " + code(place_of(seen.first, report)) + ": wanted " + code(seen.wanted) +
         ", got " + code(seen.got) + "\n";
}

std::string markdown_of_additions(const DriftReport& report) {
  std::string text;
  for (const Observation* seen : report.drift.findings.of(Gravity::adds)) {
    text += "- " + code(seen->id) + ", " + times(seen->broken) + ": " +
            code(place_of(seen->first, report)) + ", " + code(seen->got) + "\n";
  }
  return text;
}

std::string markdown_of_guesses(const DriftReport& report) {
  std::string refuted;
  std::string confirmed;
  for (const Observation* seen : report.drift.findings.of(Gravity::settles)) {
    if (seen->refuted()) {
      refuted += markdown_of(*seen, report);
    } else {
      confirmed += (confirmed.empty() ? "" : ", ") + seen->id;
    }
  }
  return refuted + (confirmed.empty() ? "" : "- confirmed: " + confirmed + "\n");
}

std::string markdown_of_moves(const DriftReport& report) {
  std::string text;
  for (const Moved& moved : *report.moves) {
    const Observation& seen = moved.now != nullptr ? *moved.now : *moved.then;
    const auto got = [](const Observation* observed) {
      return observed == nullptr || observed->broken == 0 ? std::string() : code(observed->got);
    };
    text += "| " + seen.id + " | " + got(moved.then) + " | " + got(moved.now) + " | " +
            std::string(to_string(moved.move)) + " |\n";
  }
  return text.empty() ? text : "| | then | now | |\n|---|---|---|---|\n" + text;
}

std::string section(const std::string& heading, const std::string& text) {
  return text.empty() ? "" : "\n### " + heading + "\n\n" + text;
}

}  // namespace

std::string summary_of(const DriftReport& report) {
  const DriftCount count = count_of(report);
  return title_of(report) + ": " + counted(report.drift.exchanges, "exchange", "exchanges") + ", " +
         std::to_string(report.drift.judged) +
         " judged: " + counted(count.contradictions, "contradiction", "contradictions") + ", " +
         counted(count.additions, "addition", "additions") + ", " +
         counted(count.refuted, "guess", "guesses") + " refuted, " +
         std::to_string(count.confirmed) + " confirmed";
}

bool fails(const DriftReport& report) {
  const DriftCount count = count_of(report);
  return count.contradictions > 0 || (report.strict && count.additions + count.refuted > 0);
}

std::string text_report(const DriftReport& report) {
  const Findings& findings = report.drift.findings;
  std::string text = text_of_heads(report);
  for (const Observation* seen : findings.of(Gravity::contradicts)) {
    text += text_of_contradiction(*seen, report);
  }
  for (const Observation* seen : findings.of(Gravity::adds)) {
    text += text_of_addition(*seen, report);
  }
  return text + text_of_guesses(report) + text_of_passed_over(report) + text_of_moves(report) +
         wrapped(summary_of(report), "", "  ");
}

std::string markdown_report(const DriftReport& report) {
  std::string contradictions;
  for (const Observation* seen : report.drift.findings.of(Gravity::contradicts)) {
    contradictions += markdown_of(*seen, report);
  }
  return "## Drift\n\n" + summary_of(report) + ".\n" +
         section("Contradicts what is known", contradictions) +
         section("Adds what nobody told of", markdown_of_additions(report)) +
         section("Settles a guess", markdown_of_guesses(report)) +
         (report.moves ? section("Against " + report.against, markdown_of_moves(report)) : "");
}

std::string junit_report(const DriftReport& report) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
  std::string cases;
  for (const auto& [id, seen] : report.drift.findings.all()) {
    const bool is_failure =
        seen.broken > 0 && (seen.gravity == Gravity::contradicts || report.strict);
    ++tests;
    failures += is_failure ? 1 : 0;
    skipped += seen.broken > 0 && !is_failure ? 1 : 0;
    cases += case_of_junit(seen, report);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
         xml_text(title_of(report)) + "\" tests=\"" + std::to_string(tests) + "\" failures=\"" +
         std::to_string(failures) + "\" errors=\"0\" skipped=\"" + std::to_string(skipped) +
         "\">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

std::string json_report(const DriftReport& report) {
  const Findings& findings = report.drift.findings;
  Json json{{"recordings", Json::array()},
            {"exchanges", report.drift.exchanges},
            {"judged", report.drift.judged},
            {"contradicts", json_of(findings.of(Gravity::contradicts))},
            {"adds", json_of(findings.of(Gravity::adds))},
            {"settles", json_of(findings.of(Gravity::settles))},
            {"not_judged", Json::array()}};
  for (const NamedRecording& named : report.recordings) {
    Json one{{"name", named.name},
             {"target", named.recording.head.target},
             {"at", named.recording.head.at}};
    if (!named.recording.remark.empty()) one["remark"] = named.recording.remark;
    json["recordings"].push_back(std::move(one));
  }
  for (const auto& [reason, passed] : findings.passed_over()) {
    json["not_judged"].push_back({{"reason", reason},
                                  {"count", passed.count},
                                  {"exchange", passed.first.exchange},
                                  {"request", passed.first.request}});
  }
  if (report.moves)
    json["against"] = {{"name", report.against}, {"moves", json_of_moves(*report.moves)}};
  // What a service answered may be no UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nairi::contracts
