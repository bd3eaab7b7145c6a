// Arbitrary bytes as the parts of an office file: no crash, and as many names as lines.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "text/office.h"

namespace {
const merlon::CancelToken kGoOn;
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using merlon::text::OfficeReader;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t half = size / 2;
    OfficeReader reader(kGoOn);
    reader.take("word/document.xml", bytes);
    reader.take("xl/sharedStrings.xml", bytes.substr(0, half));
    reader.take("xl/worksheets/sheet1.xml", bytes.substr(half));
    for (const auto& part : reader.finish()) {
        const auto lines = std::count(part.content.text.begin(), part.content.text.end(), '\n');
        MERLON_ASSERT(static_cast<std::size_t>(lines) == part.content.lines.size());
    }
    return 0;
}
