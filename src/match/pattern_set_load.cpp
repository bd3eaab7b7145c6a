#include <algorithm>
#include <cstring>

#include "match/core_search.h"
#include "match/pattern_set_parts.h"

namespace merlon::match {
namespace {

using Part = PatternSetPart;

bool all_below(std::span<const std::uint32_t> numbers, std::size_t limit) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [limit](std::uint32_t number) { return number < limit; });
}

}  // namespace

PatternSet::PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

PatternSet::PatternSet(std::vector<Pattern> patterns) {
    block_ = StoredBlock::of(pattern_set_block(
        patterns, [](const Regex& whole, const Node& piece, Program::Codes codes) {
            return whole.from_part(piece).store(codes);
        }));
    const Status status = read(std::move(patterns));
    MERLON_ASSERT(status.ok());
}

Result<PatternSet> PatternSet::load(std::vector<Pattern> patterns, StoredBlock block) {
    PatternSet set;
    set.block_ = std::move(block);
    if (Status status = set.read(std::move(patterns)); !status.ok()) return status.error();
    return set;
}

// Takes the block apart. Every number that a scan follows is checked here; programs are when they
// are first needed.
Status PatternSet::read(std::vector<Pattern> patterns) {
    const Error unreadable{"stored patterns: the block cannot be read; compile the patterns again"};
    PatternSetHeader header;
    const auto first = block_.part(0, sizeof header).value_or(StoredBlock{}).read();
    if (!first || !is_blob_aligned(first->bytes)) return unreadable;
    std::memcpy(&header, first->bytes.data(), sizeof header);
    if (header.magic != kPatternSetMagic || header.version != kPatternSetVersion ||
        header.size != block_.size) {
        return Error{"stored patterns: not a block of this version; compile the patterns again"};
    }
    const BlobSection pieces = header.parts[static_cast<std::size_t>(Part::kPieces)];
    const auto tables = block_.part(0, pieces.offset).value_or(StoredBlock{}).read();
    if (!tables || tables->bytes.size() < sizeof header) return unreadable;
    if (header.checksum != checksum_of<PatternSetHeader>(tables->bytes)) {
        return Error{"stored patterns: the block is damaged; compile the patterns again"};
    }
    owner_ = tables->owner;
    const std::span<const std::byte> block = tables->bytes;
    if (header.fingerprint != fingerprint_of(patterns)) {
        return Error{"stored patterns: made of other patterns; compile these"};
    }
    const Error broken{"stored patterns: a table does not fit; compile the patterns again"};
    const auto section = [&](Part part) { return header.parts[static_cast<std::size_t>(part)]; };
    const auto numbers = [&](Part part) {
        return read_section<std::uint32_t>(block, section(part));
    };
    const auto entries = read_section<StoredEntry>(block, section(Part::kEntries));
    const auto is_core = read_section<std::uint8_t>(block, section(Part::kIsCore));
    const auto ids = numbers(Part::kIds);
    const auto literals = numbers(Part::kLiterals);
    const auto keywords = numbers(Part::kKeywords);
    const auto keyword_literal = numbers(Part::kKeywordLiteral);
    const auto waiting_begin = numbers(Part::kWaitingBegin);
    const auto waiting = numbers(Part::kWaiting);
    const auto always = numbers(Part::kAlways);
    if (!entries || !is_core || !ids || !literals || !keywords || !keyword_literal ||
        !waiting_begin || !waiting || !always) {
        return broken;
    }
    literals_ = MERLON_TRY(LiteralView::load(std::as_bytes(*literals)));
    keywords_ = MERLON_TRY(LiteralView::load(std::as_bytes(*keywords)));
    const std::size_t literal_count = literals_.count();
    if (literals_.match() != LiteralMatch::kOverlapping ||
        keywords_.match() != LiteralMatch::kOverlapping || entries->size() != patterns.size() ||
        is_core->size() != literal_count || keyword_literal->size() != keywords_.count() ||
        waiting_begin->size() != literal_count + 1 || waiting_begin->front() != 0 ||
        waiting_begin->back() != waiting->size() ||
        !std::is_sorted(waiting_begin->begin(), waiting_begin->end()) ||
        !all_below(*waiting, patterns.size()) || !all_below(*always, patterns.size())) {
        return broken;
    }
    for (const std::uint32_t id : *keyword_literal) {
        if (id != kNoLiteral && id >= literal_count) return broken;
    }
    const auto part_of = [](std::span<const std::uint32_t> all, std::uint32_t begin,
                            std::uint32_t count) -> std::optional<std::span<const std::uint32_t>> {
        if (begin > all.size() || count > all.size() - begin) return std::nullopt;
        return all.subspan(begin, count);
    };
    entries_.reserve(patterns.size());
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        const StoredEntry& stored = (*entries)[i];
        const auto own = part_of(*ids, stored.keywords_begin, stored.keywords_count);
        const auto cores = part_of(*ids, stored.cores_begin, stored.cores_count);
        const auto piece = [&](std::uint32_t begin, std::uint32_t count) {
            constexpr std::uint64_t kWord = sizeof(std::uint32_t);
            return block_.part(pieces.offset + begin * kWord, count * kWord);
        };
        auto prefix = piece(stored.prefix_begin, stored.prefix_count);
        auto suffix = piece(stored.suffix_begin, stored.suffix_count);
        if (!own || !cores || !prefix || !suffix || prefix->empty() != suffix->empty() ||
            !all_below(*own, keywords_.count()) || !all_below(*cores, literal_count)) {
            return broken;
        }
        Entry entry{
            std::move(patterns[i].regex),
            *own,
            *cores,
            std::nullopt,
            std::nullopt,
            stored.max_prefix_bytes == kAnyPrefix ? kUnboundedPrefix : stored.max_prefix_bytes,
            stored.prefix_bytes,
            stored.max_prefix_bytes == kAnywhere};
        if (!suffix->empty()) {
            CompileOptions options;
            options.syntax = entry.regex.syntax();
            options.kind = entry.regex.kind();
            entry.prefix = Regex::restore_part(*std::move(prefix), stored.prefix_checksum, options);
            entry.suffix = Regex::restore_part(*std::move(suffix), stored.suffix_checksum, options);
        }
        entries_.push_back(std::move(entry));
    }
    has_unicode_keyword_ = header.has_unicode_keyword != 0;
    has_crossing_literal_ = header.has_crossing_literal != 0;
    is_core_ = *is_core;
    keyword_literal_ = *keyword_literal;
    waiting_begin_ = *waiting_begin;
    waiting_ = *waiting;
    always_ = *always;
    return {};
}

}  // namespace merlon::match
