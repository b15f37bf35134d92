// Writes down what a turn's script says: appends messages to the job, and changes what they change.
// When anything is said, playback.cc decides.
#ifndef NAIRI_MOCK_ENGINE_PLAY_NARRATOR_H_
#define NAIRI_MOCK_ENGINE_PLAY_NARRATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state/organization.h"

namespace nairi::mock {

// Speaks for one turn of a job. Made for one call and thrown away. `at` is when it happens.
class Narrator {
 public:
  Narrator(Organization& organization, Job& job, const PlayedTurn& turn)
      : organization_(organization), job_(job), turn_(turn) {}

  void progress(const Progress& progress, std::int64_t at);
  void system(const std::vector<std::string>& texts, std::int64_t at);
  void messages(const std::vector<MessageSpec>& messages, std::int64_t at);
  // The answer, if there is one.
  void reply(const Stage& stage, std::int64_t at);
  void errors(const std::vector<std::string>& texts, std::int64_t at);
  void prompt_status(MessageStatus status, std::int64_t at);
  // A job that completes says why.
  void job_status(const std::optional<JobStatus>& status, const std::string& reason,
                  std::int64_t at);

 private:
  Message& prompt() { return job_.messages[turn_.user_message]; }
  Message* end_drafts(MessageStatus status, std::int64_t at);
  std::string extra(const std::vector<File>& files, const std::optional<Usage>& usage);
  std::string render(std::string_view text);
  std::string_view latest_before(std::size_t index, Role role) const;

  Organization& organization_;
  Job& job_;
  const PlayedTurn& turn_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_PLAY_NARRATOR_H_
