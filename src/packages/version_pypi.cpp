// PEP 440 as Python's packaging orders it, and below all of it the order that setuptools gave to
// what PEP 440 refuses (packaging's LegacyVersion, up to 21.3), because registries still hold such
// versions.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

struct PrePhase {
    std::string_view spelling;  // longest first where one begins with another
    unsigned char rank;
};
// What stands in the place of the prerelease (PEP 440, "Pre-release separators" and "spelling").
enum PreRank : unsigned char { kOnlyDevelopment = 1, kAlpha, kBeta, kCandidate, kNoPre };
constexpr std::array<std::string_view, 6> kPhaseNames{"",     "development release", "alpha",
                                                      "beta", "release candidate",   "release"};
constexpr std::array kPrePhases{
    PrePhase{"alpha", kAlpha},       PrePhase{"a", kAlpha},
    PrePhase{"beta", kBeta},         PrePhase{"b", kBeta},
    PrePhase{"rc", kCandidate},      PrePhase{"c", kCandidate},
    PrePhase{"preview", kCandidate}, PrePhase{"pre", kCandidate},
};

struct Pep440 {
    std::string_view epoch, release;
    unsigned char pre_rank = kNoPre;
    std::string_view pre_number;
    std::optional<std::string_view> post, development, local;
};

bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }

// Reads appendix B of PEP 440 from a text in lower case.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<Pep440> read() {
        if (rest_.starts_with('v')) rest_.remove_prefix(1);
        Pep440 version;
        if (!read_release(version)) return std::nullopt;
        read_pre(version);
        read_post(version);
        version.development = read_word("dev");
        if (!read_local(version) || !rest_.empty()) return std::nullopt;
        return version;
    }

  private:
    bool read_release(Pep440& version) {
        const std::string_view epoch = take_digits(rest_);
        if (epoch.empty()) return false;
        std::string_view start = rest_;
        if (rest_.starts_with('!')) {
            version.epoch = epoch;
            rest_.remove_prefix(1);
            start = rest_;
            if (take_digits(rest_).empty()) return false;
        } else {
            start = {epoch.data(), epoch.size() + rest_.size()};
        }
        while (rest_.size() > 1 && rest_[0] == '.' && is_digit(rest_[1])) {
            rest_.remove_prefix(1);
            (void)take_digits(rest_);
        }
        version.release = start.substr(0, start.size() - rest_.size());
        return true;
    }

    // An optional separator, one of the words, an optional separator, an optional number.
    std::optional<std::string_view> read_word(std::string_view word) {
        std::string_view after = rest_;
        if (!after.empty() && is_separator(after.front())) after.remove_prefix(1);
        if (!after.starts_with(word)) return std::nullopt;
        after.remove_prefix(word.size());
        std::string_view number = after;
        if (!number.empty() && is_separator(number.front())) number.remove_prefix(1);
        // A separator without a number may also begin what follows: 1.0a-dev1.
        rest_ = number;
        return take_digits(rest_);
    }

    void read_pre(Pep440& version) {
        for (const PrePhase& phase : kPrePhases) {
            const std::string_view before = rest_;
            if (const auto number = read_word(phase.spelling)) {
                // "r" of a post-release does not begin a word here, but "preview" is not "pre".
                if (!rest_.empty() && is_lower(rest_.front()) && !begins_word()) {
                    rest_ = before;
                    continue;
                }
                version.pre_rank = phase.rank;
                version.pre_number = *number;
                return;
            }
        }
    }

    bool begins_word() const {
        for (const std::string_view word : {"post", "rev", "r", "dev"})
            if (rest_.starts_with(word)) return true;
        return false;
    }

    void read_post(Pep440& version) {
        // "Post releases": 1.0-1 is 1.0.post1.
        if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
            rest_.remove_prefix(1);
            version.post = take_digits(rest_);
            return;
        }
        for (const std::string_view word : {"post", "rev", "r"}) {
            version.post = read_word(word);
            if (version.post) return;
        }
    }

    bool read_local(Pep440& version) {
        if (!rest_.starts_with('+')) return true;
        rest_.remove_prefix(1);
        version.local = rest_;
        bool after_separator = true;
        for (const char c : rest_) {
            if (!is_separator(c) && !is_digit(c) && !is_lower(c)) return false;
            if (is_separator(c) && after_separator) return false;
            after_separator = is_separator(c);
        }
        rest_ = {};
        return !after_separator;
    }

    std::string_view rest_;
};

