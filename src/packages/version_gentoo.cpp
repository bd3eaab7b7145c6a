// apk-tools and Gentoo: numbers, a letter, suffixes such as _rc1, a revision -r1. The grammar is
// the Package Manager Specification's (section 3.2); how the parts rank differs (section 3.3, and
// apk-package(5)).
//
// apk-tools 3.0.6 is the measure, with what apk-tools 2 takes besides: digits after the letter, as
// in openssh 9.6p1, dots without a number behind them, and -r without one.

#include <array>
#include <span>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

struct Suffix {
    std::string_view word;
    int rank;  // below zero: before the version without it
};
constexpr std::array kApkSuffixes{
    Suffix{"alpha", -4}, Suffix{"beta", -3}, Suffix{"pre", -2}, Suffix{"rc", -1}, Suffix{"cvs", 1},
    Suffix{"svn", 2},    Suffix{"git", 3},   Suffix{"hg", 4},   Suffix{"p", 5},
};
constexpr std::array kGentooSuffixes{
    Suffix{"alpha", -4}, Suffix{"beta", -3}, Suffix{"pre", -2}, Suffix{"rc", -1}, Suffix{"p", 1},
};

// Zero for a word that is no suffix.
int suffix_rank(std::string_view word, std::span<const Suffix> suffixes) {
    for (const Suffix& suffix : suffixes)
        if (suffix.word == word) return suffix.rank;
    return 0;
}

std::string_view take_lower(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_lower(text[end])) ++end;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

std::string_view take_hexadecimal(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && (is_digit(text[end]) || (text[end] >= 'a' && text[end] <= 'f')))
        ++end;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

// What can follow, from the least to the greatest: a suffix of a prerelease is below everything,
// what cannot be read below the end, and the end below all the rest.
enum ApkMark : unsigned char {
    kPreSuffix = 1,
    kInvalid,
    kEnd,
    kRevision,
    kHash,
    kSuffixNumber,
    kPostSuffix,
    kLetter,
    kDigits,
};
enum DigitsMark : unsigned char { kLeadingZero = 1, kPlain };

enum class ApkPlace : unsigned char { kNumbers, kLetter, kSuffix, kSuffixNumber, kHash, kRevision };

class ApkWriter {
  public:
    ApkWriter(std::string_view version, KeyWriter& writer) : rest_(version), writer_(writer) {}

    // False where something could not be read; the key ends there.
    bool write() {
        writer_.number(take_digits(rest_), "number");
        while (!rest_.empty()) {
            if (!write_next()) {
                writer_.mark(kInvalid, "what apk does not read", rest_);
                return false;
            }
        }
        writer_.mark(kEnd, "end");
        return true;
    }

  private:
    bool write_next() {
        const char first = rest_.front();
        if (is_digit(first)) return write_digits();
        if (is_lower(first)) return write_letter();
        switch (first) {
            case '.':
                return write_after_dot();
            case '_':
                return write_suffix();
            case '~':
                return write_hash();
            case '-':
                return write_revision();
            default:
                return false;
        }
    }

    // Dots without a number between them are one, and one before a letter is none.
    bool write_after_dot() {
        if (place_ > ApkPlace::kNumbers) return false;
        while (rest_.starts_with('.')) rest_.remove_prefix(1);
        return rest_.empty() || !is_digit(rest_.front()) || write_digits();
    }

    bool write_digits() {
        if (place_ == ApkPlace::kSuffix) {
            writer_.marked_number(kSuffixNumber, take_digits(rest_), "number of a suffix");
            place_ = ApkPlace::kSuffixNumber;
            return true;
        }
        if (place_ > ApkPlace::kLetter) return false;
        place_ = ApkPlace::kNumbers;
        const std::string_view digits = take_digits(rest_);
        writer_.mark(kDigits, "number", digits);
        // As Gentoo: with a leading zero they are compared as after a decimal point.
        if (digits.front() == '0')
            writer_.marked_text(kLeadingZero, digits, "number with a leading zero");
        else
            writer_.marked_number(kPlain, digits, "number");
        return true;
    }

    bool write_letter() {
        if (place_ > ApkPlace::kNumbers) return false;
        writer_.mark(kLetter, "letter", rest_.substr(0, 1));
        writer_.mark(static_cast<unsigned char>(rest_.front()), "letter", rest_.substr(0, 1));
        rest_.remove_prefix(1);
        place_ = ApkPlace::kLetter;
        return true;
    }

