#include <algorithm>
#include <utility>

#include "templates/template_arguments.h"
#include "templates/template_format.h"
#include "text/utf8.h"

namespace merlon::templates {
namespace {

constexpr std::string_view kBlank = " \t\r\n\v\f";

// Case as Unicode has it for Latin, Greek and Cyrillic; other letters stay.
char32_t upper(char32_t c) {
    if ((c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7)) return c - 32;
    if (c == 0xFF) return 0x178;
    if (c >= 0x3B1 && c <= 0x3C9) return c == 0x3C2 ? 0x3A3 : c - 32;
    if (c >= 0x430 && c <= 0x44F) return c - 32;
    if (c >= 0x450 && c <= 0x45F) return c - 80;
    const bool is_pair_odd = (c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14A && c <= 0x177);
    if (is_pair_odd) return c & ~char32_t{1};
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 0 ? c - 1 : c;
    return c == 0x131 ? 'I' : c;
}

char32_t lower(char32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) return c + 32;
    if (c == 0x178) return 0xFF;
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    const bool is_pair_even =
        (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177);
    if (is_pair_even) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 1 ? c + 1 : c;
    return c;
}

template <typename Map>
std::string mapped(std::string_view text, Map map) {
    std::string out;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        text::append_utf8(out, map(point.value));
        text.remove_prefix(point.width);
    }
    return out;
}

// strings.Title: the first letter of each word; letters, digits and '_' do not part words.
std::string title(std::string_view text) {
    bool begins = true;
    return mapped(text, [&begins](char32_t c) {
        const char32_t out = begins ? upper(c) : c;
        begins = c < 0x80 &&
                 !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_');
        return out;
    });
}

std::string trimmed(std::string_view text, std::string_view what, bool front, bool back) {
    if (front) text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
    if (back) text = text.substr(0, text.find_last_not_of(what) + 1);
    return std::string(text);
}

Answer replaced(std::string_view text, std::string_view old, std::string_view with) {
    std::string out;
    if (old.empty()) {
        // Between all characters, as strings.ReplaceAll.
        for (;;) {
            out += with;
            if (text.empty()) break;
            const std::size_t width = text::decode_utf8(text).width;
            out += text.substr(0, width);
            text.remove_prefix(width);
            if (out.size() > kMaxMadeBytes) return too_large();
        }
        return TemplateValue(std::move(out));
    }
    for (;;) {
        const std::size_t at = text.find(old);
        out += text.substr(0, at);
        if (at == std::string_view::npos) break;
        out += with;
        text.remove_prefix(at + old.size());
        if (out.size() > kMaxMadeBytes) return too_large();
    }
    return TemplateValue(std::move(out));
}

Answer repeated(Arguments arguments) {
    const std::int64_t count = integer_of(arguments[0]);
    const std::string text = text_of(arguments[1]);
    if (count < 0) return Error{"template: repeat needs a count that is not negative"};
    if (!text.empty() && static_cast<std::uint64_t>(count) > kMaxMadeBytes / text.size()) {
        return too_large();
    }
    std::string out;
    for (std::int64_t i = 0; i < count && !text.empty(); ++i) out += text;
    return TemplateValue(std::move(out));
}

Answer truncated(Arguments arguments) {
    const std::int64_t count = integer_of(arguments[0]);
    const std::string text = text_of(arguments[1]);
    const auto size = static_cast<std::int64_t>(text.size());
    if (count < 0 && size + count > 0) {
        return TemplateValue(text.substr(static_cast<std::size_t>(size + count)));
    }
    if (count >= 0 && size > count)
        return TemplateValue(text.substr(0, static_cast<std::size_t>(count)));
    return TemplateValue(text);
}

Answer part_of(Arguments arguments) {
    const std::int64_t begin = integer_of(arguments[0]);
    const std::int64_t end = integer_of(arguments[1]);
    const std::string text = text_of(arguments[2]);
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t from = std::max<std::int64_t>(begin, 0);
    const std::int64_t to = begin >= 0 && (end < 0 || end > size) ? size : end;
    if (from > to || to > size) return Error{"template: substr is out of range"};
    return TemplateValue(
        text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

Answer abbreviated(Arguments arguments) {
    const std::int64_t width = integer_of(arguments[0]);
    const std::string text = text_of(arguments[1]);
    if (width < 4 || static_cast<std::int64_t>(text.size()) <= width) return TemplateValue(text);
    return TemplateValue(text.substr(0, static_cast<std::size_t>(width - 3)) + "...");
}

Answer indented(Arguments arguments, std::string_view before) {
    const std::int64_t spaces = integer_of(arguments[0]);
    if (spaces < 0 || spaces > 1000) return Error{"template: indent needs 0 to 1000 spaces"};
    const std::string pad(static_cast<std::size_t>(spaces), ' ');
    auto lines = replaced(text_of(arguments[1]), "\n", "\n" + pad);
    if (!lines.ok()) return lines;
    return TemplateValue(std::string(before) + pad + text_of(lines.value()));
}

std::vector<std::string> split(std::string_view separator, std::string_view text,
                               std::size_t most) {
    std::vector<std::string> parts;
    while (parts.size() + 1 < most) {
        const std::size_t at = separator.empty() && text.size() > 1 ? text::decode_utf8(text).width
                                                                    : text.find(separator);
        if (at == std::string_view::npos || text.empty() || (separator.empty() && text.size() < 2))
            break;
        parts.emplace_back(text.substr(0, at));
        text.remove_prefix(at + separator.size());
    }
    parts.emplace_back(text);
    return parts;
}

Answer numbered(const std::vector<std::string>& parts) {
    auto dict = std::make_shared<TemplateMap>();
    for (std::size_t i = 0; i < parts.size(); ++i)
        MERLON_TRY(dict->set("_" + std::to_string(i), parts[i]));
    return TemplateValue(TemplateDict(std::move(dict)));
}

std::string initials(std::string_view text) {
    std::string out;
    bool begins = true;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        const bool blank = point.value < 0x80 && kBlank.find(text[0]) != std::string_view::npos;
        if (!blank && begins) out += text.substr(0, point.width);
        begins = blank;
        text.remove_prefix(point.width);
    }
    return out;
}

std::string without_blanks(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return kBlank.find(c) == std::string_view::npos; });
    return out;
}

