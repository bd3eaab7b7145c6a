// Any bytes as an expression, under any flags of Go's parser: refused in its words, or a tree that
// keeps its promises, that all who look at trees get through, and whose program is sound.
//
// Input: a byte of flags, the expression.

#include <algorithm>
#include <cstdlib>

#include "match/analysis.h"
#include "match/compile.h"
#include "match/explain.h"
#include "match/prefixes.h"
#include "match/regex.h"
#include "match/syntax.h"

namespace {

using namespace merlon::match;

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_node(const Node& node, int captures, int depth) {
    expect(depth <= kMaxHeight);
    expect(node.op != Op::kOpenGroup && node.op != Op::kBar);
    if (node.op == Op::kCapture) {
        expect(node.capture_index >= 1 && node.capture_index <= captures);
    }
    if (node.op == Op::kRepeat) {
        expect(node.min >= 0 && node.min <= kMaxRepeat && node.max <= kMaxRepeat);
        expect(node.max == kUnbounded || node.max >= node.min);
    }
    if (node.op == Op::kCapture || node.op == Op::kRepeat) expect(node.subs.size() == 1);
    expect(std::all_of(node.ranges.begin(), node.ranges.end(), [](const CodePointRange& range) {
        return range.low <= range.high && range.high <= 0x10'FFFF;
    }));
    for (const Node& sub : node.subs) check_node(sub, captures, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 4096) return 0;
    const std::string_view pattern(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto tree = parse_syntax(pattern, static_cast<SyntaxKind>(data[0]));
    if (!tree.ok()) {
        expect(tree.error().message.starts_with("error parsing regexp: "));
        return 0;
    }
    const SyntaxTree& parsed = tree.value();
    expect(parsed.capture_names.size() == static_cast<std::size_t>(parsed.capture_count) + 1);
    check_node(parsed.root, parsed.capture_count, 0);
    expect(same_expression(parsed.root, parsed.root));
    if (const auto core = find_core(parsed.root)) expect(!core->literals.empty());
    (void)explain_dear_count(parsed.root);
    (void)required_prefixes(parsed.root);
    const ProgramLimits limits{std::size_t{1} << 18};
    const auto program = compile_program(parsed.root, parsed.capture_names, pattern,
                                         MatchKind::kLeftmostFirst, limits);
    if (program.ok()) expect(ProgramView::load(program.value().view().bytes()).ok());
    CompileOptions options;
    options.syntax = static_cast<SyntaxKind>(data[0]);
    options.program = limits;
    if (const auto regex = Regex::compile(pattern, options); regex.ok()) {
        const auto required = find_required(parsed.root);
        expect(!explain_no_core(parsed.root, required, regex.value().search_way()).empty());
    }
    return 0;
}
