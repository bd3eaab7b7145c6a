// The engine contract beyond one file: conclude() over many documents, Host and its record, saved
// sessions, the result cache, and a child process that may do its worst.
//
// The same program is parent and child: with the argument --child it serves one document.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "base/file.h"
#include "base/sandbox.h"
#include "crypto/digest.h"
#include "model/host.h"
#include "model/result_cache.h"
#include "model/serialize.h"
#include "module_engine.h"
#include "scan/isolated.h"

namespace merlon::module_engine {
namespace {

namespace fs = std::filesystem;

struct Source {
    std::string path;
    std::string text;
};

const std::vector<Source> kSources = {
    {"a.mod", "module a\nimport b\nimport c\n"},
    {"b.mod", "module b\nimport c\n"},
    {"c.mod", "module c\nimport a # closes it\n"},
    {"d.mod", "module d\nimport a\n"},
    {"d2.mod", "# again\nmodule d\n"},
};

Result<std::string> no_files(std::string_view name) {
    return Error{"there is no file '" + std::string(name) + "'"};
}

Program compiled(std::string_view pack) {
    model::Diagnostics diagnostics;
    Program program = Program::compile(pack, no_files, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors());
    return program;
}

model::Document document_of(const std::string& path, std::string_view text) {
    const FileBytes bytes = padded_copy(text);
    model::Document document;
    document.bytes = bytes.bytes;
    document.owner = bytes.owner;
    document.origin = {{model::OriginStep::Kind::kFile, path, {}}};
    return document;
}

model::Report run(const Program& program, const std::vector<Source>& sources, model::Host& host) {
    std::vector<Facts> facts;
    Inputs inputs;
    Program::Scratch scratch;
    for (const Source& source : sources) {
        facts.push_back(program.examine(document_of(source.path, source.text), 0, scratch));
        inputs.paths.push_back(source.path);
    }
    return program.conclude(facts, inputs, host);
}

std::vector<std::string> shown(const model::Report& report) {
    std::vector<std::string> lines;
    for (const model::Finding& finding : report.findings) {
        lines.push_back(model::to_string(finding.location) + " " + finding.rule_id + ": " +
                        finding.message);
    }
    return lines;
}

TEST(Compile, leaves_out_a_wrong_rule_and_keeps_the_others) {
    model::Diagnostics diagnostics;
    const Program program = Program::compile(
        "no-cycles\nno-such-rule x\ninclude more\ninclude gone\n",
        [](std::string_view name) -> Result<std::string> {
            if (name == "more") return std::string("unique\n");
            return no_files(name);
        },
        diagnostics);
    EXPECT_EQ(diagnostics.items().size(), 2u);
    EXPECT_EQ(program.digest(), compiled("unique\nno-cycles").digest());
}

TEST(Conclude, sees_what_no_single_file_shows) {
    model::DeniedHost host;
    const std::vector<std::string> expected = {"a.mod:1:1 no-cycles: a imports itself by a circle",
                                               "d2.mod:2:1 unique: d is in d.mod too"};
    EXPECT_EQ(shown(run(compiled("no-cycles\nunique"), kSources, host)), expected);
    EXPECT_FALSE(host.touched());
}

TEST(Conclude, counts_what_it_could_not_read) {
    model::DeniedHost host;
    const model::Report report = run(compiled("unique"), {{"x.mod", "module x\nimprot y\n"}}, host);
    ASSERT_EQ(report.coverage.gaps.size(), 1u);
    EXPECT_EQ(report.coverage.gaps[0].detail, "line 2 is no statement");
}

// A world that answers otherwise each time.
class MovingWorld final : public model::Host {
  public:
    Result<std::string> ask(std::string_view, std::string_view) override {
        return std::string(++asked_ % 2 == 1 ? "granted" : "refused");
    }
    bool touched() const override { return asked_ > 0; }

