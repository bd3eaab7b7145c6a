// The orders of distributions' package managers: dpkg (deb-version(7)), rpm (rpm-version(7)) and
// pacman (vercmp(8)). Each is [epoch:]version[-release].

#include <algorithm>
#include <array>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

struct Evr {
    std::string_view epoch, version, release;
    bool has_release;
};

// The epoch is the digits before the first colon, and only digits are one; the release follows the
// last hyphen.
Evr split_evr(std::string_view text) {
    Evr evr{};
    std::string_view rest = text;
    evr.epoch = take_digits(rest);
    if (!rest.empty() && rest.front() == ':') {
        rest.remove_prefix(1);
    } else {
        evr.epoch = {};
        rest = text;
    }
    const std::size_t hyphen = rest.rfind('-');
    evr.has_release = hyphen != std::string_view::npos;
    evr.version = rest.substr(0, hyphen);
    if (evr.has_release) evr.release = rest.substr(hyphen + 1);
    return evr;
}

// dpkg reads the epoch with strtol, which takes a sign; below zero it is refused.
Evr split_deb(std::string_view version) {
    version = trim(version);
    if (version.starts_with('+') || version.starts_with('-')) {
        std::string_view rest = version.substr(1);
        const std::string_view digits = take_digits(rest);
        const bool is_epoch = !digits.empty() && rest.starts_with(':') &&
                              (version.front() == '+' || strip_leading_zeros(digits).empty());
        if (is_epoch) version.remove_prefix(1);
    }
    return split_evr(version);
}

// deb-version(7): a tilde is below the end, letters above it, and other characters above letters.
// dpkg reads a character as signed, which puts what is not ASCII between letters and the others.
enum DebRank : unsigned char { kTilde = 1, kDebEnd, kFirstCharacter };

constexpr auto kDebRanks = [] {
    std::array<unsigned char, 256> ranks{};
    unsigned char next = kFirstCharacter;
    for (int c = 0; c < 128; ++c)
        if (is_alpha(static_cast<char>(c))) ranks[static_cast<std::size_t>(c)] = next++;
    for (int c = -128; c < 128; ++c) {
        const auto byte = static_cast<std::size_t>(c & 0xFF);
        if (ranks[byte] == 0 && c != '~' && !is_digit(static_cast<char>(c))) ranks[byte] = next++;
    }
    ranks['~'] = kTilde;
    return ranks;
}();

// Texts and numbers in turn; a number that is missing is zero, and so is a whole part.
void write_deb_part(std::string_view part, std::string_view what, KeyWriter& writer) {
    do {
        std::size_t end = 0;
        while (end < part.size() && !is_digit(part[end])) ++end;
        for (std::size_t at = 0; at < end; ++at)
            writer.mark(kDebRanks[static_cast<unsigned char>(part[at])], "character",
                        part.substr(at, end - at));
        writer.mark(kDebEnd, "end");
        part.remove_prefix(end);
        writer.number(take_digits(part), what);
    } while (!part.empty());
    writer.mark(kDebEnd, "end");
}

enum RpmMark : unsigned char { kRpmTilde = 1, kRpmEnd, kCaret, kLetters, kNumber };

// rpmvercmp: runs of letters and of digits; what is neither only separates. A tilde is below the
// end, a caret above it and below all else.
void write_rpm_part(std::string_view part, KeyWriter& writer) {
    for (;;) {
        while (!part.empty() && !is_alnum(part.front()) && part.front() != '~' &&
               part.front() != '^')
            part.remove_prefix(1);
        if (part.empty()) break;
        if (part.front() == '~' || part.front() == '^') {
            writer.mark(part.front() == '~' ? kRpmTilde : kCaret, "mark", part.substr(0, 1));
            part.remove_prefix(1);
        } else if (is_digit(part.front())) {
            writer.marked_number(kNumber, take_digits(part), "number");
        } else {
            writer.marked_text(kLetters, take_letters(part), "word");
        }
    }
    writer.mark(kRpmEnd, "end");
}

std::size_t skip_separators(std::string_view& text) {
    std::size_t skipped = 0;
    while (skipped < text.size() && !is_alnum(text[skipped])) ++skipped;
    text.remove_prefix(skipped);
    return skipped;
}

std::weak_ordering decided(std::weak_ordering order, std::string_view left, std::string_view right,
                           std::string_view what, Decision& decision) {
    if (order != 0) decision = {std::string(left), std::string(right), what};
    return order;
}

