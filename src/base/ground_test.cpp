#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "base/arena.h"
#include "base/build_id.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/interner.h"
#include "base/log.h"
#include "base/mapped_file.h"
#include "base/memory_budget.h"
#include "base/nearest.h"
#include "base/progress.h"
#include "base/sandbox.h"
#include "base/terminal.h"
#include "base/thread_pool.h"

namespace merlon {
namespace {

namespace fs = std::filesystem;

class FixedClock final : public Clock {
  public:
    Timestamp now() const override { return {1'769'903'999'000'000'000}; }
    std::chrono::nanoseconds monotonic() const override { return ticks += step; }
    mutable std::chrono::nanoseconds ticks{0};
    std::chrono::nanoseconds step{500'000'000};
};

// A directory of its own for each test, gone afterwards.
class Ground : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "merlon-ground-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { fs::remove_all(directory_); }
    std::string path(const std::string& name) const { return (directory_ / name).string(); }
    std::string write(const std::string& name, std::string_view bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }

    fs::path directory_;
};

// Runs `body` in a child and returns its exit code, or minus the signal that ended it.
int in_child(const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Clock, dates_are_read_and_written_in_utc) {
    EXPECT_EQ(format_rfc3339(FixedClock().now()), "2026-01-31T23:59:59Z");
    EXPECT_EQ(format_date(FixedClock().now()), "2026-01-31");
    EXPECT_EQ(format_rfc3339(Timestamp{-1}), "1969-12-31T23:59:59Z");
    EXPECT_EQ(format_date(parse_date("2024-02-29").value()), "2024-02-29");
    EXPECT_GT(parse_date("9999-12-31").value(), FixedClock().now()) << "beyond 64 bits, still late";
    EXPECT_LT(parse_date("0001-01-01").value(), Timestamp{0});
    for (const std::string_view wrong : {"2023-02-29", "2026-13-01", "26-01-01", "2026-01-1", ""}) {
        EXPECT_FALSE(parse_date(wrong).ok()) << wrong;
    }
}

TEST(Hash, crc_agrees_with_the_check_value_of_its_catalogue_entry) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
    EXPECT_EQ(crc32(""), 0u);
}

TEST(Hash, every_length_and_bit_makes_a_difference) {
    std::set<std::uint64_t> seen;
    const std::string zeros(100, '\0');
    for (std::size_t length = 0; length <= zeros.size(); ++length) {
        EXPECT_TRUE(seen.insert(hash_bytes(std::string_view(zeros).substr(0, length))).second);
    }
    for (std::size_t bit = 0; bit < 800; ++bit) {
        std::string flipped = zeros;
        flipped[bit / 8] = static_cast<char>(1 << (bit % 8));
        EXPECT_TRUE(seen.insert(hash_bytes(flipped)).second) << bit;
    }
    EXPECT_NE(hash_bytes("a", 1), hash_bytes("a", 2));
}

TEST(Interner, forgets_all_at_once) {
    Interner interner;
    for (int i = 0; i < 1'000; ++i) interner.intern("text " + std::to_string(i % 500));
    EXPECT_EQ(interner.size(), 500U);
    interner.reset();
    EXPECT_EQ(interner.size(), 0U);
    EXPECT_EQ(interner.intern("text 1"), "text 1");
    EXPECT_EQ(interner.size(), 1U);
}

TEST(Arena, keeps_room_for_what_it_held) {
    Arena arena(64);
    const auto use = [&arena] {
        const void* const first = arena.allocate(48, 8);
        for (int i = 0; i < 100; ++i) arena.allocate(100, 8);
        return first;
    };
    use();
    arena.reset();
    const void* const second = use();
    arena.reset();
    EXPECT_EQ(use(), second) << "one block was enough, and is used again";
}

TEST(Interner, equal_texts_share_one_address) {
    Interner interner;
    std::string text = "key";
    const std::string_view first = interner.intern(text);
    text = "other";
    EXPECT_EQ(interner.intern("key").data(), first.data());
    EXPECT_EQ(interner.size(), 1u);
}

TEST(ThreadPool, runs_each_index_once_for_any_number_of_threads) {
    for (const unsigned threads : {1u, 2u, 7u}) {
        for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{5000}}) {
            std::vector<std::atomic<int>> runs(count);
            ThreadPool pool(threads);
            pool.for_each(count, [&](std::size_t index, unsigned worker) {
                ASSERT_LT(worker, threads);
                ++runs[index];
            });
            EXPECT_TRUE(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; }));
        }
    }
}

