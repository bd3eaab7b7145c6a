// Any base and any delta: the result has the size that the delta announces, or there is none.

#include <string>

#include "connect/git/delta.h"
#include "connect/git/inflate.h"
#include "connect/git/scratch_file_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string_view base = take_piece(bytes);
    const auto header = read_delta_header(bytes);
    if (header.ok() && header.value().result_size <= (1u << 20)) {
        std::string result(static_cast<std::size_t>(header.value().result_size), '\0');
        (void)apply_delta(base, bytes, header.value(), result.data());
    }
    (void)inflate_exactly(bytes, base.size());
    char head[64];
    (void)inflate_prefix(bytes, head, sizeof(head));
    return 0;
}
