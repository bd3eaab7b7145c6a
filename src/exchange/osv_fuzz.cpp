// An advisory that is read and written again is the same one.

#include <cstdlib>

#include "exchange/osv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto syntax : {exchange::RecordSyntax::kJson, exchange::RecordSyntax::kYaml}) {
        const auto first = exchange::read_osv(bytes, syntax);
        if (!first.ok()) continue;
        std::string written;
        exchange::write_osv(first.value(), written);
        const auto second = exchange::read_osv(written, exchange::RecordSyntax::kJson);
        if (!second.ok()) std::abort();
        // Invalid UTF-8 and what is written in another place (an import without an object) may
        // differ once; written twice is the same.
        std::string again;
        exchange::write_osv(second.value(), again);
        const auto third = exchange::read_osv(again, exchange::RecordSyntax::kJson);
        if (!third.ok() || third.value() != second.value()) std::abort();
    }
    return 0;
}
