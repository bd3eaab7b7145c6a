// Any bytes are a document or an error with a line.

#include <cstdlib>

#include "text/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Arena arena;
    Interner interner;
    const auto document = text::read_toml(bytes, arena, interner);
    if (document.ok() ? !document.value().root->is_object() : document.error().line == 0) {
        std::abort();
    }
    return 0;
}
