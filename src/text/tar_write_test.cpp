#include "text/tar_write.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

TEST(TarWrite, gives_the_same_bytes_for_the_same_texts) {
    const TarText texts[] = {{"/data.json", "{}\n"}, {"/a/b.rego", "package b\n"}};
    const auto first = write_tar_gz(texts);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first.value(), write_tar_gz(texts).value());
    EXPECT_EQ(first.value().substr(0, 2), "\x1F\x8B");
    EXPECT_EQ(first.value().substr(4, 4), std::string(4, '\0'));  // no time (RFC 1952, 2.3.1)
}

TEST(TarWrite, refuses_a_path_that_has_no_room) {
    const TarText texts[] = {{std::string(400, 'a'), "x"}};
    EXPECT_FALSE(write_tar_gz(texts).ok());
}

}  // namespace
}  // namespace merlon::text