  private:
    int asked_ = 0;
};

TEST(Host, refuses_what_was_not_allowed_and_records_that) {
    MovingWorld world;
    model::RecordingHost host(world, {"clock"});
    const model::Report report = run(compiled("forbid a b"), kSources, host);
    EXPECT_EQ(shown(report), std::vector<std::string>{"a.mod:2:1 forbid: a may not import b"});
    EXPECT_FALSE(world.touched());
    ASSERT_EQ(host.record().size(), 1u);
    EXPECT_FALSE(host.record()[0].granted);
}

TEST(Host, replays_a_decision_from_its_record_whatever_the_world_says_now) {
    const Program program = compiled("forbid a b\nforbid b c\nforbid d a");
    MovingWorld world;
    model::RecordingHost host(world, {"exceptions"});
    const model::Report report = run(program, kSources, host);
    EXPECT_EQ(host.record().size(), 3u);
    EXPECT_EQ(report.findings.size(), 1u);
    for (int i = 0; i < 3; ++i) {
        model::ReplayHost replay(host.record());
        EXPECT_EQ(model::serialize(run(program, kSources, replay)), model::serialize(report));
        EXPECT_TRUE(replay.faithful());
    }
    model::RecordingHost today(world, {"exceptions"});
    EXPECT_NE(shown(run(program, kSources, today)), shown(report));
}

TEST(Host, tells_when_a_replayed_decision_is_no_longer_the_same) {
    MovingWorld world;
    model::RecordingHost host(world, {"exceptions"});
    run(compiled("forbid a b"), kSources, host);
    model::ReplayHost other(host.record());
    run(compiled("forbid b c"), kSources, other);
    EXPECT_FALSE(other.faithful());
    model::ReplayHost less(host.record());
    run(compiled("unique"), kSources, less);
    EXPECT_FALSE(less.faithful());
}

std::vector<Event> random_events() {
    std::mt19937 random(7);  // NOLINT: the same events each time
    std::vector<Event> events;
    std::int64_t second = 0;
    for (int i = 0; i < 200; ++i) {
        second += static_cast<std::int64_t>(random() % 20);
        events.push_back(
            {second, std::string(1, static_cast<char>('a' + random() % 3)), random() % 3 != 0});
    }
    return events;
}

TEST(Session, gives_the_same_wherever_it_was_saved_and_opened_again) {
    const Program program = compiled("burst 3 60");
    const std::vector<Event> events = random_events();
    model::DeniedHost host;
    const auto results_when_cut_at = [&](std::size_t cut) {
        Program::Sink sink;
        Session session = program.open({}).value();
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (i == cut) session = program.open(session.save()).value();
            session.step(events[i], host, sink);
        }
        model::Report report;
        report.findings = std::move(sink);
        return model::serialize(report);
    };
    const std::string whole = results_when_cut_at(events.size());
    EXPECT_NE(whole, model::serialize(model::Report{}));
    for (std::size_t cut = 0; cut < events.size(); ++cut) {
        ASSERT_EQ(results_when_cut_at(cut), whole) << cut;
    }
}

TEST(Session, refuses_a_state_that_it_did_not_write) {
    EXPECT_FALSE(compiled("burst 3 60").open("a 1 two 3\n").ok());
}

class CacheTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "merlon-engine-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { fs::remove_all(directory_); }

    // As a control runs an engine: facts from the cache where they are, then the report.
    model::Report run_cached(const Program& program, const std::vector<Source>& sources,
                             model::Host& host) {
        FileCache files(directory_.string(), 1 << 20, system_clock());
        model::ResultCache cache(files);
        std::vector<model::FactsKey> keys;
        std::string paths;
        for (const Source& source : sources) {
            keys.push_back({crypto::sha256(source.text).to_string(), 0, program.digest(), "", ""});
            paths += source.path + '\n';
        }
        if (auto kept = cache.find_report(keys, paths)) {
            ++reports_found_;
            return std::move(*kept);
        }
        std::vector<Facts> facts;
        Inputs inputs;
        Program::Scratch scratch;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            inputs.paths.push_back(sources[i].path);
            if (auto bytes = cache.find_facts(keys[i])) {
                if (auto kept = restore(*bytes)) {
                    ++facts_found_;
                    facts.push_back(std::move(*kept));
                    continue;
                }
            }
            facts.push_back(
                program.examine(document_of(sources[i].path, sources[i].text), 0, scratch));
            cache.keep_facts(keys[i], store(facts.back()));
        }
        const model::Report report = program.conclude(facts, inputs, host);
        cache.keep_report(keys, paths, report, host);
        return report;
    }

    fs::path directory_;
    int reports_found_ = 0;
    int facts_found_ = 0;
};

