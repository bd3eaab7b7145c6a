#include "base/cancel.h"

#include <csignal>
#include <cstring>

namespace merlon {
namespace {

// A signal handler reaches nothing but a global; it is set once, before the handlers are.
std::atomic<CancelToken*> signal_token{nullptr};

void on_signal(int signal) {
    if (CancelToken* token = signal_token.load()) token->cancel();
    std::signal(signal, SIG_DFL);
}

}  // namespace

Status cancel_on_signals(CancelToken& token) {
    signal_token.store(&token);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action{};
        // nohup says that the run shall outlive its terminal.
        const bool may_be_ignored = signal == SIGHUP && sigaction(signal, nullptr, &action) == 0;
        if (may_be_ignored && action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = on_signal;
        sigemptyset(&action.sa_mask);
        // No SA_RESTART: a blocked read returns, so that a slow disk cannot hold up the stop.
        if (sigaction(signal, &action, nullptr) != 0) {
            return Error{std::string("cannot watch for signals: ") + std::strerror(errno)};
        }
    }
    return {};
}

}  // namespace merlon
