// Which built-ins ask malloc for memory once they have answered the same before: none but those
// that docs/benchmarks.md lists, and those do.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "rego/builtins.h"
#include "rego/memory_cases_test.h"
#include "rego/term.h"

namespace {
thread_local std::uint64_t mallocs = 0;
}

// The sanitizers have a malloc of their own.
#ifdef MERLON_SANITIZED
constexpr bool kCountsMallocs = false;
#else
constexpr bool kCountsMallocs = true;
// The C library's own, below ours that count.
extern "C" {
void* __libc_malloc(std::size_t bytes);                    // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, std::size_t bytes);        // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t bytes) {
    ++mallocs;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t size) {
    ++mallocs;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t bytes) {
    ++mallocs;
    return __libc_realloc(old, bytes);
}
}
#endif

namespace merlon::rego {
namespace {

// What a call asks for when it is made for the fourth time, in memory that an evaluation reuses.
class Caller {
  public:
    Caller() {
        world_.now_nanoseconds = 1'700'000'000'000'000'000;
        world_.zone_directory = "/usr/share/zoneinfo";
        world_.opa_version = "1.22.2";
    }

    std::uint64_t asked(const Builtin& builtin, const value::Value& operands) {
        std::uint64_t before = 0;
        for (int run = 0; run < 4; ++run) {
            arena_.reset();
            interner_.reset();
            builder_.reset();
            context_.reset();
            before = mallocs;
            const Outcome outcome = call(builtin, context_, operands.items());
            is_error_ = outcome.state() == Outcome::State::kError;
        }
        return mallocs - before;
    }
    // Of the last call.
    std::string error() const { return is_error_ ? context_.error_text() : ""; }

  private:
    Arena arena_;
    Interner interner_;
    value::Builder builder_{arena_, interner_};
    World world_;
    Context context_{builder_, world_, nullptr};
    bool is_error_ = false;
};

// Of "sprintf %5d": behind the name stands when it asks.
std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }

std::set<std::string> documented() {
    std::ifstream file(MERLON_MEMORY_DOCUMENT);
    std::stringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    const std::size_t begin = all.find("<!-- built-ins that ask for memory -->");
    const std::size_t end = all.find("<!-- end of built-ins -->");
    std::set<std::string> names;
    if (begin == std::string::npos || end == std::string::npos) return names;
    // Names stand in back quotes in the first column.
    std::istringstream lines(all.substr(begin, end - begin));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("| `")) continue;
        const std::string first = line.substr(0, line.find('|', 1));
        for (std::size_t at = first.find('`'); at != std::string::npos; at = first.find('`', at)) {
            const std::size_t close = first.find('`', at + 1);
            names.insert(first.substr(at + 1, close - at - 1));
            at = close + 1;
        }
    }
    return names;
}

TEST(Memory, only_those_that_are_listed_ask_for_it_again) {
    if (!kCountsMallocs) GTEST_SKIP() << "a sanitizer has a malloc of its own";
    Arena arena;
    Interner interner;
    value::Builder builder(arena, interner);
    const std::set<std::string> listed = documented();
    EXPECT_FALSE(listed.empty()) << "no list in " << MERLON_MEMORY_DOCUMENT;
    std::map<std::string, std::uint64_t> most;
    for (const MemoryCase& one : kMemoryCases) {
        const Builtin* const builtin = find_builtin(first_word(one.name));
        ASSERT_NE(builtin, nullptr) << one.name;
        const auto operands = read_term(one.operands, builder);
        ASSERT_TRUE(operands.ok()) << one.name << one.operands << operands.error().message;
        Caller caller;
        const std::uint64_t asked = caller.asked(*builtin, operands.value());
        const std::string name(one.name);
        most[name] = std::max(most[name], asked);
        if (listed.contains(name)) continue;
        EXPECT_EQ(caller.error(), "") << name << one.operands;
        EXPECT_EQ(asked, 0U) << name << one.operands << " asks for memory, and is not listed";
    }
    // Nobody outside is asked here.
    const std::set<std::string> outside = {"http.send", "net.lookup_ip_addr"};
    for (const std::span<const Builtin> group : all_builtins()) {
        for (const Builtin& builtin : group) {
            const std::string name(builtin.name);
            EXPECT_NE(most.contains(name), outside.contains(name)) << name << " has no case";
        }
    }
    for (const std::string& name : listed) {
        ASSERT_NE(find_builtin(first_word(name)), nullptr)
            << name << " is listed, and there is none";
        if (outside.contains(name)) continue;
        EXPECT_GT(most[name], 0U) << name << " is listed, and asks for none";
    }
}

}  // namespace
}  // namespace merlon::rego
