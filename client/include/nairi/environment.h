// Where the service is and who asks, from the environment.
//
//   auto client = nairi::client_from_environment();
//   if (!client) return report(client.error());
//   auto agents = client->agents();
//
// NAIRI_BASE_URL: the root of the API, with or without "/api/public/v1", with or without a trailing
// slash; default https://api.nairi.ai. NAIRI_API_KEY: the key (REFERENCE: Basics).
// NAIRI_CA_FILE: a PEM file of certificates to trust instead of the system's.
// A variable that is set but blank is a mistake, not a default: it is what a script leaves that
// could not find out the address of its fake, and the default is the real service.
//
// Thread-safety: reads the environment; safe while no thread changes it.
#ifndef NAIRI_ENVIRONMENT_H_
#define NAIRI_ENVIRONMENT_H_

#include <functional>
#include <optional>
#include <string>

#include "nairi/client.h"
#include "nairi/http_transport.h"

namespace nairi {

struct Environment {
  std::string base_url;  // kDefaultBaseUrl when NAIRI_BASE_URL is not set
  std::string api_key;   // empty when not set
  std::string ca_file;   // empty when not set
};

// Answers the value of a variable, nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

// Errors: invalid_argument for a variable that is set but blank.
Result<Environment> read_environment(const Variables& variables);

// The variable of this process.
std::optional<std::string> process_variable(const std::string& name);

// A client over HTTP as the environment says; `options.api_key` and `http.ca_file` win over it when
// they are set. Errors: invalid_argument for a bad URL or CA file, and for a variable that is
// blank. The first call reports a missing key.
Result<Client> client_from_environment(ClientOptions options = {}, HttpOptions http = {});

}  // namespace nairi

#endif  // NAIRI_ENVIRONMENT_H_
