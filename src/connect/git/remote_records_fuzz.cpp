// Any merlon/remotes.json: read or refused, and what was read is the same once it is written and
// read again; the tips that are not trusted are in order, as whoever looks for one expects.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "connect/git/remote_records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    using namespace merlon::connect::git;
    const auto remotes = parse_remote_records({reinterpret_cast<const char*>(data), size});
    if (!remotes.ok()) return 0;
    for (const RemoteRecord& remote : remotes.value()) {
        for (const RemoteRecord::Address& address : remote.addresses) {
            if (!std::ranges::is_sorted(address.foreign)) std::abort();
        }
    }
    const auto again = parse_remote_records(print_remote_records(remotes.value()));
    if (!again.ok() || again.value() != remotes.value()) std::abort();
    return 0;
}
