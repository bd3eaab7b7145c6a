#include "match/core_search.h"

#include <algorithm>

namespace merlon::match {
namespace {

// Searches from core literals may read so much of a text before one without them takes over: each
// is linear, and so is their sum. Without a bound on the prefix a search from each literal may read
// all of a text, and be worth nothing beside one that does so once.
constexpr std::size_t kReadsPerByte = 16;
constexpr std::size_t kUnboundedReadsPerByte = 1;
constexpr std::size_t kFreeBytes = std::size_t{64} << 10;
// Fewer places than these are as soon searched from as looked at.
constexpr std::size_t kFewPlaces = 3;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

CoreSearch::CoreSearch(const CorePattern& pattern, std::string_view text, const Limits& limits)
    : pattern_(pattern), text_(text), limits_(limits) {
    const bool is_bounded = pattern.max_prefix_bytes != kUnboundedPrefix;
    max_bytes_read_ =
        (is_bounded ? kReadsPerByte : kUnboundedReadsPerByte) * text.size() + kFreeBytes;
}

void CoreSearch::find_all(std::vector<std::size_t>& places, std::vector<Span>& matches) {
    if (places.size() > kFewPlaces) {
        bytes_read_ += onward().keep_hopeful(text_, places, limits_.budget);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const std::span<const std::size_t> all = places;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_stopped()) return;
        // A core stands inside its match, so one before `resume_` belongs to no further match.
        if (all[i] < resume_) continue;
        const std::optional<Span> found = find(all.subspan(i));
        if (bytes_read_ > max_bytes_read_) {
            find_the_rest(all[i], matches);
            return;
        }
        if (!found) continue;
        matches.push_back(*found);
        resume_ = found->end;
    }
}

// The leftmost match through the first of `places` or, where it begins no later, a further one.
std::optional<Span> CoreSearch::find(std::span<const std::size_t> places) {
    std::optional<Span> best = through(places.front());
    if (!best || pattern_.prefix == nullptr) return best;
    std::size_t ways = 1;
    std::size_t crossed = best->begin;  // a prefix reaches from here back to the begin
    for (const std::size_t place : places.subspan(1)) {
        if (place - best->begin > pattern_.max_prefix_bytes) break;
        while (crossed < place && contains(pattern_.prefix_bytes, byte_at(text_, crossed))) {
            ++crossed;
        }
        if (crossed < place || bytes_read_ > max_bytes_read_) break;
        const std::optional<Span> other = through(place);
        if (!other || other->begin > best->begin) continue;
        ways = other->begin == best->begin ? ways + 1 : 1;
        best = other;
    }
    if (ways == 1) return best;
    return pattern_.whole.find_in(
        {text_, best->begin, text_.size(), Anchor::kBegin, limits_.budget});
}

// The match that begins first of those through the literal at `place`.
std::optional<Span> CoreSearch::through(std::size_t place) {
    const Regex::Probe end = onward().probe_at(text_, place, limits_.budget);
    bytes_read_ += end.bytes_read;
    if (!end.is_found) return std::nullopt;
    if (pattern_.prefix == nullptr) return Span{place, end.place};
    const Regex::Probe begin = pattern_.prefix->probe_back(text_, resume_, place, limits_.budget);
    bytes_read_ += begin.gave_up ? max_bytes_read_ + 1 : begin.bytes_read;
    if (!begin.is_found) return std::nullopt;
    return Span{begin.place, end.place};
}

// Without the literals, in linear time.
void CoreSearch::find_the_rest(std::size_t place, std::vector<Span>& matches) const {
    std::size_t from = std::max(resume_, place - std::min(place, pattern_.max_prefix_bytes));
    while (from > resume_ && is_continuation(text_[from])) --from;
    while (const std::optional<Span> found =
               pattern_.whole.find_in({text_, from, text_.size(), Anchor::kNone, limits_.budget})) {
        if (is_stopped()) return;
        matches.push_back(*found);
        from = std::max(found->end, from + 1);
    }
}

}  // namespace merlon::match
