// The family of Semantic Versioning 2.0.0 (semver.org): node-semver, Rust's semver, Elixir's
// Version, golang.org/x/mod/semver, pub_semver, and NuGet.Versioning, which has a fourth number.
//
// A key is: the numbers without trailing zeros, whether it is a prerelease, its identifiers, and
// for pub the build's. Texts that the tools refuse are read as node-semver reads loosely: any count
// of numbers, and what follows them without a hyphen is a prerelease.

#include <algorithm>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

enum CoreMark : unsigned char { kPrerelease = 1, kRelease };
enum IdentifierMark : unsigned char { kEnd = 1, kNumeric, kText };
enum class Letters : unsigned char { kAsWritten, kFolded };

constexpr std::string_view kIdentifier = "prerelease identifier";

std::string_view strip_prefix(std::string_view version) {
    version = trim(version);
    std::size_t at = 0;
    while (at < version.size() && (version[at] == '=' || version[at] == ' ')) ++at;
    if (at < version.size() && (version[at] == 'v' || version[at] == 'V')) ++at;
    return at < version.size() && is_digit(version[at]) ? version.substr(at) : version;
}

// Writes the numbers, and takes them off. A missing number is zero, so that zeros at the end are
// not written.
void write_numbers(std::string_view& rest, KeyWriter& writer) {
    std::size_t zeros = 0;
    while (!rest.empty() && is_digit(rest.front())) {
        const std::string_view digits = take_digits(rest);
        if (strip_leading_zeros(digits).empty()) {
            ++zeros;
        } else {
            for (; zeros > 0; --zeros) writer.number("0", "number");
            writer.number(digits, "number");
        }
        if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) break;
        rest.remove_prefix(1);
    }
}

void write_identifier(std::string_view identifier, Letters letters, std::string_view what,
                      KeyWriter& writer) {
    // Section 11.4: numbers by value, and below texts.
    if (all_digits(identifier))
        writer.marked_number(kNumeric, identifier, what);
    else if (letters == Letters::kFolded)
        writer.marked_text(kText, lower_case(identifier), what);
    else
        writer.marked_text(kText, identifier, what);
}

void write_identifiers(std::string_view identifiers, Letters letters, std::string_view what,
                       KeyWriter& writer) {
    while (!identifiers.empty())
        write_identifier(take_part(identifiers, '.'), letters, what, writer);
    writer.mark(kEnd, "end");
}

struct Tail {
    bool is_prerelease;
    std::string_view prerelease, build;
};

Tail split_tail(std::string_view rest) {
    Tail tail{};
    if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
        tail.build = rest.substr(plus + 1);
        rest = rest.substr(0, plus);
    }
    tail.is_prerelease = !rest.empty();
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '.' || rest.front() == '_'))
        rest.remove_prefix(1);
    tail.prerelease = rest;
    return tail;
}

Tail write_precedence(std::string_view version, Letters letters, KeyWriter& writer) {
    std::string_view rest = strip_prefix(version);
    write_numbers(rest, writer);
    const Tail tail = split_tail(rest);
    if (tail.is_prerelease) {
        writer.mark(kPrerelease, "prerelease", rest);
        write_identifiers(tail.prerelease, letters, kIdentifier, writer);
    } else {
        writer.mark(kRelease, "release");
    }
    return tail;
}

// Section 2: no leading zeros, unless `zeros` allows them.
enum class Zeros : unsigned char { kRefused, kAllowed };

bool is_number(std::string_view text, Zeros zeros) {
    return all_digits(text) && (zeros == Zeros::kAllowed || text.size() == 1 || text[0] != '0');
}

bool are_identifiers(std::string_view text, Zeros zeros) {
    if (text.empty() || text.back() == '.') return false;
    while (!text.empty()) {
        const std::string_view identifier = take_part(text, '.');
        const auto belongs = [](char c) { return is_alnum(c) || c == '-'; };
        if (identifier.empty() || !std::all_of(identifier.begin(), identifier.end(), belongs))
            return false;
        if (all_digits(identifier) && !is_number(identifier, zeros)) return false;
    }
    return true;
}

struct Shape {
    int fewest_numbers, most_numbers;
    Zeros zeros;
};

