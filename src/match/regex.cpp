#include "match/regex.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>

#include "match/backtrack.h"
#include "match/lazy_dfa.h"
#include "match/onepass.h"
#include "match/pike.h"
#include "match/prefilter.h"
#include "match/prefixes.h"
#include "match/scratch_pool.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

// A program of this many instructions is built at once, and so is any under a limit below this
// one, so that one that is too large is an error of compile(); others are built when they are first
// needed, and never are too large.
constexpr std::size_t kEagerSize = 50'000;
constexpr std::size_t kEagerLimit = std::size_t{64} << 20;

std::size_t width_at(std::string_view text, std::size_t at) {
    return at < text.size() ? text::decode_utf8(text.substr(at)).width : 1;
}

std::size_t written_out_size(const Node& node) {
    constexpr std::size_t kMax = std::size_t{1} << 40;
    std::size_t size = 1 + node.text.size() + node.ranges.size();
    for (const Node& sub : node.subs) size = std::min(kMax, size + written_out_size(sub));
    const int times = node.op == Op::kRepeat ? std::max({node.min, node.max, 1}) : 1;
    return std::min(kMax, size * static_cast<std::size_t>(times));
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

namespace {

struct Scratch {
    Scratch(const ProgramView& program, std::size_t cache_bytes, const Prefilter* prefilter)
        : forward(program, Direction::kForward,
                  program.has(kLongest) ? LazyDfa::Kind::kLongest : LazyDfa::Kind::kFirst,
                  cache_bytes, prefilter) {}

    LazyDfa forward;
    std::optional<LazyDfa> reverse;  // made at first use
    Backtracker backtracker;
    Pike pike;
    std::vector<std::size_t> slots;
};

}  // namespace

struct Regex::State {
    // What is built at first use.
    struct Engines {
        Program program;
        bool has_reverse = true;  // else that code is a program of its own
        std::optional<Prefilter> prefilter;
    };

    std::string pattern;
    CompileOptions options;
    // A stored program, until it is first needed.
    StoredBlock stored;
    mutable SyntaxTree parsed;  // through tree() only
    mutable std::once_flag parsed_once;
    mutable std::once_flag built;
    mutable std::atomic<bool> is_built = false;  // spares the way through call_once
    mutable Engines engines;
    mutable std::string failure;
    mutable std::once_flag reverse_built;
    mutable Program reverse_program;  // through reverse() only
    mutable std::once_flag one_pass_tried;
    mutable std::optional<OnePass> one_pass;
    mutable bool is_damaged = false;  // what was stored; set by build()
    mutable ScratchPool<Scratch> pool;

    const Engines& get() const {
        if (!is_built.load(std::memory_order_acquire)) {
            std::call_once(built, [this] {
                build();
                is_built.store(true, std::memory_order_release);
            });
        }
        return engines;
    }
    const ProgramView& program() const { return get().program.view(); }

    // What was stored is parsed only for those who ask for the tree.
    const SyntaxTree& tree() const {
        if (!stored.empty()) {
            std::call_once(parsed_once, [this] {
                if (auto again = parse_syntax(pattern, options.syntax); again.ok()) {
                    parsed = std::move(again).value();
                }
            });
        }
        return parsed;
    }

    bool is_built_at_once() const {
        return options.program.max_bytes < kEagerLimit ||
               written_out_size(tree().root) > kEagerSize;
    }
    void build() const;
    // One that matches nothing where it would be too large, and why it is.
    Program compiled(Program::Codes codes, std::string& too_large) const;
    bool build_from_store() const;
    void use_prefixes(Prefixes prefixes) const;
    const std::optional<OnePass>& one_pass_or_none() const {
        std::call_once(one_pass_tried, [this] {
            if (options.engine == EngineChoice::kAuto) {
                one_pass = OnePass::make(engines.program.view(), options.one_pass_bytes);
            }
        });
        return one_pass;
    }

    // Many expressions never ask where a match begins: what tells is compiled when one does.
    const ProgramView& reverse() const {
        if (get().has_reverse) return engines.program.view();
        std::call_once(reverse_built, [this] {
            std::string too_large;  // then a slower engine finds the begin
            reverse_program = compiled(Program::Codes::kReverse, too_large);
        });
        return reverse_program.view();
    }
    LazyDfa& reverse_of(Scratch& scratch) const {
        if (!scratch.reverse) {
            scratch.reverse.emplace(reverse(), Direction::kReverse, LazyDfa::Kind::kLongest,
                                    options.automaton_bytes, nullptr);
        }
        return *scratch.reverse;
    }

    const OnePass* one_pass_of_whole(const SearchInput& input) const;

    ScratchPool<Scratch>::Lease scratch() const {
        const Engines& all = get();
        return pool.take([&] {
            return std::make_unique<Scratch>(all.program.view(), options.automaton_bytes,
                                             all.prefilter ? &*all.prefilter : nullptr);
        });
    }

    // Whether a match is out of the question without a look at the text.
    static bool is_hopeless(const ProgramView& program, const SearchInput& input) {
        return input.from > input.to || input.to > input.text.size() ||
               input.to - input.from < program.min_length() ||
               (program.has(kBeginsAtText) && input.from > 0);
    }
    bool uses_automata() const {
        return options.engine == EngineChoice::kAuto || options.engine == EngineChoice::kAutomata;
    }

    std::optional<Span> find(const SearchInput& input, Scratch& scratch) const;
    // Whether the search for literals answers alone. Of a state that is built.
    bool is_literal(const SearchInput& input) const {
        return input.anchor == Anchor::kNone && engines.prefilter &&
               engines.prefilter->is_whole() && engines.prefilter->is_active();
    }
    std::optional<Span> find_literal(const SearchInput& input) const;
    void find_all(std::string_view text, StepBudget* budget, const CancelToken* cancel,
                  std::vector<Span>& matches) const;
    bool search_slots(const SearchInput& input, Scratch& scratch,
                      std::span<std::size_t> slots) const;
    std::optional<Span> find_slowly(const SearchInput& input, Scratch& scratch) const {
        std::size_t slots[2];
        if (!search_slots(input, scratch, slots)) return std::nullopt;
        return Span{slots[0], slots[1]};
    }
};

void Regex::State::build() const {
    if (!stored.empty() && build_from_store()) return;
    is_damaged = !stored.empty();
    // Whether both codes are within the limit is known where both are compiled.
    engines.has_reverse = is_built_at_once();
    engines.program =
        compiled(engines.has_reverse ? Program::Codes::kBoth : Program::Codes::kForward, failure);
    use_prefixes(required_prefixes(tree().root));
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

void Regex::State::use_prefixes(Prefixes prefixes) const {
    const ProgramView& view = engines.program.view();
    if (options.engine != EngineChoice::kAuto || view.has(kBeginsAtText)) return;
    prefixes.are_whole = prefixes.are_whole && !view.has(kHasAssertions);
    engines.prefilter.emplace(
        std::move(prefixes), view,
        view.has(kLongest) ? MatchKind::kLeftmostLongest : MatchKind::kLeftmostFirst);
}

bool Regex::State::build_from_store() const {
    const std::optional<SharedBytes> read = stored.read();
    if (!read) return false;
    auto program = Program::unpack(read->bytes);
    if (!program.ok() || program.value().view().pattern() != pattern) return false;
    engines.program = std::move(program).value();
    const ProgramView& view = engines.program.view();
    use_prefixes({view.prefixes(),
                  view.has(kPrefixesFold) ? LiteralFold::kAscii : LiteralFold::kExact,
                  view.has(kPrefixesAreWhole)});
    return true;
}

bool Regex::State::search_slots(const SearchInput& input, Scratch& scratch,
                                std::span<std::size_t> slots) const {
    const ProgramView& view = engines.program.view();
    if (options.engine != EngineChoice::kPike &&
        Backtracker::fits(view, input.to - input.from, options.visited_bytes)) {
        return scratch.backtracker.search(view, input, slots);
    }
    return scratch.pike.search(view, input, slots);
}

std::optional<Span> Regex::State::find_literal(const SearchInput& input) const {
    std::size_t to = input.to;
    if (input.budget != nullptr) to = input.from + std::min(to - input.from, input.budget->left());
    const auto hit = engines.prefilter->find(input.text, input.from, to);
    if (input.budget != nullptr) {
        // What stands across the limit is not found either, and might be preferred to this hit.
        const bool is_cut =
            to < input.to && (!hit || program().max_length() > to - std::min(to, hit->begin));
        const std::size_t read = hit && !is_cut ? hit->end - input.from : to - input.from;
        if (!input.budget->take(is_cut ? read + 1 : read)) return std::nullopt;
    }
    return hit ? std::optional(Span{hit->begin, hit->end}) : std::nullopt;
}

std::optional<Span> Regex::State::find(const SearchInput& input, Scratch& scratch) const {
    const ProgramView& program = this->program();
    if (is_hopeless(program, input)) return std::nullopt;
    if (!uses_automata()) return find_slowly(input, scratch);
    if (is_literal(input)) return find_literal(input);
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
    const bool is_longest = state_->stored.empty()
                                ? state_->options.kind == MatchKind::kLeftmostLongest
                                : state_->program().has(kLongest);
    state->options.kind = is_longest ? MatchKind::kLeftmostLongest : MatchKind::kLeftmostFirst;
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

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
int Regex::group_count() const {
    return state_->stored.empty() ? state_->parsed.capture_count
                                  : static_cast<int>(state_->program().group_count());
}
const std::vector<std::string>& Regex::capture_names() const {
    return state_->tree().capture_names;
}
const SyntaxTree& Regex::tree() const { return state_->tree(); }

std::vector<std::uint32_t> Regex::store(Program::Codes codes) const {
    std::optional<Program> compiled;
    if (!state_->get().has_reverse) {
        std::string too_large;  // no: its limit is one that no such expression reaches
        compiled = state_->compiled(Program::Codes::kBoth, too_large);
    }
    const Program& program = compiled ? *compiled : state_->engines.program;
    const Prefixes prefixes = required_prefixes(state_->tree().root);
    std::uint32_t flags = 0;
    if (prefixes.fold == LiteralFold::kAscii) flags |= kPrefixesFold;
    if (prefixes.are_whole) flags |= kPrefixesAreWhole;
    const Program stored = program.for_storing(prefixes.strings, flags, codes);
    const std::span<const std::byte> bytes = stored.view().bytes();
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
}

Regex Regex::restore(std::string_view pattern, StoredBlock block) {
    auto state = std::make_shared<State>();
    state->pattern = pattern;
    state->stored = std::move(block);
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

bool Regex::is_sound() const {
    state_->get();
    return !state_->is_damaged;
}

const ProgramView& Regex::program() const { return state_->program(); }

std::optional<Span> Regex::find_in(const SearchInput& input) const {
    if (!State::is_hopeless(state_->program(), input) && state_->is_literal(input)) {
        return state_->find_literal(input);
    }
    const auto scratch = state_->scratch();
    return state_->find(input, *scratch);
}

bool Regex::is_match_in(const SearchInput& input) const {
    if (State::is_hopeless(state_->program(), input)) return false;
    if (state_->is_literal(input)) return state_->find_literal(input).has_value();
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
    const std::optional<Span> whole = state_->find(input, *scratch);
    if (!whole) return false;
    groups.assign(count, Span{});
    groups[0] = *whole;
    if (groups.size() == 1) return true;
    // The match alone is looked at: what decides between ways through it lies inside.
    const SearchInput match{input.text, whole->begin, whole->end, Anchor::kBegin, input.budget};
    scratch->slots.assign(2 * groups.size(), kNoPlace);
    const std::optional<OnePass>& one_pass = state_->one_pass_or_none();
    if (one_pass) {
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
    return with_searchable(program(), text, [this](std::string_view clean) {
        return is_match_in({clean, 0, clean.size(), Anchor::kNone});
    });
}

std::optional<Span> Regex::find(std::string_view text) const {
    return with_searchable(program(), text,
                           [this](std::string_view clean) { return find_from(clean, 0); });
}

bool Regex::captures(std::string_view text, std::vector<Span>& groups) const {
    return with_searchable(program(), text, [&](std::string_view clean) {
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
    state_->find_all(subject.searchable_by(program()), budget, cancel, matches);
}

Result<bool> Regex::is_match_within(std::string_view text, std::size_t max_steps) const {
    StepBudget budget(max_steps);
    const bool found = with_searchable(program(), text, [&](std::string_view clean) {
        return is_match_in({clean, 0, clean.size(), Anchor::kNone, &budget});
    });
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return found;
}

Result<std::optional<Span>> Regex::find_within(std::string_view text, std::size_t max_steps) const {
    StepBudget budget(max_steps);
    const auto found = with_searchable(program(), text, [&](std::string_view clean) {
        return find_in({clean, 0, clean.size(), Anchor::kNone, &budget});
    });
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return found;
}

Result<std::vector<Span>> Regex::captures_within(std::string_view text,
                                                 std::size_t max_steps) const {
    StepBudget budget(max_steps);
    std::vector<Span> groups;
    const bool found = with_searchable(program(), text, [&](std::string_view clean) {
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
    const std::string_view text = subject.searchable_by(program());
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
