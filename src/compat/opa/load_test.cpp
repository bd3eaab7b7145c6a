#include "compat/opa/load.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

class LoaderTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ =
            std::filesystem::temp_directory_path() / ("merlon_load_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "a");
        std::filesystem::create_directories(folder_ / "b");
        std::filesystem::create_directories(folder_ / "c");
        write("d.json", R"({"k": 1})");
        write("a/data.json", R"({"x": 1})");
        write("b/.manifest", R"({"roots": ["y"]})");
        write("b/data.json", R"({"y": 2})");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, std::string_view text) {
        ASSERT_TRUE(write_file_atomically((folder_ / name).string(), text).ok());
    }
    std::string at(const std::string& name) const { return (folder_ / name).string(); }

    // The data, or the first error without the folder.
    std::string told(Loader& loader) const {
        if (loader.errors().empty()) return rego::json_text(loader.data());
        std::string text = loader.errors()[0].message;
        for (std::size_t place = text.find(folder_.string()); place != std::string::npos;
             place = text.find(folder_.string())) {
            text.erase(place, folder_.string().size());
        }
        return text;
    }
    std::string loaded(const std::string& argument) {
        Loader loader(arena_, interner_, rego::syntax::RegoVersion::kV1);
        loader.load(argument);
        return told(loader);
    }
    std::string bundles(BundleUse use, const std::vector<std::string>& names) {
        Loader loader(arena_, interner_, rego::syntax::RegoVersion::kV1);
        loader.use_bundles(use);
        for (const std::string& name : names) loader.load_bundle(at(name));
        loader.finish_bundles();
        return told(loader);
    }

    std::filesystem::path folder_;
    Arena arena_;
    Interner interner_;
};

TEST_F(LoaderTest, addresses_are_read_as_opa_reads_them) {
    EXPECT_EQ(loaded("file://" + at("d.json")), R"({"k":1})");
    EXPECT_EQ(loaded("file://some.host" + at("d.json")), R"({"k":1})");
    EXPECT_EQ(loaded("file://" + at("d%2Ejson")), R"({"k":1})");
    EXPECT_EQ(loaded("x.y:file://" + at("d.json")), R"({"x":{"y":{"k":1}}})");
    EXPECT_EQ(loaded("file://d.json"), "stat : no such file or directory");
    EXPECT_EQ(loaded("http://d.json"), "unsupported URL scheme: http://d.json");
    EXPECT_EQ(loaded("file:///%zz"), "parse \"file:///%zz\": invalid URL escape \"%zz\"");
    EXPECT_EQ(loaded("//d.json"), "UNC path read is not allowed: //d.json");
}

TEST_F(LoaderTest, a_bundle_that_is_named_twice_is_what_its_use_makes_of_it) {
    EXPECT_EQ(bundles(BundleUse::kActivated, {"a", "a"}), R"({"x":1})");
    EXPECT_EQ(bundles(BundleUse::kActivatedEach, {"b", "b"}),
              "bundle activation failed: detected overlapping roots in manifests for these "
              "bundles: [/b] (root y is in multiple bundles)");
    EXPECT_EQ(bundles(BundleUse::kMerged, {"b", "b"}), R"({"y":2})");
    write("c/.manifest", R"({"roots": ["y"]})");
    write("c/data.json", R"({"y": 3})");
    EXPECT_EQ(bundles(BundleUse::kMerged, {"b", "c"}),
              "bundle merge failed: failed to insert data file from path y");
    EXPECT_EQ(bundles(BundleUse::kMerged, {"b", "a"}),
              "bundle merge failed: manifest has overlapped roots: '' and 'y'");
    EXPECT_EQ(bundles(BundleUse::kMerged, {"a", "b"}),
              "bundle merge failed: manifest has overlapped roots: '' and 'y'");
    EXPECT_EQ(bundles(BundleUse::kMergedEach, {"b", "a"}),
              "bundle merge failed: manifest has overlapped roots: 'y' and ''");
    EXPECT_EQ(bundles(BundleUse::kListed, {"a", "b", "b"}), "{}");
}

}  // namespace
}  // namespace merlon::compat::opa
