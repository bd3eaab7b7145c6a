#include "scan/vex_files.h"

#include "base/file.h"

namespace merlon::scan {

Result<std::vector<exchange::VexDocument>> read_vex_files(std::span<const std::string> paths) {
    std::vector<exchange::VexDocument> documents;
    for (const std::string& path : paths) {
        const std::string text = MERLON_TRY(read_text_file(path));
        Result<exchange::VexDocument> document = exchange::read_vex(text);
        if (!document.ok()) {
            Error error = std::move(document).error();
            const std::uint32_t line = error.line, column = error.column;
            return std::move(error).at(path, line, column).within("reading VEX");
        }
        documents.push_back(std::move(document).value());
        if (documents.back().id.empty()) documents.back().id = path;
    }
    return documents;
}

}  // namespace merlon::scan
