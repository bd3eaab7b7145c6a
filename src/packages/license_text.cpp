#include "packages/license_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "base/ascii.h"
#include "packages/license.h"
#include "packages/version_key.h"
#include "text/base64.h"

#ifndef MERLON_LICENSE_PRINTS
#error "MERLON_LICENSE_PRINTS names src/packages/license_prints.txt"
#endif

__asm__(
    ".pushsection .rodata\n"
    ".global merlon_license_prints_begin\n"
    ".global merlon_license_prints_end\n"
    "merlon_license_prints_begin:\n"
    ".incbin \"" MERLON_LICENSE_PRINTS
    "\"\n"
    "merlon_license_prints_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_license_prints_begin[];
extern "C" const char merlon_license_prints_end[];

namespace merlon::packages {
namespace {

constexpr std::size_t kRunWords = 5;
constexpr std::size_t kPrintRuns = 64;
constexpr unsigned kLeastContained_percent = 80;
constexpr unsigned kLeastSimilar_percent = 85;
// Larger texts are looked at in parts that overlap by more than most licences are long.
constexpr std::size_t kPartBytes = std::size_t{1} << 20;
constexpr std::size_t kOverlapBytes = std::size_t{1} << 16;
// Candidates that are less than this apart are variants of one text, told apart by what else is
// known of them.
constexpr double kVariants = 0.03;
constexpr std::string_view kApproved = "osi";
constexpr std::string_view kIdentifierTag = "SPDX-License-Identifier:";

bool is_word_byte(char c) { return is_alnum(c) || static_cast<unsigned char>(c) > 127; }

// Quotes, dashes and the copyright sign as UTF-8 has them: punctuation (B.5).
std::size_t punctuation_length(std::string_view text) {
    if (text.starts_with("\xE2\x80")) return std::min<std::size_t>(3, text.size());
    for (const std::string_view sign : {"\xC2\xA9", "\xC2\xAB", "\xC2\xBB", "\xC2\xA0"})
        if (text.starts_with(sign)) return sign.size();
    return 0;
}

// B.8: words that are spelt in several ways, and B.13: http is https.
std::string_view one_spelling(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSame{{
        {"acknowledgement", "acknowledgment"},
        {"authorisation", "authorization"},
        {"authorised", "authorized"},
        {"cancelled", "canceled"},
        {"favour", "favor"},
        {"fulfil", "fulfill"},
        {"http", "https"},
        {"judgement", "judgment"},
        {"labelling", "labeling"},
        {"licence", "license"},
        {"licences", "licenses"},
        {"organisation", "organization"},
        {"programme", "program"},
        {"recognised", "recognized"},
        {"whilst", "while"},
        {"wilful", "willful"},
    }};
    for (const auto& [other, usual] : kSame)
        if (word == other) return usual;
    return word;
}

// B.6 and B.7: what stands before a line's first word as a comment, a bullet or a number.
std::string_view without_lead(std::string_view line) {
    constexpr std::string_view kMarks = " \t\r/*#;%>!|-+";
    line.remove_prefix(std::min(line.find_first_not_of(kMarks), line.size()));
    std::string_view rest = line;
    const bool has_bracket = rest.starts_with('(');
    if (has_bracket) rest.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 3 && is_digit(rest[digits])) ++digits;
    const bool is_letter = digits == 0 && !rest.empty() && is_alnum(rest[0]);
    rest.remove_prefix(is_letter ? 1 : digits);
    const bool is_number = (is_letter || digits > 0) && !rest.empty() &&
                           (rest[0] == ')' || (rest[0] == '.' && !has_bracket)) &&
                           (rest.size() == 1 || rest[1] == ' ' || rest[1] == '\t');
    return is_number ? rest.substr(1) : line;
}

// B.10 and B.11: a copyright notice says nothing of the licence.
bool is_copyright_notice(std::string_view line) {
    const std::string lower = lower_case(line.substr(0, 120));
    if (lower.starts_with("all rights reserved") || lower.starts_with("(c)") ||
        lower.starts_with("\xC2\xA9"))
        return true;
    if (!lower.starts_with("copyright")) return false;
    return lower.find_first_of("0123456789<[{") != std::string::npos ||
           lower.find("(c)") != std::string::npos || lower.find("\xC2\xA9") != std::string::npos;
}

std::uint64_t hash_of(std::string_view word) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;  // FNV-1a
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
    return hash;
}

// Appends the hash of each word of a line.
void add_words(std::string_view line, std::vector<std::uint64_t>& hashes) {
    std::string word;
    const auto finish = [&] {
        if (!word.empty()) hashes.push_back(hash_of(one_spelling(word)));
        word.clear();
    };
    while (!line.empty()) {
        if (const std::size_t length = punctuation_length(line); length > 0) {
            finish();
            line.remove_prefix(length);
            continue;
        }
        const char c = line[0];
        line.remove_prefix(1);
        if (is_word_byte(c)) {
            word += to_lower(c);
        } else {
            finish();
        }
    }
    finish();
}

struct Print {
    std::string_view id;
    std::uint32_t run_count = 0;    // of its whole text
    std::uint32_t print_count = 0;  // that are carried
    bool is_approved = false;       // by the Open Source Initiative
};

struct Posting {
    std::uint32_t run;
    std::uint32_t print;
};

class Prints {
  public:
    Prints() {
        std::string_view rest(
            merlon_license_prints_begin,
            static_cast<std::size_t>(merlon_license_prints_end - merlon_license_prints_begin));
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            add(line);
        }
        std::ranges::sort(postings_, {}, &Posting::run);
        for (std::uint32_t i = 0; i < postings_.size(); ++i) first_.emplace(postings_[i].run, i);
    }

    const Print& operator[](std::size_t index) const { return prints_[index]; }
    std::size_t size() const { return prints_.size(); }

    template <typename Use>
    void each(std::uint32_t run, const Use& use) const {
        const auto found = first_.find(run);
        if (found == first_.end()) return;
        for (std::size_t i = found->second; i < postings_.size() && postings_[i].run == run; ++i)
            use(postings_[i].print);
    }

  private:
    // The file is ours, so a line that is none of its form is left out.
    void add(std::string_view line) {
        std::array<std::string_view, 4> words;
        for (std::string_view& word : words) {
            word = line.substr(0, line.find(' '));
            line.remove_prefix(std::min(line.size(), word.size() + 1));
        }
        const auto& [id, count, approval, encoded] = words;
        Print print{.id = id, .is_approved = approval == kApproved};
        std::from_chars(count.data(), count.data() + count.size(), print.run_count);
        const Result<std::string> bytes =
            text::decode_base64(encoded, text::Base64Alphabet::kStandard);
        if (!bytes.ok()) return;
        const auto index = static_cast<std::uint32_t>(prints_.size());
        for (std::size_t at = 0; at + 4 <= bytes.value().size(); at += 4) {
            std::uint32_t run = 0;
            for (std::size_t i = 4; i-- > 0;)
                run = run << 8 | static_cast<unsigned char>(bytes.value()[at + i]);
            postings_.push_back({run, index});
            ++print.print_count;
        }
        prints_.push_back(print);
    }

    std::vector<Print> prints_;
    std::vector<Posting> postings_;
    std::unordered_map<std::uint32_t, std::uint32_t> first_;
};