Answer joined(Arguments arguments) {
    std::string out;
    const std::string separator = text_of(arguments[0]);
    const auto* list = arguments[1].as<TemplateList>();
    if (list == nullptr) return TemplateValue(text_of(arguments[1]));
    bool first = true;
    for (const TemplateValue& item : *list) {
        if (item.as<std::monostate>() != nullptr) continue;
        if (!std::exchange(first, false)) out += separator;
        out += template_text(item);
        if (out.size() > kMaxMadeBytes) return too_large();
    }
    return TemplateValue(std::move(out));
}

constexpr TemplateFunction kTextFunctions[] = {
    {"abbrev", 2, 2, "is", abbreviated},
    {"cat", 0, kAny, "",
     [](Arguments in) -> Answer {
         return given(trimmed(joined_with_blanks(in, template_text), kBlank, true, true));
     }},
    {"contains", 2, 2, "ss",
     [](Arguments in) -> Answer {
         return given(text_of(in[1]).find(text_of(in[0])) != std::string::npos);
     }},
    {"hasPrefix", 2, 2, "ss",
     [](Arguments in) -> Answer { return given(text_of(in[1]).starts_with(text_of(in[0]))); }},
    {"hasSuffix", 2, 2, "ss",
     [](Arguments in) -> Answer { return given(text_of(in[1]).ends_with(text_of(in[0]))); }},
    {"indent", 2, 2, "is", [](Arguments in) -> Answer { return indented(in, ""); }},
    {"initials", 1, 1, "s", [](Arguments in) -> Answer { return given(initials(text_of(in[0]))); }},
    {"join", 2, 2, "s", joined},
    {"lower", 1, 1, "s",
     [](Arguments in) -> Answer { return given(mapped(text_of(in[0]), lower)); }},
    {"nindent", 2, 2, "is", [](Arguments in) -> Answer { return indented(in, "\n"); }},
    {"nospace", 1, 1, "s",
     [](Arguments in) -> Answer { return given(without_blanks(text_of(in[0]))); }},
    {"plural", 3, 3, "ssi",
     [](Arguments in) -> Answer { return integer_of(in[2]) == 1 ? in[0] : in[1]; }},
    {"print", 0, kAny, "", [](Arguments in) -> Answer { return given(go_sprint(in)); }},
    {"printf", 1, kAny, "s",
     [](Arguments in) -> Answer {
         Result<std::string> text = go_sprintf(text_of(in[0]), in.subspan(1));
         if (!text.ok()) return std::move(text).error();
         return given(std::move(text).value());
     }},
    {"println", 0, kAny, "", [](Arguments in) -> Answer { return given(go_sprintln(in)); }},
    {"repeat", 2, 2, "is", repeated},
    {"replace", 3, 3, "sss",
     [](Arguments in) -> Answer {
         return replaced(text_of(in[2]), text_of(in[0]), text_of(in[1]));
     }},
    {"split", 2, 2, "ss",
     [](Arguments in) -> Answer { return numbered(split(text_of(in[0]), text_of(in[1]), kAny)); }},
    {"splitList", 2, 2, "ss",
     [](Arguments in) -> Answer { return text_list(split(text_of(in[0]), text_of(in[1]), kAny)); }},
    {"splitn", 3, 3, "sis",
     [](Arguments in) -> Answer {
         return numbered(
             split(text_of(in[0]), text_of(in[2]),
                   static_cast<std::size_t>(std::max<std::int64_t>(integer_of(in[1]), 1))));
     }},
    {"substr", 3, 3, "iis", part_of},
    {"title", 1, 1, "s", [](Arguments in) -> Answer { return given(title(text_of(in[0]))); }},
    {"toString", 1, 1, "", [](Arguments in) -> Answer { return given(go_sprint(in)); }},
    {"trim", 1, 1, "s",
     [](Arguments in) -> Answer { return given(trimmed(text_of(in[0]), kBlank, true, true)); }},
    {"trimAll", 2, 2, "ss",
     [](Arguments in) -> Answer {
         return given(trimmed(text_of(in[1]), text_of(in[0]), true, true));
     }},
    {"trimPrefix", 2, 2, "ss",
     [](Arguments in) -> Answer {
         auto text = text_of(in[1]);
         const auto what = text_of(in[0]);
         return TemplateValue(text.starts_with(what) ? text.substr(what.size()) : text);
     }},
    {"trimSuffix", 2, 2, "ss",
     [](Arguments in) -> Answer {
         auto text = text_of(in[1]);
         const auto what = text_of(in[0]);
         return TemplateValue(text.ends_with(what) ? text.substr(0, text.size() - what.size())
                                                   : text);
     }},
    {"trunc", 2, 2, "is", truncated},
    {"upper", 1, 1, "s",
     [](Arguments in) -> Answer { return given(mapped(text_of(in[0]), upper)); }},
};

}  // namespace

std::span<const TemplateFunction> text_functions() { return kTextFunctions; }

}  // namespace merlon::templates
