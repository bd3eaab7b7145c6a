// Whatever the advisory says, it is read or refused.

#include "exchange/patched_feeds.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)exchange::read_rustsec(bytes);
    (void)exchange::read_rubysec(bytes, "CVE-1.yml");
    return 0;
}
