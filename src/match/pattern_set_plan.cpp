#include <algorithm>
#include <map>
#include <string>

#include "base/hash.h"
#include "match/pattern_set_parts.h"
#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

using Part = PatternSetPart;

// Beyond this expressions do without core literals: slow, and right.
constexpr std::size_t kMaxCoreBytes = std::size_t{16} << 20;

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

}  // namespace

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

std::vector<std::uint32_t> pattern_set_block(const std::vector<PatternSet::Pattern>& patterns,
                                             const StorePiece& store_piece) {
    return write_block(patterns, make_plan(patterns, store_piece));
}

}  // namespace merlon::match
