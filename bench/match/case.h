#pragma once

// One case of the benchmark as the runners get it, and what each engine has to offer for it.
//
// The idea: every runner (this program for the C++ libraries, go/, rust/) reads the same case file
// and does the same work in the same loop; tools/bench/match_bench.py compares their counts before
// it looks at their times. The file is a list of "key:length:value\n", the form that the public
// rebar benchmark uses between its harness and its engines, so that its definitions can be run as
// they are.
//
// One thread. Cost: what the case says.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::bench {

enum class Model : std::uint8_t {
    kCompile,        // building the expressions; the count is that of one search afterwards
    kCount,          // matches in the haystack
    kCountSpans,     // the sum of their lengths
    kCountCaptures,  // groups that took part, over all matches
    kGrep,           // lines with a match
    kGrepCaptures,   // groups that took part, over all matches of each line
    kShort,          // haystacks with a match, each asked alone
    kSet,            // matches of every expression in every haystack
    kRead,           // no engine: the sum of the words of the haystack
};

struct Case {
    Model model = Model::kCount;
    std::vector<std::string> patterns;
    std::vector<std::string> haystacks;
    bool is_unicode = false;
    bool ignores_case = false;
    std::chrono::nanoseconds warmup{0};
    std::chrono::nanoseconds time{0};
    std::uint64_t most_rounds = 1;
};

// Fails where the bytes are no case.
Result<Case> read_case(std::string_view bytes);

// Calls on_line for each line without its end, "\n" or "\r\n".
template <typename OnLine>
void for_each_line(std::string_view text, OnLine&& on_line) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        on_line(line);
    }
}

// An engine with the expressions of one case inside.
class Engine {
  public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;
    virtual bool is_match(std::string_view text) = 0;
    virtual std::uint64_t count(std::string_view text) = 0;
    virtual std::uint64_t count_spans(std::string_view text) = 0;
    virtual std::uint64_t count_captures(std::string_view text) = 0;
    // Matches of each of many expressions; what `count` says where there is one.
    virtual std::uint64_t count_set(std::string_view text) { return count(text); }
};

// Builds the engine to the point where it can search. Fails where it refuses an expression or the
// model.
using MakeEngine = Result<std::unique_ptr<Engine>> (*)(const Case&);

Result<std::unique_ptr<Engine>> make_merlon(const Case& wanted);
Result<std::unique_ptr<Engine>> make_re2(const Case& wanted);
Result<std::unique_ptr<Engine>> make_pcre2(const Case& wanted);
Result<std::unique_ptr<Engine>> make_vectorscan(const Case& wanted);

}  // namespace merlon::bench
