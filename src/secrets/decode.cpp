#include "secrets/decode.h"

#include <algorithm>
#include <array>
#include <bit>

#include "text/utf8.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kMinHexLength = 32;
constexpr std::size_t kMinBase64Length = 16;
constexpr std::size_t kMaxBase64Padding = 2;

enum ByteClass : std::uint8_t { kWordByte = 1, kHexByte = 2, kPercentByte = 4, kBackslashByte = 8 };

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (digit || letter || c == '_' || c == '/' || c == '+' || c == '-')
            classes[c] |= kWordByte;
        if (hex) classes[c] |= kHexByte;
        if (c == '%') classes[c] |= kPercentByte;
        if (c == '\\') classes[c] |= kBackslashByte;
    }
    return classes;
}

constexpr auto kClasses = make_classes();

bool has_class(std::string_view text, std::size_t at, ByteClass wanted) {
    return at < text.size() && (kClasses[static_cast<unsigned char>(text[at])] & wanted) != 0;
}

bool is_printable(unsigned char c) { return c > 0x08 && c < 0x7F; }

unsigned hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    return static_cast<unsigned>(c - 'A') + 10;
}

bool is_percent_escape(std::string_view text, std::size_t at) {
    return at < text.size() && text[at] == '%' && has_class(text, at + 1, kHexByte) &&
           has_class(text, at + 2, kHexByte);
}

bool has_hex_digits(std::string_view text, std::size_t at, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!has_class(text, at + i, kHexByte)) return false;
    }
    return true;
}

// %XX, then anything on the line up to its last %XX. Returns the end, or `at`.
std::size_t end_of_percent(std::string_view text, std::size_t at) {
    if (!is_percent_escape(text, at)) return at;
    std::size_t line_end = text.find('\n', at);
    if (line_end == std::string_view::npos) line_end = text.size();
    for (std::size_t last = line_end; last-- > at + 3;) {
        if (last + 3 <= line_end && is_percent_escape(text, last)) return last + 3;
    }
    return at + 3;
}

// U+XXXX, followed by white space or the end.
bool is_code_point(std::string_view text, std::size_t at) {
    if (!text.substr(at).starts_with("U+") || !has_hex_digits(text, at + 2, 4)) return false;
    return at + 6 == text.size() ||
           std::string_view("\t\n\f\r ").find(text[at + 6]) != std::string_view::npos;
}

// Of \uXXXX or \\uXXXX; 0 where none begins.
std::size_t escape_width(std::string_view text, std::size_t at) {
    if (!has_class(text, at, kBackslashByte)) return 0;
    const std::size_t letter = at + (has_class(text, at + 1, kBackslashByte) ? 2 : 1);
    const bool is_escape =
        letter < text.size() && (text[letter] | 0x20) == 'u' && has_hex_digits(text, letter + 1, 4);
    return is_escape ? letter + 5 - at : 0;
}

// U+XXXX and its white space, repeated. Returns the end, or `at`.
std::size_t end_of_code_points(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_code_point(text, end)) end = std::min(end + 7, text.size());
    return end;
}

// \uXXXX or \\uXXXX, repeated. Returns the end, or `at`.
std::size_t end_of_escapes(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (const std::size_t width = escape_width(text, end)) end += width;
    return end;
}

// Where the next match may begin: found in leaps, because nearly all text is not encoded. Each of
// the three escapes is looked for by its rarest byte and remembered until it is passed; of a run of
// 16 word bytes, each 16th byte of the text is one.
class Candidates {
  public:
    explicit Candidates(std::string_view text) : text_(text) {}

    // The first at or behind `at` that is an escape, or the first byte of a run that is long enough
    // for base64 or hexadecimal; the text's size where there is none.
    std::size_t next(std::size_t at) {
        if (percent_ < at || !searched_) percent_ = find_percent(at);
        if (escape_ < at || !searched_) escape_ = find_escape(at);
        if (code_point_ < at || !searched_) code_point_ = find_code_point(at);
        searched_ = true;
        return find_run(at, std::min({percent_, escape_, code_point_}));
    }

