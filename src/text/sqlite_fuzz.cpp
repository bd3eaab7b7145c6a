// Any bytes are a database that gives rows, or an error that says something.

#include "text/sqlite.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const auto file = text::SqliteFile::open({reinterpret_cast<const char*>(data), size});
    if (!file.ok()) {
        if (file.error().message.empty()) std::abort();
        return 0;
    }
    std::size_t bytes = 0;
    const Status status = file.value().each_row("SELECT blob FROM Packages",
                                                [&](std::span<const std::string_view> columns) {
                                                    if (columns.size() != 1) std::abort();
                                                    for (const char c : columns[0]) bytes += c != 0;
                                                });
    if (!status.ok() && status.error().message.empty()) std::abort();
    return 0;
}
