#include "cli/standard_input.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace merlon::cli {
namespace {

// Standard input is held whole; more than this is a gap.
constexpr std::size_t kMaxInputBytes = std::size_t{256} << 20;

}  // namespace

// Waits in short steps, so that Ctrl-C is heard although the other side says nothing.
StandardInput read_standard_input(const Environment& environment) {
    constexpr int kWaitMs = 100;
    StandardInput input;
    std::vector<char> piece(1 << 16);
    while (!environment.cancel->cancelled()) {
        pollfd waiting{environment.input_descriptor, POLLIN, 0};
        // Silence, or a signal: look at the token again.
        if (::poll(&waiting, 1, kWaitMs) <= 0) continue;
        const ssize_t count = ::read(environment.input_descriptor, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            input.gap = {model::GapCause::kReadError, "(stdin)",
                         std::string("cannot read standard input: ") + std::strerror(errno)};
            break;
        }
        if (count == 0) break;
        if (input.bytes.size() + static_cast<std::size_t>(count) > kMaxInputBytes) {
            input.gap = {model::GapCause::kTooLarge, "(stdin)",
                         "standard input is larger than 256 MiB; write it to a file and scan that"};
            break;
        }
        input.bytes.append(piece.data(), static_cast<std::size_t>(count));
    }
    return input;
}

}  // namespace merlon::cli
