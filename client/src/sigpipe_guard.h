// Keeps a SIGPIPE of this thread from ending the process while a socket is written to: the HTTP
// library does not ask for MSG_NOSIGNAL, and a library must not change the process's handlers.
#ifndef NAIRI_CLIENT_SIGPIPE_GUARD_H_
#define NAIRI_CLIENT_SIGPIPE_GUARD_H_

#include <csignal>
#include <ctime>

namespace nairi {

class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeGuard() {
    const timespec at_once{};
    // Takes the one that was raised meanwhile, if any; one from before is not ours to take.
    if (!was_pending_) sigtimedwait(&sigpipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_SIGPIPE_GUARD_H_
