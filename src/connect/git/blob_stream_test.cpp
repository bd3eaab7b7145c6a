#include "connect/git/blob_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "connect/git/loose_object.h"

namespace merlon::connect::git {
namespace {

std::string deflated(std::string_view text) {
    std::string out(compressBound(text.size()), '\0');
    uLongf size = out.size();
    EXPECT_EQ(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
              Z_OK);
    out.resize(size);
    return out;
}

std::string content_of(std::size_t size) {
    std::string text;
    for (std::uint32_t number = 1; text.size() < size; number = number * 1664525 + 1013904223) {
        text += std::to_string(number >> 12) + '\n';
    }
    text.resize(size);
    return text;
}

class BlobStreamTest : public testing::Test {
  protected:
    void SetUp() override {
        const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        path_ = testing::TempDir() + "/blob_stream_" + name;
    }
    void TearDown() override { std::filesystem::remove(path_); }

    // A stream behind some other bytes, as in a pack; `head` stands before its content.
    Result<std::unique_ptr<BlobStream>> open(std::string_view packed, std::uint64_t size,
                                             std::uint64_t head = 0) {
        EXPECT_TRUE(write_file_atomically(path_, "other bytes" + std::string(packed)).ok());
        return BlobStream::open({path_, 11, head, size});
    }

    static Result<std::string> all_of(BlobStream& stream) {
        std::string text;
        std::array<char, 70'001> piece{};
        while (true) {
            const std::size_t count = MERLON_TRY(stream.read(piece));
            if (count == 0) return text;
            text.append(piece.data(), count);
        }
    }

    std::string path_;
};

TEST_F(BlobStreamTest, GivesTheContentBehindTheHead) {
    const std::string content = content_of(1'000'000);
    const auto stream =
        open(deflated("blob 1000000" + std::string(1, '\0') + content) + "next entry",
             content.size(), 13);
    ASSERT_TRUE(stream.ok());
    EXPECT_EQ(stream.value()->size(), content.size());
    const Result<std::string> read = all_of(*stream.value());
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read.value() == content);
    std::array<char, 4> more{};
    EXPECT_EQ(stream.value()->read(more).value(), 0U) << "the end stays the end";
}

TEST_F(BlobStreamTest, SeeksForwardAndAFewTimesBack) {
    const std::string content = content_of(300'000);
    const auto stream = open(deflated(content), content.size());
    ASSERT_TRUE(stream.ok());
    std::array<char, 10> piece{};
    const auto at = [&](std::uint64_t offset) -> std::string {
        if (!stream.value()->seek(offset)) return "no";
        const Result<std::size_t> count = stream.value()->read(piece);
        return count.ok() ? std::string(piece.data(), count.value()) : "damaged";
    };
    EXPECT_EQ(at(200'000), content.substr(200'000, 10));
    EXPECT_EQ(at(5), content.substr(5, 10));
    EXPECT_EQ(at(300'000), "");
    EXPECT_EQ(at(300'001), "no");
    int times = 0;
    while (times < 100 && at(0) == content.substr(0, 10)) ++times;
    EXPECT_GE(times, 4);
    EXPECT_LT(times, 100) << "going back costs the whole length, so not forever";
}

TEST_F(BlobStreamTest, DamageIsAnErrorThatNamesTheFile) {
    const std::string content = content_of(200'000);
    const std::string packed = deflated(content);
    const auto error_of = [&](std::string_view bytes, std::uint64_t size) -> std::string {
        const auto stream = open(bytes, size);
        if (!stream.ok()) return stream.error().to_string();
        const Result<std::string> read = all_of(*stream.value());
        return read.ok() ? "" : read.error().to_string();
    };
    EXPECT_EQ(error_of(packed, content.size()), "");
    const auto has = [&](const std::string& error, std::string_view what) {
        return error.find(what) != std::string::npos && error.find(path_) != std::string::npos;
    };
    EXPECT_TRUE(has(error_of(packed.substr(0, packed.size() / 2), content.size()), "too early"));
    EXPECT_TRUE(has(error_of(packed.substr(0, packed.size() - 1), content.size()), "too early"))
        << "the checksum belongs to it";
    EXPECT_TRUE(has(error_of(packed, content.size() - 1), "more than"));
    EXPECT_TRUE(has(error_of(packed, content.size() + 1), "instead of"));
    std::string broken = packed;
    broken[broken.size() - 2] ^= 1;
    EXPECT_TRUE(has(error_of(broken, content.size()), "damaged"));
    broken = packed;
    broken[0] ^= 1;
    EXPECT_TRUE(has(error_of(broken, content.size()), "damaged"));
}

TEST(LooseObject, HeadsAreTakenToTheLetter) {
    using namespace std::string_view_literals;
    const auto head = parse_loose_head("blob 12\0abc"sv);
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->type, ObjectType::kBlob);
    EXPECT_EQ(head->size, 12U);
    EXPECT_EQ(head->bytes, 8U);
    for (const std::string_view bad :
         {""sv, "blob"sv, "blob 12"sv, "blob \0"sv, "blub 1\0"sv, "blob -1\0"sv, "blob 1 \0"sv,
          "blob 99999999999999999999\0"sv, "\0blob 1\0"sv, "blob\0 1\0"sv}) {
        EXPECT_FALSE(parse_loose_head(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace merlon::connect::git
