#include "match/regex.h"

#include <array>
#include <optional>

#include "match/byte_search.h"
#include "match/regex_state.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

std::size_t width_at(std::string_view text, std::size_t at) {
    return at < text.size() ? text::decode_utf8(text.substr(at)).width : 1;
}

}  // namespace

std::string_view Subject::searchable_by(const ProgramView& program) const {
    // Of a short text the answer is there sooner than the lock that keeps it.
    constexpr std::size_t kShort = 256;
    if (!program.has(kNeedsCleanText)) return original_;
    if (original_.size() <= kShort && text::is_ascii(original_)) return original_;
    return searchable();
}

const Subject::Facts& Subject::facts() const {
    std::call_once(looked_, [this] { look(); });
    return facts_;
}

void Subject::look() const {
    const std::string_view text = original_;
    facts_.ascii = text::is_ascii(text);
    if (facts_.ascii) return;
    facts_.folds_to_ascii = text.find("\xC4\xB0") != std::string_view::npos ||
                            text.find("\xC5\xBF") != std::string_view::npos ||
                            text.find("\xE2\x84\xAA") != std::string_view::npos;
    const std::size_t invalid = text::find_invalid_utf8(text);
    if (invalid == text.size()) return;
    facts_.copied = true;
    facts_.copy = text::mark_invalid_utf8(text, invalid);
}

bool Regex::State::search_slots(const SearchInput& input, RegexScratch& scratch,
                                std::span<std::size_t> slots) const {
    const ProgramView& view = engines.program.view();
    if (options.engine != EngineChoice::kPike &&
        Backtracker::fits(view, input.to - input.from, options.visited_bytes)) {
        return scratch.backtracker.search(input, slots);
    }
    return scratch.pike.search(view, input, slots);
}

std::optional<Span> Regex::State::find_literal(const SearchInput& input) const {
    if (input.budget == nullptr) {
        const auto hit = engines.prefilter->find(input.text, input.from, input.to);
        return hit ? std::optional(Span{hit->begin, hit->end}) : std::nullopt;
    }
    const std::size_t to = input.from + std::min(input.to - input.from, input.budget->left());
    const auto hit = engines.prefilter->find(input.text, input.from, to);
    // What stands across the limit is not found either, and might be preferred to this hit.
    const bool is_cut =
        to < input.to && (!hit || program().max_length() > to - std::min(to, hit->begin));
    const std::size_t read = hit && !is_cut ? hit->end - input.from : to - input.from;
    if (!input.budget->take(is_cut ? read + 1 : read)) return std::nullopt;
    return hit ? std::optional(Span{hit->begin, hit->end}) : std::nullopt;
}

// A match has the byte, and so ends behind the first one: however many searches go on from the
// matches before them, no byte is looked at twice here.
bool Regex::State::lacks_required_byte(const SearchInput& input) const {
    if (engines.required_byte == kNoRequiredByte || input.anchor == Anchor::kBegin ||
        input.budget != nullptr) {
        return false;
    }
    if (engines.prefilter && engines.prefilter->is_active()) return false;
    return find_byte(input.text.substr(0, input.to), input.from,
                     static_cast<char>(engines.required_byte)) == kNowhereInText;
}

std::optional<Span> Regex::State::find(const SearchInput& input, RegexScratch& scratch) const {
    const ProgramView& program = this->program();
    if (is_hopeless(program, input)) return std::nullopt;
    if (!uses_automata()) return find_slowly(input, scratch);
    if (is_literal(input)) return find_literal(input);
    if (lacks_required_byte(input)) return std::nullopt;
    const LazyDfa::Answer end = scratch.forward.search_forward(input, LazyDfa::Stop::kAtBest);
    if (end.outcome == LazyDfa::Outcome::kNone) return std::nullopt;
    if (end.outcome == LazyDfa::Outcome::kGaveUp) return find_slowly(input, scratch);
    if (input.anchor == Anchor::kBegin || program.has(kBeginsAtText)) {
        return Span{input.from, end.place};
    }
    if (program.min_length() == program.max_length()) {
        // The difference is there but for a stored program that lies.
        const std::size_t length = program.min_length();
        return Span{end.place - std::min(end.place - input.from, length), end.place};
    }
    const LazyDfa::Answer begin = reverse_of(scratch).search_reverse(
        {input.text, input.from, end.place, Anchor::kBegin, input.budget}, LazyDfa::Stop::kAtBest);
    if (begin.outcome == LazyDfa::Outcome::kFound) return Span{begin.place, end.place};
    return find_slowly({input.text, input.from, end.place, Anchor::kNone, input.budget}, scratch);
}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::Regex(const Regex&) = default;
Regex& Regex::operator=(const Regex&) = default;
Regex::~Regex() = default;