TEST(Cancel, a_signal_sets_the_token_and_the_second_one_ends_the_process) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        EXPECT_EQ(in_child([signal] {
                      CancelToken token;
                      if (!cancel_on_signals(token).ok()) return 3;
                      if (token.cancelled()) return 4;
                      std::raise(signal);
                      return token.cancelled() ? 0 : 5;
                  }),
                  0);
    }
    EXPECT_EQ(in_child([] {
                  CancelToken token;
                  if (!cancel_on_signals(token).ok()) return 3;
                  std::raise(SIGINT);
                  std::raise(SIGINT);
                  return 0;
              }),
              -SIGINT);
}

TEST(Cancel, a_run_under_nohup_outlives_its_terminal) {
    EXPECT_EQ(in_child([] {
                  std::signal(SIGHUP, SIG_IGN);
                  CancelToken token;
                  if (!cancel_on_signals(token).ok()) return 3;
                  std::raise(SIGHUP);
                  return token.cancelled() ? 4 : 0;
              }),
              0);
}

TEST_F(Ground, a_file_is_read_with_zeros_behind_it) {
    const auto file = read_file(write("a", "abc"), 10);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file.result.value().bytes, "abc");
    for (std::size_t i = 0; i < kReadPadding; ++i) {
        EXPECT_EQ(file.result.value().bytes.data()[3 + i], '\0');
    }
}

TEST_F(Ground, what_cannot_be_read_says_why) {
    EXPECT_EQ(read_file(path("none"), 10).failure, FileFailure::kNotFound);
    EXPECT_EQ(read_file(directory_.string(), 10).failure, FileFailure::kNotRegular);
    EXPECT_EQ(read_file(write("big", "12345678901"), 10).failure, FileFailure::kTooLarge);
    fs::create_symlink("loop", path("loop"));
    EXPECT_EQ(read_file(path("loop"), 10).failure, FileFailure::kLoop);
    ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(read_file(path("fifo"), 10).failure, FileFailure::kNotRegular);
    const auto status = read_file("/proc/self/status", 1 << 20);
    ASSERT_TRUE(status.ok()) << "pseudo files promise no size";
    EXPECT_FALSE(status.result.value().bytes.empty());
}

TEST_F(Ground, an_atomic_write_replaces_or_leaves_all_as_it_was) {
    ASSERT_TRUE(write_file_atomically(path("out"), "new").ok());
    ASSERT_TRUE(write_file_atomically(path("out"), "newer").ok());
    EXPECT_EQ(read_text_file(path("out")).value(), "newer");
    EXPECT_FALSE(write_file_atomically(path("no/such/out"), "x").ok());
    if (fs::exists("/dev/full")) {
        EXPECT_FALSE(write_file_atomically("/dev/full", "x").ok());
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);
}

TEST_F(Ground, an_atomic_write_goes_through_links_and_makes_what_they_name) {
    fs::create_directory(path("far"));
    fs::create_symlink("far/link", path("link"));
    fs::create_symlink("out", path("far/link"));
    EXPECT_EQ(behind_links(path("link")), path("far/out"));
    for (const char* text : {"new", "newer"}) {
        ASSERT_TRUE(write_file_atomically(path("link"), text).ok());
        EXPECT_EQ(read_text_file(path("far/out")).value(), text);
        EXPECT_TRUE(fs::is_symlink(path("link")) && fs::is_symlink(path("far/link")));
    }
    fs::create_symlink(path("no/such/out"), path("nowhere"));
    EXPECT_FALSE(write_file_atomically(path("nowhere"), "x").ok());
    fs::create_symlink("circle", path("circle"));
    EXPECT_FALSE(write_file_atomically(path("circle"), "x").ok());
    EXPECT_TRUE(fs::is_symlink(path("nowhere")) && fs::is_symlink(path("circle")));
}

