#include "compat/gitleaks/patch_scan.h"

#include <gtest/gtest.h>

#include "connect/git/object_map.h"
#include "secrets/program.h"

namespace merlon::compat::gitleaks {
namespace {

namespace git = connect::git;

constexpr std::string_view kRules = R"(
[[rules]]
id = "token"
regex = "tok_[a-z]{4}"
keywords = ["tok_"]
[[rules]]
id = "only-in-env"
path = '''\.env$'''
regex = "pw=[a-z]{4}"
[[rules]]
id = "path-alone"
path = '''\.p12$'''
[[allowlists]]
paths = ['''^allowed/''']
)";

secrets::Program compile() {
    model::Diagnostics diagnostics;
    secrets::LoadedConfig loaded = secrets::load_config(std::string(kRules), "rules.toml", {},
                                                        secrets::BadRules::kRefuse, diagnostics);
    EXPECT_TRUE(loaded.config.ok()) << loaded.config.error().message;
    secrets::ProgramOptions options;
    options.dialect = secrets::Dialect::kGitleaks;
    return secrets::Program::compile(std::move(loaded.config).value(), options, diagnostics)
        .value();
}

class PatchScan : public testing::Test {
  protected:
    git::FileVersion file(std::string_view text) {
        return {git::FileMode::kRegular, objects_.blob(text)};
    }
    static git::FileChange change(const std::string& path, const git::FileVersion& before,
                                  const git::FileVersion& after) {
        return {before.exists() ? git::ChangeKind::kModified : git::ChangeKind::kAdded,
                path,
                {},
                before,
                after,
                0};
    }
    // Rows as "commit path rule line", then gaps, then the bytes.
    std::vector<std::string> scan(const std::vector<git::FileChange>& changes,
                                  CleanPatches* clean) {
        Scanner scanner(program_, options_);
        FileFindings findings;
        int commit = 0;
        for (const git::FileChange& one : changes) {
            scan_change({objects_, attributes_, clean}, one, std::to_string(++commit), scanner,
                        findings);
        }
        std::vector<std::string> told;
        for (const Row& row : findings.rows) {
            told.push_back(row.commit + " " + row.file + " " + row.rule_id + " " +
                           std::to_string(row.start_line));
        }
        for (const Gap& gap : findings.gaps) told.push_back("gap: " + gap.path);
        told.push_back(std::to_string(findings.bytes) + " bytes");
        return told;
    }
    // The same with and without what is known of changes before, in either order.
    void expect_same(std::vector<git::FileChange> changes) {
        for (int turn = 0; turn < 2; ++turn) {
            CleanPatches clean;
            EXPECT_EQ(scan(changes, &clean), scan(changes, nullptr));
            std::ranges::reverse(changes);
        }
    }

