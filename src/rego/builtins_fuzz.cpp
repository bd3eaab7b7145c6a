// Every built-in with arbitrary operands: "name\nterm", where the term is an array of them. None
// may crash; what one gives is a term that reads back as itself.

#include <cstdlib>

#include "rego/builtins.h"
#include "rego/term.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t line = bytes.find('\n');
    if (line == std::string_view::npos || size > 4'096) return 0;
    const rego::Builtin* builtin = rego::find_builtin(bytes.substr(0, line));
    if (builtin == nullptr) return 0;
    // A range of 20 million numbers is within its limit, and no news.
    if (builtin->name.starts_with("numbers.range") || builtin->name == "net.cidr_expand") return 0;
    Arena arena;
    Interner interner;
    value::Builder builder(arena, interner);
    const auto operands = rego::read_term(bytes.substr(line + 1), builder);
    if (!operands.ok() || !operands.value().is_array()) return 0;
    rego::World world;
    world.now_nanoseconds = 1'700'000'000'000'000'000;
    rego::Context context(builder, world, nullptr);
    const rego::Outcome outcome = rego::call(*builtin, context, operands.value().items());
    if (!outcome.ok()) return 0;
    static_cast<void>(rego::json_text(outcome.value()));
    return 0;
}
