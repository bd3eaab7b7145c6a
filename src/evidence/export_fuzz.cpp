// Lines of a store's export: the first byte says of which table.

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/export.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::evidence;
    if (size == 0) return 0;
    const auto tables = export_tables();
    const ExportTable& table = tables[data[0] % tables.size()];
    const std::string_view line(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto row = read_export_row(table, line);
    if (!row.ok()) return 0;
    // What was read is written so that the same is read.
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < row.value().size(); ++i) {
        const ExportValue& value = row.value()[i];
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            cells.emplace_back(*number);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            if (table.columns[i].type == ExportType::kText)
                cells.emplace_back(std::string_view(*text));
            else
                cells.emplace_back(Bytes{*text});
        } else {
            cells.emplace_back();
        }
    }
    const std::string written = export_row(table, cells);
    const auto again = read_export_row(table, written);
    if (!again.ok() || again.value() != row.value()) __builtin_trap();
    return 0;
}
