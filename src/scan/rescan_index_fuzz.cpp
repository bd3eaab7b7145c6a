// The index of a re-scan: behind a right digest anything may stand. What is read says itself again.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "crypto/digest.h"
#include "scan/rescan_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    std::string bytes(reinterpret_cast<const char*>(data), size);
    (void)scan::read_rescan_index(bytes);
    bytes += crypto::sha256(bytes).bytes();
    const auto index = scan::read_rescan_index(bytes);
    if (!index.ok()) return 0;
    const auto again = scan::read_rescan_index(scan::write_rescan_index(index.value()));
    MERLON_ASSERT(again.ok() && again.value() == index.value());
    return 0;
}
