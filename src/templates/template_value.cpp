#include "templates/template_value.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "templates/go_numbers.h"
#include "templates/go_printf.h"
#include "templates/template_format.h"

namespace merlon::templates {
namespace {

// `out` is what `json` writes to.
void write_json(text::JsonWriter& json, const std::string& out, const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) {
        json.boolean(*truth);
    } else if (const auto* number = value.as<std::int64_t>()) {
        json.integer(*number);
    } else if (const auto* narrow = value.as<float>()) {
        json.raw(go_float(*narrow));
    } else if (const auto* wide = value.as<double>()) {
        json.raw(fmt::format("{}", *wide));
    } else if (const auto* written = value.as<TemplateNumber>()) {
        json.raw(written->text);
    } else if (const auto* list = value.as<TemplateList>()) {
        json.begin_array();
        for (const TemplateValue& item : *list) {
            if (out.size() > kMaxMadeBytes) break;
            write_json(json, out, item);
        }
        json.end_array();
    } else if (const auto* dict = value.as<TemplateDict>()) {
        json.begin_object();
        for (const auto& [key, entry] : (*dict)->entries()) {
            if (out.size() > kMaxMadeBytes) break;
            json.key(key);
            write_json(json, out, entry);
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
void append_inner(std::string& out, const TemplateValue& value) {
    const auto* list = value.as<TemplateList>();
    const auto* dict = value.as<TemplateDict>();
    bool is_first = true;
    const auto goes_on = [&] {
        if (!std::exchange(is_first, false)) out += ' ';
        return out.size() <= kMaxMadeBytes;
    };
    if (list != nullptr) {
        out += '[';
        for (const TemplateValue& item : *list) {
            if (!goes_on()) break;
            append_inner(out, item);
        }
        out += ']';
    } else if (dict != nullptr) {
        out += "map[";
        for (const auto& [key, entry] : (*dict)->entries()) {
            if (!goes_on()) break;
            out.append(key).append(":");
            append_inner(out, entry);
        }
        out += ']';
    } else {
        out += value.as<std::monostate>() != nullptr ? "<nil>" : template_text(value);
    }
}

}  // namespace

TemplateMap::TemplateMap(Entries entries, TemplateValue missing)
    : entries_(std::move(entries)), missing_(std::move(missing)) {
    for (const auto& [key, entry] : entries_) bytes_ += key.size() + value_bytes(entry);
}

const TemplateValue& TemplateMap::at(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? missing_ : found->second;
}

Status TemplateMap::set(std::string_view key, TemplateValue value) {
    erase(key);
    const std::size_t added = key.size() + value_bytes(value);
    if (bytes_ + added > kMaxMadeBytes) return too_large();
    bytes_ += added;
    depth_ = std::max(depth_, 0);
    const auto entry = entries_.emplace(key, std::move(value)).first;
    if (place_value(entry->second, depth_ + 1)) return {};
    erase(key);
    return too_deep();
}

void TemplateMap::erase(std::string_view key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    bytes_ -= key.size() + value_bytes(found->second);
    entries_.erase(found);
}

// A dict is walked again only where it stands deeper than before, so that in a circle each round
// goes deeper until it is too deep, and one that stands in many others is walked a few times.
bool place_value(const TemplateValue& value, int depth) {
    if (depth > kMaxValueDepth) return false;
    if (const auto* list = value.as<TemplateList>()) {
        return std::ranges::all_of(
            *list, [depth](const TemplateValue& item) { return place_value(item, depth + 1); });
    }
    const auto* dict = value.as<TemplateDict>();
    if (dict == nullptr || (*dict)->depth_ >= depth) return true;
    (*dict)->depth_ = depth;
    return std::ranges::all_of((*dict)->entries_, [depth](const auto& entry) {
        return place_value(entry.second, depth + 1);
    });
}

std::size_t value_bytes(const TemplateValue& value) {
    std::size_t bytes = sizeof(value);
    if (const auto* text = text_in(value)) bytes += text->size();
    if (const auto* list = value.as<TemplateList>())
        for (const TemplateValue& item : *list) bytes += value_bytes(item);
    return bytes;
}

Error too_large() { return Error{"template: a text, list or dict of more than 16 MiB"}; }
Error too_deep() {
    return Error{
        "template: lists and dicts stand more than 100 deep in each other, or in themselves"};
}

const std::string* text_in(const TemplateValue& value) {
    if (const auto* number = value.as<TemplateNumber>()) return &number->text;
    return value.as<std::string>();
}

std::string template_text(const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) return *truth ? "true" : "false";
    if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
    if (const auto* narrow = value.as<float>()) return go_float_text({*narrow, true}, 'g', -1);
    if (const auto* wide = value.as<double>()) return go_float_text({*wide, false}, 'g', -1);
    if (const auto* text = text_in(value)) return *text;
    if (const auto* time = value.as<Timestamp>())
        return go_time("2006-01-02 15:04:05.999999999 -0700 MST", *time);
    if (value.as<TemplateDict>() == nullptr && value.as<TemplateList>() == nullptr)
        return "<no value>";
    std::string out;
    append_inner(out, value);
    return out;
}

bool template_truth(const TemplateValue& value) {
    if (const auto* truth = value.as<bool>()) return *truth;
    if (const auto* number = value.as<std::int64_t>()) return *number != 0;
    if (const auto* narrow = value.as<float>()) return *narrow != 0;
    if (const auto* wide = value.as<double>()) return *wide != 0;
    if (const auto* text = text_in(value)) return !text->empty();
    if (const auto* list = value.as<TemplateList>()) return !list->empty();
    if (const auto* dict = value.as<TemplateDict>()) return !(*dict)->entries().empty();
    return value.as<std::monostate>() == nullptr;
}

Result<TemplateValue> template_field(const TemplateValue& value, std::string_view name) {
    if (const auto* dict = value.as<TemplateDict>()) return TemplateValue((*dict)->at(name));
    if (const auto* record = value.as<const TemplateRecord*>()) return (*record)->field(name);
    return Error{fmt::format("template: no field {} here", name)};
}

std::string template_json(const TemplateValue& value, JsonLayout layout) {
    std::string out;
    const auto escapes =
        layout == JsonLayout::kRaw ? text::JsonEscapes::kMinimal : text::JsonEscapes::kGo;
    text::JsonWriter json(out, layout == JsonLayout::kPretty ? "  " : "", escapes);
    write_json(json, out, value);
    return out;
}

}  // namespace merlon::templates
