#include "evidence/matching_state.h"

#include <algorithm>

namespace merlon::evidence {
namespace {

bool has(const View& view, Algorithm algorithm, const SignatureValue& value) {
    return std::ranges::binary_search(view.signatures, Signature{algorithm, value});
}

// Whether the two cannot be one: another secret, another package.
bool are_separate(const View& left, const View& right) {
    for (const AlgorithmFacts& facts : kAlgorithms) {
        if (!facts.separates) continue;
        const auto of_left = of_algorithm(left, facts.algorithm);
        const auto of_right = of_algorithm(right, facts.algorithm);
        if (of_left.empty() || of_right.empty()) continue;
        const bool share = std::ranges::any_of(of_left, [&](const Signature& signature) {
            return has(right, facts.algorithm, signature.value);
        });
        if (!share) return true;
    }
    return false;
}

}  // namespace

MatchedPlace place_of(const View& view) {
    const auto code = code_of(view);
    std::optional<SignatureValue> value;
    if (!code.empty())
        value = code[0].value;
    else if (!view.signatures.empty())
        value = view.signatures[0].value;
    return {view.path, view.family, view.line, view.position, value};
}

std::span<const Signature> of_algorithm(const View& view, Algorithm algorithm) {
    const auto range =
        std::ranges::equal_range(view.signatures, algorithm, {}, &Signature::algorithm);
    return {range.begin(), range.end()};
}

std::span<const Signature> code_of(const View& view) {
    for (const Algorithm lines : {Algorithm::kCode, Algorithm::kDistinctContent})
        if (const auto found = of_algorithm(view, lines); !found.empty()) return found;
    return of_algorithm(view, Algorithm::kContent);
}

std::span<const Signature> in_pass_of(Algorithm algorithm, const View& view) {
    return algorithm == Algorithm::kCode ? code_of(view) : of_algorithm(view, algorithm);
}

bool are_other_lines(const View& was, const View& now) {
    const auto before = code_of(was), after = code_of(now);
    return !before.empty() && !after.empty() &&
           !std::ranges::equal(before, after, {}, &Signature::value, &Signature::value);
}

bool are_lines_around_others(const View& was, const View& now) {
    const auto before = of_algorithm(was, Algorithm::kSurround);
    const auto after = of_algorithm(now, Algorithm::kSurround);
    return !before.empty() && !after.empty() && !std::ranges::equal(before, after);
}

void MatchState::take(std::size_t now, std::int64_t finding, const View& was) {
    pairings[now] = {finding, 0};
    used.insert(finding);
    const View& is = after[now].view;
    if (path_of(was.path) == is.path) anchors[is.path].insert({is.line, was.line});
}

std::optional<LinesNow> MatchState::lines_of(std::size_t was, std::size_t now) const {
    const Before& known = before[was];
    if (!answers.lines_of || !known.stood) return std::nullopt;
    return answers.lines_of(known, now);
}

std::int64_t MatchState::path_of(std::int64_t path) const {
    const auto found = renamed.find(path);
    return found == renamed.end() ? path : found->second;
}

bool MatchState::match_single(const EqualsGroup& group) {
    if (group.before.size() != 1 || group.after.size() != 1) return false;
    const Before& known = before[group.before[0]];
    if (used.contains(known.finding) || pairings[group.after[0]].finding != 0) return true;
    if (!are_separate(known.view, after[group.after[0]].view))
        take(group.after[0], known.finding, known.view);
    return true;
}

}  // namespace merlon::evidence
