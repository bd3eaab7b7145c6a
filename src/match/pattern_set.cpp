#include "match/pattern_set.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "match/analysis.h"
#include "match/core_search.h"
#include "match/explain.h"
#include "match/literal_text.h"
#include "match/pattern_set_blob.h"
#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::match {

struct PatternSet::Entry {
    Regex regex;
    std::span<const std::uint32_t> keywords;
    std::span<const std::uint32_t> core_literals;
    // The expression up to its core literal and from it on, where something stands before it.
    std::optional<Regex> prefix;
    std::optional<Regex> suffix;
    std::size_t max_prefix_bytes = 0;
    ByteSet prefix_bytes{};
    bool runs_whole = false;  // its literals say only whether it may match at all

    // Damaged ones cannot be made again, the whole expression can.
    bool has_sound_parts() const {
        return (!prefix || prefix->is_sound()) && (!suffix || suffix->is_sound());
    }
};

namespace {

using Part = PatternSetPart;

// Bits of Scratch::seen: a literal is there as cores are looked for, and as keywords are.
constexpr std::uint8_t kSeen = 1;
constexpr std::uint8_t kSeenInLowerCase = 2;
constexpr std::uint32_t kNoLiteral = 0xFFFF'FFFF;
// Beyond this expressions do without core literals: slow, and right.
constexpr std::size_t kMaxCoreBytes = std::size_t{16} << 20;

// Places of literals that one text may hold (32 MiB of them). What stands denser, such as "aa" in a
// text of nothing else, no longer says where to look: its expressions run over the whole text.
constexpr std::size_t kMaxPlaces = std::size_t{4} << 20;

std::array<std::uint32_t, 2> fingerprint_of(const std::vector<PatternSet::Pattern>& patterns) {
    std::uint64_t hash = hash_bytes(unicode_version());
    for (const PatternSet::Pattern& pattern : patterns) {
        hash = hash_bytes(pattern.regex.pattern(), hash);
        hash += static_cast<std::uint64_t>(pattern.regex.syntax()) << 8 |
                static_cast<std::uint64_t>(pattern.regex.kind()) << 16;
        for (const std::string& keyword : pattern.keywords) hash = hash_bytes(keyword, hash + 1);
        hash += 2;
    }
    return {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32)};
}

// Strings, each once, by the order in which they came.
class Strings {
  public:
    std::uint32_t id_of(const std::string& string) {
        const auto [at, added] = ids_.emplace(string, static_cast<std::uint32_t>(list_.size()));
        if (added) list_.push_back(string);
        return at->second;
    }
    const std::vector<std::string>& list() const { return list_; }

  private:
    std::map<std::string, std::uint32_t> ids_;
    std::vector<std::string> list_;
};

using StorePiece = std::function<std::vector<std::uint32_t>(const Regex& whole, const Node& piece,
                                                            Program::Codes codes)>;

// What is worked out from the expressions.
struct Plan {
    std::vector<StoredEntry> entries;
    std::vector<std::uint32_t> ids;
    Strings literals;
    Strings keywords;
    std::vector<std::uint8_t> is_core;
    std::vector<std::uint32_t> keyword_literal;
    std::vector<std::vector<std::uint32_t>> waiting;  // by literal
    std::vector<std::uint32_t> always;
    std::vector<std::uint32_t> pieces;
    bool has_unicode_keyword = false;

    std::uint32_t literal(const std::string& string) {
        const std::uint32_t id = literals.id_of(string);
        if (id == is_core.size()) {
            is_core.push_back(0);
            waiting.emplace_back();
        }
        return id;
    }
};

void add_keywords(Plan& plan, StoredEntry& entry, const std::vector<std::string>& keywords) {
    entry.keywords_begin = static_cast<std::uint32_t>(plan.ids.size());
    entry.keywords_count = static_cast<std::uint32_t>(keywords.size());
    for (const std::string& keyword : keywords) {
        const std::uint32_t id = plan.keywords.id_of(keyword);
        if (id == plan.keyword_literal.size()) {
            const bool ascii = text::is_ascii(keyword);
            plan.keyword_literal.push_back(ascii ? plan.literal(keyword) : kNoLiteral);
            plan.has_unicode_keyword = plan.has_unicode_keyword || !ascii;
        }
        plan.ids.push_back(id);
    }
}