  private:
    std::size_t find_percent(std::size_t at) const {
        while ((at = text_.find('%', at)) < text_.size() && !is_percent_escape(text_, at)) ++at;
        return std::min(at, text_.size());
    }
    std::size_t find_escape(std::size_t at) const {
        while ((at = text_.find('\\', at)) < text_.size() && escape_width(text_, at) == 0) ++at;
        return std::min(at, text_.size());
    }
    std::size_t find_code_point(std::size_t at) const {
        // The sign is rarer than the letter.
        for (++at; (at = text_.find('+', at)) < text_.size(); ++at) {
            if (is_code_point(text_, at - 1)) return at - 1;
        }
        return text_.size();
    }
    // The first byte of a long run that begins before `limit`, else `limit`.
    std::size_t find_run(std::size_t at, std::size_t limit) const {
        while (at < limit && text_.size() - at >= kMinBase64Length) {
            const std::size_t last = at + kMinBase64Length - 1;
            std::size_t begin = last + 1;
            while (begin > at && has_class(text_, begin - 1, kWordByte)) --begin;
            if (begin == at) return at;
            at = begin;
        }
        return limit;
    }

    std::string_view text_;
    std::size_t percent_ = 0;
    std::size_t escape_ = 0;
    std::size_t code_point_ = 0;
    bool searched_ = false;
};

std::string decode_percent(std::string_view encoded) {
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (!is_percent_escape(encoded, at)) {
            decoded.push_back(encoded[at]);
            continue;
        }
        const unsigned byte = hex_value(encoded[at + 1]) << 4 | hex_value(encoded[at + 2]);
        if (!is_printable(static_cast<unsigned char>(byte))) return {};
        decoded.push_back(static_cast<char>(byte));
        at += 2;
    }
    return decoded;
}

std::string decode_unicode(std::string_view encoded) {
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        const bool escape = (encoded[at] | 0x20) == 'u';
        if (!escape) continue;
        const std::size_t digits = at + (encoded.substr(at).starts_with("U+") ? 2 : 1);
        if (!has_hex_digits(encoded, digits, 4)) continue;
        char32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 4 | hex_value(encoded[digits + i]);
        text::append_utf8(decoded, value);
        at = digits + 3;
    }
    return decoded;
}

std::string decode_hex(std::string_view encoded) {
    const bool has_digit =
        std::any_of(encoded.begin(), encoded.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (encoded.size() % 2 != 0 || !has_digit) return {};
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); at += 2) {
        const unsigned byte = hex_value(encoded[at]) << 4 | hex_value(encoded[at + 1]);
        if (!is_printable(static_cast<unsigned char>(byte))) return {};
        decoded.push_back(static_cast<char>(byte));
    }
    return decoded;
}

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_base64_digits(char last_but_one, char last) {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 26; ++i) {
        digits[static_cast<std::size_t>('A' + i)] = i;
        digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(26 + i);
    }
    for (std::uint8_t i = 0; i < 10; ++i) {
        digits[static_cast<std::size_t>('0' + i)] = static_cast<std::uint8_t>(52 + i);
    }
    digits[static_cast<unsigned char>(last_but_one)] = 62;
    digits[static_cast<unsigned char>(last)] = 63;
    return digits;
}

constexpr auto kStandardDigits = make_base64_digits('+', '/');
constexpr auto kUrlDigits = make_base64_digits('-', '_');

// Digits without padding to printable bytes; empty where one is not. As Go's decoders that are not
// strict, bits left over at the end are ignored, which is why text::decode_base64 does not serve
// here.
std::string decode_printable(std::string_view encoded,
                             const std::array<std::uint8_t, 256>& digits) {
    std::string decoded;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : encoded) {
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == kNoDigit) return {};
        bits = bits << 6 | digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            const auto byte = static_cast<unsigned char>(bits >> held & 0xFF);
            if (!is_printable(byte)) return {};
            decoded.push_back(static_cast<char>(byte));
        }
    }
    return decoded;
}

