// Any bytes are documents or an error with a line.

#include <cstdlib>

#include "text/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto schema : {text::YamlSchema::kCore, text::YamlSchema::kYaml11}) {
        Arena arena;
        Interner interner;
        const auto documents = text::read_yaml(
            bytes, arena, interner,
            {.schema = schema, .spans = text::KeepSpans::kYes, .max_nodes = 100'000});
        if (!documents.ok() && documents.error().message.empty()) std::abort();
    }
    return 0;
}