    git::ObjectMap objects_;
    git::Attributes attributes_;
    secrets::Program program_ = compile();
    ScanOptions options_;
};

using Told = std::vector<std::string>;

TEST_F(PatchScan, a_change_that_adds_nothing_is_read_once) {
    const git::FileVersion before = file("one\n");
    const git::FileVersion after = file("one\ntwo\n");
    CleanPatches clean;
    EXPECT_EQ(scan({change("a.txt", before, after)}, &clean), (Told{"4 bytes"}));
    objects_.forget(after.id);
    EXPECT_EQ(scan({change("b.txt", before, after)}, &clean), (Told{"4 bytes"}));
    EXPECT_EQ(scan({change("b.txt", before, after)}, nullptr), (Told{"gap: b.txt", "0 bytes"}));
    // The other way round nothing is added.
    EXPECT_EQ(scan({change("a.txt", {}, before)}, &clean), (Told{"4 bytes"}));
}

TEST_F(PatchScan, a_change_with_a_secret_is_told_of_each_time) {
    const git::FileVersion before = file("one\n");
    const git::FileVersion after = file("one\ntok_abcd\n");
    CleanPatches clean;
    EXPECT_EQ(scan({change("a.txt", before, after), change("a.txt", after, before),
                    change("a.txt", before, after), change("allowed/a.txt", before, after),
                    change("b.txt", before, after)},
                   &clean),
              (Told{"1 a.txt token 2", "3 a.txt token 2", "5 b.txt token 2", "36 bytes"}));
}

TEST_F(PatchScan, what_a_path_decides_is_decided_for_each_path) {
    const git::FileVersion before = file("one\n");
    const git::FileVersion after = file("one\npw=abcd\n");
    const std::vector<git::FileChange> changes = {
        change("a.txt", before, after),    change("b.txt", before, after),
        change("prod.env", before, after), change("key.p12", before, after),
        change("c.txt", before, after),    change("test.env", before, after)};
    CleanPatches clean;
    EXPECT_EQ(scan(changes, &clean), (Told{"3 prod.env only-in-env 2", "4 key.p12 path-alone 0",
                                           "6 test.env only-in-env 2", "48 bytes"}));
    expect_same(changes);
}

TEST_F(PatchScan, attributes_and_old_names_decide_whether_lines_are_compared) {
    attributes_ = git::Attributes("*.dat -diff\n*.txt diff\n", {});
    const git::FileVersion before = file("one\n");
    const git::FileVersion after = file("one\ntok_abcd\n");
    const git::FileVersion binary = file(std::string("one\ntok_abcd\n\0", 14));
    git::FileChange renamed = change("new", before, after);
    renamed.kind = git::ChangeKind::kRenamed;
    renamed.old_path = "old.dat";
    const std::vector<git::FileChange> changes = {
        change("a.dat", before, after),  change("a.c", before, after),
        change("a.dat", before, binary), change("a.c", before, binary),
        change("a.txt", before, binary), renamed};
    CleanPatches clean;
    EXPECT_EQ(scan(changes, &clean), (Told{"2 a.c token 2", "5 a.txt token 2", "19 bytes"}));
    expect_same(changes);
}

TEST_F(PatchScan, the_mode_decides_too) {
    const git::ObjectId id = objects_.blob("tok_abcd");
    const git::FileVersion link{git::FileMode::kSymlink, id};
    const git::FileVersion module{git::FileMode::kSubmodule, id};
    const std::vector<git::FileChange> changes = {change("m", {}, module), change("l", {}, link),
                                                  change("m", {}, module), change("l", {}, link),
                                                  change("m", module, link)};
    expect_same(changes);
    EXPECT_EQ(scan({change("m", {}, module), change("l", {}, link)}, nullptr).front(),
              "2 l token 1");
}

TEST_F(PatchScan, names_that_are_lost_and_own_files_are_so_each_time) {
    options_.own_files = {"rules.toml"};
    const git::FileVersion before = file("one\n");
    const git::FileVersion after = file("one\ntok_abcd\n");
    const git::FileVersion other = file("one\nnothing\n");
    expect_same({change("rules.toml", before, after), change("a", before, after),
                 change("rules.toml", before, after), change("q\"\\", before, other),
                 change("a", before, other), change("q\"\\", before, other)});
}

TEST(CleanPatches, forgets_what_was_not_asked_for_lately) {
    git::ObjectMap objects;
    CleanPatches clean;
    const auto key_of = [](std::uint32_t number) {
        std::string raw(20, '\0');
        for (int i = 0; i < 4; ++i) raw[i + 4] = static_cast<char>(number >> (8 * i));
        CleanPatches::Key key;
        key.after = {git::FileMode::kRegular,
                     git::ObjectId::from_bytes(git::HashAlgorithm::kSha1, raw.data())};
        return key;
    };
    clean.add(key_of(0), {git::PatchKind::kText, 7});
    clean.add(key_of(1), {git::PatchKind::kText, 8});
    for (std::uint32_t i = 2; i < 1'000'000; ++i) {
        clean.add(key_of(i), {});
        if (i % 1000 == 0) {
            ASSERT_TRUE(clean.find(key_of(0)));
        }
    }
    EXPECT_EQ(clean.find(key_of(0))->added_bytes, 7u);
    EXPECT_FALSE(clean.find(key_of(1)));
    CleanPatches::Key other = key_of(0);
    other.rules = 1;
    EXPECT_FALSE(clean.find(other));
}

}  // namespace
}  // namespace merlon::compat::gitleaks
