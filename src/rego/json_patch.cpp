#include "rego/json_patch.h"

#include <algorithm>
#include <cstdint>

#include "rego/json_patch_words.h"
#include "rego/number.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

using value::Value;

// One document while it is patched. Each change gives a new value, or the error has been said.
class Patcher {
  public:
    Patcher(Context& context, const Value& document)
        : context_(context), document_(document), memory_(context.path_memory()) {}

    bool apply(const Value& operation);
    const std::optional<Value>& document() const { return document_; }

  private:
    using Path = std::span<const Value>;
    enum class Change : std::uint8_t { kInsert, kDelete };

    bool fail(const std::string& text) {
        static_cast<void>(context_.error(text));
        return false;
    }
    const Value* required(const Value& operation, std::string_view name) {
        const Value* found = operation.find(name);
        if (found == nullptr) fail("missing required attribute '" + std::string(name) + "'");
        return found;
    }
    const Value* at(Path path);
    bool insert(Path path, const Value& value);
    bool remove(Path path);
    std::optional<Value> changed(const Value& base, Path path, Change change, const Value& value);
    static std::string shown(const Value& scalar);
    std::optional<Value> changed_array(const Value& base, Path path, Change change,
                                       const Value& value);
    // As it is asked for, which may be outside of the array.
    std::optional<std::int64_t> index(const Value& array, const Value& step);
    // "path 3 does not exist in array term [1]"
    bool fail_at(const std::string& step, const Value& container) {
        return fail("path " + step + " does not exist in " + std::string(kind_name(container)) +
                    " term " + term_text(container));
    }

    Context& context_;
    std::optional<Value> document_;
    Context::PathMemory& memory_;  // of one operation
};

std::optional<std::int64_t> Patcher::index(const Value& array, const Value& step) {
    std::int64_t place = 0;
    if (step.is_number()) {
        const auto integer = written_integer(step);
        if (!integer) {
            fail("invalid number type for indexing");
            return std::nullopt;
        }
        place = *integer;
    } else if (step.is_string()) {
        const std::string_view text = step.as_string();
        if (text == "-") return static_cast<std::int64_t>(array.size());
        const auto written = index_of_step(text);
        if (!written) {
            fail("invalid string for indexing");
            return std::nullopt;
        }
        place = *written;
        if (text != "0" && text.starts_with('0')) {
            fail("leading zeros are not allowed in JSON paths");
            return std::nullopt;
        }
    } else {
        fail("invalid type for indexing");
        return std::nullopt;
    }
    return place;
}

const Value* Patcher::at(Path path) {
    const Value* current = document_ ? &*document_ : nullptr;
    if (current == nullptr) {
        fail("deleted node encountered");
        return nullptr;
    }
    for (const Value& step : path) {
        const Value* below = nullptr;
        if (current->is_array()) {
            const auto place = index(*current, step);
            if (!place) return nullptr;
            if (*place < 0 || static_cast<std::size_t>(*place) >= current->size()) {
                fail_at(std::to_string(*place), *current);
                return nullptr;
            }
            below = &current->items()[static_cast<std::size_t>(*place)];
        } else {
            below = element_of(*current, step);
        }
        if (below == nullptr && current->depth() == 0) {
            fail("expected composite type for path " + term_text(step) + shown(*current));
            return nullptr;
        }
        if (below == nullptr) {
            fail_at(term_text(step), *current);
            return nullptr;
        }
        current = below;
    }
    return current;
}

// ", found value: 1 (type: ast.Number)"
std::string Patcher::shown(const Value& scalar) {
    std::string kind(kind_name(scalar));
    kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
    return ", found value: " + term_text(scalar) + " (type: ast." + kind + ")";
}

