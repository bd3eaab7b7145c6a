#include "templates/template_value.h"

#include <utility>

#include <fmt/format.h>

#include "templates/go_numbers.h"
#include "templates/template_format.h"

namespace merlon::templates {
namespace {

void write_json(text::JsonWriter& json, const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) {
        json.boolean(*truth);
    } else if (const auto* number = value.as<std::int64_t>()) {
        json.integer(*number);
    } else if (value.as<float>() != nullptr || value.as<double>() != nullptr) {
        json.raw(template_text(value));
    } else if (const auto* list = value.as<TemplateList>()) {
        json.begin_array();
        for (const TemplateValue& item : *list) write_json(json, item);
        json.end_array();
    } else if (const auto* dict = value.as<TemplateDict>()) {
        json.begin_object();
        for (const auto& [key, entry] : **dict) {
            json.key(key);
            write_json(json, entry);
        }
        json.end_object();
    } else if (const auto* record = value.as<const TemplateRecord*>()) {
        (*record)->write_json(json);
    } else if (value.as<std::monostate>() != nullptr) {
        json.null();
    } else {
        json.string(template_text(value));
    }
}

// fmt shows nil inside of a list or dict as "<nil>", while a template shows it as "<no value>".
std::string inner_text(const TemplateValue& value) {
    return value.as<std::monostate>() != nullptr ? "<nil>" : template_text(value);
}

// The list or dict of which each entry has a blank behind it.
std::string closed(std::string open, bool is_empty) {
    if (!is_empty) open.pop_back();
    return open + "]";
}

}  // namespace

std::string template_text(const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) return *truth ? "true" : "false";
    if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
    if (const auto* narrow = value.as<float>()) return go_float(*narrow);
    if (const auto* wide = value.as<double>()) return fmt::format("{}", *wide);
    if (const auto* text = value.as<std::string>()) return *text;
    if (const auto* time = value.as<Timestamp>())
        return go_time("2006-01-02 15:04:05.999999999 -0700 MST", *time);
    if (const auto* dict = value.as<TemplateDict>()) {
        std::string out = "map[";
        for (const auto& [key, entry] : **dict) out += key + ":" + inner_text(entry) + " ";
        return closed(std::move(out), (*dict)->empty());
    }
    const auto* list = value.as<TemplateList>();
    if (list == nullptr) return "<no value>";
    std::string out = "[";
    for (const TemplateValue& item : *list) out += inner_text(item) + " ";
    return closed(std::move(out), list->empty());
}

bool template_truth(const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) return *truth;
    if (const auto* number = value.as<std::int64_t>()) return *number != 0;
    if (const auto* narrow = value.as<float>()) return *narrow != 0;
    if (const auto* wide = value.as<double>()) return *wide != 0;
    if (const auto* text = value.as<std::string>()) return !text->empty();
    if (const auto* list = value.as<TemplateList>()) return !list->empty();
    if (const auto* dict = value.as<TemplateDict>()) return !(*dict)->empty();
    return value.as<std::monostate>() == nullptr;
}

Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name) {
    if (const auto* dict = value.as<TemplateDict>()) {
        const auto found = (*dict)->find(std::string(name));
        return found == (*dict)->end() ? TemplateValue() : TemplateValue(found->second);
    }
    if (const auto* record = value.as<const TemplateRecord*>()) return (*record)->field(name);
    return Error{fmt::format("template: no field {} here", name)};
}

std::string template_json(const TemplateValue& value, JsonLayout layout) {
    std::string out;
    const auto escapes =
        layout == JsonLayout::kRaw ? text::JsonEscapes::kMinimal : text::JsonEscapes::kGo;
    text::JsonWriter json(out, layout == JsonLayout::kPretty ? "  " : "", escapes);
    write_json(json, value);
    return out;
}

}  // namespace merlon::templates
