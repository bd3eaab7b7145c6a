// A hostile or damaged block of a feed is an error; one that is read is written again as it was.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/digest.h"
#include "scan/feed_block.h"
#include "scan/feed_union.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    // The digest is made right, or no input would come behind it.
    std::string bytes(reinterpret_cast<const char*>(data), size);
    bytes += crypto::sha256(bytes).bytes();
    const auto block = scan::FeedBlock::read(bytes);
    if (!block.ok()) return 0;
    const auto again = scan::FeedBlock::read(block.value().write());
    if (!again.ok() || again.value().rows().size() != block.value().rows().size()) std::abort();
    scan::FeedUnion feeds({});
    feeds.add(block.value());
    feeds.add(again.value());
    (void)feeds.infos();
    return 0;
}
