// What is read and written again is the same value.

#include <cstdlib>

#include "text/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Arena arena;
    Interner interner;
    for (const auto mode : {text::JsonMode::kStrict, text::JsonMode::kLenient}) {
        const auto first =
            text::read_json(bytes, arena, interner, {.mode = mode, .spans = text::KeepSpans::kYes});
        if (!first.ok()) continue;
        std::string written;
        text::JsonWriter(written).value(*first.value().root);
        const auto second = text::read_json(written, arena, interner);
        if (!second.ok() || !(*second.value().root == *first.value().root)) std::abort();
    }
    return 0;
}