Regex::Probe Regex::probe_at(std::string_view text, std::size_t at, StepBudget* budget) const {
    const auto scratch = state_->scratch();
    const SearchInput input{text, at, text.size(), Anchor::kBegin, budget};
    if (State::is_hopeless(state_->program(), input)) return {};
    const LazyDfa::Answer answer = scratch->forward.search_forward(input, LazyDfa::Stop::kAtBest);
    if (answer.outcome == LazyDfa::Outcome::kGaveUp) {
        const std::optional<Span> found = state_->find_slowly(input, *scratch);
        return {found.has_value(), false, found ? found->end : 0, text.size() - at};
    }
    return {answer.outcome == LazyDfa::Outcome::kFound, false, answer.place, answer.reached - at};
}

std::size_t Regex::keep_hopeful(std::string_view text, std::vector<std::size_t>& places,
                                StepBudget* budget) const {
    const auto scratch = state_->scratch();
    std::erase_if(places, [&](std::size_t at) {
        return State::is_hopeless(state_->program(), {text, at, text.size(), Anchor::kBegin});
    });
    const std::size_t read = scratch->forward.keep_hopeful(text, places);
    if (budget != nullptr) (void)budget->take(read);
    return read;
}

Regex::Probe Regex::probe_back(std::string_view text, std::size_t from, std::size_t end,
                               StepBudget* budget) const {
    const auto scratch = state_->scratch();
    const LazyDfa::Answer answer = state_->reverse_of(*scratch).search_reverse(
        {text, from, end, Anchor::kBegin, budget}, LazyDfa::Stop::kAtBest);
    return {answer.outcome == LazyDfa::Outcome::kFound, answer.outcome == LazyDfa::Outcome::kGaveUp,
            answer.place, end - answer.reached};
}

const std::string& Regex::pattern() const { return state_->pattern; }
SyntaxKind Regex::syntax() const { return state_->options.syntax; }
MatchKind Regex::kind() const { return state_->options.kind; }
int Regex::group_count() const {
    return state_->is_restored ? static_cast<int>(state_->program().group_count())
                               : state_->parsed.capture_count;
}
const std::vector<std::string>& Regex::capture_names() const {
    return state_->tree().capture_names;
}
const SyntaxTree& Regex::tree() const { return state_->tree(); }

const ProgramView& Regex::program() const { return state_->program(); }

SearchWay Regex::search_way() const {
    using Kind = SearchWay::Kind;
    if (state_->program().has(kBeginsAtText)) return {Kind::kAtBegin, {}, 0};
    const std::optional<Prefilter>& prefilter = state_->engines.prefilter;
    if (!prefilter || !prefilter->is_active()) return {Kind::kAutomaton, {}, 0};
    if (prefilter->run_length() > 0) return {Kind::kRun, {}, prefilter->run_length()};
    return {Kind::kStrings, prefilter->prefixes().strings, 0};
}

std::optional<Span> Regex::find_in(const SearchInput& input) const {
    if (!State::is_hopeless(state_->program(), input) && state_->is_literal(input)) {
        return state_->find_literal(input);
    }
    const auto scratch = state_->scratch();
    return state_->find(input, *scratch);
}

bool Regex::is_match_in(const SearchInput& input) const {
    if (State::is_hopeless(state_->program(), input)) return false;
    if (state_->is_literal(input)) {
        return input.budget == nullptr
                   ? state_->engines.prefilter->find(input.text, input.from, input.to).has_value()
                   : state_->find_literal(input).has_value();
    }
    if (state_->lacks_required_byte(input)) return false;
    const auto scratch = state_->scratch();
    if (!state_->uses_automata()) return state_->find_slowly(input, *scratch).has_value();
    const LazyDfa::Answer answer = scratch->forward.search_forward(input, LazyDfa::Stop::kAtAny);
    if (answer.outcome == LazyDfa::Outcome::kGaveUp) {
        return state_->find_slowly(input, *scratch).has_value();
    }
    return answer.outcome == LazyDfa::Outcome::kFound;
}

