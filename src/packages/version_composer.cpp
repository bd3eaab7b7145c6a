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

bool separates(char c) { return c == '-' || c == '_' || c == '+'; }

// What version_compare makes of a version before it looks at the parts between dots: separators are
// dots, and so is each change between digits and others. The first character stays what it is.
std::string canonical(std::string_view version) {
    std::string text(version.substr(0, 1));
    for (std::size_t at = 1; at < version.size(); ++at) {
        const char last = version[at - 1];
        const char c = version[at];
        const bool is_change = is_digit(c) ? !is_digit(last) && last != '.' && !separates(last)
                                           : is_digit(last) && c != '.' && !separates(c);
        if ((is_change || !is_alnum(c)) && text.back() != '.') text += '.';
        if (is_change || is_alnum(c)) text += c;
    }
    return text;
}

}  // namespace

void write_composer_key(std::string_view version, KeyWriter& writer) {
    version = trim(version);
    if (version.starts_with('v') || version.starts_with('V')) version.remove_prefix(1);
    const std::string text = canonical(version);
    // A part that is empty, in front or at the end, is a word that is not known.
    for (std::string_view rest = text; rest.data() != nullptr && !text.empty();) {
        const std::string_view part = take_part(rest, '.');
        if (!part.empty() && is_digit(part.front()))
            writer.marked_number(kNumber, part, "number");
        else
            writer.mark(rank_of(part), "word", part);
    }
    writer.mark(kEnd, "end");
}

}  // namespace merlon::packages
