// NVD's JSON and CSAF advisories: any bytes end in records or an error, and records say themselves
// again.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "exchange/csaf_advisories.h"
#include "exchange/nvd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::exchange;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        (void)read_nvd(bytes);
        return 0;
    }
    const auto advisory = read_csaf_advisory(bytes);
    if (!advisory.ok()) return 0;
    std::string out;
    write_osv(advisory.value().record, out);
    MERLON_ASSERT(read_osv(out, RecordSyntax::kJson).ok());
    return 0;
}