TEST_F(CacheTest, gives_a_warm_run_the_cold_run_s_bytes) {
    const Program program = compiled("no-cycles\nunique");
    model::DeniedHost host;
    const std::string cold = model::serialize(run_cached(program, kSources, host));
    EXPECT_EQ(model::serialize(run_cached(program, kSources, host)), cold);
    EXPECT_EQ(reports_found_, 1);
    EXPECT_EQ(cold, model::serialize(run(program, kSources, host)));
}

TEST_F(CacheTest, looks_again_where_a_file_a_path_or_a_rule_changed) {
    const Program program = compiled("no-cycles\nunique");
    model::DeniedHost host;
    run_cached(program, kSources, host);
    std::vector<Source> changed = kSources;
    changed[2].text = "module c\n";
    EXPECT_EQ(shown(run_cached(program, changed, host)).size(), 1u);
    EXPECT_EQ(facts_found_, static_cast<int>(kSources.size()) - 1);
    changed = kSources;
    changed[0].path = "moved.mod";
    EXPECT_EQ(shown(run_cached(program, changed, host)).size(), 2u);
    run_cached(compiled("unique"), kSources, host);
    EXPECT_EQ(reports_found_, 0);
}

TEST_F(CacheTest, never_keeps_what_touched_the_world) {
    const Program program = compiled("forbid a b");
    MovingWorld world;
    EXPECT_TRUE(run_cached(program, kSources, world).findings.empty());
    EXPECT_EQ(run_cached(program, kSources, world).findings.size(), 1u);
    model::DeniedHost denied;
    EXPECT_EQ(run_cached(program, kSources, denied).findings.size(), 1u);
    EXPECT_EQ(reports_found_, 0);
}

TEST_F(CacheTest, takes_a_damaged_entry_for_none) {
    const Program program = compiled("no-cycles\nunique");
    model::DeniedHost host;
    const std::string cold = model::serialize(run_cached(program, kSources, host));
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
        if (entry.is_regular_file()) fs::resize_file(entry.path(), entry.file_size() / 2);
    }
    EXPECT_EQ(model::serialize(run_cached(program, kSources, host)), cold);
    EXPECT_EQ(reports_found_, 0);
    EXPECT_EQ(facts_found_, 0);
}

// What a child does with a document of this text instead of reading it.
constexpr std::string_view kCrash = "crash";
constexpr std::string_view kHang = "hang";
constexpr std::string_view kEatMemory = "eat memory";
constexpr std::string_view kFlood = "flood";
constexpr std::string_view kLie = "lie";
constexpr std::string_view kWrite = "write ";

model::Report scan_as_child(const model::Document& document) {
    const std::string_view text = document.bytes;
    if (text == kCrash) std::raise(SIGSEGV);
    if (text == kHang) std::this_thread::sleep_for(std::chrono::hours(1));
    if (text == kEatMemory) {
        for (std::vector<std::string> eaten;;) eaten.emplace_back(std::size_t{1} << 24, 'x');
    }
    if (text == kLie || text == kFlood) {
        const std::string lie(text == kLie ? 100 : std::size_t{8} << 20, 'M');
        if (write(STDOUT_FILENO, lie.data(), lie.size()) < 0) std::_Exit(3);
    }
    model::Report report;
    if (text.starts_with(kWrite)) {
        const std::string path(text.substr(kWrite.size()));
        if (write_file_atomically(path, "written").ok()) report.notices.push_back("wrote " + path);
    }
    model::DeniedHost host;
    Program::Scratch scratch;
    const Program program = compiled("unique");
    const Facts facts[] = {program.examine(document, 0, scratch)};
    model::Report found = program.conclude(facts, {{model::display_path(document.origin)}}, host);
    std::move(report.notices.begin(), report.notices.end(), std::back_inserter(found.notices));
    return found;
}

ChildCommand child_command() {
    ChildCommand command;
    command.arguments = {fs::read_symlink("/proc/self/exe").string(), "--child"};
#if defined(MERLON_SANITIZED)
    // The leak checker traces its own process, which the child's sandbox does not allow.
    command.environment = {"ASAN_OPTIONS=detect_leaks=0"};
#endif
    command.time_limit = std::chrono::seconds(30);
    command.max_output_bytes = std::uint64_t{1} << 20;
    return command;
}

model::Report scan_isolated(std::string_view text, const ChildCommand& command) {
    model::Report report;
    const CancelToken cancel;
    scan::scan_in_child(command, document_of("dir/x.mod", text), cancel, report);
    return report;
}

