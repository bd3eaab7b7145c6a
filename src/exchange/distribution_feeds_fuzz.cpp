// Records made of any feed can be written and read.

#include <cstdlib>

#include "exchange/distribution_feeds.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (auto* read : {exchange::read_secdb, exchange::read_debian_tracker}) {
        auto fixes = read(bytes);
        if (!fixes.ok()) continue;
        for (const auto& record : exchange::records_of(std::move(fixes).value())) {
            std::string written;
            exchange::write_osv(record, written);
            // A package without a name is nothing that a record can say.
            (void)exchange::read_osv(written, exchange::RecordSyntax::kJson);
        }
    }
    return 0;
}
