#include "match/prefilter.h"

#include <algorithm>

namespace merlon::match {
namespace {

// So many single bytes are a search of their own; more of them stop too often.
constexpr std::size_t kMaxSingleBytes = 3;

}  // namespace

bool Prefilter::build() const {
    std::call_once(built_, [this] {
        // A single byte stops more often than a run does.
        const std::vector<std::string>& strings = prefixes_.strings;
        const bool is_weak =
            std::any_of(strings.begin(), strings.end(),
                        [](const std::string& string) { return string.size() < 2; });
        if (!prefixes_.are_whole && is_weak) run_ = ClassRun::of(program_);
        if (!run_) build_set();
        if (!prefixes_.are_whole && !set_ && !run_) run_ = ClassRun::of(program_);
        state_.store(set_ || run_ ? State::kActive : State::kIdle, std::memory_order_release);
    });
    return state_.load(std::memory_order_acquire) == State::kActive;
}

void Prefilter::build_set() const {
    const auto is_short = [](const std::string& string) { return string.size() < 2; };
    const std::vector<std::string>& strings = prefixes_.strings;
    const bool is_hopeless =
        strings.empty() ||
        (strings.size() > kMaxSingleBytes && std::any_of(strings.begin(), strings.end(), is_short));
    if (is_hopeless) return;
    LiteralOptions options;
    options.fold = prefixes_.fold;
    options.match = kind_ == MatchKind::kLeftmostLongest ? LiteralMatch::kLeftmostLongest
                                                         : LiteralMatch::kLeftmostFirst;
    auto set = LiteralSet::compile(strings, options);
    // The automaton of the literals is no faster than that of the expression.
    if (set.ok() && set.value().view().engine() != LiteralEngine::kAutomaton) {
        set_ = std::move(set).value();
    }
}

}  // namespace merlon::match
