// Every knob with each kind of value that differs from the fake's own guess, and a ledger that
// turns it.
#ifndef NAIRI_MOCK_TESTS_SUPPORT_KNOB_VALUES_H_
#define NAIRI_MOCK_TESTS_SUPPORT_KNOB_VALUES_H_

#include <ostream>
#include <string>
#include <vector>

#include "nairi/mock/fidelity.h"
#include "nairi/mock/world_file.h"

namespace nairi::mock::testing {

struct KnobValue {
  std::string knob;
  std::string value;  // JSON
};

inline void PrintTo(const KnobValue& turned, std::ostream* out) {
  *out << turned.knob << ": " << turned.value;
}

inline std::vector<KnobValue> knob_values() {
  return {
      {"start_status", "201"},
      {"start_status", "202"},
      {"continue_status", "201"},
      {"continue_status", "202"},
      {"upload_status", "200"},
      {"continue_ended", R"({"status": 400, "error": "conversation is closed"})"},
      {"continue_ended", R"({"status": 404, "error": "job not found"})"},
      {"continue_ended", R"({"status": 409, "error": "conversation is closed"})"},
      {"continue_ended", R"({"status": 202})"},
      {"continue_after_error", R"("error")"},
      {"first_status", R"("queued")"},
      {"next_cursor", R"("absent_at_end")"},
      {"next_cursor", R"("absent")"},
      {"error_texts", R"({"message not found": "no such message", "agent not found": "no agent",
                          "missing API key": "unauthorized", "prompt is required": "bad prompt"})"},
      {"notices", R"("markdown")"},
      {"end_order", R"("completed_first")"},
      {"errors_per_failure", "2"},
      {"unknown_conversation_status", "400"},
      {"unknown_attachment_status", "400"},
      {"unknown_agent_status", "400"},
      {"foreign_id_status", "400"},
      {"foreign_id_status", "403"},
      {"other_kind_status", "404"},
      {"unknown_fields", R"("refused")"},
      {"scheme_case", R"("exact")"},
      {"eleventh_attachment_status", "404"},
      {"eleventh_attachment_status", "413"},
      {"too_large_status", "400"},
      {"missing_file_status", "422"},
      {"progress_status", R"("pending")"},
      {"other_origins_listed", "false"},
      {"other_origin_timeline", R"("refused")"},
      {"undeployed", R"("failed")"},
      {"bad_query_status", "422"},
      {"bad_query_status", "200"},
      {"list_fields", R"(["id", "status", "updated_at"])"},
  };
}

// A ledger with the statement `id` refuted, and the knob turned.
inline std::string ledger_text(const KnobValue& turned, const std::string& id = "start-status") {
  return R"({"fidelity": 1, "service": "https://api.example/api/public/v1", "statements": {")" +
         id +
         R"(": {"verdict": "refuted",
                "refuted": {"count": 1, "first": "2026-11-25", "last": "2026-11-26"},
                "knob": {")" +
         turned.knob + "\": " + turned.value + "}}}}";
}

inline Fidelity ledger_with(const KnobValue& turned, const std::string& id = "start-status") {
  auto fidelity = parse_fidelity(ledger_text(turned, id));
  if (!fidelity) throw WorldError(fidelity.error());
  return std::move(*fidelity);
}

}  // namespace nairi::mock::testing

#endif  // NAIRI_MOCK_TESTS_SUPPORT_KNOB_VALUES_H_
