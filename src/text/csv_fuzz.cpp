// Rows that are written with every field quoted read as the same rows.

#include <cstdlib>

#include "text/csv.h"

namespace {

using Rows = std::vector<std::vector<std::string>>;

bool read(std::string_view text, Rows& rows) {
    merlon::text::CsvReader reader(text);
    std::vector<std::string> row;
    for (;;) {
        const auto next = reader.next(row);
        if (!next.ok()) return false;
        if (!next.value()) return true;
        rows.push_back(row);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Rows rows;
    if (!read({reinterpret_cast<const char*>(data), size}, rows)) return 0;
    std::string written;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) written += ',';
            written += '"';
            for (const char c : row[i])
                written += c == '"' ? std::string("\"\"") : std::string(1, c);
            written += '"';
        }
        written += '\n';
    }
    Rows again;
    if (!read(written, again) || again != rows) std::abort();
    return 0;
}
