// A plan of arbitrary JSON is refused or runs to its end within small limits.

#include "rego/machine.h"
#include "text/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Arena arena;
    Interner interner;
    const auto document = text::read_json(bytes, arena, interner);
    if (!document.ok()) return 0;
    const auto program = rego::Program::load(*document.value().root);
    if (!program.ok()) return 0;
    rego::MachineOptions options;
    options.limits.instructions = 20'000;
    options.limits.memory_bytes = std::size_t{16} << 20;
    options.limits.call_depth = 100;
    options.builtin_errors =
        size % 2 == 0 ? rego::BuiltinErrors::kStrict : rego::BuiltinErrors::kUndefined;
    rego::Machine machine(*program.value(), options);
    for (std::uint32_t plan = 0; plan < program.value()->plans.size() && plan < 3; ++plan) {
        static_cast<void>(machine.run(plan, *document.value().root, *document.value().root));
    }
    return 0;
}
