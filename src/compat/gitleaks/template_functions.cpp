#include "compat/gitleaks/template_functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "compat/gitleaks/targets.h"
#include "compat/gitleaks/template_format.h"
#include "crypto/digest.h"
#include "match/regex.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

using Arguments = std::span<const TemplateValue>;
using Answer = Result<TemplateValue>;

constexpr std::size_t kMaxMadeBytes = std::size_t{16} << 20;  // of one text or list
constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
constexpr std::string_view kBlank = " \t\r\n\v\f";

Error wrong_argument(std::string_view wanted, const TemplateValue& found) {
    return Error{fmt::format("template: expected {}, found {}", wanted, template_text(found))};
}
Error too_large() { return Error{"template: a text or list of more than 16 MiB"}; }

// ---- readers of arguments ----

std::string text_of(const TemplateValue& value) {
    return value.as<std::monostate>() != nullptr ? std::string() : template_text(value);
}

// cast.ToInt64: what is no number is 0.
std::int64_t integer_of(const TemplateValue& value) {
    if (const auto* number = value.as<std::int64_t>()) return *number;
    if (const auto* truth = value.as<bool>()) return *truth ? 1 : 0;
    double real = 0;
    if (const auto* narrow = value.as<float>()) real = *narrow;
    if (const auto* wide = value.as<double>()) real = *wide;
    if (const auto* text = value.as<std::string>()) {
        std::int64_t number = 0;
        const char* end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, number);
        return read.ec == std::errc{} && read.ptr == end ? number : 0;
    }
    return std::abs(real) < 9e18 ? static_cast<std::int64_t>(real) : 0;
}

double real_of(const TemplateValue& value) {
    if (const auto* narrow = value.as<float>()) return *narrow;
    if (const auto* wide = value.as<double>()) return *wide;
    if (const auto* text = value.as<std::string>()) {
        double number = 0;
        const char* end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, number);
        return read.ec == std::errc{} && read.ptr == end ? number : 0;
    }
    return static_cast<double>(integer_of(value));
}

Result<TemplateList> list_of(const TemplateValue& value) {
    if (const auto* list = value.as<TemplateList>()) return *list;
    return wrong_argument("a list", value);
}

Result<TemplateDict> dict_of(const TemplateValue& value) {
    if (const auto* dict = value.as<TemplateDict>()) return *dict;
    return wrong_argument("a dict", value);
}

TemplateValue text_list(const std::vector<std::string>& texts) {
    TemplateList list;
    for (const std::string& text : texts) list.emplace_back(text);
    return TemplateValue(std::move(list));
}

// ---- comparison ----

template <typename T>
std::optional<int> order_as(const TemplateValue& left, const TemplateValue& right) {
    const T* a = left.as<T>();
    const T* b = right.as<T>();
    if (a == nullptr || b == nullptr) return std::nullopt;
    return *a < *b ? -1 : *b < *a ? 1 : 0;
}

bool is_real(const TemplateValue& value) {
    return value.as<float>() != nullptr || value.as<double>() != nullptr;
}

std::optional<int> order(const TemplateValue& left, const TemplateValue& right) {
    if (const auto numbers = order_as<std::int64_t>(left, right)) return numbers;
    if (const auto texts = order_as<std::string>(left, right)) return texts;
    if (is_real(left) && is_real(right)) {
        const double a = real_of(left);
        const double b = real_of(right);
        return a < b ? -1 : b < a ? 1 : 0;
    }
    if (left.as<std::monostate>() != nullptr && right.as<std::monostate>() != nullptr) return 0;
    return order_as<bool>(left, right);
}

template <typename Holds>
Answer compared(Arguments arguments, Holds holds) {
    const auto found = order(arguments[0], arguments[1]);
    if (!found) return Error{"template: incompatible types for comparison"};
    return TemplateValue(holds(*found));
}

// The first against any of the others.
Answer equals_any(Arguments arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const auto found = order(arguments[0], arguments[i]);
        if (!found) return Error{"template: incompatible types for comparison"};
        if (*found == 0) return TemplateValue(true);
    }
    return TemplateValue(false);
}

