// Any expression on any text: Pike's machine, the backtracker, the one-pass machine and both
// automata, each by itself, say the same.
//
// Input: a byte of options, the expression up to a NUL, the text.

#include <algorithm>
#include <cstdlib>

#include "match/compile.h"
#include "match/engines_compare.h"
#include "match/regex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::match;
    if (size < 2 || size > 1024) return 0;
    const std::uint8_t bits = data[0];
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const MatchKind kind =
        (bits & 1) != 0 ? MatchKind::kLeftmostLongest : MatchKind::kLeftmostFirst;
    const auto tree = parse_syntax(rest.substr(0, end));
    if (!tree.ok()) return 0;
    auto program = compile_program(tree.value().root, tree.value().capture_names,
                                   rest.substr(0, end), kind, {std::size_t{1} << 19});
    if (!program.ok()) return 0;
    Engines engines(std::move(program).value(), kind,
                    (bits & 2) != 0 ? std::size_t{512} : std::size_t{1} << 20);
    const Subject subject(rest.substr(std::min(end + 1, rest.size())));
    const std::string_view text = subject.searchable();
    std::size_t from = std::min<std::size_t>(bits >> 4, text.size());
    while (!is_boundary(text, from)) ++from;
    std::size_t to = text.size() - std::min<std::size_t>(bits >> 2 & 3, text.size() - from);
    while (!is_boundary(text, to)) ++to;
    for (int round = 0; round < 2; ++round) {  // the second one with what the first one built
        for (const Anchor anchor : {Anchor::kNone, Anchor::kBegin}) {
            if (!engines.first_difference({text, from, to, anchor}).empty()) std::abort();
            if (!engines.first_difference({text, 0, text.size(), anchor}).empty()) std::abort();
        }
    }
    return 0;
}
