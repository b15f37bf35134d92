// What counts as a secret: by the name of the place where it stands, or not at all, as every text
// of the API would be full of it.
//
// Thread-safety: every function may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_SECRETS_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_SECRETS_H_

#include <string_view>

namespace nairi::contracts {

// A field of JSON or of a query: "refresh_token", "PASSWORD", "dbPwd".
bool is_secret_name(std::string_view name);
// Several at once, "tokens": a mere number there counts them ("input_tokens").
bool is_secret_plural(std::string_view name);
// Of a query, where shorter names are usual: "key", "sig".
bool is_secret_parameter(std::string_view name);
// A header that is not kept anyway.
bool is_secret_header(std::string_view name);
// A header whose value may be kept, once the secrets in it are taken out.
bool is_kept_header_name(std::string_view name);

// Whether a secret is recognized wherever it stands. Not so what is too short, what JSON or the API
// says by itself ("false", "completed", "user"), and times, counts and ids: it is taken out of its
// own place alone.
bool is_told_from_text(std::string_view secret);

// "job_01ARZ3NDEKTSV4RRFFQ69G5FAV": never a secret.
bool is_id_of_the_api(std::string_view text);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_SECRETS_H_
