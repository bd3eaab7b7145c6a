#include "scan/rescan_index.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

RescanIndex example() {
    RescanIndex index;
    index.boms = {{"a.json", std::uint64_t{5} << 32, -7, 2, {0, 1}}, {"b/c.json", 0, 0, 0, {}}};
    index.packages = {{"pkg:npm/a@1", {"CVE-1 GHSA-1", "CVE-2"}}, {"pkg:npm/b@1", {}}};
    return index;
}

TEST(RescanIndex, reads_what_it_writes) {
    for (const RescanIndex& index : {example(), RescanIndex{}}) {
        const auto read = read_rescan_index(write_rescan_index(index));
        ASSERT_TRUE(read.ok()) << read.error().to_string();
        EXPECT_EQ(read.value(), index);
    }
}

TEST(RescanIndex, takes_nothing_that_is_cut_or_changed) {
    const std::string bytes = write_rescan_index(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(read_rescan_index(std::string_view(bytes).substr(0, size)).ok()) << size;
        std::string changed = bytes;
        changed[size] = static_cast<char>(changed[size] ^ 1);
        EXPECT_FALSE(read_rescan_index(changed).ok()) << size;
    }
}

}  // namespace
}  // namespace merlon::scan
