#include "secrets/precision.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "secrets/word_set.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

// A run of so many characters that each follow the one before ("1234", "dcba", "xxxx").
constexpr std::size_t kMinSequence = 4;
// So many ascending characters no random text of a token's length has by chance (some 1 in 10^12).
constexpr std::size_t kMinCounting = 9;
constexpr std::size_t kMinEmbeddedWord = 4;
// Letters that run on as English does have about three bits of surprise each, random ones six.
constexpr double kWordLikeSurprise = 3.8;
constexpr double kRandomSurprise = 6;
constexpr double kLetterBits = 4.7;
constexpr double kDigitBits = 3.3;
constexpr double kSignBits = 3;
constexpr std::size_t kMinRun = 4;  // letters that are judged as a run and not one by one
constexpr std::size_t kMinDistinct = 5;
constexpr std::size_t kLongEnough = 10;
constexpr std::size_t kMaxPlaceholder = 128;
constexpr std::size_t kFillerRun = 5;
constexpr std::size_t kMinSentenceWords = 3;
constexpr std::size_t kMinBase64 = 8;
constexpr std::size_t kMinKeyLetters = 3;  // of a key: dates and numbers have fewer

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lower(c);
    return out;
}

// Marks the characters of runs in which each is the one before plus `step`.
void mark_sequences(std::string_view text, int step, std::vector<std::uint8_t>& explained) {
    std::size_t begin = 0;
    for (std::size_t at = 1; at <= text.size(); ++at) {
        if (at < text.size() && lower(text[at]) - lower(text[at - 1]) == step) continue;
        if (at - begin >= kMinSequence) {
            // The first character says where it starts.
            for (std::size_t i = begin + 1; i < at; ++i) explained[i] = 1;
        }
        begin = at;
    }
}

// Marks as many letters of `run` as words cover. A whole token may be a word of three letters;
// inside one, three letters are a word by chance.
void mark_words(std::string_view run, std::size_t offset, std::vector<std::uint8_t>& explained) {
    const WordSet& words = WordSet::english();
    if (words.contains(run)) {
        for (std::size_t i = 0; i < run.size(); ++i) explained[offset + i] = 1;
        return;
    }
    // best[i]: the most letters of run[0, i) that words cover; from[i]: where the last word begins.
    std::vector<std::size_t> best(run.size() + 1, 0);
    std::vector<std::size_t> from(run.size() + 1, 0);
    for (std::size_t end = 1; end <= run.size(); ++end) {
        best[end] = best[end - 1];
        from[end] = end;
        const std::size_t longest = std::min(end, kMaxWordLetters);
        for (std::size_t size = kMinEmbeddedWord; size <= longest; ++size) {
            const std::size_t covered = best[end - size] + size;
            if (covered > best[end] && words.contains(run.substr(end - size, size))) {
                best[end] = covered;
                from[end] = end - size;
            }
        }
    }
    for (std::size_t end = run.size(); end > 0;) {
        if (from[end] == end) {
            --end;
            continue;
        }
        for (std::size_t i = from[end]; i < end; ++i) explained[offset + i] = 1;
        end = from[end];
    }
}

// Calls visit(begin, end) for each run of letters that may be one word: of one case, or a capital
// and small letters behind it.
template <typename Visit>
void for_each_token(std::string_view text, Visit visit) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_letter(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        if (is_upper(text[at])) {
            while (end < text.size() && is_upper(text[end])) ++end;
            // The last capital of several belongs to the small letters behind it: HTTPServer.
            if (end < text.size() && is_lower(text[end]) && end - at > 1) --end;
            if (end - at > 1) {
                visit(at, end);
                at = end;
                continue;
            }
        }
        while (end < text.size() && is_lower(text[end])) ++end;
        visit(at, end);
        at = end;
    }
}

double entropy_bits(const std::array<std::size_t, 256>& counts, std::size_t total) {
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count != 0) {
            const double share = static_cast<double>(count) / static_cast<double>(total);
            bits -= static_cast<double>(count) * std::log2(share);
        }
    }
    return bits;
}

bool has_few_characters(std::string_view text) {
    std::array<bool, 256> seen{};
    std::size_t distinct = 0;
    for (const char c : text) {
        bool& known = seen[static_cast<unsigned char>(lower(c))];
        distinct += known ? 0 : 1;
        known = true;
    }
    return text.size() >= kLongEnough && distinct < kMinDistinct;
}

// Whether `text` has `opening`, a name or a short expression, and `closing`.
bool has_slot(std::string_view text, std::string_view opening, std::string_view closing) {
    for (std::size_t at = text.find(opening); at != std::string_view::npos;
         at = text.find(opening, at + 1)) {
        std::size_t end = at + opening.size();
        while (end < text.size() &&
               (is_letter(text[end]) || is_digit(text[end]) ||
                std::string_view("_.-: ").find(text[end]) != std::string_view::npos)) {
            ++end;
        }
        if (end > at + opening.size() && text.substr(end).starts_with(closing)) return true;
    }
    return false;
}

