// Arbitrary bytes as a notebook: no crash, as many names as lines, and places inside the file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "text/notebook.h"
#include "text/pointer.h"

namespace {
const merlon::CancelToken kGoOn;
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using merlon::text::PointerIndex;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::string_view path : {"a.json", "a.yaml"}) {
        const PointerIndex index = PointerIndex::read(bytes, path);
        (void)index.at(size / 2);
    }
    const auto read = merlon::text::notebook_text(bytes, kGoOn);
    if (!read) return 0;
    const auto lines = std::count(read->text.begin(), read->text.end(), '\n');
    MERLON_ASSERT(static_cast<std::size_t>(lines) == read->lines.size());
    for (const auto& line : read->lines) {
        if (line.source_offset == merlon::text::kNoSourceOffset) continue;
        MERLON_ASSERT(line.source_offset <= size);
        MERLON_ASSERT(merlon::text::json_source_offset(bytes, line.source_offset, size) <= size);
    }
    return 0;
}
