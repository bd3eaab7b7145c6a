#include "text/toml.h"

#include <charconv>
#include <cmath>
#include <sstream>

#include "text/toml_library.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

using value::Builder;
using value::Value;

class Converter {
  public:
    Converter(TomlDocument& document, Arena& arena, Interner& interner, TomlTypes types)
        : document_(document), builder_(arena, interner), types_(types) {}

    Value convert(const toml::node& node) {
        if (const auto* table = node.as_table()) return convert_table(*table);
        if (const auto* array = node.as_array()) return convert_array(*array);
        return convert_scalar(node);
    }

    Builder& builder() { return builder_; }

  private:
    static Position position_of(const toml::node& node) {
        return {node.source().begin.line, node.source().begin.column};
    }

    void note_kind(const Value* made, const toml::node& node) {
        const auto* real = node.as_floating_point();
        if (node.is_date() || node.is_time() || node.is_date_time()) {
            document_.kinds.emplace(made, TomlKind::kDate);
        } else if (real != nullptr && !std::isfinite(real->get())) {
            document_.kinds.emplace(made, TomlKind::kNotFinite);
        } else if (is_array_of_tables(node)) {
            document_.arrays_of_tables.insert(made);
        }
    }

    // Tables inside brackets are inline ones.
    static bool is_array_of_tables(const toml::node& node) {
        const auto* array = node.as_array();
        if (array == nullptr || array->empty()) return false;
        const auto* first = (*array)[0].as_table();
        return first != nullptr && !first->is_inline();
    }

    Value convert_table(const toml::table& table) {
        std::vector<Builder::Entry> entries;
        std::vector<Position> positions;
        std::vector<const toml::node*> nodes;
        for (const auto& [key, node] : table) {
            entries.emplace_back(builder_.key(key.str()), convert(node));
            positions.push_back({key.source().begin.line, key.source().begin.column});
            nodes.push_back(&node);
        }
        const Value made = builder_.object(entries);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const Value* place = made.find(entries[i].first);
            document_.positions.emplace(place, positions[i]);
            note_kind(place, *nodes[i]);
        }
        return made;
    }

    Value convert_array(const toml::array& array) {
        std::vector<Value> items;
        for (const toml::node& node : array) items.push_back(convert(node));
        const Value made = builder_.array(items);
        for (std::size_t i = 0; i < items.size(); ++i) {
            document_.positions.emplace(&made.items()[i], position_of(array[i]));
            note_kind(&made.items()[i], array[i]);
        }
        return made;
    }

    Value tagged(std::string_view type, std::string_view text) {
        const Builder::Entry entries[] = {{builder_.key("type"), builder_.string(type)},
                                          {builder_.key("value"), builder_.string(text)}};
        return builder_.object(entries);
    }

    Value scalar(std::string_view type, std::string_view text, Value plain) {
        return types_ == TomlTypes::kTagged ? tagged(type, text) : plain;
    }

    Value convert_float(double number) {
        std::string text;
        if (std::isnan(number)) {
            text = "nan";
        } else if (std::isinf(number)) {
            text = number < 0 ? "-inf" : "inf";
        } else {
            char buffer[64];
            const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number).ptr;
            text.assign(buffer, end);
        }
        // inf and nan are no JSON numbers; they stay strings.
        Result<Value> plain = builder_.number(text);
        return scalar("float", text, plain.ok() ? plain.value() : builder_.string(text));
    }

    Value convert_scalar(const toml::node& node) {
        if (const auto* text = node.as_string()) {
            return scalar("string", text->get(), builder_.string(text->get()));
        }
        if (const auto* number = node.as_integer()) {
            return scalar("integer", std::to_string(number->get()),
                          builder_.integer(number->get()));
        }
        if (const auto* number = node.as_floating_point()) return convert_float(number->get());
        if (const auto* truth = node.as_boolean()) {
            return scalar("bool", truth->get() ? "true" : "false", builder_.boolean(truth->get()));
        }
        std::ostringstream text;
        std::string_view type;
        if (const auto* date = node.as_date()) {
            type = "date-local";
            text << date->get();
        } else if (const auto* time = node.as_time()) {
            type = "time-local";
            text << time->get();
        } else if (const auto* both = node.as_date_time()) {
            type = both->get().offset ? "datetime" : "datetime-local";
            text << both->get();
        }
        return scalar(type, text.str(), builder_.string(text.str()));
    }

    TomlDocument& document_;
    Builder builder_;
    TomlTypes types_;
};

}  // namespace

Result<TomlDocument> read_toml(std::string_view bytes, Arena& arena, Interner& interner,
                               TomlTypes types) {
    if (const std::size_t invalid = find_invalid_utf8(bytes); invalid != bytes.size()) {
        const Position position = LineIndex(bytes).position(invalid);
        return Error{"TOML: the text is not UTF-8", invalid, {}, position.line, position.column};
    }
    const toml::parse_result parsed = toml::parse(bytes);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return Error{"TOML: " + std::string(error.description()),
                     kNoOffset,
                     {},
                     error.source().begin.line,
                     error.source().begin.column};
    }
    TomlDocument document;
    Converter converter(document, arena, interner, types);
    document.root = arena.make<Value>(converter.convert(parsed.table()));
    return document;
}

}  // namespace merlon::text
