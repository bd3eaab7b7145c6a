// The first byte chooses what the rest is read as: a Go program's functions, or a source file in
// one of the languages. Names are texts of the input and inside of the limits.

#include <cstdint>
#include <cstdlib>

#include "inventory/go_functions.h"
#include "inventory/source_imports.h"

namespace {

using namespace merlon;

void check_source(inventory::SourceLanguage language, std::string_view text) {
    const inventory::SourceCode code = inventory::read_source(language, text);
    if (code.imports.size() > inventory::kMaxImports) std::abort();
    for (const inventory::SourceImport& import : code.imports) {
        if (import.name.empty() || import.line == 0 || import.line > text.size() + 1) std::abort();
        if (inventory::go_package_names(import.name).empty()) std::abort();
    }
    for (const inventory::SourceUse& use : code.uses) {
        if (use.name.empty() || text.find(use.name) == std::string_view::npos) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const unsigned kind = data[0] % 5;
    if (kind < 4) {
        check_source(static_cast<inventory::SourceLanguage>(kind), rest);
        return 0;
    }
    const auto program = inventory::read_go_program(rest);
    if (program && program->functions.size() > size) std::abort();
    return 0;
}