std::string decode_base64_text(std::string_view encoded, PaddedUrl padded_url) {
    // Long identifiers are seldom base64: one of these is asked for before anything is tried.
    if (encoded.find_first_of("0123456789+/-_") == std::string_view::npos) return {};
    const std::string_view body = encoded.substr(0, encoded.find('='));
    const std::size_t padding = encoded.size() - body.size();
    if (body.size() % 4 == 1) return {};
    const bool is_padded = encoded.size() % 4 == 0 && (4 - body.size() % 4) % 4 == padding;
    if (is_padded) {
        std::string decoded = decode_printable(body, kStandardDigits);
        if (!decoded.empty()) return decoded;
    }
    const bool may_be_url = padding == 0 || (is_padded && padded_url == PaddedUrl::kTaken);
    return may_be_url ? decode_printable(body, kUrlDigits) : std::string();
}

int precedence(Encoding encoding) { return -std::countr_zero(static_cast<unsigned>(encoding)); }

// Where two matches touch, the one of lower precedence waits for the next pass.
std::vector<EncodedMatch> without_overlaps(const std::vector<EncodedMatch>& all) {
    std::vector<EncodedMatch> kept;
    const auto gives_way = [](const EncodedMatch& match, const EncodedMatch& other) {
        return match.range.overlaps(other.range) &&
               precedence(other.encoding) > precedence(match.encoding);
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0 && gives_way(all[i], all[i - 1])) continue;
        if (i + 1 < all.size() && gives_way(all[i], all[i + 1])) continue;
        kept.push_back(all[i]);
    }
    return kept;
}

Range merged(const Range& left, const Range& right) {
    return {std::min(left.begin, right.begin), std::max(left.end, right.end)};
}

// Those of one pass whose decoded part overlaps `range`: they stand in order and apart.
std::span<const Segment> overlapping(const std::vector<Segment>& segments, const Range& range) {
    const auto begin = std::partition_point(
        segments.begin(), segments.end(),
        [&](const Segment& segment) { return segment.decoded.end < range.begin; });
    const auto end = std::partition_point(begin, segments.end(), [&](const Segment& segment) {
        return segment.decoded.begin <= range.end;
    });
    return {begin, end};
}

// Climbs from the text of the last of `passes` to the file.
Range climb(std::span<const std::vector<Segment>> passes, Range range) {
    for (; !passes.empty(); passes = passes.first(passes.size() - 1)) {
        Range encoded{0, 0};
        for (const Segment& segment : overlapping(passes.back(), range)) {
            if (segment.decoded.contains(range)) return segment.original;
            // How far the match stands out of the decoded part, carried over to the encoded one.
            const Range whole = merged(segment.decoded, range);
            const Range mapped{segment.encoded.begin + whole.begin - segment.decoded.begin,
                               segment.encoded.end + whole.end - segment.decoded.end};
            encoded = encoded.end == 0 ? mapped : merged(encoded, mapped);
        }
        // gitleaks takes a place that no decoded part touches for one in the file, shifted or not.
        if (encoded.end == 0) return range;
        range = encoded;
    }
    return range;
}

}  // namespace

std::vector<EncodedMatch> find_encoded(std::string_view text, const CancelToken* cancel) {
    std::vector<EncodedMatch> found;
    const auto add = [&found](Encoding encoding, std::size_t begin, std::size_t end) {
        found.push_back(
            {encoding, {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)}});
    };
    Candidates candidates(text);
    std::size_t at = 0;
    while ((at = candidates.next(at)) < text.size()) {
        if (cancel != nullptr && cancel->cancelled()) break;
        const std::uint8_t byte_class = kClasses[static_cast<unsigned char>(text[at])];
        std::size_t end = at;
        if ((byte_class & kPercentByte) != 0) {
            end = end_of_percent(text, at);
            if (end > at) add(Encoding::kPercent, at, end);
            at = std::max(end, at + 1);
            continue;
        }
        if ((byte_class & kBackslashByte) != 0) {
            end = end_of_escapes(text, at);
            if (end > at) add(Encoding::kUnicode, at, end);
            at = std::max(end, at + 1);
            continue;
        }
        std::size_t run_end = at;
        while (has_class(text, run_end, kWordByte)) ++run_end;
        // A run is decided at its first byte, and again behind each match: U+XXXX, then
        // hexadecimal, then base64. In a run too short for those, only a later U+XXXX can begin.
        while (at < run_end) {
            end = text[at] == 'U' ? end_of_code_points(text, at) : at;
            if (end > at) {
                add(Encoding::kUnicode, at, end);
                at = end;
                break;
            }
            if (run_end - at < kMinBase64Length) {
                // Only to the run's end: to the text's would be quadratic in a text without a U.
                const std::size_t next = text.substr(0, run_end).find('U', at + 1);
                at = std::min(next, run_end);
                continue;
            }
            std::size_t hex_end = at;
            while (hex_end < run_end && has_class(text, hex_end, kHexByte)) ++hex_end;
            if (hex_end - at >= kMinHexLength) {
                add(Encoding::kHex, at, hex_end);
                at = hex_end;
                continue;
            }
            end = run_end;
            while (end < text.size() && text[end] == '=' && end - run_end < kMaxBase64Padding)
                ++end;
            add(Encoding::kBase64, at, end);
            at = end;
        }
    }
    return found;
}

