// A module is parsed, compiled with a query for all of its documents, and run: whatever it says,
// that ends in results or in an error.

#include <string_view>

#include "rego/compiler/compiler.h"
#include "rego/compiler/test_rules.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace merlon;
    const std::string_view source(reinterpret_cast<const char*>(bytes), size);
    Arena arena;
    Interner interner;
    rego::syntax::ParseOptions options;
    options.version =
        size % 2 == 0 ? rego::syntax::RegoVersion::kV1 : rego::syntax::RegoVersion::kV0;
    options.max_depth = 200;
    const auto module = rego::syntax::parse_module(source, arena, interner, options);
    if (module.module == nullptr) return 0;
    const auto query = rego::syntax::parse_query("x = data", arena, interner, options);
    // As tests are made ready, which changes nothing where there are none.
    const rego::compiler::SourceModule written[] = {{"fuzz.rego", module.module}};
    const auto modules = rego::compiler::prepare_tests(written, arena, interner).modules;
    const rego::compiler::SourceQuery queries[] = {{"query", query.body}};
    const auto compiled =
        rego::compiler::compile(modules, queries, {.prints = rego::compiler::Prints::kKept});
    if (compiled.program == nullptr) return 0;
    rego::MachineOptions limits;
    limits.limits.instructions = 20'000;
    limits.limits.memory_bytes = std::size_t{64} << 20;
    limits.limits.call_depth = 200;
    rego::Machine machine(*compiled.program, limits);
    value::Builder builder(arena, interner);
    static_cast<void>(machine.run(0, builder.object({}), builder.object({})));
    return 0;
}
