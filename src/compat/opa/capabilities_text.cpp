#include "compat/opa/capabilities_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "compat/opa/releases.h"
#include "rego/compiler/declarations.h"
#include "rego/compiler/nodes.h"
#include "rego/compiler/types.h"
#include "rego/syntax/builtin_table.h"
#include "rego/syntax/walk.h"

namespace merlon::compat::opa {
namespace {

using rego::compiler::Declaration;
using rego::compiler::Type;
using rego::compiler::TypeKind;
using rego::syntax::RegoVersion;

using NameSet = std::set<std::string, std::less<>>;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

enum class OperandNames : std::uint8_t { kWritten, kLeftOut };

class BuiltinWriter {
  public:
    BuiltinWriter(text::JsonWriter& json, OperandNames names, ReleaseFacts facts = {})
        : json_(json), names_(names), facts_(facts) {}

    void write(const Declaration& newest) {
        const Declaration builtin = facts_.declaration(newest);
        const Type& function =
            *types_.read_function(builtin.operands, builtin.result,
                                  builtin.is_variadic() ? rego::compiler::MoreOperands::kAny
                                                        : rego::compiler::MoreOperands::kNone);
        json_.begin_object().member("name", builtin.name).key("decl").begin_object();
        if (!function.parts.empty()) {
            json_.key("args").begin_array();
            for (std::size_t i = 0; i < function.parts.size(); ++i) {
                write_named(function.parts[i], function.names[i]);
            }
            json_.end_array();
        }
        if (function.value != nullptr) {
            json_.key("result");
            write_named(function.value, function.names.back());
        }
        json_.member("type", "function");
        if (function.is_variadic)
            json_.key("variadic").begin_object().member("type", "any").end_object();
        json_.end_object();
        const rego::syntax::Infix* const infix = rego::syntax::find_infix(builtin.name);
        if (infix != nullptr) json_.member("infix", infix->symbol);
        if (builtin.is_relation()) json_.key("relation").boolean(true);
        if (facts_.is_deprecated(builtin.name)) json_.key("deprecated").boolean(true);
        if (facts_.is_nondeterministic(builtin.name)) {
            json_.key("nondeterministic").boolean(true);
        }
        json_.end_object();
    }

  private:
    void write_named(const Type* type, std::string_view name) {
        write_type(type, names_ == OperandNames::kWritten ? name : std::string_view());
    }

    // With its members in alphabetical order, as Go writes a map.
    void write_type(const Type* type, std::string_view name = {}) {
        json_.begin_object();
        if (type->kind == TypeKind::kArray && type->value != nullptr) {
            json_.key("dynamic");
            write_type(type->value);
        }
        if (type->kind == TypeKind::kObject && type->key != nullptr) {
            json_.key("dynamic").begin_object().key("key");
            write_type(type->key);
            json_.key("value");
            write_type(type->value);
            json_.end_object();
        }
        if (!name.empty()) json_.member("name", name);
        if (type->kind == TypeKind::kSet && type->value != nullptr) {
            json_.key("of");
            write_type(type->value);
        }
        if (type->kind == TypeKind::kAny && !type->parts.empty()) {
            json_.key("of");
            write_list(type->parts);
        }
        if (type->kind == TypeKind::kArray && !type->parts.empty()) {
            json_.key("static");
            write_list(type->parts);
        }
        if (type->kind == TypeKind::kObject && !type->properties.empty()) {
            json_.key("static").begin_array();
            for (const rego::compiler::Property& property : type->properties) {
                json_.begin_object().key("key").value(property.key).key("value");
                write_type(property.type);
                json_.end_object();
            }
            json_.end_array();
        }
        json_.member("type", kind_name(type->kind)).end_object();
    }

    void write_list(std::span<const Type* const> types) {
        json_.begin_array();
        for (const Type* one : types) write_type(one);
        json_.end_array();
    }

    static std::string_view kind_name(TypeKind kind) {
        switch (kind) {
            case TypeKind::kNull:
                return "null";
            case TypeKind::kBoolean:
                return "boolean";
            case TypeKind::kNumber:
                return "number";
            case TypeKind::kString:
                return "string";
            case TypeKind::kArray:
                return "array";
            case TypeKind::kObject:
                return "object";
            case TypeKind::kSet:
                return "set";
            default:
                return "any";
        }
    }

    text::JsonWriter& json_;
    OperandNames names_;
    ReleaseFacts facts_;
    Arena arena_;
    Interner interner_;
    rego::compiler::Types types_{arena_, interner_};
};

void write_strings(text::JsonWriter& json, std::string_view key, const auto& names) {
    json.key(key).begin_array();
    for (const auto& name : names) json.string(name);
    json.end_array();
}

// What people wrote: calls, anywhere.
struct WrittenCalls {
    NameSet& names;

