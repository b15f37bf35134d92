// Takes secrets out of what is to be kept: the same secret becomes the same placeholder ("key-1")
// wherever it stands, whatever it is wrapped in.
//
//   auto redaction = Redaction::make({"sess-[0-9]+"});   // further patterns, in RE2's language
//   std::string key = redaction->learn(request.headers);  // "key-1"
//   std::string kept = redaction->text(body);
//
// What is a secret: what came in a header or a field of a query or of JSON that is named as one,
// and what looks like a key of the API, of its agents, or of somebody else. It is found as it is,
// percent-encoded, in base64, in hexadecimal digits, in UTF-16 and behind the escapes of JSON. One
// that can't be told from text (is_told_from_text()) is taken out of its own place alone.
// Thread-safety: none.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_REDACTION_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_REDACTION_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "nairi/mock/exchange.h"

namespace re2 {
class RE2;
}

namespace nairi::contracts {

// Fields of a body by their names, besides those that are always secrets; "" for none.
struct BodyFields {
  std::string_view without = {};  // left out, as they are contents of files
  std::string_view secret = {};   // are secrets in this place
};

class Redaction {
 public:
  // An error is a sentence: which pattern is wrong, and why.
  static tl::expected<Redaction, std::string> make(const std::vector<std::string>& patterns);
  Redaction(Redaction&&) noexcept;
  Redaction& operator=(Redaction&&) noexcept;
  ~Redaction();

  // From now on it is one.
  void learn_secret(std::string_view secret);
  // The value of a cookie, which may be a mere flag.
  void learn_cookie(std::string_view value);
  // What the fields of a body, and of JSON within its texts, hold.
  void learn_body(std::string_view body, const BodyFields& fields, int depth = 0);
  // Learns what the headers of a request or a reply hold. The placeholder of the key that came with
  // them; "" when none did.
  std::string learn(const std::vector<mock::Header>& headers);

  std::string text(std::string_view text);
  // What is kept of the value of any header, whatever its name is; learns what it holds.
  std::string header(const mock::Header& header);
  // The same for path and query.
  std::string target(std::string_view target);
  // The same for a body that may be JSON, which stays so: what was JSON still is. Sets `left_out`
  // where something was left out.
  std::string body(std::string_view body, const BodyFields& fields, bool& left_out);

  // What is kept of the Authorization header, where it has a bearer key: the word before it as it
  // was sent, as a service may look at its case, and the key's placeholder. Nothing is kept of
  // others.
  static std::optional<mock::Header> kept_authorization(const std::vector<mock::Header>& headers,
                                                        const std::string& key);
  // Those whose values may be kept, after text().
  static bool is_kept_header(std::string_view name);

 private:
  Redaction();
  const std::string& placeholder(std::string_view secret);
  bool is_placeholder(std::string_view text) const;
  std::string plain(std::string_view text);
  void replace_known(std::string& text) const;
  void replace_beginning(std::string& text) const;
  void replace_pattern(std::string& text, const re2::RE2& pattern);
  std::string without_given(std::string text) const;
  std::string json(std::string_view text, const BodyFields& fields, bool& left_out, int depth);
  std::string secret_literal(std::string_view literal);
  std::string literal(std::string_view literal, const BodyFields& fields, bool& left_out,
                      int depth);
  bool run_holds_secret(std::string_view run, int depth);
  bool holds_secret(std::string_view text, int depth);
  std::string unwrapped(std::string_view text, int depth);
  std::string without_percent_runs(std::string_view text, int depth);
  std::string without_escaped_runs(const std::string& text, int depth);
  std::string without_base64_runs(std::string_view text);

  std::map<std::string, std::string, std::less<>> placeholders_;  // secret → placeholder
  std::map<std::string, std::string, std::less<>> needles_;       // its forms → placeholder
  std::size_t last_ = 0;
  std::vector<std::unique_ptr<re2::RE2>> own_;    // patterns of ours: group 1 is kept, 2 replaced
  std::vector<std::unique_ptr<re2::RE2>> given_;  // patterns of the user's: all is replaced
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_REDACTION_H_
