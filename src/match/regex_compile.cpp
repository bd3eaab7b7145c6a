#include <algorithm>

#include "match/regex_state.h"

namespace merlon::match {
namespace {

// A program of this many instructions is built at once, and so is any under a limit below this
// one, so that one that is too large is an error of compile(); others are built when they are first
// needed, and never are too large.
constexpr std::size_t kEagerSize = 50'000;
constexpr std::size_t kEagerLimit = std::size_t{64} << 20;

std::size_t written_out_size(const Node& node) {
    constexpr std::size_t kMax = std::size_t{1} << 40;
    std::size_t size = 1 + node.text.size() + node.ranges.size();
    for (const Node& sub : node.subs) size = std::min(kMax, size + written_out_size(sub));
    const int times = node.op == Op::kRepeat ? std::max({node.min, node.max, 1}) : 1;
    return std::min(kMax, size * static_cast<std::size_t>(times));
}

}  // namespace

bool Regex::State::is_built_at_once() const {
    return options.program.max_bytes < kEagerLimit || written_out_size(tree().root) > kEagerSize;
}

void Regex::State::build() const {
    if (is_restored && build_from_store()) return;
    is_damaged = is_restored;
    // Whether both codes are within the limit is known where both are compiled.
    engines.has_reverse = is_built_at_once();
    engines.program =
        compiled(engines.has_reverse ? Program::Codes::kBoth : Program::Codes::kForward, failure);
    use_prefixes(required_prefixes(tree().root), required_byte(tree().root));
}

Program Regex::State::compiled(Program::Codes codes, std::string& too_large) const {
    const SyntaxTree& from = tree();
    auto program = compile_program(from.root, from.capture_names, pattern, options.kind,
                                   options.program, codes);
    if (!program.ok()) {
        too_large = program.error().message;
        Node nothing;
        nothing.op = Op::kNoMatch;
        program = compile_program(nothing, from.capture_names, pattern, options.kind);
    }
    return std::move(program).value();
}

void Regex::State::use_prefixes(Prefixes prefixes, std::uint32_t required_byte) const {
    const ProgramView& view = engines.program.view();
    if (options.engine != EngineChoice::kAuto || view.has(kBeginsAtText)) return;
    prefixes.are_whole = prefixes.are_whole && !view.has(kHasAssertions);
    engines.prefilter.emplace(
        std::move(prefixes), view,
        view.has(kLongest) ? MatchKind::kLeftmostLongest : MatchKind::kLeftmostFirst);
    engines.required_byte = required_byte;
}

Result<Regex> Regex::compile(std::string_view pattern, const CompileOptions& options) {
    auto state = std::make_shared<State>();
    state->pattern = pattern;
    state->parsed = MERLON_TRY(parse_syntax(pattern, options.syntax));
    state->options = options;
    if (state->is_built_at_once()) {
        state->get();
        if (!state->failure.empty()) return Error{state->failure};
    }
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

Regex Regex::from_part(const Node& part) const {
    auto state = std::make_shared<State>();
    state->parsed.root = part;
    state->options.syntax = state_->options.syntax;
    state->options.kind = state_->options.kind;
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

}  // namespace merlon::match
