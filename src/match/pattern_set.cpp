#include "match/pattern_set.h"

#include <algorithm>
#include <map>
#include <optional>

#include "match/analysis.h"
#include "text/utf8.h"

namespace merlon::match {

struct PatternSet::Entry {
    Regex regex;
    std::vector<std::string> keywords;
    std::vector<std::uint32_t> keyword_literals;
    std::vector<Regex> unicode_keywords;  // those that are not ASCII
    std::vector<std::uint32_t> core_literals;
    std::optional<Regex> suffix;
    std::size_t max_prefix_bytes = 0;
};

namespace {

// Places of literals that one text may hold (32 MiB of them). What stands denser, such as "aa" in a
// text of nothing else, no longer says where to look: its expressions run over the whole text.
constexpr std::size_t kMaxPlaces = std::size_t{4} << 20;

// Beyond this expressions do without core literals: slow, and right.
constexpr std::size_t kMaxCoreBytes = std::size_t{16} << 20;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// strings.ToLower maps two code points outside ASCII into it: U+0130 to i and U+212A to k.
bool lower_reaches_ascii(std::string_view text) {
    return text.find("\xC4\xB0") != std::string_view::npos ||
           text.find("\xE2\x84\xAA") != std::string_view::npos;
}

// The text with these two replaced, for the rare file that has them.
std::string with_ascii_lower(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("\xC4\xB0")) {
            out.push_back('i');
            at += 2;
        } else if (rest.starts_with("\xE2\x84\xAA")) {
            out.push_back('k');
            at += 3;
        } else {
            const char c = text[at++];
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
        }
    }
    return out;
}

Node literal_node(std::string_view keyword) {
    Node node;
    node.op = Op::kLiteral;
    node.fold_case = true;
    for (std::size_t at = 0; at < keyword.size();) {
        const text::CodePoint point = text::decode_utf8(keyword.substr(at));
        node.text.push_back(point.value);
        at += point.width;
    }
    return node;
}

}  // namespace

PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

PatternSet::PatternSet(std::vector<Pattern> patterns) {
    std::vector<std::string> literals;
    std::map<std::string, std::uint32_t> ids;
    const auto id_of = [&](const std::string& literal) {
        const auto [at, added] = ids.emplace(literal, static_cast<std::uint32_t>(literals.size()));
        if (added) {
            literals.push_back(literal);
            is_core_.push_back(0);
        }
        return at->second;
    };
    std::size_t core_bytes = 0;
    for (Pattern& pattern : patterns) {
        Entry entry{std::move(pattern.regex), std::move(pattern.keywords), {}, {}, {}, {}, 0};
        for (const std::string& keyword : entry.keywords) {
            if (text::is_ascii(keyword)) {
                entry.keyword_literals.push_back(id_of(keyword));
            } else {
                entry.unicode_keywords.push_back(Regex::from_part(literal_node(keyword)));
            }
        }
        const std::optional<Core> core =
            core_bytes < kMaxCoreBytes ? find_core(entry.regex.tree().root) : std::nullopt;
        if (core) {
            for (const std::string& literal : core->literals) {
                const std::uint32_t id = id_of(literal);
                is_core_[id] = 1;
                core_bytes += literal.size();
                entry.core_literals.push_back(id);
            }
            entry.max_prefix_bytes = core->max_prefix_bytes;
            // With nothing before the literal, the expression itself is tried where the literal
            // stands.
            if (entry.max_prefix_bytes > 0) entry.suffix = Regex::from_part(core->suffix);
        }
        entries_.push_back(std::move(entry));
    }
    LiteralOptions options;
    options.fold = LiteralFold::kAscii;
    options.match = LiteralMatch::kOverlapping;
    // Keywords are no longer than the file that they come from, which has a limit (base/limits.h).
    options.max_text_bytes = kMaxCoreBytes + (std::size_t{96} << 20);
    literals_ = std::make_unique<LiteralSet>(LiteralSet::compile(literals, options).value());
}

std::size_t PatternSet::size() const { return entries_.size(); }

std::string PatternSet::slow_because(std::uint32_t pattern) const {
    if (!entries_[pattern].core_literals.empty()) return {};
    return "no string of two or more characters has to stand in every match within a bounded "
           "distance of its start, so the expression runs over the whole text";
}

