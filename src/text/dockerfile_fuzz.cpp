// Any bytes as a Dockerfile: instructions whose lines follow each other, or an error.

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "text/dockerfile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const auto read = text::read_dockerfile({reinterpret_cast<const char*>(data), size});
    if (!read.ok()) return 0;
    std::uint32_t last = 0;
    for (const text::DockerInstruction& one : read.value()) {
        MERLON_ASSERT(one.begin_line > last && one.end_line >= one.begin_line);
        last = one.end_line;
    }
    return 0;
}