const Prints& prints() {
    static const Prints all;
    return all;
}

struct Seen {
    std::uint32_t position;
    std::uint32_t run;
};

// A licence at a part of a text.
struct Candidate {
    std::size_t print;
    std::size_t first, last;  // positions of runs
    double similarity;
    double common;  // runs of the text that it explains
};

// The part of the text, about as long as the licence, that holds most of its runs.
std::optional<Candidate> best_part(std::size_t index, const Print& print,
                                   const std::vector<Seen>& seen) {
    const std::size_t needed =
        (std::size_t{print.print_count} * kLeastContained_percent + 99) / 100;
    if (seen.size() < needed || needed == 0) return std::nullopt;
    const std::size_t width = std::size_t{print.run_count} + print.run_count / 5 + 20;
    std::unordered_map<std::uint32_t, std::uint32_t> inside;
    std::size_t left = 0, most = 0, first = 0, last = 0;
    for (const Seen& one : seen) {
        ++inside[one.run];
        while (one.position - seen[left].position > width) {
            if (--inside[seen[left].run] == 0) inside.erase(seen[left].run);
            ++left;
        }
        if (inside.size() <= most) continue;
        most = inside.size();
        first = seen[left].position;
        last = one.position;
    }
    if (most < needed) return std::nullopt;
    const double contained = static_cast<double>(most) / print.print_count;
    // The outermost of n runs that were drawn by chance leave 2 / (n + 1) of the text outside.
    const double drawn = print.print_count;
    const double part = print.print_count < 2 || print.print_count == print.run_count
                            ? static_cast<double>(last - first + 1)
                            : static_cast<double>(last - first + 1) * (drawn + 1) / (drawn - 1);
    const double common = contained * print.run_count;
    const double similarity =
        std::min(1.0, 2 * common / (print.run_count + std::max(part, common)));
    if (similarity * 100 < kLeastSimilar_percent) return std::nullopt;
    return Candidate{index, first, last, similarity, common};
}

