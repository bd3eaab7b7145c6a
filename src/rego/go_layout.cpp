#include "rego/go_layout.h"

#include <cstdlib>

#include "base/ascii.h"

namespace merlon::rego::layouts {
namespace {

struct Spelling {
    std::string_view text;
    Element element;
};

constexpr Spelling kSpellings[] = {
    {"January", Element::kLongMonth},
    {"Jan", Element::kMonth},
    {"Monday", Element::kLongWeekday},
    {"Mon", Element::kWeekday},
    {"MST", Element::kZoneName},
    {"01", Element::kZeroMonth},
    {"002", Element::kZeroYearDay},
    {"02", Element::kZeroDay},
    {"03", Element::kZeroHour12},
    {"04", Element::kZeroMinute},
    {"05", Element::kZeroSecond},
    {"06", Element::kYear},
    {"15", Element::kHour},
    {"1", Element::kNumberMonth},
    {"2006", Element::kLongYear},
    {"2", Element::kDay},
    {"__2", Element::kSpaceYearDay},
    {"_2", Element::kSpaceDay},
    {"3", Element::kHour12},
    {"4", Element::kMinute},
    {"5", Element::kSecond},
    {"PM", Element::kUpperHalf},
    {"pm", Element::kLowerHalf},
    {"-070000", Element::kSecondsZone},
    {"-07:00:00", Element::kColonSecondsZone},
    {"-0700", Element::kZone},
    {"-07:00", Element::kColonZone},
    {"-07", Element::kShortZone},
    {"Z070000", Element::kIsoSecondsZone},
    {"Z07:00:00", Element::kIsoColonSecondsZone},
    {"Z0700", Element::kIsoZone},
    {"Z07:00", Element::kIsoColonZone},
    {"Z07", Element::kIsoShortZone},
};

std::optional<Chunk> fraction_at(std::string_view layout, std::size_t at) {
    const char first = layout[at + 1];
    if (first != '0' && first != '9') return std::nullopt;
    std::size_t end = at + 1;
    while (end < layout.size() && layout[end] == first) ++end;
    if (end < layout.size() && is_digit(layout[end])) return std::nullopt;
    return Chunk{layout.substr(0, at), layout.substr(at, end - at), layout.substr(end),
                 first == '0' ? Element::kFraction : Element::kFraction9};
}

}  // namespace

std::string time_quoted(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || byte < 0x20) {
            quoted += "\\x";
            quoted += kDigits[byte >> 4];
            quoted += kDigits[byte & 15];
            continue;
        }
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string padded(std::int64_t number, std::size_t width, char fill) {
    std::string digits = std::to_string(std::abs(number));
    if (digits.size() < width) digits.insert(0, width - digits.size(), fill);
    return (number < 0 ? "-" : "") + digits;
}

std::string zone_text(Element element, int offset) {
    const bool is_iso = element >= Element::kIsoZone && element <= Element::kIsoColonSecondsZone;
    if (is_iso && offset == 0) return "Z";
    const int minutes = std::abs(offset) / 60;
    std::string text = offset < 0 ? "-" : "+";
    text += padded(minutes / 60, 2);
    const bool has_colon = element == Element::kIsoColonZone || element == Element::kColonZone ||
                           element == Element::kIsoColonSecondsZone ||
                           element == Element::kColonSecondsZone;
    const bool is_short = element == Element::kIsoShortZone || element == Element::kShortZone;
    if (has_colon) text += ':';
    if (!is_short) text += padded(minutes % 60, 2);
    const bool has_seconds =
        element == Element::kIsoSecondsZone || element == Element::kSecondsZone ||
        element == Element::kIsoColonSecondsZone || element == Element::kColonSecondsZone;
    if (has_seconds) {
        if (has_colon) text += ':';
        text += padded(std::abs(offset) % 60, 2);
    }
    return text;
}

Chunk next_chunk(std::string_view layout) {
    for (std::size_t at = 0; at < layout.size(); ++at) {
        const std::string_view rest = layout.substr(at);
        if ((rest[0] == '.' || rest[0] == ',') && rest.size() > 1) {
            if (const auto chunk = fraction_at(layout, at)) return *chunk;
        }
        // "_2006" is an underscore and a year.
        if (rest.starts_with("_2006")) {
            return {layout.substr(0, at + 1), rest.substr(1, 4), rest.substr(5),
                    Element::kLongYear};
        }
        for (const Spelling& spelling : kSpellings) {
            if (!rest.starts_with(spelling.text)) continue;
            // "Jan" in "January" is long; in "Janus" it is none.
            const bool is_name =
                spelling.element == Element::kMonth || spelling.element == Element::kWeekday;
            const char next = rest.size() > 3 ? rest[3] : ' ';
            if (is_name && next >= 'a' && next <= 'z') continue;
            return {layout.substr(0, at), rest.substr(0, spelling.text.size()),
                    rest.substr(spelling.text.size()), spelling.element};
        }
    }
    return {layout, {}, {}, std::nullopt};
}

}  // namespace merlon::rego::layouts
