// Any expression on any text: what is accepted runs on every engine, and all agree with Pike's
// machine, under a limit on steps as well; replace and split end.
//
// Input: a byte of options, the expression up to a NUL, the text.

#include "match/regex.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace merlon::match;

std::vector<Span> groups_of(const Regex& regex, const SearchInput& input) {
    std::vector<Span> groups;
    if (!regex.captures_in(input, groups)) groups.clear();
    return groups;
}

void expect_agreement(std::string_view pattern, std::string_view text, CompileOptions options,
                      std::size_t from) {
    const Subject subject(text);
    options.engine = EngineChoice::kPike;
    auto pike = Regex::compile(pattern, options);
    if (!pike.ok()) return;
    const std::string_view clean = subject.searchable();
    while (from < clean.size() && !is_boundary(clean, from)) ++from;
    from = std::min(from, clean.size());
    const SearchInput inputs[] = {{clean, from, clean.size(), Anchor::kNone},
                                  {clean, from, clean.size(), Anchor::kBegin}};
    std::vector<Span> wanted_all;
    pike.value().find_all(subject, wanted_all);
    for (const EngineChoice engine :
         {EngineChoice::kAuto, EngineChoice::kBacktracker, EngineChoice::kAutomata}) {
        options.engine = engine;
        const Regex regex = Regex::compile(pattern, options).value();
        for (const SearchInput& input : inputs) {
            const std::vector<Span> wanted = groups_of(pike.value(), input);
            if (groups_of(regex, input) != wanted) std::abort();
            if (regex.is_match_in(input) == wanted.empty()) std::abort();
        }
        std::vector<Span> all;
        regex.find_all(subject, all);
        if (all != wanted_all) std::abort();
        const auto limited = regex.find_all_within(subject, 7 * from + text.size());
        if (limited.ok() && limited.value() != wanted_all) std::abort();
        if (engine != EngineChoice::kAuto) continue;
        (void)regex.replace(text, "<$0$1${x}>");
        (void)regex.split(text, -1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 2048) return 0;
    const std::uint8_t bits = data[0];
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    CompileOptions options;
    options.program.max_bytes = std::size_t{1} << 20;
    if ((bits & 1) != 0) options.syntax = SyntaxKind::kPosix;
    if ((bits & 2) != 0) options.kind = MatchKind::kLeftmostLongest;
    if ((bits & 4) != 0) options.automaton_bytes = 512;
    expect_agreement(rest.substr(0, end), rest.substr(std::min(end + 1, rest.size())), options,
                     bits >> 4);
    return 0;
}
