#include "templates/template_arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "templates/go_numbers.h"

namespace merlon::templates {

Error wrong_argument(std::string_view wanted, const TemplateValue& found) {
    return Error{fmt::format("template: expected {}, found {}", wanted, template_text(found))};
}

// ---- readers of arguments ----

namespace {

// `known`: dicts that were looked at, because one may stand in many others.
bool holds_record(const TemplateValue& value, std::unordered_set<const TemplateMap*>& known) {
    if (const auto* list = value.as<TemplateList>()) {
        return std::ranges::any_of(*list,
                                   [&](const auto& item) { return holds_record(item, known); });
    }
    if (const auto* dict = value.as<TemplateDict>()) {
        return known.insert(dict->get()).second &&
               std::ranges::any_of((*dict)->entries(), [&](const auto& entry) {
                   return holds_record(entry.second, known);
               });
    }
    return value.as<const TemplateRecord*>() != nullptr;
}

}  // namespace

bool holds_record(const TemplateValue& value) {
    std::unordered_set<const TemplateMap*> known;
    return holds_record(value, known);
}

std::string text_of(const TemplateValue& value) {
    return value.as<std::monostate>() != nullptr ? std::string() : template_text(value);
}

// cast.ToInt64: what is no number is 0, and zeros behind a point are none.
std::int64_t integer_of(const TemplateValue& value) {
    if (const auto* number = value.as<std::int64_t>()) return *number;
    if (const auto* truth = value.as<bool>()) return *truth ? 1 : 0;
    double real = 0;
    if (const auto* narrow = value.as<float>()) real = *narrow;
    if (const auto* wide = value.as<double>()) real = *wide;
    if (const auto* text = value.as<std::string>()) {
        std::string_view digits = *text;
        const std::size_t zeros = digits.find_last_not_of('0') + 1;
        if (zeros > 0 && zeros < digits.size() && digits[zeros - 1] == '.') {
            digits = digits.substr(0, zeros - 1);
        }
        return parse_integer(digits).value_or(0);
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

namespace {

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

}  // namespace

std::optional<int> order(const TemplateValue& left, const TemplateValue& right) {
    if (const auto numbers = order_as<std::int64_t>(left, right)) return numbers;
    const std::string* const a_text = text_in(left);
    const std::string* const b_text = text_in(right);
    if (a_text != nullptr && b_text != nullptr) {
        return *a_text < *b_text ? -1 : *b_text < *a_text ? 1 : 0;
    }
    if (is_real(left) && is_real(right)) {
        const double a = real_of(left);
        const double b = real_of(right);
        return a < b ? -1 : b < a ? 1 : 0;
    }
    if (left.as<std::monostate>() != nullptr && right.as<std::monostate>() != nullptr) return 0;
    return order_as<bool>(left, right);
}

std::string identity_of(const TemplateValue& value) {
    const auto* text = text_in(value);
    return static_cast<char>('0' + value.data.index()) +
           (text != nullptr ? *text : template_json(value, JsonLayout::kCompact));
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

}  // namespace merlon::templates