std::string decode(Encoding encoding, std::string_view encoded, PaddedUrl padded_url) {
    switch (encoding) {
        case Encoding::kPercent:
            return decode_percent(encoded);
        case Encoding::kUnicode:
            return decode_unicode(encoded);
        case Encoding::kHex:
            return decode_hex(encoded);
        case Encoding::kBase64:
            return decode_base64_text(encoded, padded_url);
    }
    return {};
}

bool Decoder::next_pass(const CancelToken* cancel) {
    std::vector<Segment> segments;
    std::string decoded_text;
    std::size_t copied = 0;
    for (const EncodedMatch& match : without_overlaps(find_encoded(text_, cancel))) {
        const auto begin = static_cast<std::size_t>(match.range.begin);
        const auto end = static_cast<std::size_t>(match.range.end);
        if (cancel != nullptr && cancel->cancelled()) return false;
        const std::string value =
            decode(match.encoding, text_.substr(begin, end - begin), padded_url_);
        if (value.empty()) continue;
        decoded_text.append(text_.substr(copied, begin - copied));
        copied = end;
        Segment segment;
        segment.encoded = match.range;
        segment.decoded.begin = static_cast<std::int64_t>(decoded_text.size());
        decoded_text += value;
        segment.decoded.end = static_cast<std::int64_t>(decoded_text.size());
        segment.encodings = static_cast<unsigned>(match.encoding);
        segment.original = climb(passes_, match.range);
        if (!passes_.empty()) {
            for (const Segment& before : overlapping(passes_.back(), match.range)) {
                segment.encodings |= before.encodings;
            }
        }
        segments.push_back(segment);
    }
    if (segments.empty()) return false;
    decoded_text.append(text_.substr(copied));
    buffer_ = std::move(decoded_text);
    text_ = buffer_;
    passes_.push_back(std::move(segments));
    return true;
}

std::span<const Segment> Decoder::touched(Range match) const {
    if (passes_.empty()) return {};
    return overlapping(passes_.back(), match);
}

Range Decoder::to_original(Range match) const { return climb(passes_, match); }

std::vector<std::string> Decoder::tags(std::span<const Segment> touched_segments) const {
    static constexpr std::array<std::string_view, 4> kNames = {"percent", "unicode", "hex",
                                                               "base64"};
    unsigned encodings = 0;
    for (const Segment& segment : touched_segments) encodings |= segment.encodings;
    std::vector<std::string> tags;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if ((encodings >> i & 1) != 0) tags.push_back("decoded:" + std::string(kNames[i]));
    }
    tags.push_back("decode-depth:" + std::to_string(depth()));
    return tags;
}

std::string_view Decoder::line(std::span<const Segment> touched_segments) const {
    const Range decoded = merged(touched_segments.front().decoded, touched_segments.back().decoded);
    const auto from = static_cast<std::size_t>(decoded.begin);
    const std::size_t before = text_.rfind('\n', from);
    const std::size_t begin = before == std::string_view::npos ? 0 : before;
    const std::size_t after = text_.find('\n', static_cast<std::size_t>(decoded.end));
    return text_.substr(begin, (after == std::string_view::npos ? text_.size() : after) - begin);
}

}  // namespace merlon::secrets