std::optional<Value> Patcher::changed_array(const Value& base, Path path, Change change,
                                            const Value& value) {
    const auto asked = index(base, path[0]);
    if (!asked) return std::nullopt;
    const bool is_last = path.size() == 1;
    const bool is_new = is_last && change == Change::kInsert;
    const std::size_t end = base.size() + (is_new ? 1 : 0);
    if (*asked < 0 || static_cast<std::size_t>(*asked) >= end) {
        if (is_last) {
            fail(is_new ? "index for array insertion out of bounds"
                        : "index for array delete out of bounds");
        } else {
            fail_at(std::to_string(*asked), base);
        }
        return std::nullopt;
    }
    const auto place = static_cast<std::size_t>(*asked);
    std::optional<Value> below;
    if (!is_last) {
        below = changed(base.items()[place], path.subspan(1), change, value);
        if (!below) return std::nullopt;
    }
    std::vector<Value>& items = context_.value_list();
    items.assign(base.items().begin(), base.items().end());
    const auto position = items.begin() + static_cast<std::ptrdiff_t>(place);
    if (!is_last) {
        *position = *below;
    } else if (change == Change::kInsert) {
        items.insert(position, value);
    } else {
        items.erase(position);
    }
    return context_.builder.array(items);
}

std::optional<Value> Patcher::changed(const Value& base, Path path, Change change,
                                      const Value& value) {
    if (!context_.spend(base.size())) return std::nullopt;
    if (base.is_array()) return changed_array(base, path, change, value);
    if (!base.is_object() && !base.is_set()) {
        fail("expected composite type" +
             (path.size() == 1 ? "" : " for path " + term_text(path[0])) + shown(base));
        return std::nullopt;
    }
    const Value* below = element_of(base, path[0]);
    const bool is_last = path.size() == 1;
    if (below == nullptr && !(is_last && change == Change::kInsert)) {
        if (is_last) {
            fail("cannot delete child key " + term_text(path[0]) + " that does not exist");
        } else {
            fail_at(term_text(path[0]), base);
        }
        return std::nullopt;
    }
    if (base.is_set() && is_last && change == Change::kInsert && path[0] != value) {
        fail("set key " + term_text(path[0]) + " does not equal value to be inserted " +
             term_text(value));
        return std::nullopt;
    }
    std::optional<Value> put;
    if (!is_last) {
        put = changed(*below, path.subspan(1), change, value);
        if (!put) return std::nullopt;
    } else if (change == Change::kInsert) {
        put = value;
    }
    if (base.is_set()) {
        std::vector<Value>& elements = context_.value_list();
        std::ranges::copy_if(base.items(), std::back_inserter(elements),
                             [&](const Value& element) { return element != path[0]; });
        if (put) elements.push_back(*put);
        return context_.builder.set(elements);
    }
    if (put && below != nullptr) {
        // The same keys: what stands there is another value.
        std::vector<Value>& values = context_.value_list();
        for (std::size_t i = 0; i < base.size(); ++i) {
            values.push_back(base.keys()[i] == path[0] ? *put : base.values()[i]);
        }
        return context_.builder.object_like(base, values);
    }
    std::vector<value::Builder::Entry>& entries = memory_.entries;
    entries.clear();
    for (std::size_t i = 0; i < base.size(); ++i) {
        if (base.keys()[i] != path[0]) entries.emplace_back(base.keys()[i], base.values()[i]);
    }
    if (put) entries.emplace_back(path[0], *put);
    return context_.builder.object(entries);
}

bool Patcher::insert(Path path, const Value& value) {
    if (path.empty()) {
        document_ = value;
        return true;
    }
    if (!document_) return fail("deleted node encountered during insert operation");
    const auto made = changed(*document_, path, Change::kInsert, value);
    if (made) document_ = made;
    return made.has_value();
}

bool Patcher::remove(Path path) {
    if (!document_) return fail("deleted node encountered during delete operation");
    if (path.empty()) {
        document_.reset();
        return true;
    }
    const auto made = changed(*document_, path, Change::kDelete, Value());
    if (made) document_ = made;
    return made.has_value();
}

