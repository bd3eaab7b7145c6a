// PHP's version_compare, which OSV takes for Packagist; a v before the number is dropped, as
// Composer does. (Composer's own order of stabilities differs: it is for resolving, not for
// matching.)

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

struct Form {
    std::string_view prefix;
    unsigned char rank;
};
// What can stand at one place. A word is what it begins with; others are below all, and equal.
enum Rank : unsigned char {
    kUnknown = 1,
    kDevelopment,
    kAlpha,
    kBeta,
    kCandidate,
    kEnd,
    kNumber,
    kPatch
};
constexpr Form kForms[] = {
    {"dev", kDevelopment}, {"a", kAlpha},      {"b", kBeta},
    {"RC", kCandidate},    {"rc", kCandidate}, {"p", kPatch},
};

unsigned char rank_of(std::string_view word) {
    for (const Form& form : kForms)
        if (word.starts_with(form.prefix)) return form.rank;
    return kUnknown;
}

}  // namespace

void write_composer_key(std::string_view version, KeyWriter& writer) {
    version = trim(version);
    if (version.starts_with('v') || version.starts_with('V')) version.remove_prefix(1);
    while (!version.empty()) {
        if (is_digit(version.front())) {
            writer.marked_number(kNumber, take_digits(version), "number");
            continue;
        }
        // What is neither digit nor letter only separates.
        const std::string_view word = take_letters(version);
        if (word.empty()) {
            version.remove_prefix(1);
            continue;
        }
        writer.mark(rank_of(word), "word", word);
    }
    writer.mark(kEnd, "end");
}

}  // namespace merlon::packages
