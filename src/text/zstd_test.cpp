#include "text/zstd.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

TEST(Zstd, unpacking_undoes_packing) {
    for (const std::string& bytes : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
        EXPECT_EQ(unpack_zstd(pack_zstd(bytes, 3), bytes.size()).value(), bytes);
    }
}

TEST(Zstd, refuses_what_is_cut_damaged_or_too_large) {
    const std::string frame = pack_zstd(std::string(1000, 'x') + "yz", 3);
    EXPECT_FALSE(unpack_zstd(frame, 1001).ok());
    EXPECT_FALSE(unpack_zstd(frame.substr(0, frame.size() - 1), 2000).ok());
    EXPECT_FALSE(unpack_zstd("not a frame", 2000).ok());
    EXPECT_FALSE(unpack_zstd("", 2000).ok());
}

TEST(ZstdDictionary, takes_what_is_common_from_its_text) {
    const std::string common = R"({"rule":"","severity":"high","message":"The key is readable"})";
    ZstdDictionary dictionary(common, 3);
    const std::string told = R"({"rule":"a1","severity":"high","message":"The key is readable"})";
    for (const std::string& bytes : {std::string(), told, told + told, std::string(100'000, 'x')}) {
        EXPECT_EQ(dictionary.unpack(dictionary.pack(bytes), bytes.size()).value(), bytes);
    }
    EXPECT_LT(dictionary.pack(told).size(), pack_zstd(told, 3).size() / 2);
}

TEST(ZstdDictionary, refuses_what_is_cut_or_too_large) {
    ZstdDictionary dictionary("something in common", 3);
    const std::string frame = dictionary.pack("something in common, and more");
    EXPECT_FALSE(dictionary.unpack(frame, 10).ok());
    EXPECT_FALSE(dictionary.unpack(frame.substr(0, frame.size() - 1), 2000).ok());
    EXPECT_FALSE(dictionary.unpack("", 2000).ok());
}

}  // namespace
}  // namespace merlon::text
