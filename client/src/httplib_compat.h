// What differs between cpp-httplib 0.11 and 0.53 for a client, in one place.
#ifndef NAIRI_CLIENT_HTTPLIB_COMPAT_H_
#define NAIRI_CLIENT_HTTPLIB_COMPAT_H_

#include <httplib.h>

namespace nairi::compat {

#ifdef CPPHTTPLIB_VERSION_NUM  // later than 0.11
inline void send_paths_as_they_are(httplib::Client& client) {
  client.set_path_encode(false);
}
inline bool is_wrong_host(httplib::Error error) {
  return error == httplib::Error::SSLServerHostnameVerification;
}
#else
inline void send_paths_as_they_are(httplib::Client& client) {
  client.set_url_encode(false);
}
inline bool is_wrong_host(httplib::Error) {
  return false;
}  // told as SSLServerVerification
#endif

}  // namespace nairi::compat

#endif  // NAIRI_CLIENT_HTTPLIB_COMPAT_H_