bool same(const TemplateValue& left, const TemplateValue& right) {
    return left.data.index() == right.data.index() &&
           template_json(left, JsonLayout::kCompact) == template_json(right, JsonLayout::kCompact);
}

// ---- text ----

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

TemplateValue numbered(const std::vector<std::string>& parts) {
    auto dict = std::make_shared<std::map<std::string, TemplateValue>>();
    for (std::size_t i = 0; i < parts.size(); ++i) (*dict)["_" + std::to_string(i)] = parts[i];
    return TemplateValue(TemplateDict(std::move(dict)));
}

std::string joined_with_blanks(Arguments arguments, std::string (*show)(const TemplateValue&)) {
    std::string out;
    bool first = true;
    for (const TemplateValue& value : arguments) {
        if (value.as<std::monostate>() != nullptr) continue;
        if (!std::exchange(first, false)) out += ' ';
        out += show(value);
    }
    return out;
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

// text/template's HTMLEscapeString.
std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '\0':
                out += "\xEF\xBF\xBD";
                break;
            default:
                out += c;
        }
    }
    return out;
}

// text/template's JSEscapeString.
std::string js_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\'':
                out += "\\'";
                break;
            case '"':
                out += "\\\"";
                break;
            case '<':
                out += "\\u003C";
                break;
            case '>':
                out += "\\u003E";
                break;
            case '&':
                out += "\\u0026";
                break;
            case '=':
                out += "\\u003D";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
    return out;
}

// url.QueryEscape.
std::string query_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                           std::string_view("-_.~").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

// ---- paths (package path) ----

std::string base_of(std::string_view path) {
    if (path.empty()) return ".";
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/") return "/";
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return clean_path(
        std::string(slash == std::string_view::npos ? "" : path.substr(0, slash + 1)));
}

std::string extension_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string() : std::string(name.substr(dot));
}

// ---- expressions ----

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

// ---- lists ----

Answer indexed(Arguments arguments) {
    TemplateValue at = arguments[0];
    for (const TemplateValue& index : arguments.subspan(1)) {
        if (const auto* dict = at.as<TemplateDict>()) {
            const auto found = (*dict)->find(text_of(index));
            at = found == (*dict)->end() ? TemplateValue() : TemplateValue(found->second);
            continue;
        }
        const std::int64_t place = integer_of(index);
        if (const auto* text = at.as<std::string>()) {
            if (place < 0 || place >= static_cast<std::int64_t>(text->size())) {
                return Error{fmt::format("template: index out of range: {}", place)};
            }
            at = static_cast<std::int64_t>(
                static_cast<unsigned char>((*text)[static_cast<std::size_t>(place)]));
            continue;
        }
        const TemplateList list = MERLON_TRY(list_of(at));
        if (place < 0 || place >= static_cast<std::int64_t>(list.size())) {
            return Error{fmt::format("template: index out of range: {}", place)};
        }
        at = TemplateValue(list[static_cast<std::size_t>(place)]);
    }
    return at;
}

Answer sliced(Arguments arguments) {
    const TemplateList list = MERLON_TRY(list_of(arguments[0]));
    const auto size = static_cast<std::int64_t>(list.size());
    const std::int64_t begin = arguments.size() > 1 ? integer_of(arguments[1]) : 0;
    const std::int64_t end = arguments.size() > 2 ? integer_of(arguments[2]) : size;
    if (begin < 0 || begin > end || end > size) return Error{"template: slice bounds out of range"};
    return TemplateValue(TemplateList(list.begin() + begin, list.begin() + end));
}

