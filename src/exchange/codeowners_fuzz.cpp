// Arbitrary bytes as CODEOWNERS: whatever the lines say, a path has each owner once.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "exchange/codeowners.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto parsed = exchange::CodeOwners::parse(bytes);
    if (!parsed.ok()) return 0;
    for (const std::string_view path : {"a", "docs/a b", "apps/x/y/z.c", ""}) {
        std::vector<std::string> owners = parsed.value().owners_of(path);
        std::ranges::sort(owners);
        if (std::ranges::adjacent_find(owners) != owners.end()) std::abort();
    }
    return 0;
}
