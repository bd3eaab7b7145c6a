// Arbitrary bytes as the ignore file of another scanner, which the first byte chooses.

#include <cstdint>

#include "scan/foreign_ignores.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    if (size == 0) return 0;
    const auto files = scan::foreign_ignore_files();
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    scan::ForeignIgnores ignores;
    if (!scan::read_foreign_ignores(files[data[0] % files.size()], text, ignores).ok()) return 0;
    model::Finding finding;
    finding.properties = {{"ids", "CVE-2026-1 A-1"}, {"package", "a"}, {"version", "1"}};
    finding.location = model::FileLocation{.path = "a/b"};
    std::vector<model::Finding> findings{finding};
    std::vector<std::string> notices;
    apply(ignores, Timestamp{}, findings, notices);
    return 0;
}