Plan make_plan(const std::vector<PatternSet::Pattern>& patterns, const StorePiece& store_piece) {
    Plan plan;
    const auto add_piece = [&plan](const std::vector<std::uint32_t>& words, std::uint32_t& begin,
                                   std::uint32_t& count, BlockChecksum& checksum) {
        begin = static_cast<std::uint32_t>(plan.pieces.size());
        count = static_cast<std::uint32_t>(words.size());
        checksum = Program::stored_checksum(std::as_bytes(std::span(words)));
        plan.pieces.insert(plan.pieces.end(), words.begin(), words.end());
    };
    std::size_t core_bytes = 0;
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
        StoredEntry entry;
        add_keywords(plan, entry, patterns[i].keywords);
        entry.cores_begin = static_cast<std::uint32_t>(plan.ids.size());
        const std::optional<Core> core =
            core_bytes < kMaxCoreBytes ? find_core(patterns[i].regex.tree().root) : std::nullopt;
        if (core) {
            for (const std::string& literal : core->literals) {
                const std::uint32_t id = plan.literal(literal);
                plan.is_core[id] = 1;
                plan.waiting[id].push_back(i);
                plan.ids.push_back(id);
                core_bytes += literal.size();
            }
            entry.cores_count = static_cast<std::uint32_t>(core->literals.size());
            entry.max_prefix_bytes = core->max_prefix_bytes == kUnboundedPrefix
                                         ? kAnyPrefix
                                         : static_cast<std::uint32_t>(core->max_prefix_bytes);
            entry.prefix_bytes = core->prefix_bytes;
            // With nothing before the literal, the expression itself is tried where the literal
            // stands.
            if (core->max_prefix_bytes > 0) {
                const Regex& regex = patterns[i].regex;
                add_piece(store_piece(regex, core->prefix, Program::Codes::kReverse),
                          entry.prefix_begin, entry.prefix_count, entry.prefix_checksum);
                add_piece(store_piece(regex, core->suffix, Program::Codes::kForward),
                          entry.suffix_begin, entry.suffix_count, entry.suffix_checksum);
            }
        } else if (const std::vector<std::string> required =
                       core_bytes < kMaxCoreBytes ? find_required(patterns[i].regex.tree().root)
                                                  : std::vector<std::string>{};
                   !required.empty()) {
            for (const std::string& literal : required) {
                const std::uint32_t id = plan.literal(literal);
                plan.waiting[id].push_back(i);
                plan.ids.push_back(id);
                core_bytes += literal.size();
            }
            entry.cores_count = static_cast<std::uint32_t>(required.size());
            entry.max_prefix_bytes = kAnywhere;
        } else if (patterns[i].keywords.empty()) {
            plan.always.push_back(i);
        } else {
            for (std::uint32_t k = 0; k < entry.keywords_count; ++k) {
                const std::uint32_t id = plan.keyword_literal[plan.ids[entry.keywords_begin + k]];
                if (id != kNoLiteral) plan.waiting[id].push_back(i);
            }
        }
        plan.entries.push_back(entry);
    }
    return plan;
}

std::span<const std::uint32_t> words_of(std::span<const std::byte> block) {
    const void* const at = block.data();
    return {static_cast<const std::uint32_t*>(at), block.size() / sizeof(std::uint32_t)};
}

std::vector<std::uint32_t> write_block(const std::vector<PatternSet::Pattern>& patterns,
                                       const Plan& plan) {
    LiteralOptions options;
    options.fold = LiteralFold::kAscii;
    options.match = LiteralMatch::kOverlapping;
    // Keywords are no longer than the file that they come from, which has a limit (base/limits.h).
    options.max_text_bytes = kMaxCoreBytes + (std::size_t{96} << 20);
    const LiteralSet literals = LiteralSet::compile(plan.literals.list(), options).value();
    options.fold = LiteralFold::kLower;
    options.engine = LiteralEngine::kAutomaton;
    options.max_dense_bytes = std::size_t{16} << 10;  // few texts ask for it
    const LiteralSet keywords = LiteralSet::compile(plan.keywords.list(), options).value();

    std::vector<std::uint32_t> waiting_begin{0};
    std::vector<std::uint32_t> waiting;
    for (const auto& each : plan.waiting) {
        waiting.insert(waiting.end(), each.begin(), each.end());
        waiting_begin.push_back(static_cast<std::uint32_t>(waiting.size()));
    }
    PatternSetHeader header{};
    BlobWriter writer(sizeof header);
    const auto put = [&](Part part, BlobSection section) {
        header.parts[static_cast<std::size_t>(part)] = section;
    };
    put(Part::kEntries, writer.add(plan.entries));
    put(Part::kIds, writer.add(plan.ids));
    put(Part::kLiterals, writer.add(words_of(literals.block())));
    put(Part::kKeywords, writer.add(words_of(keywords.block())));
    put(Part::kIsCore, writer.add(plan.is_core));
    put(Part::kKeywordLiteral, writer.add(plan.keyword_literal));
    put(Part::kWaitingBegin, writer.add(waiting_begin));
    put(Part::kWaiting, writer.add(waiting));
    put(Part::kAlways, writer.add(plan.always));
    put(Part::kPieces, writer.add(plan.pieces));
    header.magic = kPatternSetMagic;
    header.version = kPatternSetVersion;
    header.size = static_cast<std::uint32_t>(writer.size_bytes());
    header.fingerprint = fingerprint_of(patterns);
    header.has_unicode_keyword = plan.has_unicode_keyword ? 1 : 0;
    // A line feed at its end is still the line's own.
    const auto crosses_lines = [](const std::string& string) {
        return string.find('\n') < string.size() - 1;
    };
    header.has_crossing_literal = std::ranges::any_of(plan.literals.list(), crosses_lines) ||
                                          std::ranges::any_of(plan.keywords.list(), crosses_lines)
                                      ? 1
                                      : 0;
    std::vector<std::uint32_t> words = std::move(writer).finish(header);
    write_checksum(words);
    return words;
}

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
    const Plan plan =
        make_plan(patterns, [](const Regex& whole, const Node& piece, Program::Codes codes) {
            return whole.from_part(piece).store(codes);
        });
    block_ = StoredBlock::of(write_block(patterns, plan));
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