Answer counted(std::int64_t begin, std::int64_t end, std::int64_t step) {
    TemplateList list;
    if (step == 0) return TemplateValue(std::move(list));
    for (std::int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
        if (list.size() >= kMaxMadeBytes / 64) return too_large();
        list.emplace_back(i);
    }
    return TemplateValue(std::move(list));
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

template <typename Keep>
Answer filtered(const TemplateValue& value, Keep keep) {
    TemplateList out;
    for (const TemplateValue& item : MERLON_TRY(list_of(value))) {
        if (keep(item, out)) out.push_back(item);
    }
    return TemplateValue(std::move(out));
}

bool holds(const TemplateList& list, const TemplateValue& wanted) {
    return std::any_of(list.begin(), list.end(),
                       [&wanted](const TemplateValue& item) { return same(item, wanted); });
}

Answer sorted(Arguments arguments) {
    std::vector<std::string> texts;
    for (const TemplateValue& item : MERLON_TRY(list_of(arguments[0])))
        texts.push_back(text_of(item));
    std::sort(texts.begin(), texts.end());
    return text_list(texts);
}

Answer concatenated(Arguments arguments) {
    TemplateList out;
    for (const TemplateValue& value : arguments) {
        const TemplateList list = MERLON_TRY(list_of(value));
        out.insert(out.end(), list.begin(), list.end());
    }
    return TemplateValue(std::move(out));
}

// ---- dicts ----

Answer make_dict(Arguments arguments) {
    auto dict = std::make_shared<std::map<std::string, TemplateValue>>();
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        (*dict)[text_of(arguments[i])] =
            i + 1 < arguments.size() ? arguments[i + 1] : TemplateValue(std::string());
    }
    return TemplateValue(TemplateDict(std::move(dict)));
}

Answer keys_of(Arguments arguments) {
    std::vector<std::string> keys;
    for (const TemplateValue& value : arguments) {
        for (const auto& [key, entry] : *MERLON_TRY(dict_of(value))) keys.push_back(key);
    }
    return text_list(keys);
}

// ---- numbers ----

template <typename Operation>
Answer folded(Arguments arguments, Operation operation) {
    std::int64_t total = integer_of(arguments[0]);
    for (const TemplateValue& value : arguments.subspan(1))
        total = operation(total, integer_of(value));
    return TemplateValue(total);
}

// Two's complement, as Go's int64.
std::int64_t wrapped(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
std::uint64_t bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }

Answer divided(Arguments arguments, bool remainder) {
    const std::int64_t left = integer_of(arguments[0]);
    const std::int64_t right = integer_of(arguments[1]);
    if (right == 0) return Error{"template: integer divide by zero"};
    if (right == -1) return TemplateValue(remainder ? std::int64_t{0} : wrapped(0 - bits(left)));
    return TemplateValue(remainder ? left % right : left / right);
}

Answer rounded(Arguments arguments) {
    const double number = real_of(arguments[0]);
    const double scale = std::pow(10.0, static_cast<double>(integer_of(arguments[1])));
    const double edge = arguments.size() > 2 ? real_of(arguments[2]) : 0.5;
    const double digits = scale * number;
    double whole = 0;
    const double fraction = std::modf(digits, &whole);
    return TemplateValue((fraction >= edge ? std::ceil(digits) : std::floor(digits)) / scale);
}

Answer length_of(Arguments arguments) {
    const TemplateValue& value = arguments[0];
    if (const auto* list = value.as<TemplateList>())
        return TemplateValue(static_cast<std::int64_t>(list->size()));
    if (const auto* dict = value.as<TemplateDict>())
        return TemplateValue(static_cast<std::int64_t>((*dict)->size()));
    if (const auto* text = value.as<std::string>())
        return TemplateValue(static_cast<std::int64_t>(text->size()));
    return wrong_argument("a text, a list or a dict", value);
}

Answer time_text(std::string_view layout, const TemplateValue& value) {
    const auto* time = value.as<Timestamp>();
    if (time == nullptr) return wrong_argument("a time", value);
    return TemplateValue(go_time(layout, *time));
}

struct Function {
    std::string_view name;
    std::size_t least;
    std::size_t most;
    Answer (*run)(Arguments);
};

template <typename T>
Answer given(T value) {
    return TemplateValue(std::move(value));
}

#define MERLON_CALL(...) [](Arguments a) -> Answer { __VA_ARGS__ }
#define MERLON_TEXT(...) \
    [](Arguments a) -> Answer { return TemplateValue(std::string(__VA_ARGS__)); }