bool overlap(const Candidate& one, const Candidate& other) {
    return one.first <= other.last && other.first <= one.last;
}

std::vector<Candidate> candidates_of(std::string_view text) {
    const std::vector<std::uint32_t> runs = license_runs(text);
    std::unordered_map<std::uint32_t, std::vector<Seen>> seen;
    for (std::uint32_t position = 0; position < runs.size(); ++position) {
        prints().each(runs[position], [&](std::uint32_t print) {
            seen[print].push_back({position, runs[position]});
        });
    }
    std::vector<Candidate> all;
    for (const auto& [print, positions] : seen) {
        if (const auto candidate = best_part(print, prints()[print], positions))
            all.push_back(*candidate);
    }
    std::ranges::sort(all, [](const Candidate& left, const Candidate& right) {
        if (left.similarity != right.similarity) return left.similarity > right.similarity;
        return left.print < right.print;
    });
    std::vector<Candidate> meant;
    while (!all.empty()) {
        const Candidate best = all.front();
        const Candidate chosen = *std::ranges::max_element(all, {}, [&](const Candidate& one) {
            const bool is_rival =
                overlap(one, best) && one.similarity >= best.similarity - kVariants;
            return std::tuple(is_rival, prints()[one.print].is_approved, one.common);
        });
        meant.push_back(chosen);
        std::erase_if(all, [&](const Candidate& one) { return overlap(one, chosen); });
    }
    std::ranges::sort(meant, {}, &Candidate::first);
    return meant;
}

void add_once(FoundLicense one, std::vector<FoundLicense>& found) {
    if (std::ranges::find(found, one.id, &FoundLicense::id) == found.end())
        found.push_back(std::move(one));
}

// Annex E: the expression behind the tag, to the end of its line or comment.
void add_identifiers(std::string_view text, std::vector<FoundLicense>& found) {
    for (std::size_t at = 0; (at = text.find(kIdentifierTag, at)) != std::string_view::npos;) {
        at += kIdentifierTag.size();
        std::string_view line = text.substr(at, text.find_first_of("\r\n", at) - at);
        for (const std::string_view end : {"*/", "-->", "\""})
            line = line.substr(0, line.find(end));
        const auto expression = parse_license(line, LicenseSpelling::kStandard);
        if (expression.ok()) add_once({to_string(expression.value()), 100}, found);
    }
}

}  // namespace

std::vector<std::uint32_t> license_runs(std::string_view text) {
    std::vector<std::uint64_t> words;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        line = without_lead(line);
        if (!is_copyright_notice(line)) add_words(line, words);
    }
    std::vector<std::uint32_t> runs;
    for (std::size_t i = 0; i + kRunWords <= words.size(); ++i) {
        std::uint64_t hash = 0;
        for (std::size_t k = 0; k < kRunWords; ++k)
            hash = (hash ^ words[i + k]) * 0x9E37'79B9'7F4A'7C15;
        runs.push_back(static_cast<std::uint32_t>(hash >> 32));
    }
    return runs;
}

std::string license_print(std::string_view text, LicenseApproval approval) {
    std::vector<std::uint32_t> runs = license_runs(text);
    const std::size_t count = runs.size();
    // The lowest hashes are a sample that does not depend on the rest of the text.
    std::ranges::sort(runs);
    const auto repeated = std::ranges::unique(runs);
    runs.erase(repeated.begin(), repeated.end());
    runs.resize(std::min(runs.size(), kPrintRuns));
    if (runs.empty()) return {};
    std::string bytes;
    for (const std::uint32_t run : runs)
        for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(run >> shift);
    return std::to_string(count) + ' ' +
           std::string(approval == LicenseApproval::kOpenSource ? kApproved : "-") + ' ' +
           text::encode_base64(bytes, text::Base64Alphabet::kStandard);
}

std::vector<FoundLicense> recognize_licenses(std::string_view text) {
    std::vector<FoundLicense> found;
    add_identifiers(text, found);
    while (!text.empty()) {
        for (const Candidate& one : candidates_of(text.substr(0, kPartBytes))) {
            add_once(
                {std::string(prints()[one.print].id), static_cast<unsigned>(one.similarity * 100)},
                found);
        }
        if (text.size() <= kPartBytes) break;
        text.remove_prefix(kPartBytes - kOverlapBytes);
    }
    // The LGPL 3 takes the text of the GPL 3 in, and is often followed by it.
    if (std::ranges::find(found, "LGPL-3.0-only", &FoundLicense::id) != found.end())
        std::erase_if(found, [](const FoundLicense& one) { return one.id == "GPL-3.0-only"; });
    return found;
}

}  // namespace merlon::packages