bool Patcher::apply(const Value& operation) {
    if (!operation.is_object()) {
        return fail(
            "must be an array of JSON-Patch objects, but at least one element is not an object");
    }
    const Value* written = required(operation, "path");
    if (written == nullptr) return false;
    const Value* name = required(operation, "op");
    if (name == nullptr) return false;
    if (!name->is_string()) {
        return fail("attribute 'op' must be a string but found: " + std::string(kind_name(*name)));
    }
    std::vector<Value>& path = memory_.path;
    path.clear();
    if (!read_path(context_, *written, path)) return false;
    const std::string_view op = name->as_string();
    if (op == "remove") return remove(path);
    if (op == "move" || op == "copy") {
        const Value* from_written = required(operation, "from");
        if (from_written == nullptr) return false;
        std::vector<Value>& from = memory_.from;
        from.clear();
        if (!read_path(context_, *from_written, from)) return false;
        const Value* moved = at(from);
        if (moved == nullptr) return false;
        const Value chunk = *moved;
        if (op == "move" && !remove(from)) return false;
        return insert(path, chunk);
    }
    if (op != "add" && op != "replace" && op != "test") {
        return fail("unrecognized op: '" + std::string(op) + "'");
    }
    if (op == "replace" && !remove(path)) return false;
    const Value* found = op == "test" ? at(path) : nullptr;
    if (op == "test" && found == nullptr) return false;
    const Value* value = required(operation, "value");
    if (value == nullptr) return false;
    if (op != "test") return insert(path, *value);
    if (*found == *value) return true;
    return fail("value from EditTree != patch value.\n\nExpected: " + term_text(*value) +
                "\n\nFound: " + term_text(*found));
}

std::string_view unescaped(std::string_view step, std::string& text) {
    if (step.find('~') == std::string_view::npos) return step;
    for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
            text += step[++i] == '0' ? '~' : '/';
        } else {
            text += step[i];
        }
    }
    return text;
}

}  // namespace

bool read_path(Context& context, const Value& written, std::vector<Value>& steps) {
    if (written.is_array()) {
        steps.assign(written.items().begin(), written.items().end());
        return true;
    }
    if (!written.is_string()) {
        static_cast<void>(context.type_error(
            "operand 2 must be one of {set, array} containing string paths or array of path "
            "segments but got " +
            std::string(kind_name(written))));
        return false;
    }
    std::string_view text = written.as_string();
    if (text.empty()) return true;
    while (text.starts_with('/')) text.remove_prefix(1);
    for (std::size_t slash = text.find('/');; slash = text.find('/')) {
        const std::string_view step = unescaped(text.substr(0, slash), context.text_buffer());
        steps.push_back(context.string(step));
        if (slash == std::string_view::npos) return true;
        text.remove_prefix(slash + 1);
    }
}

std::optional<std::int64_t> index_of_step(std::string_view text) {
    constexpr std::size_t kMostDigits = 19;
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > kMostDigits) return std::nullopt;
    std::uint64_t number = 0;
    bool is_fraction = false;
    for (const char c : text) {
        if (c == '.' && !is_fraction) {
            is_fraction = true;
        } else if (c < '0' || c > (is_fraction ? '0' : '9')) {
            return std::nullopt;
        } else if (!is_fraction) {
            number = number * 10 + static_cast<std::uint64_t>(c - '0');
        }
    }
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const auto index = static_cast<std::int64_t>(number);
    return is_negative ? -index : index;
}

Outcome json_patch(Context& context, Operands operands) {
    Patcher patcher(context, operands[0]);
    const std::span<const Value> operations = operands[1].items();
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (patcher.apply(operations[i])) continue;
        if (context.error_kind() != ErrorKind::kBuiltin) return Outcome::error();
        const auto words = words_of_failed_patch(context, operands[0], operations.first(i + 1));
        return words ? context.error(*words) : Outcome::error();
    }
    if (!patcher.document()) return Outcome::undefined();
    return *patcher.document();
}

}  // namespace merlon::rego