void write_local(std::string_view local, KeyWriter& writer) {
    enum : unsigned char { kEnd = 2, kText, kNumeric };
    while (!local.empty()) {
        const std::size_t end = std::min(local.find_first_of(".-_"), local.size());
        const std::string_view segment = local.substr(0, end);
        local.remove_prefix(std::min(end + 1, local.size()));
        if (all_digits(segment))
            writer.marked_number(kNumeric, segment, "local segment");
        else
            writer.marked_text(kText, segment, "local segment");
    }
    writer.mark(kEnd, "end");
}

void write_pep440(const Pep440& version, KeyWriter& writer) {
    enum : unsigned char { kEnd = 1 };
    writer.number(version.epoch, "epoch");
    // Zeros at the end of the release do not count.
    std::size_t zeros = 0;
    for (std::string_view release = version.release; !release.empty();) {
        const std::string_view number = take_part(release, '.');
        if (strip_leading_zeros(number).empty()) {
            ++zeros;
            continue;
        }
        for (; zeros > 0; --zeros) writer.number("0", "number");
        writer.number(number, "number");
    }
    writer.mark(kEnd, "end of the release");
    // 1.0.dev1 is below 1.0a1, but 1.0.post1.dev1 is not.
    const bool only_development =
        version.pre_rank == kNoPre && !version.post && version.development;
    const unsigned char rank =
        only_development ? static_cast<unsigned char>(kOnlyDevelopment) : version.pre_rank;
    writer.mark(rank, "phase", kPhaseNames[rank]);
    if (version.pre_rank != kNoPre) writer.number(version.pre_number, "prerelease number");
    writer.mark(version.post ? 2 : 1, "post-release", version.post.value_or("none"));
    if (version.post) writer.number(*version.post, "post-release number");
    writer.mark(version.development ? 1 : 2, "development release",
                version.development.value_or("none"));
    if (version.development) writer.number(*version.development, "development number");
    writer.mark(version.local ? 2 : 1, "local version", version.local.value_or("none"));
    if (version.local) write_local(*version.local, writer);
}

// The parts of setuptools' order: runs of digits, of letters, dots, hyphens, and what is between.
std::string_view take_legacy_part(std::string_view& text) {
    std::size_t end = 1;
    const char first = text.front();
    const auto belongs = [&](char c) {
        if (is_digit(first)) return is_digit(c);
        if (is_lower(first)) return is_lower(c);
        return first != '.' && first != '-' && c != '.' && c != '-' && !is_digit(c) && !is_lower(c);
    };
    while (end < text.size() && belongs(text[end])) ++end;
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end);
    return part;
}

std::string legacy_part(std::string_view part) {
    if (is_digit(part.front()))
        return std::string(part.size() < 8 ? 8 - part.size() : 0, '0').append(part);
    if (part == "pre" || part == "preview" || part == "rc") return "*c";
    if (part == "-") return "*final-";
    if (part == "dev") return "*@";
    return std::string("*").append(part);
}

void write_legacy(std::string_view version, KeyWriter& writer) {
    std::vector<std::pair<std::string, std::string_view>> parts;
    const auto add = [&](std::string_view source, std::string part) {
        if (part.starts_with('*')) {
            while (part < "*final" && !parts.empty() && parts.back().first == "*final-")
                parts.pop_back();
            while (!parts.empty() && parts.back().first == "00000000") parts.pop_back();
        }
        parts.emplace_back(std::move(part), source);
    };
    while (!version.empty()) {
        const std::string_view part = take_legacy_part(version);
        if (part != ".") add(part, legacy_part(part));
    }
    add({}, "*final");
    for (const auto& [part, source] : parts) writer.text(part, "part");
    writer.mark(0, "end");
}

}  // namespace

void write_pypi_key(std::string_view version, KeyWriter& writer) {
    enum : unsigned char { kLegacy = 1, kStandard };
    const std::string lower = lower_case(trim(version));
    const auto standard = Reader(lower).read();
    writer.mark(standard ? kStandard : kLegacy, "kind of version", version);
    if (standard)
        write_pep440(*standard, writer);
    else
        write_legacy(lower, writer);
}

std::string_view pypi_problem(std::string_view version) {
    const std::string lower = lower_case(trim(version));
    return Reader(lower).read() ? std::string_view() : "it is no version of PEP 440";
}

}  // namespace merlon::packages