#define MERLON_TRUTH(...) \
    [](Arguments a) -> Answer { return TemplateValue(static_cast<bool>(__VA_ARGS__)); }
#define MERLON_NUMBER(...) \
    [](Arguments a) -> Answer { return TemplateValue(static_cast<std::int64_t>(__VA_ARGS__)); }

// By name.
constexpr Function kFunctions[] = {
    {"abbrev", 2, 2, abbreviated},
    {"add", 1, kAny,
     MERLON_CALL(return folded(a, [](auto x, auto y) { return wrapped(bits(x) + bits(y)); });)},
    {"add1", 1, 1, MERLON_NUMBER(wrapped(bits(integer_of(a[0])) + 1))},
    {"all", 0, kAny, MERLON_TRUTH(std::all_of(a.begin(), a.end(), template_truth))},
    {"any", 0, kAny, MERLON_TRUTH(std::any_of(a.begin(), a.end(), template_truth))},
    {"append", 2, 2,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0])); list.push_back(a[1]);
                 return given(std::move(list));)},
    {"atoi", 1, 1, MERLON_NUMBER(integer_of(a[0]))},
    {"b64dec", 1, 1,
     MERLON_CALL(auto bytes = text::decode_base64(text_of(a[0]), text::Base64Alphabet::kStandard);
                 return TemplateValue(bytes.ok() ? bytes.value() : bytes.error().message);)},
    {"b64enc", 1, 1,
     MERLON_TEXT(text::encode_base64(text_of(a[0]), text::Base64Alphabet::kStandard))},
    {"base", 1, 1, MERLON_TEXT(base_of(text_of(a[0])))},
    {"cat", 0, kAny,
     MERLON_TEXT(trimmed(joined_with_blanks(a, template_text), kBlank, true, true))},
    {"ceil", 1, 1, MERLON_CALL(return TemplateValue(std::ceil(real_of(a[0])));)},
    {"clean", 1, 1, MERLON_TEXT(clean_path(text_of(a[0])))},
    {"coalesce", 0, kAny,
     MERLON_CALL(const auto found = std::find_if(a.begin(), a.end(), template_truth);
                 return found == a.end() ? TemplateValue() : *found;)},
    {"compact", 1, 1,
     MERLON_CALL(return filtered(a[0], [](const auto& item,
                                          const auto&) { return template_truth(item); });)},
    {"concat", 0, kAny, concatenated},
    {"contains", 2, 2, MERLON_TRUTH(text_of(a[1]).find(text_of(a[0])) != std::string::npos)},
    {"date", 2, 2, MERLON_CALL(return time_text(text_of(a[0]), a[1]);)},
    {"default", 1, 2, MERLON_CALL(return a.size() > 1 && template_truth(a[1]) ? a[1] : a[0];)},
    {"dict", 0, kAny, make_dict},
    {"dir", 1, 1, MERLON_TEXT(folder_of(text_of(a[0])))},
    {"div", 2, 2, MERLON_CALL(return divided(a, false);)},
    {"empty", 1, 1, MERLON_TRUTH(!template_truth(a[0]))},
    {"eq", 2, kAny, equals_any},
    {"ext", 1, 1, MERLON_TEXT(extension_of(text_of(a[0])))},
    {"fail", 1, 1, MERLON_CALL(return Error{"template: " + text_of(a[0])};)},
    {"first", 1, 1,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0]));
                 return list.empty() ? TemplateValue() : TemplateValue(list.front());)},
    {"float64", 1, 1, MERLON_CALL(return TemplateValue(real_of(a[0]));)},
    {"floor", 1, 1, MERLON_CALL(return TemplateValue(std::floor(real_of(a[0])));)},
    {"ge", 2, 2, MERLON_CALL(return compared(a, [](int order) { return order >= 0; });)},
    {"get", 2, 2,
     MERLON_CALL(auto dict = MERLON_TRY(dict_of(a[0]));
                 const auto found = dict->find(text_of(a[1]));
                 return found == dict->end() ? TemplateValue(std::string()) : found->second;)},
    {"gt", 2, 2, MERLON_CALL(return compared(a, [](int order) { return order > 0; });)},
    {"has", 2, 2,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[1])); return TemplateValue(holds(list, a[0]));)},
    {"hasKey", 2, 2,
     MERLON_CALL(auto dict = MERLON_TRY(dict_of(a[0]));
                 return TemplateValue(dict->contains(text_of(a[1])));)},
    {"hasPrefix", 2, 2, MERLON_TRUTH(text_of(a[1]).starts_with(text_of(a[0])))},
    {"hasSuffix", 2, 2, MERLON_TRUTH(text_of(a[1]).ends_with(text_of(a[0])))},
    {"html", 1, kAny,
     MERLON_TEXT(html_escaped(a.size() == 1 ? template_text(a[0]) : go_sprint(a)))},
    {"htmlDate", 1, 1, MERLON_CALL(return time_text("2006-01-02", a[0]);)},
    {"indent", 2, 2, MERLON_CALL(return indented(a, "");)},
    {"index", 1, kAny, indexed},
    {"initial", 1, 1,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0])); if (!list.empty()) list.pop_back();
                 return given(std::move(list));)},
    {"initials", 1, 1, MERLON_TEXT(initials(text_of(a[0])))},
    {"int", 1, 1, MERLON_NUMBER(integer_of(a[0]))},
    {"int64", 1, 1, MERLON_NUMBER(integer_of(a[0]))},
    {"isAbs", 1, 1, MERLON_TRUTH(text_of(a[0]).starts_with('/'))},
    {"join", 2, 2, joined},
    {"js", 1, kAny, MERLON_TEXT(js_escaped(a.size() == 1 ? template_text(a[0]) : go_sprint(a)))},
    {"keys", 1, kAny, keys_of},
    {"last", 1, 1,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0]));
                 return list.empty() ? TemplateValue() : TemplateValue(list.back());)},
    {"le", 2, 2, MERLON_CALL(return compared(a, [](int order) { return order <= 0; });)},
    {"len", 1, 1, length_of},
    {"list", 0, kAny, MERLON_CALL(return TemplateValue(TemplateList(a.begin(), a.end()));)},
    {"lower", 1, 1, MERLON_TEXT(mapped(text_of(a[0]), lower))},
    {"lt", 2, 2, MERLON_CALL(return compared(a, [](int order) { return order < 0; });)},
    {"max", 1, kAny, MERLON_CALL(return folded(a, [](auto x, auto y) { return std::max(x, y); });)},
    {"min", 1, kAny, MERLON_CALL(return folded(a, [](auto x, auto y) { return std::min(x, y); });)},
    {"mod", 2, 2, MERLON_CALL(return divided(a, true);)},
    {"mul", 1, kAny,
     MERLON_CALL(return folded(a, [](auto x, auto y) { return wrapped(bits(x) * bits(y)); });)},
    {"ne", 2, 2, MERLON_CALL(return compared(a, [](int order) { return order != 0; });)},
    {"nindent", 2, 2, MERLON_CALL(return indented(a, "\n");)},
    {"nospace", 1, 1, MERLON_TEXT(without_blanks(text_of(a[0])))},
    {"not", 1, 1, MERLON_TRUTH(!template_truth(a[0]))},
    {"plural", 3, 3, MERLON_CALL(return integer_of(a[2]) == 1 ? a[0] : a[1];)},
    {"prepend", 2, 2,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0])); list.insert(list.begin(), a[1]);
                 return given(std::move(list));)},
    {"print", 0, kAny, MERLON_TEXT(go_sprint(a))},
    {"printf", 1, kAny, MERLON_TEXT(go_sprintf(text_of(a[0]), a.subspan(1)))},
    {"println", 0, kAny, MERLON_TEXT(joined_with_blanks(a, template_text) + "\n")},
    {"quote", 0, kAny,
     MERLON_TEXT(joined_with_blanks(
         a, [](const TemplateValue& value) { return go_quoted(template_text(value)); }))},
    {"regexFind", 2, 2,
     MERLON_CALL(const auto regex = MERLON_TRY(expression(a[0]));
                 const auto all = all_matches(regex, text_of(a[1]), 1);
                 return TemplateValue(all.empty() ? std::string() : all.front());)},
    {"regexFindAll", 3, 3,
     MERLON_CALL(const auto regex = MERLON_TRY(expression(a[0]));
                 return text_list(all_matches(regex, text_of(a[1]), integer_of(a[2])));)},
    {"regexMatch", 2, 2,
     MERLON_CALL(const auto regex = expression(a[0]);
                 return TemplateValue(regex.ok() && regex.value().is_match(text_of(a[1])));)},
    {"regexQuoteMeta", 1, 1, MERLON_TEXT(regex_quoted(text_of(a[0])))},
    {"regexReplaceAll", 3, 3, MERLON_CALL(return regex_replaced(a, Expand::kYes);)},
    {"regexReplaceAllLiteral", 3, 3, MERLON_CALL(return regex_replaced(a, Expand::kNo);)},
    {"regexSplit", 3, 3,
     MERLON_CALL(const auto regex = MERLON_TRY(expression(a[0]));
                 return text_list(regex_split(regex, text_of(a[1]), integer_of(a[2])));)},
    {"repeat", 2, 2, repeated},
    {"replace", 3, 3, MERLON_CALL(return replaced(text_of(a[2]), text_of(a[0]), text_of(a[1]));)},
    {"rest", 1, 1,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0])); if (!list.empty()) list.erase(list.begin());
                 return given(std::move(list));)},
    {"reverse", 1, 1,
     MERLON_CALL(auto list = MERLON_TRY(list_of(a[0])); std::reverse(list.begin(), list.end());
                 return given(std::move(list));)},
    {"round", 2, 3, rounded},
    {"set", 3, 3,
     MERLON_CALL(auto dict = MERLON_TRY(dict_of(a[0])); (*dict)[text_of(a[1])] = a[2];
                 return TemplateValue(dict);)},
    {"sha1sum", 1, 1,
     MERLON_TEXT(crypto::digest(crypto::DigestAlgorithm::kSha1, text_of(a[0])).hex())},
    {"sha256sum", 1, 1,
     MERLON_TEXT(crypto::digest(crypto::DigestAlgorithm::kSha256, text_of(a[0])).hex())},
    {"slice", 1, 3, sliced},
    {"sortAlpha", 1, 1, sorted},
    {"split", 2, 2, MERLON_CALL(return numbered(split(text_of(a[0]), text_of(a[1]), kAny));)},
    {"splitList", 2, 2, MERLON_CALL(return text_list(split(text_of(a[0]), text_of(a[1]), kAny));)},
    {"splitn", 3, 3,
     MERLON_CALL(return numbered(split(
         text_of(a[0]), text_of(a[2]),
         static_cast<std::size_t>(std::max<std::int64_t>(integer_of(a[1]), 1))));)},
    {"squote", 0, kAny,
     MERLON_TEXT(joined_with_blanks(
         a, [](const TemplateValue& value) { return "'" + template_text(value) + "'"; }))},
    {"sub", 2, 2, MERLON_NUMBER(wrapped(bits(integer_of(a[0])) - bits(integer_of(a[1]))))},
    {"substr", 3, 3, part_of},
    {"ternary", 3, 3, MERLON_CALL(return template_truth(a[2]) ? a[0] : a[1];)},
    {"title", 1, 1, MERLON_TEXT(title(text_of(a[0])))},
    {"toJson", 1, 1, MERLON_TEXT(template_json(a[0], JsonLayout::kCompact))},
    {"toPrettyJson", 1, 1, MERLON_TEXT(template_json(a[0], JsonLayout::kPretty))},
    {"toRawJson", 1, 1, MERLON_TEXT(template_json(a[0], JsonLayout::kRaw))},
    {"toString", 1, 1, MERLON_TEXT(template_text(a[0]))},
    {"trim", 1, 1, MERLON_TEXT(trimmed(text_of(a[0]), kBlank, true, true))},
    {"trimAll", 2, 2, MERLON_TEXT(trimmed(text_of(a[1]), text_of(a[0]), true, true))},
    {"trimPrefix", 2, 2,
     MERLON_CALL(auto text = text_of(a[1]); const auto what = text_of(a[0]);
                 return TemplateValue(text.starts_with(what) ? text.substr(what.size()) : text);)},
    {"trimSuffix", 2, 2,
     MERLON_CALL(auto text = text_of(a[1]); const auto what = text_of(a[0]); return TemplateValue(
                     text.ends_with(what) ? text.substr(0, text.size() - what.size()) : text);)},
    {"trunc", 2, 2, truncated},
    {"uniq", 1, 1,
     MERLON_CALL(return filtered(a[0], [](const auto& item,
                                          const auto& out) { return !holds(out, item); });)},
    {"unixEpoch", 1, 1,
     MERLON_CALL(const auto* time = a[0].as<Timestamp>();
                 if (time == nullptr) return wrong_argument("a time", a[0]);
                 return TemplateValue(std::to_string(time->nanoseconds / 1'000'000'000));)},
    {"unset", 2, 2,
     MERLON_CALL(auto dict = MERLON_TRY(dict_of(a[0])); dict->erase(text_of(a[1]));
                 return TemplateValue(dict);)},
    {"until", 1, 1,
     MERLON_CALL(const auto count = integer_of(a[0]);
                 return counted(0, count, count < 0 ? -1 : 1);)},
    {"untilStep", 3, 3,
     MERLON_CALL(return counted(integer_of(a[0]), integer_of(a[1]), integer_of(a[2]));)},
    {"upper", 1, 1, MERLON_TEXT(mapped(text_of(a[0]), upper))},
    {"urlquery", 1, kAny,
     MERLON_TEXT(query_escaped(a.size() == 1 ? template_text(a[0]) : go_sprint(a)))},
    {"values", 1, 1,
     MERLON_CALL(TemplateList list;
                 for (const auto& [key, entry] : *MERLON_TRY(dict_of(a[0]))) list.push_back(entry);
                 return given(std::move(list));)},
    {"without", 1, kAny,
     MERLON_CALL(
         const TemplateList others(a.begin() + 1, a.end()); return filtered(
             a[0], [&others](const auto& item, const auto&) { return !holds(others, item); });)},
};

#undef MERLON_CALL
#undef MERLON_TEXT
#undef MERLON_TRUTH
#undef MERLON_NUMBER

// What the renderer or call_template_function do themselves.
constexpr std::string_view kSpecial[] = {"and", "now", "or"};

const Function* find_function(std::string_view name) {
    const auto* found = std::lower_bound(
        std::begin(kFunctions), std::end(kFunctions), name,
        [](const Function& function, std::string_view wanted) { return function.name < wanted; });
    return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions),
                             [](const Function& a, const Function& b) { return a.name < b.name; }));

}  // namespace

bool is_template_function(std::string_view name) {
    return find_function(name) != nullptr ||
           std::find(std::begin(kSpecial), std::end(kSpecial), name) != std::end(kSpecial);
}

std::vector<std::string_view> template_functions() {
    std::vector<std::string_view> names(std::begin(kSpecial), std::end(kSpecial));
    for (const Function& function : kFunctions) names.push_back(function.name);
    std::sort(names.begin(), names.end());
    return names;
}

Result<TemplateValue> call_template_function(std::string_view name,
                                             std::span<const TemplateValue> arguments,
                                             Timestamp now) {
    if (name == "now" && arguments.empty()) return TemplateValue(now);
    const Function* function = find_function(name);
    if (function == nullptr || arguments.size() < function->least ||
        arguments.size() > function->most) {
        return Error{fmt::format("template: wrong number of arguments for {}", name)};
    }
    return function->run(arguments);
}

}  // namespace merlon::compat::gitleaks
