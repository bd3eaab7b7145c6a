// Types out of their texts, which the table of declarations and a file of capabilities have.

#include <algorithm>

#include "rego/compiler/types.h"

namespace merlon::rego::compiler {
namespace {

constexpr int kMaxTypeDepth = 50;

class TypeReader {
  public:
    TypeReader(Types& types, std::string_view text) : types_(types), rest_(text) {}

    // Null where the text is none of a type.
    const Type* read() {
        if (++depth_ > kMaxTypeDepth) return nullptr;
        const std::string_view word = take_word();
        const Type* const type = read_of(word);
        --depth_;
        return type;
    }
    // What stands before ": ", without it; empty where no name stands there.
    std::string_view take_name() {
        const std::size_t end = rest_.find(": ");
        const std::string_view name = rest_.substr(0, std::min(end, rest_.size()));
        if (end == std::string_view::npos || name.find_first_of("<>[];,") != name.npos) return {};
        rest_.remove_prefix(end + 2);
        return name;
    }
    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    bool is_done() const { return rest_.empty(); }

  private:
    std::string_view take_word() {
        const std::size_t end = std::min(rest_.find_first_of("<>[]:;, "), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return word;
    }
    // "<a, b>", or nothing.
    std::vector<const Type*> read_list() {
        std::vector<const Type*> types;
        if (!take("<")) return types;
        do {
            types.push_back(read());
        } while (take(", "));
        take(">");
        return types;
    }
    const Type* read_of(std::string_view word);

    Types& types_;
    std::string_view rest_;
    int depth_ = 0;
};

const Type* TypeReader::read_of(std::string_view word) {
    if (word == "null") return &kNullType;
    if (word == "boolean") return &kBooleanType;
    if (word == "number") return &kNumberType;
    if (word == "string") return &kStringType;
    if (word == "any") {
        std::vector<const Type*> members = read_list();
        return members.empty() ? &kAnyType : types_.any_of(std::move(members));
    }
    if (word == "array") {
        const std::vector<const Type*> items = read_list();
        const Type* others = nullptr;
        if (take("[")) {
            others = read();
            take("]");
        }
        return types_.array(items, others);
    }
    if (word == "set") {
        const Type* elements = nullptr;
        if (take("[")) {
            elements = read();
            take("]");
        }
        return types_.set(elements);
    }
    if (word != "object") return nullptr;
    std::vector<Property> properties;
    if (take("<")) {
        do {
            const value::Value key = types_.values().string(take_name());
            properties.push_back({key, read()});
        } while (take(", "));
        take(">");
    }
    std::optional<Types::Others> others;
    if (take("[")) {
        others.emplace();
        others->key = read();
        take(": ");
        others->value = read();
        take("]");
    }
    return types_.object(std::move(properties), others);
}

}  // namespace

const Type* Types::read(std::string_view text) { return TypeReader(*this, text).read(); }

const Type* Types::read_function(std::string_view operands, std::string_view result,
                                 MoreOperands more) {
    std::vector<const Type*> types;
    std::vector<std::string_view> names;
    TypeReader reader(*this, operands);
    if (!reader.is_done()) {
        do {
            names.push_back(reader.take_name());
            types.push_back(reader.read());
        } while (reader.take("; "));
    }
    TypeReader of_result(*this, result);
    names.push_back(of_result.take_name());
    Type made{.kind = TypeKind::kFunction,
              .parts = arena_.copy(std::span<const Type* const>(types)),
              .value = result.empty() ? nullptr : of_result.read(),
              .is_variadic = more == MoreOperands::kAny};
    made.names = arena_.copy(std::span<const std::string_view>(names));
    return kept(made);
}

}  // namespace merlon::rego::compiler
