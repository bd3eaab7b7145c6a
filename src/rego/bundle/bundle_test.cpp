#include "rego/bundle/bundle.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/jose_key.h"
#include "rego/bundle/signature.h"
#include "rego/encodings.h"
#include "rego/term.h"
#include "text/tar_write.h"

namespace merlon::rego::bundle {
namespace {

class BundleTest : public testing::Test {
  protected:
    // What the bundle holds, or why it is refused.
    std::string read(const std::vector<File>& files, const Options& options = {}) {
        const auto read = read_bundle(files, options, arena_, interner_);
        if (!read.ok()) return read.error().message;
        std::string text = term_text(read.value().data);
        for (const Module& module : read.value().modules) text += " " + module.file;
        return text;
    }

    Arena arena_;
    Interner interner_;
};

TEST_F(BundleTest, data_stands_where_its_folder_says_and_modules_are_read) {
    EXPECT_EQ(read({{"data.json", R"({"a": {"x": 1}})"},
                    {"a/b/data.yaml", "y: [2]"},
                    {"a/other.json", "not looked at"},
                    {"p/q.rego", "package p"}}),
              R"({"a": {"b": {"y": [2]}, "x": 1}} p/q.rego)");
    EXPECT_EQ(read({{"p.rego", "package p"}}, {.folder = "f/g"}), "{} f/g/p.rego");
}

TEST_F(BundleTest, data_that_contradicts_is_refused) {
    EXPECT_EQ(read({{"data.json", R"({"a": 1})"}, {"a/data.json", R"({"b": 1})"}}),
              "bundle load failed on /a/data.json: failed to insert data file from path a");
    EXPECT_EQ(read({{"data.json", "[1]"}}),
              "bundle load failed on /data.json: root value must be object");
}

TEST_F(BundleTest, json_is_what_gos_decoder_takes) {
    EXPECT_EQ(read({{"data.json", "\xEF\xBB\xBF{}"}}),
              "bundle load failed on data.json: invalid character '\u00EF' looking for beginning "
              "of value");
    EXPECT_EQ(read({{"data.json", "{} {}"}}).substr(0, 33), "bundle load failed on data.json: ");
    EXPECT_EQ(read({{"data.json", "{\"a\": \"\xFF\"}"}}), "{\"a\": \"\uFFFD\"}");
    EXPECT_EQ(read({{".manifest", R"({"roots": ["a"]} and more)"}, {"a/data.json", "{}"}}),
              R"({"a": {}})")
        << "one value is decoded";
}

TEST_F(BundleTest, roots_say_what_may_be_in_it) {
    const File manifest{".manifest", R"({"roots": ["a/b", "/c/"], "revision": "1"})"};
    EXPECT_EQ(read({manifest, {"a/b/data.json", "{}"}, {"p.rego", "package c.d"}}),
              R"({"a": {"b": {}}} p.rego)");
    EXPECT_EQ(read({manifest, {"a/x/data.json", "{}"}}),
              "manifest roots [a/b c] do not permit data at path '/a/x' (hint: check bundle "
              "directory structure)");
    EXPECT_EQ(read({manifest, {"p.rego", "package a"}}),
              "manifest roots [a/b c] do not permit 'package a' in module 'p.rego'");
    EXPECT_EQ(read({{".manifest", R"({"roots": ["a", "a/b"]})"}}),
              "manifest has overlapped roots: 'a' and 'a/b'");
    EXPECT_EQ(read({manifest, {"x/.manifest", "{}"}}),
              "bundle contains multiple manifest files: \".manifest\" and \"x/.manifest\"");
}

TEST_F(BundleTest, a_manifest_of_wrong_types_is_refused) {
    for (const std::string_view text :
         {R"({"roots": "a"})", R"({"roots": [1]})", R"({"revision": 1})", "[]", "{",
          R"({"rego_version": "1"})", R"({"rego_version": 7})"}) {
        EXPECT_NE(read({{".manifest", std::string(text)}}).find("manifest"), std::string::npos)
            << text;
    }
}

TEST_F(BundleTest, a_manifest_is_read_as_go_reads_json) {
    const File module{"p.rego", "package q"};
    const auto with = [&](std::string_view manifest) {
        return read({module, {".manifest", std::string(manifest)}});
    };
    // The case of names does not count, nor what comes behind the value.
    EXPECT_EQ(with(R"({"ROOTS": ["a"]})"),
              "manifest roots [a] do not permit 'package q' in module 'p.rego'");
    EXPECT_EQ(with("{}x"), "{} p.rego");
    EXPECT_EQ(with("{} {}"), "{} p.rego");
    EXPECT_EQ(with(R"({"metadata": null, "roots": null})"), "{} p.rego");
    EXPECT_EQ(with(R"({"roots": [null]})"), "{} p.rego");
    const std::string cannot = "bundle load failed on manifest decode: json: cannot unmarshal ";
    EXPECT_EQ(
        with(R"({"metadata": []})"),
        cannot + "array into Go struct field Manifest.metadata of type map[string]interface {}");
    EXPECT_EQ(with(R"({"roots": [5]})"),
              cannot + "number into Go struct field Manifest.roots of type string");
    EXPECT_EQ(with(R"({"rego_version": 1.5})"),
              cannot + "number 1.5 into Go struct field Manifest.rego_version of type int");
    EXPECT_EQ(with("[]"), cannot + "array into Go value of type bundle.Manifest");
}

TEST_F(BundleTest, a_patch_makes_a_bundle_of_patches_where_it_holds_one) {
    const File module{"p.rego", "package q"};
    const auto with = [&](std::string_view patch) {
        return read({module, {"sub/patch.json", std::string(patch)}});
    };
    EXPECT_EQ(with("{}"), "{} p.rego");
    EXPECT_EQ(with(R"({"data": []})"), "{} p.rego");
    EXPECT_EQ(with(R"({"data": [{"op": "remove", "path": "/a"}]})"),
              "bundle sub/patch.json: delta bundles are not supported");
    EXPECT_NE(with("x").find("bundle load failed on patch decode"), std::string::npos);
    EXPECT_NE(with(R"({"data": {}})").find("[]bundle.PatchOperation"), std::string::npos);
}

TEST_F(BundleTest, of_modules_at_one_place_the_last_counts) {
    EXPECT_EQ(read({{"p.rego", "package p", "p.rego"}, {"p.rego", "package p", "/p.rego"}}),
              "{} /p.rego");
}

TEST_F(BundleTest, yaml_data_is_what_json_can_say) {
    for (const char* text : {"z: .inf", "null: c"}) {
        EXPECT_NE(read({{"data.yaml", text}}).find("bundle load failed on data.yaml"),
                  std::string::npos)
            << text;
    }
}

TEST_F(BundleTest, the_manifest_says_which_rego_its_modules_are) {
    const File old{"a/p.rego", "package p\n\nallow { true }\n"};
    EXPECT_NE(read({old}).find("rego_parse_error"), std::string::npos);
    EXPECT_EQ(read({old, {".manifest", R"({"rego_version": 0})"}}), "{} a/p.rego");
    EXPECT_EQ(read({old, {".manifest", R"({"file_rego_versions": {"/a/*.rego": 0}})"}}),
              "{} a/p.rego");
    EXPECT_EQ(read({{".manifest", R"({"rego_version": 2})"}}), "{}");
    EXPECT_EQ(read({{".manifest", "null"}}), "{}");
}

TEST_F(BundleTest, versions_of_files_go_by_patterns_as_an_archive_spells_paths) {
    const std::string text = "package p\n\nallow { true }\n";
    const File manifest{".manifest", R"({"file_rego_versions": {"/a/*.rego": 0}})"};
    EXPECT_EQ(read({{"a/p.rego", text, "/a/p.rego"}, manifest}), "{} /a/p.rego");
    EXPECT_NE(read({{"a/p.rego", text, "a/p.rego"}, manifest}).find("rego_parse_error"),
              std::string::npos);
    // Stars cross slashes, and of several patterns the first one in their order counts.
    const File several{".manifest", R"({"file_rego_versions": {"/b*": 1, "/a*": 0, "/*": 1}})"};
    EXPECT_NE(read({{"a/p.rego", text}, several}).find("rego_parse_error"), std::string::npos);
    EXPECT_EQ(read({{"a/p.rego", text},
                    {".manifest", R"({"file_rego_versions": {"/b*": 1, "/a*": 0}})"}}),
              "{} a/p.rego");
    const File wrong{".manifest", R"({"file_rego_versions": {"[": 1}})"};
    EXPECT_TRUE(read({{"a/p.rego", text}, wrong}).starts_with("failed to compile glob pattern ["));
}

TEST_F(BundleTest, a_wasm_module_that_the_manifest_names_is_there_and_in_its_roots) {
    const File manifest{
        ".manifest",
        R"({"roots": ["p"], "wasm": [{"entrypoint": "p/a", "module": "/policy.wasm"}]})"};
    EXPECT_EQ(read({manifest}),
              "manifest references wasm module '/policy.wasm' but the module file does not exist");
    EXPECT_EQ(read({manifest, {"policy.wasm", "", "/policy.wasm"}}), "{}");
    EXPECT_EQ(read({manifest, {"policy.wasm", ""}}, {.folder = "f"}), "{}");
    EXPECT_NE(
        read({{".manifest",
               R"({"roots": ["p"], "wasm": [{"entrypoint": "q", "module": "/policy.wasm"}]})"},
              {"policy.wasm", "", "/policy.wasm"}})
            .find("do not permit 'q' entrypoint"),
        std::string::npos);
    EXPECT_NE(read({{".manifest", R"({"wasm": [1]})"}}).find("wasm must be"), std::string::npos);
}

TEST_F(BundleTest, data_files_may_be_passed_over) {
    EXPECT_EQ(read({{".manifest", R"({"roots": ["a"]})"}, {"data.json", "{"}},
                   {.data_files = DataFiles::kPassedOver}),
              "{}");
    EXPECT_EQ(read({{".manifest", R"({"roots": []})"}, {"data.json", "{}"}},
                   {.data_files = DataFiles::kPassedOver}),
              "{}");
}

// A bundle that is signed with the secret "secret".
File signature_of(const std::string& files_json, const std::string& scope) {
    const auto encode = [](std::string_view text) {
        return go_base64_encode(text, Base64Form::kUrlUnpadded);
    };
    const std::string message = encode(R"({"alg": "HS256"})") + "." +
                                encode("{\"files\": [" + files_json + "]" + scope + "}");
    const auto key = crypto::JoseKey::from_secret("secret");
    const auto signature = key.sign(*crypto::jose_scheme("HS256"), message);
    return {".signatures.json",
            R"({"signatures": [")" + message + "." + encode(signature.value()) + R"("]})"};
}

std::string entry(const std::string& name, std::string_view canonical) {
    return R"({"name": ")" + name + R"(", "algorithm": "SHA-256", "hash": ")" +
           to_hex(crypto::hash(crypto::HashName::kSha256, canonical)) + R"("})";
}

TEST_F(BundleTest, a_signature_is_over_all_files_and_over_what_data_means) {
    const std::string files =
        entry("p.rego", "package p") + "," + entry("data.json", R"({"a":1,"b":["<x>"]})");
    Verification verification{.key = "secret", .algorithm = "HS256"};
    const Options options{.verification = &verification};
    const File module{"p.rego", "package p"};
    const File data{"data.json", "{ \"b\": [\"<x>\"],\n \"a\": 1 }"};
    const File signature = signature_of(files, "");
    EXPECT_EQ(read({module, data, signature}, options), R"({"a": 1, "b": ["<x>"]} p.rego)");
    EXPECT_EQ(read({module, data}, options), "bundle missing .signatures.json file");
    EXPECT_EQ(read({module, signature}, options),
              "file(s) [data.json] specified in bundle signatures but not found in the target "
              "bundle");
    EXPECT_EQ(read({module, data, {"more.txt", ""}, signature}, options),
              "file more.txt not included in bundle signature");
    EXPECT_NE(read({{"p.rego", "package q"}, data, signature}, options).find("digest mismatch"),
              std::string::npos);
    verification.excluded = {"*.txt"};
    EXPECT_EQ(read({module, data, {"more.txt", ""}, signature}, options),
              R"({"a": 1, "b": ["<x>"]} p.rego)");
    verification.scope = "read";
    EXPECT_EQ(read({module, data, signature}, options), "scope mismatch");
    EXPECT_EQ(read({module, data, signature_of(files, R"(, "scope": "read")")}, options),
              R"({"a": 1, "b": ["<x>"]} p.rego)");
    verification.key = "other";
    EXPECT_EQ(read({module, data, signature}, options),
              "failed to verify JWT signature: invalid HMAC signature");
    // A public key is never taken for a secret, nor a token's own word for the algorithm.
    verification.algorithm = "RS256";
    EXPECT_EQ(read({module, data, signature}, options),
              "failed to parse PEM block containing the key");
    verification.algorithm = "none";
    EXPECT_EQ(read({module, data, signature}, options), "unknown signature algorithm: none");
}

TEST_F(BundleTest, what_is_signed_is_verified) {
    const std::vector<File> files = {{"p.rego", "package p"},
                                     {"a/data.json", R"({"b": 1.0, "a": "<x>"})"},
                                     {".manifest", R"({"roots": ["a", "p"]})"},
                                     {".signatures.json", "an old one"}};
    const auto digests = digests_of(files, {.folder = "f"}, arena_, interner_);
    ASSERT_TRUE(digests.ok()) << digests.error().message;
    ASSERT_EQ(digests.value().size(), 3U);
    EXPECT_EQ(digests.value()[1].name, "f/a/data.json");
    value::Builder values(arena_, interner_);
    Signing signing{.key = "secret", .algorithm = "HS256"};
    signing.claims = read_term(R"({"scope": "read", "by": "me"})", values).value();
    const auto text = sign_digests(digests.value(), signing);
    ASSERT_TRUE(text.ok()) << text.error().message;
    std::vector<File> bundle(files.begin(), files.end() - 1);
    bundle.push_back({".signatures.json", text.value()});
    Verification verification{.key = "secret", .algorithm = "HS256", .scope = "read"};
    const Options options{.folder = "f", .verification = &verification};
    EXPECT_EQ(read(bundle, options), R"({"a": {"a": "<x>", "b": 1.0}} f/p.rego)");
    // With the names that OPA's `build` writes.
    bundle.back().bytes = sign_digests(digests.value(), signing, kDefaultSigner).value();
    EXPECT_TRUE(bundle.back().bytes.contains(R"("plugin": "_default")"));
    EXPECT_EQ(read(bundle, options), R"({"a": {"a": "<x>", "b": 1.0}} f/p.rego)");
    bundle.back().bytes =
        sign_digests(digests.value(), signing, {.key_id = "", .plugin = "mine"}).value();
    EXPECT_EQ(read(bundle, options), "no verifier exists under id mine");
    bundle.back().bytes = text.value();
    verification.key = "other";
    EXPECT_NE(read(bundle, options).find("failed to verify"), std::string::npos);
    signing.algorithm = "RS256";
    EXPECT_EQ(sign_digests(digests.value(), signing).error().message,
              "failed to parse PEM block containing the key");
    signing.algorithm = "HS7";
    EXPECT_EQ(sign_digests(digests.value(), signing).error().message,
              "unknown signature algorithm: HS7");
    EXPECT_FALSE(digests_of(std::vector<File>{{"data.json", "{"}}, {}, arena_, interner_).ok());
}

TEST_F(BundleTest, bundles_overlap_where_one_root_stands_in_another) {
    const std::vector<std::string> a = {"a/b"};
    const std::vector<std::string> inside = {"x", "a/b/c"};
    const std::vector<std::string> beside = {"a/bc"};
    const std::vector<std::string> all = {""};
    ASSERT_EQ(shared_roots(a, inside).size(), 1U);
    EXPECT_EQ(shared_roots(a, inside)[0].root, "a/b");
    EXPECT_EQ(shared_roots(a, inside)[0].other, "a/b/c");
    EXPECT_EQ(shared_roots(inside, a).size(), 1U);
    EXPECT_EQ(shared_roots(a, all).size(), 1U);
    EXPECT_TRUE(shared_roots(a, beside).empty());
}

TEST(BundleArchive, what_is_no_archive_is_refused) {
    EXPECT_FALSE(read_archive("").ok());
    EXPECT_FALSE(read_archive("PK\3\4").ok());
    EXPECT_FALSE(read_archive(std::string_view("\x1f\x8b\x08\0\0\0", 6)).ok());
}

TEST(BundleArchive, what_is_unpacked_is_a_tar) {
    // gzip of "abc", by hand: one stored block.
    const std::string_view abc(
        "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x03\0\xfc\xff"
        "abc\xc2\x41\x24\x35\x03\0\0\0",
        26);
    const auto read = read_archive(abc);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().message, "bundle read failed: unexpected EOF");
    const std::vector<text::TarText> texts = {{"/a/data.json", "{}"}};
    const auto packed = text::write_tar_gz(texts);
    ASSERT_TRUE(packed.ok());
    const auto files = read_archive(packed.value());
    ASSERT_TRUE(files.ok()) << files.error().message;
    ASSERT_EQ(files.value().size(), 1U);
    EXPECT_EQ(files.value()[0].path, "a/data.json");
    EXPECT_EQ(files.value()[0].spelled, "/a/data.json");
}

TEST(BundleArchive, a_path_may_go_up_and_not_out) {
    const auto path_of = [](std::string_view name) {
        const std::vector<text::TarText> texts = {{std::string(name), "{}"}};
        const auto files = read_archive(text::write_tar_gz(texts).value());
        return files.ok() ? files.value().at(0).path : files.error().message;
    };
    EXPECT_EQ(path_of("a/../b/data.json"), "b/data.json");
    EXPECT_EQ(path_of("a/b/../../data.json"), "data.json");
    EXPECT_EQ(path_of("a/../../data.json"), "bundle file 'a/../../data.json' leaves the bundle");
}

}  // namespace
}  // namespace merlon::rego::bundle