bool PatternSet::has_keyword(const Entry& entry, const Subject& subject,
                             const Scratch& scratch) const {
    if (entry.keywords.empty()) return true;
    for (const std::uint32_t id : entry.keyword_literals) {
        if (scratch.seen[id] != 0) return true;
    }
    if (subject.is_ascii()) return false;
    for (const Regex& keyword : entry.unicode_keywords) {
        if (keyword.find_from(subject.searchable(), 0)) return true;
    }
    return !scratch.seen_lowered.empty() &&
           std::any_of(entry.keyword_literals.begin(), entry.keyword_literals.end(),
                       [&scratch](std::uint32_t id) { return scratch.seen_lowered[id] != 0; });
}

void PatternSet::scan_core(const Entry& entry, const Subject& subject, Scratch& scratch) const {
    const std::string_view text = subject.searchable();
    scratch.matches.clear();
    scratch.merged.clear();
    for (const std::uint32_t id : entry.core_literals) {
        scratch.merged.insert(scratch.merged.end(), scratch.places[id].begin(),
                              scratch.places[id].end());
    }
    if (entry.core_literals.size() > 1) std::sort(scratch.merged.begin(), scratch.merged.end());
    std::size_t resume = 0;
    std::size_t checked = Span::kNoMatch;
    for (const std::size_t place : scratch.merged) {
        // A core stands inside its match, so one before `resume` belongs to no further match.
        if (place < resume || place == checked) continue;
        checked = place;
        if (!entry.suffix) {
            if (const std::optional<Span> found = entry.regex.find_at(text, place)) {
                scratch.matches.push_back(*found);
                resume = found->end;
            }
            continue;
        }
        if (!entry.suffix->matches_at(text, place)) continue;
        std::size_t from = std::max(resume, place - std::min(place, entry.max_prefix_bytes));
        while (from > resume && is_continuation(text[from])) --from;
        const std::optional<Span> found = entry.regex.find_from(text, from);
        if (!found) return;
        scratch.matches.push_back(*found);
        resume = found->end;
    }
}

void PatternSet::scan(
    const Subject& subject, Scratch& scratch,
    const std::function<bool(std::uint32_t pattern)>& on_candidate,
    const std::function<void(std::uint32_t pattern, Span match)>& on_match) const {
    scratch.seen.resize(is_core_.size(), 0);
    scratch.dense.resize(is_core_.size(), 0);
    scratch.places.resize(is_core_.size());
    scratch.places_held = 0;
    literals_->view().scan(subject.searchable(), [&](const LiteralHit& hit) {
        if (scratch.seen[hit.id] == 0) {
            scratch.seen[hit.id] = 1;
            scratch.touched.push_back(hit.id);
        }
        if (is_core_[hit.id] == 0 || scratch.dense[hit.id] != 0) return;
        if (scratch.places_held == kMaxPlaces) {
            scratch.dense[hit.id] = 1;
            scratch.places_held -= scratch.places[hit.id].size();
            scratch.places[hit.id] = {};
            return;
        }
        ++scratch.places_held;
        scratch.places[hit.id].push_back(hit.begin);
    });
    scratch.seen_lowered.clear();
    if (!subject.is_ascii() && lower_reaches_ascii(subject.searchable())) {
        scratch.seen_lowered.resize(is_core_.size(), 0);
        literals_->view().scan(with_ascii_lower(subject.searchable()),
                               [&](const LiteralHit& hit) { scratch.seen_lowered[hit.id] = 1; });
    }
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        // Where k or s may stand as U+212A or U+017F, ASCII literals do not say where a match can
        // be.
        const auto any_core = [&entry](const std::vector<std::uint8_t>& flags) {
            return std::any_of(entry.core_literals.begin(), entry.core_literals.end(),
                               [&flags](std::uint32_t id) { return flags[id] != 0; });
        };
        bool by_core = !entry.core_literals.empty() && !subject.folds_to_ascii();
        if (by_core && !any_core(scratch.seen)) continue;
        by_core = by_core && !any_core(scratch.dense);
        if (!has_keyword(entry, subject, scratch) || !on_candidate(i)) continue;
        if (by_core) {
            scan_core(entry, subject, scratch);
        } else {
            entry.regex.find_all(subject, scratch.matches);
        }
        for (const Span& match : scratch.matches) on_match(i, match);
    }
    for (const std::uint32_t id : scratch.touched) {
        scratch.seen[id] = 0;
        scratch.dense[id] = 0;
        scratch.places[id].clear();
    }
    scratch.touched.clear();
}

}  // namespace merlon::match