// Sections 2, 9 and 10 for what follows an optional v.
std::string_view find_problem(std::string_view version, Shape shape) {
    std::string_view core = version;
    if (const std::size_t plus = core.find('+'); plus != std::string_view::npos) {
        if (!are_identifiers(core.substr(plus + 1), Zeros::kAllowed))
            return "its build is not identifiers with dots between";
        core = core.substr(0, plus);
    }
    if (const std::size_t hyphen = core.find('-'); hyphen != std::string_view::npos) {
        if (!are_identifiers(core.substr(hyphen + 1), shape.zeros))
            return "its prerelease is not identifiers with dots between";
        core = core.substr(0, hyphen);
    }
    int numbers = 0;
    if (core.empty() || core.back() == '.') return "a number is missing";
    while (!core.empty()) {
        if (!is_number(take_part(core, '.'), shape.zeros)) return "a number is not one";
        ++numbers;
    }
    if (numbers < shape.fewest_numbers || numbers > shape.most_numbers)
        return "it has not as many numbers as it should";
    return {};
}

}  // namespace

void write_semver_key(std::string_view version, KeyWriter& writer) {
    (void)write_precedence(version, Letters::kAsWritten, writer);
}

void write_nuget_key(std::string_view version, KeyWriter& writer) {
    (void)write_precedence(version, Letters::kFolded, writer);
}

// pub_semver ranks builds too: a version with one is above the same without.
void write_pub_key(std::string_view version, KeyWriter& writer) {
    const Tail tail = write_precedence(version, Letters::kAsWritten, writer);
    write_identifiers(tail.build, Letters::kAsWritten, "build identifier", writer);
}

// Modules are written with a v, the standard library without, and the toolchain as go1.21rc2,
// which the Go vulnerability database writes 1.21.0-rc.2.
void write_go_key(std::string_view version, KeyWriter& writer) {
    version = trim(version);
    if (version.starts_with("go") && version.size() > 2 && is_digit(version[2]))
        version.remove_prefix(2);
    std::string_view rest = strip_prefix(version);
    std::string_view suffix = rest;
    while (!suffix.empty() && (is_digit(suffix.front()) || suffix.front() == '.'))
        suffix.remove_prefix(1);
    const std::string_view whole_suffix = suffix;
    const std::string_view word = take_letters(suffix);
    if ((word != "rc" && word != "beta") || !all_digits(suffix)) {
        write_semver_key(version, writer);
        return;
    }
    write_numbers(rest, writer);
    writer.mark(kPrerelease, "prerelease", whole_suffix);
    writer.marked_text(kText, word, kIdentifier);
    writer.marked_number(kNumeric, suffix, kIdentifier);
    writer.mark(kEnd, "end");
}

std::string_view semver_problem(std::string_view version) {
    return find_problem(version, {3, 3, Zeros::kRefused});
}

std::string_view npm_problem(std::string_view version) {
    const std::string_view problem = find_problem(strip_prefix(version), {3, 3, Zeros::kRefused});
    if (!problem.empty()) return problem;
    // node-semver refuses numbers above Number.MAX_SAFE_INTEGER, and texts above 256 characters.
    constexpr std::string_view kLargest = "9007199254740991";
    if (version.size() > 256) return "it is longer than 256 characters";
    std::string_view core = strip_prefix(version);
    core = core.substr(0, core.find_first_of("-+"));
    while (!core.empty())
        if (compare_numbers(take_part(core, '.'), kLargest) > 0)
            return "a number is above 9007199254740991";
    return {};
}

std::string_view go_problem(std::string_view version) {
    if (!version.starts_with('v')) return "it does not begin with v";
    version.remove_prefix(1);
    // v1 and v1.2 are short for v1.0.0 and v1.2.0, but only without a prerelease or build.
    const bool is_bare = version.find_first_of("-+") == std::string_view::npos;
    return find_problem(version, {is_bare ? 1 : 3, 3, Zeros::kRefused});
}

std::string_view nuget_problem(std::string_view version) {
    return find_problem(trim(version), {1, 4, Zeros::kAllowed});
}

}  // namespace merlon::packages