// What is left when one side has no more segments: nothing is above a remaining word, and below
// anything else.
std::weak_ordering compare_alpm_rests(std::string_view left, std::string_view right) {
    if (left.empty() && right.empty()) return std::weak_ordering::equivalent;
    const bool left_is_word = !left.empty() && is_alpha(left.front());
    const bool right_is_word = !right.empty() && is_alpha(right.front());
    if ((left.empty() && !right_is_word) || left_is_word) return std::weak_ordering::less;
    return std::weak_ordering::greater;
}

// As rpmvercmp was before tildes and carets, but longer separators win over shorter ones.
std::weak_ordering compare_alpm_parts(std::string_view left, std::string_view right,
                                      Decision& decision) {
    const std::string_view whole_left = left;
    const std::string_view whole_right = right;
    if (left == right) return std::weak_ordering::equivalent;
    while (!left.empty() && !right.empty()) {
        const std::size_t left_skipped = skip_separators(left);
        const std::size_t right_skipped = skip_separators(right);
        if (left.empty() || right.empty()) break;
        if (left_skipped != right_skipped)
            return decided(left_skipped <=> right_skipped, whole_left, whole_right,
                           "length of a separator", decision);
        const bool is_number = is_digit(left.front());
        if (is_number != is_digit(right.front())) {
            const auto order = is_number ? std::weak_ordering::greater : std::weak_ordering::less;
            return decided(order, left, right, "a number and a word", decision);
        }
        const std::string_view left_segment = is_number ? take_digits(left) : take_letters(left);
        const std::string_view right_segment = is_number ? take_digits(right) : take_letters(right);
        const std::weak_ordering order = is_number ? compare_numbers(left_segment, right_segment)
                                                   : left_segment <=> right_segment;
        if (order != 0)
            return decided(order, left_segment, right_segment, is_number ? "number" : "word",
                           decision);
    }
    return decided(compare_alpm_rests(left, right), left, right, "what is left at the end",
                   decision);
}

}  // namespace

void write_dpkg_key(std::string_view version, KeyWriter& writer) {
    const Evr evr = split_deb(version);
    writer.number(evr.epoch, "epoch");
    write_deb_part(evr.version, "number", writer);
    write_deb_part(evr.release, "number of the revision", writer);
}

std::string_view dpkg_problem(std::string_view version) {
    version = trim(version);
    const Evr evr = split_deb(version);
    constexpr std::string_view kLargestEpoch = "2147483647";
    const auto belongs = [](std::string_view part, std::string_view others) {
        return std::all_of(part.begin(), part.end(), [&](char c) {
            return is_alnum(c) || others.find(c) != std::string_view::npos;
        });
    };
    if (version.empty()) return "it is empty";
    if (compare_numbers(evr.epoch, kLargestEpoch) > 0) return "its epoch is above 2147483647";
    if (evr.version.empty()) return "it has no upstream version";
    if (evr.has_release && evr.release.empty()) return "its revision is empty";
    if (!is_digit(evr.version.front())) return "its upstream version does not begin with a digit";
    if (!belongs(evr.version, ".-+~:")) return "its upstream version has a wrong character";
    if (!belongs(evr.release, ".+~")) return "its revision has a wrong character";
    return {};
}

void write_rpm_key(std::string_view version, KeyWriter& writer) {
    enum : unsigned char { kNoRelease = 1, kRelease };
    const Evr evr = split_evr(trim(version));
    writer.number(evr.epoch, "epoch");
    write_rpm_part(evr.version, writer);
    writer.mark(evr.has_release ? kRelease : kNoRelease, "release", evr.release);
    if (evr.has_release) write_rpm_part(evr.release, writer);
}

// Not only the epoch: a version that begins with a number has it next, after nothing that could
// be a separator.
void write_alpm_key(std::string_view version, KeyWriter& writer) {
    const Evr evr = split_evr(trim(version));
    writer.number(evr.epoch, "epoch");
    if (evr.version.empty() || !is_digit(evr.version.front())) return;
    std::string_view rest = evr.version;
    writer.number(take_digits(rest), "number");
}

std::weak_ordering compare_alpm(std::string_view left, std::string_view right, Decision& decision) {
    const Evr l = split_evr(trim(left));
    const Evr r = split_evr(trim(right));
    if (const auto order = compare_numbers(l.epoch, r.epoch); order != 0)
        return decided(order, l.epoch, r.epoch, "epoch", decision);
    if (const auto order = compare_alpm_parts(l.version, r.version, decision); order != 0)
        return order;
    // A release counts only where both have one: that is why this is no strict weak order.
    if (!l.has_release || !r.has_release) return std::weak_ordering::equivalent;
    return compare_alpm_parts(l.release, r.release, decision);
}

}  // namespace merlon::packages
