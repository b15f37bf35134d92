#include "nairi/environment.h"

#include <cstdlib>

#include "nairi/base_url.h"

namespace nairi {

Environment read_environment(const Variables& variables) {
  Environment environment{.base_url = variables("NAIRI_BASE_URL").value_or(""),
                          .api_key = variables("NAIRI_API_KEY").value_or(""),
                          .ca_file = variables("NAIRI_CA_FILE").value_or("")};
  if (environment.base_url.empty()) environment.base_url = kDefaultBaseUrl;
  return environment;
}

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<Client> client_from_environment(ClientOptions options, HttpOptions http) {
  Environment environment = read_environment(process_variable);
  if (options.api_key.empty()) options.api_key = std::move(environment.api_key);
  if (http.ca_file.empty()) http.ca_file = std::move(environment.ca_file);
  return HttpTransport::open(environment.base_url, std::move(http))
      .map([&](std::shared_ptr<HttpTransport> transport) {
        return Client(std::move(transport), std::move(options));
      });
}

}  // namespace nairi
