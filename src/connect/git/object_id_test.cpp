#include "connect/git/object_id.h"

#include <gtest/gtest.h>

#include "connect/git/object.h"

namespace merlon::connect::git {
namespace {

TEST(ObjectId, reads_both_lengths_and_both_cases_and_writes_lower_case) {
    const std::string sha1 = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const std::string sha256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";
    EXPECT_EQ(ObjectId::parse(sha1)->hex(), sha1);
    EXPECT_EQ(ObjectId::parse(sha256)->hex(), sha256);
    EXPECT_EQ(ObjectId::parse(sha256)->algorithm(), HashAlgorithm::kSha256);
    EXPECT_EQ(ObjectId::parse("4B825DC642CB6EB9A060E54BF8D69288FBEE4904")->hex(), sha1);
    for (const std::string_view wrong : {"", "4b825d", "4b825dc642cb6eb9a060e54bf8d69288fbee490",
                                         "4b825dc642cb6eb9a060e54bf8d69288fbee49040",
                                         "4b825dc642cb6eb9a060e54bf8d69288fbee490g"}) {
        EXPECT_FALSE(ObjectId::parse(wrong).has_value()) << wrong;
    }
}

TEST(ObjectId, is_ordered_by_its_bytes_and_knows_null) {
    const auto low = ObjectId::parse("00000000000000000000000000000000000000ff");
    const auto high = ObjectId::parse("ff00000000000000000000000000000000000000");
    EXPECT_LT(*low, *high);
    EXPECT_FALSE(low->is_null());
    EXPECT_TRUE(ObjectId(HashAlgorithm::kSha256).is_null());
    EXPECT_EQ(ObjectId::from_bytes(HashAlgorithm::kSha1, low->bytes().data()), *low);
    EXPECT_NE(ObjectId(HashAlgorithm::kSha1), ObjectId(HashAlgorithm::kSha256));
}

TEST(ObjectType, has_the_names_that_git_writes) {
    for (const auto type :
         {ObjectType::kCommit, ObjectType::kTree, ObjectType::kBlob, ObjectType::kTag}) {
        EXPECT_EQ(parse_object_type(name(type)), type);
    }
    EXPECT_FALSE(parse_object_type("Blob").has_value());
}

}  // namespace
}  // namespace merlon::connect::git
