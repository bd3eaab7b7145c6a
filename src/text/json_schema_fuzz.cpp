// A schema and an instance, divided by a NUL, both from outside: judging them ends within its
// steps, whatever refers to whatever, and two runs say the same. (It stands in `text` because
// `value`, where the validator is, knows no JSON.)

#include "base/arena.h"
#include "base/assert.h"
#include "base/interner.h"
#include "text/json.h"
#include "value/json_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = std::min(input.find('\0'), input.size());
    Arena arena;
    Interner interner;
    const auto schema = text::read_json(input.substr(0, middle), arena, interner);
    const auto instance =
        text::read_json(input.substr(std::min(middle + 1, size)), arena, interner);
    if (!schema.ok() || !instance.ok()) return 0;

    const value::PatternMatcher contains = [](std::string_view pattern, std::string_view text) {
        return Result<bool>(text.find(pattern) != std::string_view::npos);
    };
    // The first schema can be referred to from itself by an address, too.
    const value::SchemaDocument documents[] = {{"http://host/a", schema.value().root}};
    using value::SchemaDraft;
    for (const auto draft :
         {SchemaDraft::k4, SchemaDraft::k7, SchemaDraft::k2019, SchemaDraft::k2020}) {
        const value::SchemaOptions options{draft, "http://host/b/c", documents, 100'000};
        const auto first =
            value::validate(*schema.value().root, *instance.value().root, contains, options);
        const auto second =
            value::validate(*schema.value().root, *instance.value().root, contains, options);
        MERLON_ASSERT(first.ok() == second.ok());
        if (!first.ok()) {
            MERLON_ASSERT(first.error().message == second.error().message);
            continue;
        }
        MERLON_ASSERT(first.value().size() == second.value().size());
    }
    return 0;
}