void expect_gap(const model::Report& report, std::string_view what) {
    ASSERT_EQ(report.coverage.gaps.size(), 1u);
    const model::Gap& gap = report.coverage.gaps[0];
    EXPECT_EQ(gap.cause, model::GapCause::kScannerFailed);
    EXPECT_EQ(gap.path, "dir/x.mod");
    EXPECT_NE(gap.detail.find(what), std::string::npos) << gap.detail;
    EXPECT_EQ(report.coverage.files_seen, 1u);
    EXPECT_EQ(report.coverage.files_read, 0u);
    EXPECT_FALSE(report.coverage.complete());
}

TEST(Child, finds_what_its_parent_would_find) {
    const model::Report report = scan_isolated("module x\nnonsense\n", child_command());
    ASSERT_EQ(report.coverage.gaps.size(), 1u);
    EXPECT_EQ(report.coverage.gaps[0].detail, "line 2 is no statement");
    EXPECT_EQ(report.coverage.files_read, 1u);
}

TEST(Child, that_crashes_is_a_gap) {
    const model::Report report = scan_isolated(kCrash, child_command());
    // A sanitizer turns the signal into an exit code.
    expect_gap(report, "the child process that scanned it");
}

TEST(Child, that_hangs_is_stopped_and_a_gap) {
    ChildCommand command = child_command();
    command.time_limit = std::chrono::milliseconds(300);
    expect_gap(scan_isolated(kHang, command), "time limit of 300 ms");
}

TEST(Child, that_floods_its_output_is_stopped_and_a_gap) {
    expect_gap(scan_isolated(kFlood, child_command()), "more than 1048576 bytes of output");
}

TEST(Child, that_answers_with_something_else_is_a_gap) {
    expect_gap(scan_isolated(kLie, child_command()), "serialised form");
}

// A sanitizer reserves more address space than any limit.
#if !defined(MERLON_SANITIZED)
TEST(Child, that_eats_memory_hits_its_limit_and_is_a_gap) {
    ChildCommand command = child_command();
    command.max_memory_bytes = std::uint64_t{512} << 20;
    expect_gap(scan_isolated(kEatMemory, command), "killed by signal 6");
}
#endif

TEST(Child, that_cannot_be_started_is_a_gap) {
    ChildCommand command;
    command.arguments = {"/no/such/program"};
    expect_gap(scan_isolated("module x", command), "No such file");
}

TEST(Child, can_write_no_file_where_the_kernel_has_landlock) {
    const fs::path target =
        fs::temp_directory_path() / ("merlon-child-" + std::to_string(getpid()));
    const model::Report report =
        scan_isolated(std::string(kWrite) + target.string(), child_command());
    const bool wrote = !report.notices.empty();
    EXPECT_EQ(wrote, fs::exists(target));
    if (probe_sandbox().files == SandboxReport::State::kAvailable) {
        EXPECT_FALSE(wrote);
    }
    fs::remove(target);
}

TEST(Child, ends_with_its_cancelled_run) {
    CancelToken cancel;
    cancel.cancel();
    model::Report report;
    scan::scan_in_child(child_command(), document_of("x.mod", kHang), cancel, report);
    ASSERT_EQ(report.coverage.gaps.size(), 1u);
    EXPECT_EQ(report.coverage.gaps[0].cause, model::GapCause::kCancelled);
}

TEST(Child, serves_many_parents_at_once) {
    std::vector<model::Report> reports(8);
    {
        std::vector<std::jthread> threads;
        for (model::Report& report : reports) {
            threads.emplace_back([&report] {
                for (int i = 0; i < 10; ++i) {
                    const CancelToken cancel;
                    scan::scan_in_child(child_command(), document_of("x.mod", "module x\n"), cancel,
                                        report);
                }
            });
        }
    }
    for (const model::Report& report : reports) {
        EXPECT_EQ(report.coverage.files_read, 10u);
        EXPECT_TRUE(report.coverage.complete());
    }
}

}  // namespace
}  // namespace merlon::module_engine

int main(int count, char** arguments) {
    if (count == 2 && std::string_view(arguments[1]) == "--child") {
        return merlon::scan::serve_parent(merlon::module_engine::scan_as_child);
    }
    testing::InitGoogleTest(&count, arguments);
    return RUN_ALL_TESTS();
}
