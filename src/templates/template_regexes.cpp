#include <charconv>

#include "match/regex.h"
#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

Result<match::Regex> expression(const TemplateValue& pattern) {
    return match::Regex::compile(text_of(pattern));
}

// Regexp.Expand: $1, ${1}; "$$" is a dollar. Names are those of groups, which we do not keep.
Result<std::string> expanded(std::string_view with, std::string_view text,
                             const std::vector<match::Span>& groups) {
    std::string out;
    for (std::size_t at = 0; at < with.size(); ++at) {
        if (with[at] != '$' || at + 1 == with.size()) {
            out += with[at];
            continue;
        }
        if (with[at + 1] == '$') {
            out += '$';
            ++at;
            continue;
        }
        const bool braced = with[at + 1] == '{';
        std::size_t end = at + (braced ? 2 : 1);
        const std::size_t begin = end;
        while (end < with.size() &&
               (std::isalnum(static_cast<unsigned char>(with[end])) != 0 || with[end] == '_'))
            ++end;
        const std::string_view name = with.substr(begin, end - begin);
        if (name.empty() || (braced && (end == with.size() || with[end] != '}'))) {
            out += '$';
            continue;
        }
        std::size_t number = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
        if (read.ec != std::errc{} || read.ptr != name.data() + name.size()) {
            return Error{"template: ${" + std::string(name) +
                         "}: groups by name are not supported"};
        }
        if (number < groups.size() && groups[number].matched()) {
            out += text.substr(groups[number].begin, groups[number].end - groups[number].begin);
        }
        at = end - (braced ? 0 : 1);
    }
    return out;
}

enum class Expand : std::uint8_t { kYes, kNo };

Answer regex_replaced(Arguments arguments, Expand expand) {
    const match::Regex regex = MERLON_TRY(expression(arguments[0]));
    const std::string text = text_of(arguments[1]);
    const std::string with = text_of(arguments[2]);
    std::vector<match::Span> matches;
    regex.find_all(match::Subject(text), matches);
    std::string out;
    std::size_t at = 0;
    for (const match::Span& span : matches) {
        out += text.substr(at, span.begin - at);
        at = span.end;
        if (expand == Expand::kNo) {
            out += with;
            continue;
        }
        std::vector<match::Span> groups;
        const std::string found = text.substr(span.begin, span.end - span.begin);
        if (!regex.captures(found, groups) || groups[0].end != found.size()) {
            groups.assign(1, {0, found.size()});
        }
        out += MERLON_TRY(expanded(with, found, groups));
        if (out.size() > kMaxMadeBytes) return too_large();
    }
    return TemplateValue(out + text.substr(at));
}

std::vector<std::string> all_matches(const match::Regex& regex, const std::string& text,
                                     std::int64_t most) {
    std::vector<match::Span> matches;
    regex.find_all(match::Subject(text), matches);
    std::vector<std::string> out;
    for (const match::Span& span : matches) {
        if (most >= 0 && static_cast<std::int64_t>(out.size()) >= most) break;
        out.push_back(text.substr(span.begin, span.end - span.begin));
    }
    return out;
}

std::vector<std::string> regex_split(const match::Regex& regex, const std::string& text,
                                     std::int64_t most) {
    if (most == 0) return {};
    if (!regex.pattern().empty() && text.empty()) return {""};
    std::vector<match::Span> matches;
    regex.find_all(match::Subject(text), matches);
    std::vector<std::string> out;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (const match::Span& span : matches) {
        if (most > 0 && static_cast<std::int64_t>(out.size()) == most - 1) break;
        end = span.begin;
        if (span.end != 0) out.push_back(text.substr(begin, end - begin));
        begin = span.end;
    }
    if (end != text.size()) out.push_back(text.substr(begin));
    return out;
}

std::string regex_quoted(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

constexpr TemplateFunction kRegexesFunctions[] = {
    {"regexFind", 2, 2, "ss",
     [](Arguments in) -> Answer {
         const auto regex = MERLON_TRY(expression(in[0]));
         const auto all = all_matches(regex, text_of(in[1]), 1);
         return TemplateValue(all.empty() ? std::string() : all.front());
     }},
    {"regexFindAll", 3, 3, "ssi",
     [](Arguments in) -> Answer {
         const auto regex = MERLON_TRY(expression(in[0]));
         return text_list(all_matches(regex, text_of(in[1]), integer_of(in[2])));
     }},
    {"regexMatch", 2, 2, "ss",
     [](Arguments in) -> Answer {
         const auto regex = expression(in[0]);
         return TemplateValue(regex.ok() && regex.value().is_match(text_of(in[1])));
     }},
    {"regexQuoteMeta", 1, 1, "s",
     [](Arguments in) -> Answer { return given(regex_quoted(text_of(in[0]))); }},
    {"regexReplaceAll", 3, 3, "sss",
     [](Arguments in) -> Answer { return regex_replaced(in, Expand::kYes); }},
    {"regexReplaceAllLiteral", 3, 3, "sss",
     [](Arguments in) -> Answer { return regex_replaced(in, Expand::kNo); }},
    {"regexSplit", 3, 3, "ssi",
     [](Arguments in) -> Answer {
         const auto regex = MERLON_TRY(expression(in[0]));
         return text_list(regex_split(regex, text_of(in[1]), integer_of(in[2])));
     }},
};

}  // namespace

std::span<const TemplateFunction> regex_functions() { return kRegexesFunctions; }

}  // namespace merlon::templates
