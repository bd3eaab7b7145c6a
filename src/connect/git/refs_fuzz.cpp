// Any reftable, packed-refs, reflog, config and index (the first byte chooses): a value or an
// error.

#include <cstdlib>

#include "connect/git/approximate_date.h"
#include "connect/git/config_file.h"
#include "connect/git/index_file.h"
#include "connect/git/reftable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    using namespace merlon::connect::git;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 6) {
        case 0:
            (void)parse_reftable(bytes);
            break;
        case 1:
            for (const Reference& reference :
                 parse_packed_references(bytes, HashAlgorithm::kSha1).references) {
                if (!is_reference_name(reference.name)) std::abort();
            }
            break;
        case 2: {
            std::vector<std::string> problems;
            (void)parse_reflog(bytes, HashAlgorithm::kSha1, problems);
            break;
        }
        case 3:
            if (const auto config = ConfigFile::parse(bytes); config.ok()) {
                for (const auto& entry : config.value().entries()) {
                    (void)config.value().is_true(entry.key);
                }
            }
            break;
        case 4: {
            // The base of a split index is the file itself.
            const auto shared = [&](const ObjectId&) -> Result<std::string> {
                return std::string(bytes);
            };
            (void)parse_index(bytes, HashAlgorithm::kSha1, shared);
            break;
        }
        default:
            (void)parse_approximate_date(bytes, {1'700'000'000, 60});
    }
    return 0;
}
