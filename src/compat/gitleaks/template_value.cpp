#include "compat/gitleaks/template_value.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

constexpr std::array<std::string_view, 24> kFunctions = {
    "len",  "index", "eq",  "ne",      "lt",    "le",       "gt",        "ge",
    "and",  "or",    "not", "print",   "quote", "squote",   "upper",     "lower",
    "trim", "add",   "sub", "default", "join",  "contains", "hasPrefix", "hasSuffix"};

// Go's %q: printable text as it is, the rest as escapes.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        constexpr std::string_view kNamed = "\a\b\f\n\r\t\v\"\\";
        constexpr std::string_view kLetters = "abfnrtv\"\\";
        if (const std::size_t at = kNamed.find(text[0]); at != std::string_view::npos) {
            out += {'\\', kLetters[at]};
        } else if (!point.valid || byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (point.value >= 0x80 && point.value <= 0xA0) {
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point.value));
        } else {
            out += text.substr(0, point.width);
        }
        text.remove_prefix(point.width);
    }
    return out + "\"";
}

std::string in_case(std::string text, char first, char last) {
    for (char& c : text)
        if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
    return text;
}

template <typename T>
std::optional<int> order_as(const TemplateValue& left, const TemplateValue& right) {
    const T* a = std::get_if<T>(&left.data);
    const T* b = std::get_if<T>(&right.data);
    if (a == nullptr || b == nullptr) return std::nullopt;
    if (*a < *b) return -1;
    return *b < *a ? 1 : 0;
}

std::optional<int> order(const TemplateValue& left, const TemplateValue& right) {
    if (const auto numbers = order_as<std::int64_t>(left, right)) return numbers;
    if (const auto texts = order_as<std::string>(left, right)) return texts;
    if (const auto reals = order_as<float>(left, right)) return reals;
    return order_as<bool>(left, right);
}

Result<TemplateValue> compared(std::string_view name, const TemplateList& arguments) {
    const auto result = order(arguments[0], arguments[1]);
    if (!result) return Error{"template: incompatible types for comparison"};
    if (name == "eq") return TemplateValue(*result == 0);
    if (name == "ne") return TemplateValue(*result != 0);
    if (name == "lt") return TemplateValue(*result < 0);
    if (name == "le") return TemplateValue(*result <= 0);
    if (name == "gt") return TemplateValue(*result > 0);
    return TemplateValue(*result >= 0);
}

std::int64_t number_of(const TemplateValue& value) {
    const auto* number = std::get_if<std::int64_t>(&value.data);
    return number != nullptr ? *number : 0;
}

std::string trimmed(const std::string& text) {
    constexpr std::string_view kBlank = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

Result<TemplateValue> call_on_one(std::string_view name, const TemplateValue& value) {
    const std::string text = template_text(value);
    if (name == "len") {
        const auto* list = std::get_if<TemplateList>(&value.data);
        return TemplateValue(
            static_cast<std::int64_t>(list != nullptr ? list->size() : text.size()));
    }
    if (name == "not") return TemplateValue(!template_truth(value));
    if (name == "quote") return TemplateValue(quoted(text));
    if (name == "squote") return TemplateValue("'" + text + "'");
    if (name == "upper") return TemplateValue(in_case(text, 'a', 'z'));
    if (name == "lower") return TemplateValue(in_case(text, 'A', 'Z'));
    if (name == "trim") return TemplateValue(trimmed(text));
    if (name == "print") return TemplateValue(text);
    return Error{fmt::format("template: wrong number of arguments for {}", name)};
}

Result<TemplateValue> call_on_two(std::string_view name, const TemplateList& arguments) {
    const TemplateValue& first = arguments[0];
    const TemplateValue& second = arguments[1];
    if (name == "add") return TemplateValue(number_of(first) + number_of(second));
    if (name == "sub") return TemplateValue(number_of(first) - number_of(second));
    if (name == "and") return template_truth(first) ? second : first;
    if (name == "or") return template_truth(first) ? first : second;
    if (name == "default") return template_truth(second) ? second : first;
    if (name == "index" || name == "join") {
        const auto* list = std::get_if<TemplateList>(&(name == "join" ? second : first).data);
        if (list == nullptr) return Error{fmt::format("template: {} needs a list", name)};
        if (name == "join") {
            std::vector<std::string> texts;
            for (const TemplateValue& item : *list) texts.push_back(template_text(item));
            return TemplateValue(fmt::format("{}", fmt::join(texts, template_text(first))));
        }
        const auto at = static_cast<std::size_t>(number_of(second));
        if (at >= list->size()) return Error{"template: index out of range"};
        return (*list)[at];
    }
    const std::string needle = template_text(first);
    const std::string text = template_text(second);
    if (name == "contains") return TemplateValue(text.find(needle) != std::string::npos);
    if (name == "hasPrefix") return TemplateValue(text.starts_with(needle));
    if (name == "hasSuffix") return TemplateValue(text.ends_with(needle));
    return compared(name, arguments);
}

TemplateValue list_of(const std::vector<std::string>& texts) {
    TemplateList list;
    for (const std::string& text : texts) list.emplace_back(text);
    return TemplateValue(std::move(list));
}

}  // namespace

