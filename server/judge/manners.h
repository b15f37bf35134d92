// Watches what each request must have, whatever it asks for: the key, an encoded path, a body of
// the documented shape, known parameters, a name, a connection that is used again.
#ifndef NAIRI_MOCK_JUDGE_MANNERS_H_
#define NAIRI_MOCK_JUDGE_MANNERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "judge/finding.h"
#include "judge/observed.h"

namespace nairi::mock {

class Manners {
 public:
  explicit Manners(const JudgeOptions& options) : options_(options) {}

  void observe(const Exchange& exchange);
  void report(std::vector<Verdict>& verdicts) const;

 private:
  void judge_key(const Exchange& exchange);
  void judge_key_text(const Exchange& exchange);
  void judge_path(const Exchange& exchange);
  void judge_name(const Exchange& exchange);
  void judge_shape(const Exchange& exchange);
  void judge_form(const Exchange& exchange);
  void judge_query(const Exchange& exchange);
  void judge_connection(const Exchange& exchange);
  void note_look(const Exchange& exchange);
  Finding connections() const;

  static constexpr std::string_view kFewConnections =
      "fewer than four requests with whole replies came over connections";

  const JudgeOptions options_;
  Finding auth_{"auth-on-every-call", "no request to the API came whose header fields were read"};
  Finding path_{"encodes-path", "no path of an operation had anything to encode"};
  Finding name_{"user-agent", "no request came whose header fields were all read"};
  Finding shape_{"valid-requests", "no prompt, upload or new agent came whole"};
  Finding key_{"key-is-filled-in", "no request came with a bearer key"};
  Finding query_{"known-parameters", "no operation was called with query parameters"};
  // The last look at a turn, on a connection of its own.
  std::map<std::size_t, Moment> looks_;  // by the hash of the id
  std::set<std::uint64_t> single_use_;   // connections that carried one request so far
  bool reused_ = false;
  std::vector<Evidence> first_;  // requests, each on a connection of its own
  // Looks, soon after another at the same turn; each likewise.
  Finding waits_{"reuses-connections", kFewConnections};
  std::size_t waits_count_ = 0;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_MANNERS_H_
