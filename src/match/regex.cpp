#include "match/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <mutex>

#include "base/assert.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

// RE2 refuses an expression whose program takes more than two thirds of this; what Go accepts, we
// must, so the budget grows until it fits. Small first: it also bounds the cache of the automaton.
constexpr std::int64_t kMemoryBudgets[] = {std::int64_t{8} << 20, std::int64_t{64} << 20,
                                           std::int64_t{512} << 20};

std::unique_ptr<RE2> build(const std::string& rendered) {
    std::unique_ptr<RE2> program;
    for (const std::int64_t budget : kMemoryBudgets) {
        RE2::Options options(RE2::Quiet);
        options.set_max_mem(budget);
        program = std::make_unique<RE2>(rendered, options);
        if (program->ok() || program->error_code() != RE2::ErrorPatternTooLarge) break;
    }
    return program;
}

re2::StringPiece piece(std::string_view text) {
    // A null pointer means "no group" to RE2; an empty text has to be somewhere.
    return text.data() == nullptr ? re2::StringPiece("", 0)
                                  : re2::StringPiece(text.data(), text.size());
}

Span span_of(const re2::StringPiece& group, const re2::StringPiece& text) {
    if (group.data() == nullptr) return {};
    const auto begin = static_cast<std::size_t>(group.data() - text.data());
    return {begin, begin + group.size()};
}

std::size_t width_at(std::string_view text, std::size_t at) {
    return at < text.size() ? text::decode_utf8(text.substr(at)).width : 1;
}

}  // namespace

Subject::Subject(std::string_view text) : original_(text) {
    ascii_ = text::is_ascii(text);
    if (ascii_) return;
    folds_to_ascii_ = text.find("\xC5\xBF") != std::string_view::npos ||
                      text.find("\xE2\x84\xAA") != std::string_view::npos;
    std::size_t invalid = text::find_invalid_utf8(text);
    if (invalid == text.size()) return;
    copied_ = true;
    copy_.reserve(text.size() + 16);
    std::size_t at = 0;
    while (at < text.size()) {
        copy_.append(text.substr(at, invalid));
        at += invalid;
        if (at == text.size()) break;
        invalid_.push_back(copy_.size());
        text::append_utf8(copy_, text::kReplacement);
        ++at;
        invalid = text::find_invalid_utf8(text.substr(at));
    }
}

std::size_t Subject::to_original(std::size_t offset) const {
    if (!copied_) return offset;
    const auto before = std::lower_bound(invalid_.begin(), invalid_.end(), offset);
    return offset - 2 * static_cast<std::size_t>(before - invalid_.begin());
}

std::size_t Subject::to_searchable(std::size_t offset) const {
    if (!copied_) return offset;
    // The k-th replaced byte stood at invalid_[k] - 2k.
    std::size_t low = 0;
    std::size_t high = invalid_.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (invalid_[middle] - 2 * middle < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return offset + 2 * low;
}

struct Regex::State {
    std::string pattern;
    SyntaxTree tree;
    std::string rendered;
    mutable std::once_flag built;
    mutable std::unique_ptr<RE2> program;

    const RE2& re2() const {
        std::call_once(built, [this] { program = build(rendered); });
        return *program;
    }
};

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::Regex(const Regex&) = default;
Regex& Regex::operator=(const Regex&) = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
    auto state = std::make_shared<State>();
    state->pattern = pattern;
    state->tree = MERLON_TRY(parse_syntax(pattern));
    state->rendered = render(state->tree.root, Captures::kKeep);
    // The names of Unicode sets are RE2's to know, so these are built at once.
    if (state->tree.uses_unicode_sets && !state->re2().ok()) {
        return Error{"error parsing regexp: invalid character class range: `" +
                     state->re2().error_arg() + "`"};
    }
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

Regex Regex::from_part(const Node& part) {
    auto state = std::make_shared<State>();
    state->rendered = render(part, Captures::kDrop);
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

const std::string& Regex::pattern() const { return state_->pattern; }

int Regex::group_count() const { return state_->tree.capture_count; }

const SyntaxTree& Regex::tree() const { return state_->tree; }

std::optional<Span> Regex::find_from(std::string_view text, std::size_t from) const {
    const RE2& program = state_->re2();
    if (!program.ok()) return std::nullopt;
    const re2::StringPiece whole = piece(text);
    re2::StringPiece group;
    if (!program.Match(whole, from, whole.size(), RE2::UNANCHORED, &group, 1)) return std::nullopt;
    return span_of(group, whole);
}

bool Regex::matches_at(std::string_view text, std::size_t at) const {
    const RE2& program = state_->re2();
    const re2::StringPiece whole = piece(text);
    return program.ok() && program.Match(whole, at, whole.size(), RE2::ANCHOR_START, nullptr, 0);
}

std::optional<Span> Regex::find_at(std::string_view text, std::size_t at) const {
    const RE2& program = state_->re2();
    const re2::StringPiece whole = piece(text);
    re2::StringPiece group;
    if (!program.ok() || !program.Match(whole, at, whole.size(), RE2::ANCHOR_START, &group, 1)) {
        return std::nullopt;
    }
    return span_of(group, whole);
}

bool Regex::is_match(std::string_view text) const {
    const Subject subject(text);
    const RE2& program = state_->re2();
    const re2::StringPiece whole = piece(subject.searchable());
    return program.ok() && program.Match(whole, 0, whole.size(), RE2::UNANCHORED, nullptr, 0);
}

std::optional<Span> Regex::find(std::string_view text) const {
    const Subject subject(text);
    const std::optional<Span> found = find_from(subject.searchable(), 0);
    if (!found) return std::nullopt;
    return subject.to_original(*found);
}

bool Regex::captures(std::string_view text, std::vector<Span>& groups) const {
    const Subject subject(text);
    const RE2& program = state_->re2();
    const re2::StringPiece whole = piece(subject.searchable());
    const auto count = static_cast<std::size_t>(group_count()) + 1;
    std::vector<re2::StringPiece> pieces(count);
    if (!program.ok() || !program.Match(whole, 0, whole.size(), RE2::UNANCHORED, pieces.data(),
                                        static_cast<int>(count))) {
        return false;
    }
    groups.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        groups[i] = subject.to_original(span_of(pieces[i], whole));
    }
    return true;
}

void Regex::find_all(const Subject& subject, std::vector<Span>& matches) const {
    matches.clear();
    const std::string_view text = subject.searchable();
    std::size_t from = 0;
    std::size_t last_end = Span::kNoMatch;
    while (from <= text.size()) {
        const std::optional<Span> found = find_from(text, from);
        if (!found) return;
        // regexp.allMatches: an empty match at the end of the one before it does not count.
        const bool is_empty = found->begin == found->end;
        if (!is_empty || found->begin != last_end) matches.push_back(subject.to_original(*found));
        last_end = found->end;
        from = is_empty ? found->end + width_at(text, found->end) : found->end;
    }
}

}  // namespace merlon::match