std::string template_text(const TemplateValue& value) {
    if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
    if (const auto* real = std::get_if<float>(&value.data)) return go_float(*real);
    if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
    const auto* list = std::get_if<TemplateList>(&value.data);
    if (list == nullptr) return "<no value>";
    std::string out = "[";
    for (const TemplateValue& item : *list) {
        if (out.size() > 1) out.push_back(' ');
        out += template_text(item);
    }
    return out + "]";
}

bool template_truth(const TemplateValue& value) {
    if (const auto* truth = std::get_if<bool>(&value.data)) return *truth;
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) return *number != 0;
    if (const auto* real = std::get_if<float>(&value.data)) return *real != 0;
    if (const auto* text = std::get_if<std::string>(&value.data)) return !text->empty();
    if (const auto* list = std::get_if<TemplateList>(&value.data)) return !list->empty();
    return std::holds_alternative<const Row*>(value.data);
}

Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name) {
    const auto* held = std::get_if<const Row*>(&value.data);
    if (held == nullptr) return Error{fmt::format("template: no field {} here", name)};
    const Row& row = **held;
    const std::pair<std::string_view, const std::string*> texts[] = {
        {"RuleID", &row.rule_id},  {"Description", &row.description},
        {"Line", &row.line},       {"Match", &row.match},
        {"Secret", &row.secret},   {"File", &row.file},
        {"Commit", &row.commit},   {"SymlinkFile", &row.symlink_file},
        {"Link", &row.link},       {"Author", &row.author},
        {"Email", &row.email},     {"Date", &row.date},
        {"Message", &row.message}, {"Fingerprint", &row.fingerprint}};
    for (const auto& [known, text] : texts)
        if (known == name) return TemplateValue(*text);
    if (name == "StartLine") return TemplateValue(row.start_line);
    if (name == "EndLine") return TemplateValue(row.end_line);
    if (name == "StartColumn") return TemplateValue(row.start_column);
    if (name == "EndColumn") return TemplateValue(row.end_column);
    if (name == "Entropy") return TemplateValue(row.entropy);
    if (name == "Tags") return list_of(row.tags);
    return Error{fmt::format("template: a finding has no field {}", name)};
}

bool is_template_function(std::string_view name) {
    return std::ranges::find(kFunctions, name) != kFunctions.end();
}

Result<TemplateValue> call_template_function(std::string_view name, const TemplateList& arguments) {
    if (arguments.size() == 1) return call_on_one(name, arguments[0]);
    if (arguments.size() == 2 && name != "len" && name != "not" && name != "quote" &&
        name != "squote" && name != "upper" && name != "lower" && name != "trim" && name != "print")
        return call_on_two(name, arguments);
    return Error{fmt::format("template: wrong number of arguments for {}", name)};
}

}  // namespace merlon::compat::gitleaks