namespace {

void take_groups(std::span<const std::size_t> slots, std::vector<Span>& groups) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Span group{slots[2 * i], slots[2 * i + 1]};
        if (group.begin != kNoPlace && group.end != kNoPlace) groups[i] = group;
    }
}

}  // namespace

// Where every match is the whole text and there is one way at most through it, whether that way is
// there is all that is asked.
const OnePass* Regex::State::one_pass_of_whole(const SearchInput& input) const {
    const ProgramView& program = this->program();
    if (!program.has(kBeginsAtText) || !program.has(kEndsAtText) || input.from > 0 ||
        input.to < input.text.size() || input.budget != nullptr) {
        return nullptr;
    }
    const std::optional<OnePass>& made = one_pass_or_none();
    return made ? &*made : nullptr;
}

// What going back over a short text may cost before the automata are asked: they take a step for
// each byte, however many ways there are.
constexpr std::size_t kStepsOfAByte = 16;
constexpr std::size_t kStepsOfAnyText = 256;

// The automata would make a state for each byte of a short text, and the groups ask for the other
// engine anyway, which finds the match on its way.
bool Regex::State::is_short_for_backtracking(const SearchInput& input) const {
    constexpr std::size_t kShort = 1024;
    const std::size_t length = input.to - std::min(input.to, input.from);
    return options.engine == EngineChoice::kAuto && input.budget == nullptr && length <= kShort &&
           Backtracker::fits(program(), length, options.visited_bytes);
}

bool Regex::captures_in(const SearchInput& input, std::vector<Span>& groups) const {
    const std::size_t count = static_cast<std::size_t>(group_count()) + 1;
    if (const OnePass* const one_pass = state_->one_pass_of_whole(input)) {
        std::array<std::size_t, 2 * (OnePass::kMaxGroups + 1)> slots;
        slots.fill(kNoPlace);
        if (!one_pass->match_exactly(state_->program(), input, std::span(slots).first(2 * count))) {
            return false;
        }
        groups.assign(count, Span{});
        take_groups(slots, groups);
        return true;
    }
    const auto scratch = state_->scratch();
    if (count > 1 && state_->is_short_for_backtracking(input)) {
        if (State::is_hopeless(state_->program(), input)) return false;
        if (state_->lacks_required_byte(input)) return false;
        scratch->slots.resize(2 * count);
        StepBudget budget(kStepsOfAByte * (input.to - input.from) + kStepsOfAnyText);
        SearchInput limited = input;
        limited.budget = &budget;
        if (state_->search_slots(limited, *scratch, scratch->slots)) {
            groups.assign(count, Span{});
            take_groups(scratch->slots, groups);
            return true;
        }
        if (!budget.is_exhausted()) return false;
    }
    const std::optional<Span> whole = state_->find(input, *scratch);
    if (!whole) return false;
    groups.assign(count, Span{});
    groups[0] = *whole;
    if (groups.size() == 1) return true;
    // The match alone is looked at: what decides between ways through it lies inside.
    const SearchInput match{input.text, whole->begin, whole->end, Anchor::kBegin, input.budget};
    scratch->slots.resize(2 * groups.size());
    const std::optional<OnePass>& one_pass = state_->one_pass_or_none();
    if (one_pass) {
        std::ranges::fill(scratch->slots, kNoPlace);
        const std::size_t length = whole->end - whole->begin;
        if (input.budget != nullptr && !input.budget->take(length)) return false;
        one_pass->match_exactly(state_->program(), match, scratch->slots);
    } else {
        state_->search_slots(match, *scratch, scratch->slots);
    }
    if (input.budget != nullptr && input.budget->is_exhausted()) return false;
    scratch->slots[0] = whole->begin;
    scratch->slots[1] = whole->end;
    take_groups(scratch->slots, groups);
    return true;
}

namespace {

// Calls `act` with the text as the expression has to see it.
template <typename Act>
auto with_searchable(const ProgramView& program, std::string_view text, Act&& act) {
    if (!program.has(kNeedsCleanText) || text::is_ascii(text)) return act(text);
    const Subject subject(text);
    return act(subject.searchable());
}

}  // namespace