// "${NAME}", "{{ .Values.key }}", "%(key)s", "<token>", "[redacted]", or cut off with "..."
bool is_template(std::string_view text) {
    return has_slot(text, "${", "}") || has_slot(text, "{{", "}}") || has_slot(text, "%(", ")s") ||
           has_slot(text, "#{", "}") || has_slot(text, "<%", "%>") || has_slot(text, "@@", "@@") ||
           (text.front() == '<' && text.back() == '>') ||
           (text.front() == '[' && text.back() == ']') || text.ends_with("...");
}

// "xxxxx", "*****", "#####": five of what people write for a secret. Underscores do not count:
// bytes of all ones in base64url, which some providers put into every token, read so.
bool has_filler(std::string_view text) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        run = i > 0 && text[i] == text[i - 1] ? run + 1 : 1;
        if (run == kFillerRun &&
            std::string_view("xX*#?.").find(text[i]) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

bool says_placeholder(std::string_view text) {
    static constexpr std::string_view kSayings[] = {
        "example",      "placeholder", "changeme", "change_me",  "change-me", "change_this",
        "changethis",   "redacted",    "dummy",    "your_",      "your-",     "yourkey",
        "yourtoken",    "yoursecret",  "insert",   "replace_me", "replaceme", "replace_with",
        "replace-with", "fixme",       "xxxxx",    "todo_",      "not_a_",    "not-a-",
        "notasecret",   "my_secret",   "mysecret", "sample_",    "fake_",     "fake-",
        "testtest"};
    const std::string low = lowered(text);
    return std::any_of(std::begin(kSayings), std::end(kSayings), [&low](std::string_view saying) {
        return low.find(saying) != std::string::npos;
    });
}

// What stands there is encrypted, and says so: SOPS, Ansible Vault, Jasypt, Spring Cloud Config,
// HashiCorp Vault's transit engine, hiera-eyaml.
bool is_encrypted(std::string_view text) {
    static constexpr std::string_view kMarks[] = {"ENC[", "ENC(", "{cipher}",
                                                  "vault:v1:", "$ANSIBLE_VAULT"};
    return std::any_of(std::begin(kMarks), std::end(kMarks),
                       [text](std::string_view mark) { return text.starts_with(mark); });
}

bool is_placeholder(std::string_view text) {
    if (has_few_characters(text) || is_encrypted(text)) return true;
    // A document of several lines may say "example" beside its secret.
    if (text.size() > kMaxPlaceholder || text.find('\n') != std::string_view::npos) return false;
    return is_template(text) || has_filler(text) || says_placeholder(text);
}

// Whether it reads as an identifier or a sentence: words, with nothing but separators between.
bool is_words(std::string_view text) {
    std::vector<std::uint8_t> explained(text.size(), 0);
    const std::string low = lowered(text);
    std::size_t letters = 0;
    std::size_t in_short_tokens = 0;  // "my", "to": beside words they are words too
    for_each_token(text, [&](std::size_t begin, std::size_t end) {
        mark_words(std::string_view(low).substr(begin, end - begin), begin, explained);
        letters += end - begin;
        if (end - begin <= 2 && explained[begin] == 0) in_short_tokens += end - begin;
    });
    std::size_t covered = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_letter(text[i])) {
            covered += explained[i];
        } else if (std::string_view("_-./: ").find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return covered > 0 && (covered + in_short_tokens) * 10 >= letters * 9;
}

// A sentence in any language: three words or more, of letters alone, with the marks that end them.
bool is_sentence(std::string_view text) {
    std::size_t words = 0;
    bool in_word = false;
    for (const char c : text) {
        const bool letter = is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
        if (!letter && std::string_view(" ,.:;!?'()").find(c) == std::string_view::npos)
            return false;
        if (letter && !in_word) ++words;
        in_word = letter || (in_word && c == '\'');
    }
    return words >= kMinSentenceWords;
}

// The text that a secret in base64 stands for, where it is one that people write: a Kubernetes
// Secret holds its placeholders so. Random bytes are next to never printable throughout.
std::optional<std::string> readable_base64(std::string_view secret) {
    if (secret.size() < kMinBase64 || secret.size() % 4 != 0) return std::nullopt;
    auto decoded = text::decode_base64(secret, text::Base64Alphabet::kStandard);
    if (!decoded.ok()) return std::nullopt;
    std::string text = std::move(decoded).value();
    while (text.ends_with('\n')) text.pop_back();
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    return printable && !text.empty() ? std::optional(std::move(text)) : std::nullopt;
}

// Whether a quarter of `text` or more counts up: 1234567890, abcdefghij.
bool counts_up(std::string_view text) {
    std::size_t counting = 0;
    std::size_t begin = 0;
    for (std::size_t at = 1; at <= text.size(); ++at) {
        if (at < text.size() && lower(text[at]) - lower(text[at - 1]) == 1) continue;
        if (at - begin >= kMinCounting) counting += at - begin;
        begin = at;
    }
    return counting * 4 >= text.size();
}

Doubt doubt_plain(Precision precision, std::string_view secret) {
    if (is_placeholder(secret)) return Doubt::kPlaceholder;
    switch (precision) {
        case Precision::kFormat:
            return counts_up(secret) ? Doubt::kPlaceholder : Doubt::kNone;
        case Precision::kRandom:
            return std::count_if(secret.begin(), secret.end(), is_letter) <
                               static_cast<std::ptrdiff_t>(kMinKeyLetters) ||
                           unguessable_bits(secret) < kMinRandomBits
                       ? Doubt::kWords
                       : Doubt::kNone;
        case Precision::kPassword:
            return is_words(secret) || is_sentence(secret) ? Doubt::kWords : Doubt::kNone;
    }
    return Doubt::kNone;
}

}  // namespace

