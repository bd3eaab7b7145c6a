#include "match/pattern_set.h"

#include <algorithm>

#include "match/analysis.h"
#include "match/core_search.h"
#include "match/explain.h"
#include "match/literal_text.h"
#include "match/pattern_set_parts.h"

namespace merlon::match {

namespace {

// Bits of Scratch::seen: a literal is there as cores are looked for, and as keywords are.
constexpr std::uint8_t kSeen = 1;
constexpr std::uint8_t kSeenInLowerCase = 2;
// Places of literals that one text may hold (32 MiB of them). What stands denser, such as "aa" in a
// text of nothing else, no longer says where to look: its expressions run over the whole text.
constexpr std::size_t kMaxPlaces = std::size_t{4} << 20;

}  // namespace

std::size_t PatternSet::size() const { return entries_.size(); }

std::string PatternSet::slow_because(std::uint32_t pattern) const {
    const Entry& entry = entries_[pattern];
    if (!entry.core_literals.empty() && !entry.runs_whole) return {};
    const Node& root = entry.regex.tree().root;
    if (entry.core_literals.empty() && find_core(root)) {
        return "the expressions before it have so many strings that its own are not looked for; "
               "divide the rules";
    }
    const std::string dear = explain_dear_count(root);
    std::vector<std::string> required;
    for (const std::uint32_t id : entry.core_literals) {
        required.emplace_back(literals_.string(id));
    }
    return explain_no_core(root, required, entry.regex.search_way()) +
           (dear.empty() ? "" : ". Besides, " + dear);
}

bool PatternSet::has_literals(std::uint32_t pattern) const {
    return !entries_[pattern].core_literals.empty();
}

bool PatternSet::has_keyword(const Entry& entry, const Scratch& scratch) const {
    if (entry.keywords.empty()) return true;
    return std::any_of(entry.keywords.begin(), entry.keywords.end(), [&](std::uint32_t keyword) {
        if (!scratch.seen_lowered.empty()) return scratch.seen_lowered[keyword] != 0;
        const std::uint32_t id = keyword_literal_[keyword];
        return id != kNoLiteral && (scratch.seen[id] & kSeenInLowerCase) != 0;
    });
}

void PatternSet::scan_core(const Entry& entry, const Subject& subject, Scratch& scratch) const {
    std::vector<std::size_t>& places = scratch.merged;
    places.clear();
    for (const std::uint32_t id : entry.core_literals) {
        const std::vector<std::size_t>& own = scratch.places[id];
        places.insert(places.end(), own.begin(), own.end());
    }
    scratch.matches.clear();
    const CorePattern pattern{entry.regex, entry.prefix ? &*entry.prefix : nullptr,
                              entry.suffix ? &*entry.suffix : nullptr, entry.max_prefix_bytes,
                              entry.prefix_bytes};
    CoreSearch(pattern, subject.searchable(), {scratch.cancel_, scratch.budget_})
        .find_all(places, scratch.matches);
}

// Notes that a literal is there. Whether that is news.
bool PatternSet::see(const LiteralHit& hit, const LiteralText& literal_text, Scratch& scratch) {
    std::uint8_t& seen = scratch.seen[hit.id];
    if ((seen & kSeenInLowerCase) != 0) return false;
    const std::uint8_t before = seen;
    if (before == 0) scratch.touched.push_back(hit.id);
    seen |= kSeen;
    if (literal_text.is_lower_case(hit.begin, hit.end)) seen |= kSeenInLowerCase;
    return seen != before;
}

bool PatternSet::find_literals(const Subject& subject, Scratch& scratch) const {
    StepBudget* const budget = scratch.budget_;
    if (budget != nullptr && !budget->take(subject.original().size())) return false;
    scratch.seen.resize(is_core_.size(), 0);
    scratch.dense.resize(is_core_.size(), 0);
    scratch.places.resize(is_core_.size());
    scratch.places_held = 0;
    const LiteralText literal_text(subject);
    literals_.scan(literal_text.text(), [&](const LiteralHit& hit) {
        if (budget != nullptr && !budget->take(1)) return false;
        // In a text of nothing but such strings each byte has some.
        if (scratch.is_stopped()) return false;
        see(hit, literal_text, scratch);
        if (is_core_[hit.id] == 0 || scratch.dense[hit.id] != 0) return true;
        if (scratch.places_held == kMaxPlaces) {
            scratch.dense[hit.id] = 1;
            scratch.places_held -= scratch.places[hit.id].size();
            scratch.places[hit.id] = {};
            return true;
        }
        ++scratch.places_held;
        scratch.places[hit.id].push_back(literal_text.original_place(hit.begin));
        return true;
    });
    return !scratch.is_stopped();
}

bool PatternSet::find_keywords(const Subject& subject, Scratch& scratch) const {
    scratch.seen_lowered.clear();
    if (subject.is_ascii() || !has_unicode_keyword_) return true;
    StepBudget* const budget = scratch.budget_;
    if (budget != nullptr && !budget->take(subject.original().size())) return false;
    scratch.seen_lowered.resize(keyword_literal_.size(), 0);
    keywords_.scan(subject.original(), [&](const LiteralHit& hit) {
        scratch.seen_lowered[hit.id] = 1;
        return budget == nullptr || budget->take(1);
    });
    return !scratch.is_exhausted();
}

// The patterns that may match, ascending.
void PatternSet::choose_candidates(Scratch& scratch) const {
    std::vector<std::uint32_t>& chosen = scratch.candidates;
    chosen.clear();
    // A keyword outside ASCII has no literal that could have been seen.
    if (!scratch.seen_lowered.empty()) {
        chosen.resize(entries_.size());
        for (std::uint32_t i = 0; i < entries_.size(); ++i) chosen[i] = i;
        return;
    }
    chosen.assign(always_.begin(), always_.end());
    for (const std::uint32_t id : scratch.touched) {
        chosen.insert(chosen.end(), waiting_.begin() + waiting_begin_[id],
                      waiting_.begin() + waiting_begin_[id + 1]);
    }
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
}

void PatternSet::scan(
    const Subject& subject, Scratch& scratch,
    const std::function<bool(std::uint32_t pattern)>& on_candidate,
    const std::function<void(std::uint32_t pattern, Span match)>& on_match) const {
    scratch.candidates.clear();
    if (find_literals(subject, scratch) && find_keywords(subject, scratch)) {
        choose_candidates(scratch);
    }
    for (const std::uint32_t i : scratch.candidates) {
        const Entry& entry = entries_[i];
        bool by_core = !entry.core_literals.empty();
        if (by_core && !has_any(entry, scratch.seen)) continue;
        by_core = by_core && !entry.runs_whole && !has_any(entry, scratch.dense);
        if (!has_keyword(entry, scratch) || !on_candidate(i)) continue;
        by_core = by_core && entry.has_sound_parts();
        if (by_core) {
            scan_core(entry, subject, scratch);
        } else {
            entry.regex.find_all(subject, scratch.matches, scratch.cancel_, scratch.budget_);
        }
        // Of what was not searched to its end nothing is told.
        if (scratch.is_exhausted()) break;
        for (const Span& match : scratch.matches) on_match(i, match);
        if (scratch.is_stopped()) break;
    }
    for (const std::uint32_t id : scratch.touched) {
        scratch.seen[id] = 0;
        scratch.dense[id] = 0;
        scratch.places[id].clear();
    }
    scratch.touched.clear();
}

bool PatternSet::has_any(const Entry& entry, const std::vector<std::uint8_t>& flags) {
    return std::any_of(entry.core_literals.begin(), entry.core_literals.end(),
                       [&flags](std::uint32_t id) { return flags[id] != 0; });
}

bool PatternSet::may_match(const Subject& lines, Scratch& scratch,
                           const std::function<bool(std::uint32_t pattern)>& is_wanted) const {
    if (has_crossing_literal_) return true;
    find_keywords(lines, scratch);
    const auto may = [&](std::uint32_t i) {
        const Entry& entry = entries_[i];
        return (entry.core_literals.empty() || has_any(entry, scratch.seen)) &&
               has_keyword(entry, scratch) && is_wanted(i);
    };
    scratch.seen.resize(is_core_.size(), 0);
    bool found = false;
    const LiteralText literal_text(lines);
    literals_.scan(literal_text.text(), [&](const LiteralHit& hit) {
        if (!see(hit, literal_text, scratch)) return true;
        // Most literals have the keyword in them: nothing more needs to be read.
        found = std::any_of(waiting_.begin() + waiting_begin_[hit.id],
                            waiting_.begin() + waiting_begin_[hit.id + 1], may);
        return !found;
    });
    if (!found) {
        choose_candidates(scratch);
        found = std::ranges::any_of(scratch.candidates, may);
    }
    for (const std::uint32_t id : scratch.touched) scratch.seen[id] = 0;
    scratch.touched.clear();
    return found;
}

Status PatternSet::scan_within(
    const Subject& subject, Scratch& scratch, std::size_t max_steps,
    const std::function<bool(std::uint32_t pattern)>& on_candidate,
    const std::function<void(std::uint32_t pattern, Span match)>& on_match) const {
    StepBudget budget(max_steps);
    scratch.budget_ = &budget;
    scan(subject, scratch, on_candidate, on_match);
    scratch.budget_ = nullptr;
    if (budget.is_exhausted()) return limit_reached(max_steps);
    return {};
}

}  // namespace merlon::match