TEST_F(Ground, an_atomic_write_keeps_a_private_file_private) {
    using fs::perms;
    ASSERT_TRUE(write_file_atomically(path("out"), "new").ok());
    for (const perms mode : {perms::owner_read | perms::owner_write,
                             perms::owner_all | perms::group_read | perms::others_exec}) {
        fs::permissions(path("out"), mode);
        ASSERT_TRUE(write_file_atomically(path("out"), "newer").ok());
        EXPECT_EQ(fs::status(path("out")).permissions(), mode);
    }
}

TEST_F(Ground, a_mapped_file_that_shrinks_is_an_error_and_not_a_crash) {
    const std::string name = write("pack", std::string(3 * 65536, 'x'));
    const auto mapped = MappedFile::open(name);
    ASSERT_TRUE(mapped.ok());
    const auto sum = [&](std::size_t& total) {
        return mapped.value().guarded([&](std::string_view bytes) {
            total = std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
        });
    };
    std::size_t total = 0;
    EXPECT_TRUE(sum(total).ok());
    EXPECT_EQ(total, 3u * 65536 * 'x');
    {
        const auto apart = MappedFile::open(name, MappedReads::kHereAndThere);
        ASSERT_TRUE(apart.ok());
        EXPECT_EQ(apart.value().bytes(), mapped.value().bytes());
    }
    EXPECT_TRUE(sum(total).ok());
    ASSERT_EQ(truncate(name.c_str(), 100), 0);
    const Status shrunk = sum(total);
    ASSERT_FALSE(shrunk.ok());
    EXPECT_EQ(shrunk.error().file, name);

    const auto empty = MappedFile::open(write("empty", ""));
    ASSERT_TRUE(empty.ok());
    EXPECT_EQ(empty.value().size(), 0u);
    EXPECT_FALSE(MappedFile::open(path("none")).ok());
}

TEST_F(Ground, the_sandbox_leaves_reading_and_the_given_places_only) {
    const SandboxReport possible = probe_sandbox();
    fs::create_directory(path("allowed"));
    const std::string readable = write("input", "abc");
    const int code = in_child([&] {
        const SandboxReport report = apply_sandbox({.writable_paths = {path("allowed")}});
        if (possible.files == SandboxReport::State::kAvailable) {
            if (report.files != SandboxReport::State::kApplied) return 1;
            if (write_file_atomically(path("denied"), "x").ok()) return 2;
            if (std::error_code failed; fs::remove(readable, failed)) return 3;
        }
        if (!write_file_atomically(path("allowed/out"), "x").ok()) return 4;
        if (!read_file(readable, 10).ok()) return 5;
        if (possible.network == SandboxReport::State::kAvailable) {
            if (report.network != SandboxReport::State::kApplied) return 6;
            for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK}) {
                if (socket(family, SOCK_STREAM, 0) != -1 || errno != EPERM) return 7;
            }
        }
        int ran = 0;
        std::thread([&] { ran = 1; }).join();
        return ran == 1 ? 0 : 8;
    });
    EXPECT_EQ(code, 0);
}

TEST(Terminal, widths_count_columns_and_not_bytes) {
    EXPECT_EQ(display_width("abc"), 3u);
    EXPECT_EQ(display_width("ä…"), 2u);
    EXPECT_EQ(display_width("a\xCC\x88"), 1u) << "a combining mark stands on the letter before";
    EXPECT_EQ(display_width("漢字"), 4u);
    EXPECT_EQ(display_width("\xFF\xC3"), 2u);
    EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
    EXPECT_EQ(cut_to_width("漢字漢", 4), "漢…");
    EXPECT_EQ(cut_to_width("abc", 3), "abc");
}

