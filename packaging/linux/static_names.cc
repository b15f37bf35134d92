// Only in the static programs, before main(). For names of hosts glibc loads the system's own
// modules, as /etc/nsswitch.conf lists them (resolve, myhostname, mdns4_minimal …). Made for
// another glibc than the one inside the program, they end it by a signal. These two are inside it.
#include <nss.h>

namespace {

const bool is_set [[maybe_unused]] = __nss_configure_lookup("hosts", "files dns") == 0;

}  // namespace