std::optional<Precision> parse_precision(std::string_view name) {
    if (name == "format") return Precision::kFormat;
    if (name == "random") return Precision::kRandom;
    if (name == "password") return Precision::kPassword;
    return std::nullopt;
}

double unguessable_bits(std::string_view text) {
    std::vector<std::uint8_t> explained(text.size(), 0);
    for (const int step : {-1, 0, 1}) mark_sequences(text, step, explained);
    const std::string low = lowered(text);
    double bits = 0;
    for_each_token(text, [&](std::size_t begin, std::size_t end) {
        const std::string_view token = std::string_view(low).substr(begin, end - begin);
        mark_words(token, begin, explained);
        double letter_bits = kLetterBits;
        if (token.size() >= kMinRun) {
            const double share = (WordSet::english().surprise(token) - kWordLikeSurprise) /
                                 (kRandomSurprise - kWordLikeSurprise);
            letter_bits *= std::clamp(share, 0.0, 1.0);
        }
        for (std::size_t i = begin; i < end; ++i) bits += explained[i] != 0 ? 0 : letter_bits;
    });
    std::array<std::size_t, 256> counts{};
    std::size_t unexplained = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (explained[i] != 0) continue;
        ++unexplained;
        ++counts[static_cast<unsigned char>(text[i])];
        if (is_letter(text[i])) continue;
        const bool separates = std::string_view("_-./: ").find(text[i]) != std::string_view::npos;
        bits += is_digit(text[i]) ? kDigitBits : separates ? 0 : kSignBits;
    }
    // What repeats its characters holds no more than their entropy.
    return unexplained == 0 ? 0 : std::min(bits, entropy_bits(counts, unexplained));
}

Doubt doubt_secret(Precision precision, std::string_view secret) {
    const Doubt doubt = doubt_plain(precision, secret);
    if (doubt != Doubt::kNone || precision == Precision::kFormat) return doubt;
    const auto inside = readable_base64(secret);
    return inside ? doubt_plain(Precision::kPassword, *inside) : Doubt::kNone;
}

bool is_test_like(std::string_view path) {
    static constexpr std::string_view kParts[] = {
        "test",    "tests",    "testing", "testdata", "test_data", "__tests__", "spec",   "specs",
        "fixture", "fixtures", "mock",    "mocks",    "example",   "examples",  "sample", "samples",
        "demo",    "demos",    "doc",     "docs",     "e2e",       "testutil"};
    const std::string low = lowered(path);
    std::size_t begin = 0;
    while (begin <= low.size()) {
        const std::size_t end = std::min(low.find_first_of("/!", begin), low.size());
        const std::string_view part = std::string_view(low).substr(begin, end - begin);
        if (end < low.size()) {
            if (std::find(std::begin(kParts), std::end(kParts), part) != std::end(kParts))
                return true;
        } else {
            // test_x.py, x_test.go, x.test.ts, x.spec.js, x-test.rb
            const std::string_view stem = part.substr(0, part.rfind('.'));
            for (const std::string_view mark : {"test", "spec", "example", "sample"}) {
                if (stem == mark ||
                    (stem.size() > mark.size() &&
                     ((stem.starts_with(mark) && !is_letter(stem[mark.size()])) ||
                      (stem.ends_with(mark) && !is_letter(stem[stem.size() - mark.size() - 1]))))) {
                    return true;
                }
            }
        }
        begin = end + 1;
    }
    return false;
}

}  // namespace merlon::secrets
