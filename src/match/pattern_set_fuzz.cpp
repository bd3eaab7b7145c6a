// Any bytes: the set finds what each expression finds alone, with the keyword rule applied by hand.

#include "match/pattern_set.h"

#include <cstdlib>

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
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto* const patterns = new std::vector(fixed_patterns());
    static const auto* const set = new PatternSet(*patterns);
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > 4096) return 0;
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (end == bytes.size() || end > 48) {
        expect_equal(*patterns, *set, bytes);
        return 0;
    }
    auto own = Regex::compile(bytes.substr(0, end));
    if (!own.ok()) return 0;
    const std::vector<PatternSet::Pattern> list = {{std::move(own).value(), {}}};
    expect_equal(list, PatternSet(list), bytes.substr(end + 1));
    return 0;
}