    bool enter(rego::syntax::Term& term) {
        if (term.kind == rego::syntax::TermKind::kCall) add(*term.terms[0]);
        return true;
    }
    bool enter(rego::syntax::Expression& expression) {
        if (expression.kind == rego::syntax::ExpressionKind::kCall) add(*expression.terms[0]);
        return true;
    }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
    void add(const rego::syntax::Term& operation) {
        names.insert(rego::compiler::operator_name(operation));
    }
};

// What is called in compiled rules. OPA collects it where types are checked, where `every` is a
// call already; of what it holds, and `not`, `and` and `or` of the future, comprehensions and
// templates alone are looked at.
struct CheckedCalls {
    NameSet& names;
    bool is_skipped = false;

    bool enter(rego::syntax::Term& term) {
        if (is_skipped && rego::compiler::is_comprehension(term)) {
            CheckedCalls inner{names};
            rego::syntax::walk(term.body, inner);
            return false;
        }
        if (term.kind == rego::syntax::TermKind::kCall) add(*term.terms[0]);
        return true;
    }
    bool enter(rego::syntax::Expression& expression) {
        using rego::syntax::ExpressionKind;
        switch (expression.kind) {
            case ExpressionKind::kCall:
                add(*expression.terms[0]);
                return true;
            case ExpressionKind::kEvery:
            case ExpressionKind::kNot:
            case ExpressionKind::kAnd:
            case ExpressionKind::kOr: {
                CheckedCalls inner{names, true};
                for (rego::syntax::Term* term : expression.terms) {
                    if (term != nullptr) rego::syntax::walk(*term, inner);
                }
                rego::syntax::walk(expression.left, inner);
                rego::syntax::walk(expression.right, inner);
                return false;
            }
            default:
                return true;
        }
    }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
    void add(const rego::syntax::Term& operation) {
        const std::string name = rego::compiler::operator_name(operation);
        if (!is_skipped || name == "internal.template_string") names.insert(name);
    }
};

// The bodies of a rule: what `:=` stands for in a head, OPA has made of it before it counts.
void walk_bodies(const rego::syntax::Rule& rule, auto& visit) {
    for (const rego::syntax::Rule* one = &rule; one != nullptr; one = one->otherwise) {
        rego::syntax::walk(one->body, visit);
    }
}

void add_imports(const rego::syntax::Module& module, NameSet& features, NameSet& keywords) {
    constexpr std::array<std::string_view, 4> kOldKeywords = {"contains", "every", "if", "in"};
    const bool is_old = module.version == RegoVersion::kV0;
    for (const rego::syntax::Import* import : module.imports) {
        const rego::syntax::Terms path = import->path->terms;
        if (rego::syntax::is_variable(*path[0], "rego") && path.size() > 1) {
            const std::string_view name = path[1]->text;
            if (name == "v1" && is_old) features.emplace("rego_v1_import");
            if (name == "v2" && module.version != RegoVersion::kV2) {
                features.emplace("rego_v2_import");
            }
        }
        if (!rego::syntax::is_variable(*path[0], "future") || path.size() < 2) continue;
        if (path.size() == 2) {
            if (is_old) keywords.insert(kOldKeywords.begin(), kOldKeywords.end());
            keywords.insert({"and", "not", "or"});
        } else if (is_old || !is_one_of(path[2]->text, kOldKeywords)) {
            keywords.emplace(path[2]->text);
        }
    }
}

void add_features(const rego::syntax::Module& module, NameSet& features) {
    if (module.version != RegoVersion::kV0) {
        features.emplace(module.version == RegoVersion::kV2 ? "rego_v2" : "rego_v1");
        return;
    }
    for (const rego::syntax::Rule* rule : module.rules) {
        const rego::syntax::Terms path = rule->head->reference;
        if (path.size() < 3) continue;
        const bool is_constant = std::ranges::all_of(
            path.subspan(1), [](const auto* step) { return rego::syntax::is_ground(*step); });
        features.emplace(is_constant ? "rule_head_ref_string_prefixes" : "rule_head_refs");
    }
}

}  // namespace

std::string capabilities_text(RegoVersion version) {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object().key("builtins").begin_array();
    BuiltinWriter writer(json, OperandNames::kWritten);
    for (const Declaration& builtin : rego::compiler::all_declarations()) writer.write(builtin);
    json.end_array();
    using List = std::vector<std::string_view>;
    const bool is_old = version == RegoVersion::kV0;
    write_strings(json, "future_keywords",
                  is_old ? List{"and", "contains", "every", "if", "in", "not", "or"}
                         : List{"and", "not", "or"});
    write_strings(json, "features",
                  is_old ? List{"keywords_in_refs", "rego_v1", "rego_v1_import", "rego_v2",
                                "rego_v2_import", "rule_head_ref_string_prefixes", "rule_head_refs"}
                         : List{"keywords_in_refs", "rego_v1", "rego_v2", "rego_v2_import",
                                "template_strings"});
    json.end_object();
    return out + "\n";
}

std::string capabilities_text(const ReleaseFacts& facts) {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object().key("builtins").begin_array();
    BuiltinWriter writer(json, OperandNames::kLeftOut, facts);
    for (const Declaration& builtin : rego::compiler::all_declarations()) {
        if (facts.has(builtin.name)) writer.write(builtin);
    }
    json.end_array();
    // Each since one release, and the older ones until they belonged to the language.
    struct Word {
        std::string_view word;
        std::string_view since;
        std::string_view until = {};
    };
    constexpr std::string_view kNewLanguage = "v1.0.0";
    constexpr Word kKeywords[] = {
        {"and", "v1.20.0"},
        {"contains", "v0.42.0", kNewLanguage},
        {"every", "v0.38.0", kNewLanguage},
        {"if", "v0.42.0", kNewLanguage},
        {"in", "v0.34.0", kNewLanguage},
        {"not", "v1.17.0"},
        {"or", "v1.20.0"},
    };
    constexpr Word kFeatures[] = {
        {"keywords_in_refs", "v1.6.0"},
        {"rule_head_ref_string_prefixes", "v0.46.0", kNewLanguage},
        {"rule_head_refs", "v0.59.0", kNewLanguage},
        {"rego_v1", kNewLanguage},
        {"rego_v1_import", "v0.59.0", kNewLanguage},
        {"rego_v2", "v1.22.0"},
        {"rego_v2_import", "v1.22.0"},
        {"template_strings", "v1.12.0"},
    };
    const auto write_words = [&](std::string_view key, std::span<const Word> words) {
        std::vector<std::string_view> found;
        for (const Word& one : words) {
            const bool is_over = !one.until.empty() && facts.is_since(one.until);
            if (facts.is_since(one.since) && !is_over) found.push_back(one.word);
        }
        if (!found.empty()) write_strings(json, key, found);
    };
    write_words("future_keywords", kKeywords);
    // Of WebAssembly, of which nothing is served: the numbers of that release.
    const std::int64_t minors = facts.is_since("v0.31.0") ? 2 : facts.is_since("v0.28.0") ? 1 : 0;
    if (minors > 0) json.key("wasm_abi_versions").begin_array();
    for (std::int64_t minor = 1; minor <= minors; ++minor) {
        json.begin_object().key("version").integer(1);
        json.key("minor_version").integer(minor).end_object();
    }
    if (minors > 0) json.end_array();
    write_words("features", kFeatures);
    json.end_object();
    return out + "\n";
}

std::string capabilities_text(const value::Value& document) {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    const auto write_members = [&json](const value::Value& object,
                                       std::span<const std::string_view> names) {
        for (const std::string_view name : names) {
            const value::Value* const found = object.find(name);
            if (found != nullptr) json.key(name).value(*found);
        }
    };
    constexpr std::string_view kOfBuiltin[] = {
        "name",  "description", "categories", "decl",
        "infix", "relation",    "deprecated", "nondeterministic",
    };
    constexpr std::string_view kBehind[] = {
        "future_keywords",
        "wasm_abi_versions",
        "features",
        "allow_net",
    };
    json.begin_object().key("builtins").begin_array();
    for (const value::Value& builtin : document.find("builtins")->items()) {
        json.begin_object();
        write_members(builtin, kOfBuiltin);
        json.end_object();
    }
    json.end_array();
    write_members(document, kBehind);
    json.end_object();
    return out + "\n";
}

void write_required(text::JsonWriter& json, std::span<const rego::compiler::SourceModule> modules,
                    std::span<const rego::compiler::PlacedRule> rules) {
    NameSet written;
    NameSet names;
    NameSet features;
    NameSet keywords;
    NameSet in_bodies;
    WrittenCalls of_modules{written};
    WrittenCalls of_bodies{in_bodies};
    for (const rego::compiler::SourceModule& source : modules) {
        for (rego::syntax::Rule* rule : source.module->rules) {
            rego::syntax::walk(*rule, of_modules);
            walk_bodies(*rule, of_bodies);
        }
        add_imports(*source.module, features, keywords);
        add_features(*source.module, features);
    }
    CheckedCalls of_rules{names};
    for (const rego::compiler::PlacedRule& one : rules) rego::syntax::walk(*one.rule, of_rules);
    // The compiler knows these by other names.
    for (const std::string_view name : {"equal", "print"}) {
        if (written.contains(name)) names.emplace(name);
    }
    if (in_bodies.contains("assign")) names.emplace("assign");
    if (names.contains("internal.template_string")) features.emplace("template_strings");
    json.begin_object();
    std::vector<const Declaration*> required;
    for (const Declaration& builtin : rego::compiler::all_declarations()) {
        if (names.contains(builtin.name)) required.push_back(&builtin);
    }
    BuiltinWriter writer(json, OperandNames::kLeftOut);
    if (!required.empty()) json.key("builtins").begin_array();
    for (const Declaration* builtin : required) writer.write(*builtin);
    if (!required.empty()) json.end_array();
    if (!keywords.empty()) write_strings(json, "future_keywords", keywords);
    if (!features.empty()) write_strings(json, "features", features);
    json.end_object();
}

}  // namespace merlon::compat::opa
