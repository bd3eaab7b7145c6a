// Arbitrary bytes as a document for a mapping: it becomes a tree or is refused; and a tree that
// looks like a mapping's answer becomes a report or is refused. The first byte says which syntax.

#include <cstdint>
#include <cstdlib>

#include "exchange/mapped_report.h"
#include "model/serialize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto syntax =
        data[0] % 2 == 0 ? exchange::TreeSyntax::kByContent : exchange::TreeSyntax::kCsv;
    Arena arena;
    Interner interner;
    const auto tree = exchange::read_plain_tree(bytes, syntax, arena, interner);
    if (!tree.ok()) return 0;
    const auto report = exchange::mapped_report(tree.value());
    if (!report.ok()) return 0;
    if (report.value().report.analysis.tool.empty()) std::abort();
    model::serialize(report.value().report);
    return 0;
}
