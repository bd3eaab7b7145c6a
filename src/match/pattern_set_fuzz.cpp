// Any bytes: the set finds what each expression finds alone, with the keyword rule applied by hand,
// and under a limit on steps nothing else; and so does a stored set, or it is refused.
//
// Input: 0xFE and changes of a stored set, each a place (4 bytes) and a value; 0xFD and the same of
// one whose checksum is made to fit; or an expression up to a NUL, the text; or a text.

#include "match/pattern_set.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "match/pattern_set_blob.h"

namespace {

using namespace merlon::match;

constexpr const char* kPatterns[] = {
    "(?i)[\\w.-]{0,10}?(?:key|token|pass)[\\s=:]{1,3}([a-z0-9]{3,})(?:[;\\s]|$)",
    "\\bab[a-c]+\\b",
    "(?m)^key.*$",
    "key|kek",
    "a?b?",
    "(?i)sk[a-z]",
    "x{2}y*xx",
    "(?:ab|cd)(?:ef)?x",
    "to(k)?en",
    "[^a]key",
    "\\Bkey",
    "(?s)e.?y=",
    "key.{0,3}\xC3\xA9",
    "(?i)(?:key)\\pL",
    // A string somewhere in a match, and a run of a class before it.
    "(?i)[\\w \t]*(?:pass|token)\\s*=",
    "[a-k0-9]{9,12}[=:]",
};

// Expressions are compiled once; the last one comes from the input.
std::vector<PatternSet::Pattern> fixed_patterns() {
    std::vector<PatternSet::Pattern> patterns;
    for (const char* text : kPatterns) {
        auto regex = Regex::compile(text);
        if (!regex.ok()) std::abort();
        patterns.push_back({std::move(regex).value(), {}});
    }
    patterns.push_back({patterns[4].regex, {"key", "pass"}});
    patterns.push_back({patterns[9].regex, {"tok"}});
    return patterns;
}

void expect_equal(const std::vector<PatternSet::Pattern>& patterns, const PatternSet& set,
                  std::string_view text) {
    const Subject subject(text);
    std::vector<std::vector<Span>> found(patterns.size());
    std::vector<char> is_candidate(patterns.size(), 0);
    PatternSet::Scratch scratch;
    set.scan(
        subject, scratch,
        [&](std::uint32_t i) {
            is_candidate[i] = 1;
            return true;
        },
        [&](std::uint32_t i, Span span) { found[i].push_back(span); });
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        std::vector<Span> alone;
        patterns[i].regex.find_all(subject, alone);
        // Whether a keyword is there has a reference of its own in the scanner's fuzzer.
        if (!patterns[i].keywords.empty() && is_candidate[i] == 0) alone.clear();
        if (found[i] != alone) std::abort();
    }
    std::vector<std::vector<Span>> within(patterns.size());
    const merlon::Status status = set.scan_within(
        subject, scratch, text.size() * (1 + text.size() % 7), [](std::uint32_t) { return true; },
        [&](std::uint32_t i, Span span) { within[i].push_back(span); });
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (within[i] != found[i] && (status.ok() || !within[i].empty())) std::abort();
    }
}

std::vector<std::uint32_t> changed(const PatternSet& set, std::string_view changes) {
    const auto stored = set.block().read();
    if (!stored) std::abort();
    std::vector<std::uint32_t> words(stored->bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), stored->bytes.data(), stored->bytes.size());
    char* const bytes = reinterpret_cast<char*>(words.data());
    for (; changes.size() >= 5; changes.remove_prefix(5)) {
        std::uint32_t place;
        std::memcpy(&place, changes.data(), sizeof place);
        bytes[place % stored->bytes.size()] = changes[4];
    }
    return words;
}

std::vector<std::pair<std::uint32_t, Span>> matches_of(const PatternSet& set,
                                                       std::string_view text) {
    std::vector<std::pair<std::uint32_t, Span>> found;
    PatternSet::Scratch scratch;
    set.scan(
        Subject(text), scratch, [](std::uint32_t) { return true; },
        [&](std::uint32_t i, Span span) {
            if (i >= set.size() || span.begin > span.end || span.end > text.size()) std::abort();
            found.emplace_back(i, span);
        });
    return found;
}

constexpr std::string_view kText =
    "my_key = abc123; token: x abc\nkek xxyxx to(k)en \xE2\x84\xAA\xFF";

// What came to harm is refused, or answers as what was stored did.
void load_damaged(const std::vector<PatternSet::Pattern>& patterns, const PatternSet& set,
                  std::string_view changes) {
    static const auto* const expected = new std::vector(matches_of(set, kText));
    const auto loaded = PatternSet::load(patterns, merlon::StoredBlock::of(changed(set, changes)));
    if (loaded.ok() && matches_of(loaded.value(), kText) != *expected) std::abort();
}

// What somebody made, its checksum too, is refused or harmless.
void load_made(const std::vector<PatternSet::Pattern>& patterns, const PatternSet& set,
               std::string_view changes) {
    std::vector<std::uint32_t> words = changed(set, changes);
    write_checksum(words);
    const auto loaded = PatternSet::load(patterns, merlon::StoredBlock::of(std::move(words)));
    if (loaded.ok()) (void)matches_of(loaded.value(), kText);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto* const patterns = new std::vector(fixed_patterns());
    static const auto* const set = new PatternSet(*patterns);
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > 4096) return 0;
    if (bytes.starts_with('\xFE')) {
        load_damaged(*patterns, *set, bytes.substr(1));
        return 0;
    }
    if (bytes.starts_with('\xFD')) {
        load_made(*patterns, *set, bytes.substr(1));
        return 0;
    }
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (end == bytes.size() || end > 48) {
        expect_equal(*patterns, *set, bytes);
        return 0;
    }
    auto own = Regex::compile(bytes.substr(0, end));
    if (!own.ok()) return 0;
    const std::vector<PatternSet::Pattern> list = {{std::move(own).value(), {}}};
    const PatternSet own_set(list);
    expect_equal(list, own_set, bytes.substr(end + 1));
    const auto loaded = PatternSet::load(list, own_set.block());
    if (!loaded.ok()) std::abort();
    expect_equal(list, loaded.value(), bytes.substr(end + 1));
    return 0;
}