bool Regex::is_match(std::string_view text) const {
    return with_searchable(state_->program(), text, [this](std::string_view clean) {
        return is_match_in({clean, 0, clean.size(), Anchor::kNone});
    });
}

std::optional<Span> Regex::find(std::string_view text) const {
    return with_searchable(state_->program(), text,
                           [this](std::string_view clean) { return find_from(clean, 0); });
}

bool Regex::captures(std::string_view text, std::vector<Span>& groups) const {
    return with_searchable(state_->program(), text, [&](std::string_view clean) {
        return captures_in({clean, 0, clean.size(), Anchor::kNone}, groups);
    });
}

namespace {

// regexp.allMatches: `find` gives the match from a place on, `take` gets those that count. An empty
// match at the end of the one before it does not.
template <typename Find, typename Take>
void for_each_match(std::string_view text, Find&& find, Take&& take) {
    std::size_t from = 0;
    std::size_t last_end = Span::kNoMatch;
    while (from <= text.size()) {
        const std::optional<Span> found = find(from);
        if (!found) return;
        const bool is_empty = found->begin == found->end;
        if (!is_empty || found->begin != last_end) take(*found);
        last_end = found->end;
        from = is_empty ? found->end + width_at(text, found->end) : found->end;
    }
}

}  // namespace

void Regex::State::find_all(std::string_view text, StepBudget* budget, const CancelToken* cancel,
                            std::vector<Span>& matches) const {
    const auto scratch = this->scratch();
    for_each_match(
        text,
        [&](std::size_t from) -> std::optional<Span> {
            if (cancel != nullptr && cancel->cancelled()) return std::nullopt;
            return find({text, from, text.size(), Anchor::kNone, budget}, *scratch);
        },
        [&](Span match) { matches.push_back(match); });
}

void Regex::find_all(const Subject& subject, std::vector<Span>& matches,
                     const CancelToken* cancel) const {
    find_all(subject, matches, cancel, nullptr);
}

void Regex::find_all(const Subject& subject, std::vector<Span>& matches, const CancelToken* cancel,
                     StepBudget* budget) const {
    matches.clear();
    state_->find_all(subject.searchable_by(state_->program()), budget, cancel, matches);
}

Result<bool> Regex::is_match_within(std::string_view text, std::size_t max_steps) const {
    StepBudget budget(max_steps);
    const bool found = with_searchable(state_->program(), text, [&](std::string_view clean) {
        return is_match_in({clean, 0, clean.size(), Anchor::kNone, &budget});
    });
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return found;
}

Result<std::optional<Span>> Regex::find_within(std::string_view text, std::size_t max_steps) const {
    StepBudget budget(max_steps);
    const auto found = with_searchable(state_->program(), text, [&](std::string_view clean) {
        return find_in({clean, 0, clean.size(), Anchor::kNone, &budget});
    });
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return found;
}

Result<std::vector<Span>> Regex::captures_within(std::string_view text,
                                                 std::size_t max_steps) const {
    StepBudget budget(max_steps);
    std::vector<Span> groups;
    const bool found = with_searchable(state_->program(), text, [&](std::string_view clean) {
        return captures_in({clean, 0, clean.size(), Anchor::kNone, &budget}, groups);
    });
    if (budget.is_exhausted()) return limit_reached(max_steps);
    if (!found) groups.clear();
    return groups;
}

Result<std::vector<Span>> Regex::find_all_within(const Subject& subject,
                                                 std::size_t max_steps) const {
    StepBudget budget(max_steps);
    std::vector<Span> matches;
    find_all(subject, matches, nullptr, &budget);
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return matches;
}

void Regex::captures_all(const Subject& subject, std::vector<std::vector<Span>>& matches) const {
    matches.clear();
    captures_each(subject, [&](const std::vector<Span>& groups) { matches.push_back(groups); });
}

void Regex::captures_each(
    const Subject& subject,
    const std::function<void(const std::vector<Span>& groups)>& on_match) const {
    const std::string_view text = subject.searchable_by(state_->program());
    std::vector<Span> groups;
    for_each_match(
        text,
        [&](std::size_t from) -> std::optional<Span> {
            if (!captures_in({text, from, text.size(), Anchor::kNone}, groups)) return std::nullopt;
            return groups[0];
        },
        [&](Span) { on_match(groups); });
}

}  // namespace merlon::match
