// What differs between cpp-httplib 0.11 and 0.53 for a client, in one place.
#ifndef NAIRI_CLIENT_HTTPLIB_COMPAT_H_
#define NAIRI_CLIENT_HTTPLIB_COMPAT_H_

#include <httplib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace nairi::compat {

// Whether OpenSSL's error is that the peer answered something else than TLS.
inline bool says_no_tls(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL &&
         (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST);
}

#ifdef CPPHTTPLIB_VERSION_NUM  // later than 0.11
inline void send_paths_as_they_are(httplib::Client& client) {
  client.set_path_encode(false);
}
inline bool is_wrong_host(httplib::Error error) {
  return error == httplib::Error::SSLServerHostnameVerification;
}
inline bool is_no_tls(const httplib::Result& result) {
  return says_no_tls(static_cast<unsigned long>(result.ssl_backend_error()));
}
#else
inline void send_paths_as_they_are(httplib::Client& client) {
  client.set_url_encode(false);
}
inline bool is_wrong_host(httplib::Error) {
  return false;
}  // told as SSLServerVerification
// What OpenSSL left with this thread.
inline bool is_no_tls(const httplib::Result&) {
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    if (says_no_tls(code)) return true;
  }
  return false;
}
#endif

}  // namespace nairi::compat

#endif  // NAIRI_CLIENT_HTTPLIB_COMPAT_H_
