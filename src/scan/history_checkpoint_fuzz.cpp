// The checkpoint of a history from hostile bytes, and from a valid one with some bytes changed:
// either it is none, or what was read is written and read again as it is.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "scan/history_checkpoint_example.h"

namespace {

using namespace merlon;
using namespace merlon::scan;
namespace git = connect::git;

void check(std::string_view bytes) {
    const auto read = parse_checkpoint(bytes, git::HashAlgorithm::kSha1);
    if (!read) return;
    const std::string written = serialize(*read);
    const auto again = parse_checkpoint(written, git::HashAlgorithm::kSha1);
    MERLON_ASSERT(again.has_value() && serialize(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check({reinterpret_cast<const char*>(data), size});
    // Each three bytes: a place, and what stands there from now on.
    std::string changed = serialize(example_checkpoint());
    for (std::size_t i = 0; i + 3 <= size && i < 96; i += 3) {
        const std::size_t at = (std::size_t{data[i]} << 8 | data[i + 1]) % changed.size();
        changed[at] = static_cast<char>(data[i + 2]);
    }
    check(changed);
    if (size > 0) check(std::string_view(changed).substr(0, changed.size() * data[0] / 256));
    return 0;
}