    bool write_suffix() {
        std::string_view after = rest_.substr(1);
        const std::string_view word = take_lower(after);
        const int rank = suffix_rank(word, kApkSuffixes);
        if (place_ > ApkPlace::kSuffixNumber || rank == 0) return false;
        writer_.mark(rank < 0 ? kPreSuffix : kPostSuffix, "suffix", word);
        writer_.mark(static_cast<unsigned char>(0x10 + rank), "suffix", word);
        rest_ = after;
        place_ = ApkPlace::kSuffix;
        return true;
    }

    bool write_hash() {
        std::string_view after = rest_.substr(1);
        const std::string_view hash = take_hexadecimal(after);
        if (place_ >= ApkPlace::kHash || hash.empty()) return false;
        writer_.marked_text(kHash, hash, "commit");
        rest_ = after;
        place_ = ApkPlace::kHash;
        return true;
    }

    // -r without a number is -r0, as apk-tools 2 has it.
    bool write_revision() {
        if (place_ >= ApkPlace::kRevision || !rest_.starts_with("-r") ||
            (rest_.size() > 2 && is_lower(rest_[2])))
            return false;
        rest_.remove_prefix(2);
        writer_.marked_number(kRevision, take_digits(rest_), "revision");
        place_ = ApkPlace::kRevision;
        return true;
    }

    std::string_view rest_;
    KeyWriter& writer_;
    ApkPlace place_ = ApkPlace::kNumbers;
};

// Package Manager Specification 3.3, algorithms 3.1 to 3.7. Returns what is no part of a version.
std::string_view write_gentoo_parts(std::string_view rest, KeyWriter& writer) {
    enum : unsigned char { kNoMore = 1, kZeroFirst, kNumber };
    writer.number(take_digits(rest), "number");
    while (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
        rest.remove_prefix(1);
        const std::string_view digits = take_digits(rest);
        // Algorithm 3.3: with a leading zero, as text without its trailing zeros.
        if (digits.front() == '0')
            writer.marked_text(kZeroFirst, digits.substr(0, digits.find_last_not_of('0') + 1),
                               "number with a leading zero");
        else
            writer.marked_number(kNumber, digits, "number");
    }
    writer.mark(kNoMore, "end of the numbers");
    // Algorithm 3.4: no letter is below any.
    const bool has_letter = !rest.empty() && is_lower(rest.front());
    writer.mark(has_letter ? static_cast<unsigned char>(rest.front()) : 1, "letter",
                rest.substr(0, has_letter ? 1 : 0));
    if (has_letter) rest.remove_prefix(1);
    // Algorithms 3.5 and 3.6: the end is between _rc and _p.
    constexpr int kEndOfSuffixes = 0x10;
    while (!rest.empty() && rest.front() == '_') {
        std::string_view after = rest.substr(1);
        const std::string_view word = take_lower(after);
        const int rank = suffix_rank(word, kGentooSuffixes);
        if (rank == 0) break;
        rest = after;
        writer.marked_number(static_cast<unsigned char>(kEndOfSuffixes + rank), take_digits(rest),
                             "suffix");
    }
    writer.mark(kEndOfSuffixes, "end of the suffixes");
    // Algorithm 3.7: no revision is -r0.
    std::string_view revision;
    if (rest.size() > 2 && rest.starts_with("-r") && is_digit(rest[2])) {
        rest.remove_prefix(2);
        revision = take_digits(rest);
    }
    writer.number(revision, "revision");
    return rest;
}

constexpr std::string_view kNoVersion = "it is not numbers, a letter, suffixes and a revision";

}  // namespace

void write_apk_key(std::string_view version, KeyWriter& writer) {
    (void)ApkWriter(trim(version), writer).write();
}

std::string_view apk_problem(std::string_view version) {
    std::string key;
    KeyWriter writer(key);
    if (version.empty() || !is_digit(version.front())) return "it does not begin with a digit";
    return ApkWriter(version, writer).write() ? std::string_view() : kNoVersion;
}

void write_gentoo_key(std::string_view version, KeyWriter& writer) {
    writer.text(write_gentoo_parts(trim(version), writer), "what Gentoo does not read");
}

std::string_view gentoo_problem(std::string_view version) {
    std::string key;
    KeyWriter writer(key);
    if (version.empty() || !is_digit(version.front())) return "it does not begin with a digit";
    return write_gentoo_parts(version, writer).empty() ? std::string_view() : kNoVersion;
}

}  // namespace merlon::packages