TEST(Nearest, finds_what_was_meant_and_nothing_far_away) {
    constexpr std::string_view kWords[] = {"format", "fail-on", "follow-symlinks"};
    EXPECT_EQ(nearest("fromat", kWords), "format");
    EXPECT_EQ(nearest("failon", kWords), "fail-on");
    EXPECT_EQ(nearest("zzz", kWords), "");
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("ab", "ba"), 1u);
    EXPECT_EQ(suggestion("x", kWords), "");
    EXPECT_EQ(suggestion("formta", kWords), "; did you mean 'format'?");
    constexpr std::string_view kRules[] = {"github-app", "github-token", "git", "gitlab-token"};
    EXPECT_EQ(suggestion("gihub-access", kRules), "; did you mean 'github-app' or 'github-token'?");
    EXPECT_EQ(suggestion("token-of-gitlab", kRules), "; did you mean 'gitlab-token'?");
    EXPECT_EQ(suggestion("of-no", kRules), "");
}

TEST(Log, lines_cannot_be_forged_by_values) {
    std::string out;
    const FixedClock clock;
    const Log text([&](std::string_view line) { out += line; }, LogFormat::kText, LogLevel::kInfo,
                   clock);
    text.log(LogLevel::kDebug, "unseen");
    text.log(LogLevel::kWarning, "slow file", {{"path", "a\nerror: b"}, {"ms", "12"}});
    EXPECT_EQ(out, "warning: slow file path=\"a\\u000aerror: b\" ms=12\n");
    out.clear();
    const Log json([&](std::string_view line) { out += line; }, LogFormat::kJsonLines,
                   LogLevel::kInfo, clock);
    json.log(LogLevel::kInfo, "say \"x\"", {{"n", "1"}});
    EXPECT_EQ(out,
              "{\"time\":\"2026-01-31T23:59:59Z\",\"level\":\"info\",\"message\":\"say \\\"x\\\"\","
              "\"n\":\"1\"}\n");
}

TEST_F(Ground, progress_is_silent_where_there_is_no_terminal) {
    const FixedClock clock;
    const int descriptor = open(path("tty").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    {
        Progress silent(descriptor, ProgressMode::kAutomatic, clock);
        silent.stage("scanning", 10);
        silent.add(5, 1000);
    }
    EXPECT_EQ(fs::file_size(path("tty")), 0u);
    {
        Progress drawn(descriptor, ProgressMode::kAlways, clock);
        drawn.stage("scanning", 10);
        drawn.add(5, 2'000'000);
        drawn.finish();
    }
    close(descriptor);
    const std::string text = read_text_file(path("tty")).value();
    EXPECT_NE(text.find("scanning: 5/10  4.0 MB/s  1 s left"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\r\x1b[K"));
    EXPECT_EQ(format_bytes(999), "999 B");
    EXPECT_EQ(format_bytes(999'960), "1.0 MB");
}

TEST(MemoryBudget, admits_one_large_file_at_a_time) {
    MemoryBudget budget(100);
    std::atomic<int> held{0};
    std::atomic<int> most{0};
    ThreadPool(4).for_each(64, [&](std::size_t, unsigned) {
        const auto token = budget.admit(101);
        most = std::max(most.load(), ++held);
        --held;
    });
    EXPECT_EQ(most, 1);
    const auto first = budget.admit(100);
    const auto second = budget.admit(100);
    EXPECT_FALSE(first.owns_lock() || second.owns_lock());
}

TEST(BuildId, is_the_linkers_and_stays) {
    const std::string id = build_id();
    EXPECT_EQ(id.size(), 40U) << "SHA-1, see cmake/MerlonCompiler.cmake";
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(build_id(), id);
}

}  // namespace
}  // namespace merlon
