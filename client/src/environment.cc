#include "nairi/environment.h"

#include <cstdlib>

#include "failure.h"
#include "nairi/base_url.h"

namespace nairi {
namespace {

Result<std::string> value_of(const Variables& variables, const std::string& name,
                             std::string_view default_value, const std::string& expected) {
  const auto value = variables(name);
  if (!value) return std::string(default_value);
  if (value->find_first_not_of(" \t\r\n") != std::string::npos) return *value;
  return invalid_argument(name + " is set but empty: expected " + expected);
}

}  // namespace

Result<Environment> read_environment(const Variables& variables) {
  auto base_url = value_of(variables, "NAIRI_BASE_URL", kDefaultBaseUrl,
                           "a URL such as http://127.0.0.1:4747, or for " +
                               std::string(kDefaultBaseUrl) + " no such variable");
  if (!base_url) return tl::unexpected(std::move(base_url.error()));
  auto api_key = value_of(variables, "NAIRI_API_KEY", "", "an API key, or no such variable");
  if (!api_key) return tl::unexpected(std::move(api_key.error()));
  auto ca_file = value_of(variables, "NAIRI_CA_FILE", "",
                          "a PEM file, or for the system's certificates no such variable");
  if (!ca_file) return tl::unexpected(std::move(ca_file.error()));
  return Environment{std::move(*base_url), std::move(*api_key), std::move(*ca_file)};
}

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<Client> client_from_environment(ClientOptions options, HttpOptions http) {
  const auto given = [&](const std::string& name) -> std::optional<std::string> {
    if (name == "NAIRI_API_KEY" && !options.api_key.empty()) return options.api_key;
    if (name == "NAIRI_CA_FILE" && !http.ca_file.empty()) return http.ca_file;
    return process_variable(name);
  };
  auto environment = read_environment(given);
  if (!environment) return tl::unexpected(std::move(environment.error()));
  options.api_key = std::move(environment->api_key);
  http.ca_file = std::move(environment->ca_file);
  return HttpTransport::open(environment->base_url, std::move(http))
      .map([&](std::shared_ptr<HttpTransport> transport) {
        return Client(std::move(transport), std::move(options));
      });
}

}  // namespace nairi
