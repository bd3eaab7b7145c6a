// Any index and any pack: whatever opens is read whole, in bulk and one by one, and both ways agree
// on which objects can be read.

#include <sys/stat.h>

#include <cstdlib>
#include <set>

#include "connect/git/bulk_read.h"
#include "connect/git/scratch_file_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    static const ScratchFolder folder;
    static const int made = mkdir((folder.path() + "/pack").c_str(), 0700);
    if (made != 0) std::abort();
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string_view index = take_piece(bytes);
    folder.write("pack/pack-1.idx", index);
    folder.write("pack/pack-1.pack", bytes);
    DatabaseOptions options;
    options.max_object_bytes = std::uint64_t{1} << 20;
    options.base_cache_bytes = std::uint64_t{1} << 20;
    const auto database = ObjectDatabase::open(folder.path(), HashAlgorithm::kSha1, options);
    if (!database.ok() || database.value()->packs().empty()) return 0;
    const ObjectCatalog catalog = ObjectCatalog::of(*database.value());
    if (catalog.count() > 10'000) return 0;
    std::set<std::uint32_t> in_bulk;
    const BulkReport report = read_all(
        catalog, [](std::uint32_t, ObjectType) { return true; },
        {.checksums = BulkOptions::Checksums::kDisregard},
        [&](unsigned, const BulkObject& object) { in_bulk.insert(object.number); });
    if (in_bulk.size() + report.problems.size() > catalog.count()) std::abort();
    for (const std::uint32_t number : in_bulk) {
        const auto id = catalog.id_of(number);
        if (!id.ok()) std::abort();
        (void)database.value()->read(id.value());
        (void)database.value()->size(id.value());
    }
    return 0;
}
