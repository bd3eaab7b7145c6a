#include <algorithm>
#include <filesystem>
#include <map>

#include "compat/opa/capabilities_text.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"
#include "compat/opa/table.h"
#include "rego/bundle/manifest.h"
#include "rego/go_json.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/json.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using rego::syntax::Annotations;
using rego::syntax::Term;
using rego::syntax::TermKind;
using value::Value;

constexpr std::size_t kMaxCell = 50;
constexpr std::size_t kPageWidth = 80;

// An annotation and what it stands on.
struct Noted {
    const Annotations* annotations = nullptr;
    std::string file;
    const rego::syntax::Module* module = nullptr;
    rego::syntax::Terms path;  // from `data` on
    const rego::syntax::Location* location = nullptr;
};

std::string shortened(std::string text, std::size_t most) {
    if (text.size() >= most) text = text.substr(0, most - 3) + "...";
    return text;
}

std::string without_line_ends(std::string_view text) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    return line;
}

Term* string_term(const Term& name, Arena& arena, value::Builder& values) {
    auto* const made = arena.make<Term>(name);
    made->kind = TermKind::kString;
    made->constant = values.string(name.text);
    return made;
}

std::vector<Noted> annotations_of(std::span<const rego::compiler::SourceModule> modules,
                                  Arena& arena, value::Builder& values) {
    std::vector<Noted> noted;
    for (const rego::compiler::SourceModule& source : modules) {
        const rego::syntax::Module& module = *source.module;
        for (const Annotations* one : module.annotations) {
            Noted made{.annotations = one,
                       .file = source.file,
                       .module = &module,
                       .path = module.package->path,
                       .location = module.package->location};
            if (one->rule != nullptr) {
                std::vector<Term*> path(module.package->path.begin(), module.package->path.end());
                for (Term* part : one->rule->head->reference) {
                    const bool is_name = part == one->rule->head->reference[0];
                    if (!is_name && !rego::syntax::is_ground(*part)) break;
                    path.push_back(is_name ? string_term(*part, arena, values) : part);
                }
                made.path = rego::syntax::keep_pointers(path, arena);
                made.location = one->rule->location;
            }
            noted.push_back(std::move(made));
        }
    }
    std::ranges::stable_sort(noted, [](const Noted& first, const Noted& second) {
        return rego::syntax::compare(first.path, second.path) < 0;
    });
    return noted;
}

// "a.b" of data.a.b
std::string path_below_data(rego::syntax::Terms path) {
    std::string text = rego::syntax::to_text(path);
    return text.starts_with("data.") ? text.substr(5) : text;
}

struct Entry {
    std::string key;
    std::string value;
};

void append_list(std::string& out, std::string_view title, const std::vector<Entry>& entries,
                 std::string_view separator) {
    if (entries.empty()) return;
    out += std::string(title) + ":\n";
    std::size_t widest = 0;
    for (const Entry& entry : entries) widest = std::max(widest, entry.key.size());
    for (const Entry& entry : entries) {
        std::string line = " " + entry.key;
        if (!entry.value.empty()) {
            line +=
                std::string(separator) + std::string(widest - entry.key.size(), ' ') + entry.value;
        }
        out += shortened(line, kPageWidth) + "\n";
    }
    out += "\n";
}

void append_annotation(std::string& out, const Noted& noted) {
    const Annotations& one = *noted.annotations;
    const std::string title =
        one.title.empty() ? path_below_data(noted.path) : std::string(one.title);
    out += title + "\n" + std::string(std::min(title.size(), kPageWidth), '=') + "\n\n";
    if (!one.description.empty()) out += std::string(one.description) + "\n\n";
    out += "Package:  " + path_below_data(noted.module->package->path) + "\n";
    if (one.rule != nullptr) {
        out += "Rule:     " + rego::syntax::to_text(one.rule->head->reference) + "\n";
    }
    out += "Location: " + noted.file + ":" + std::to_string(noted.location->row) + "\n";
    if (!one.scope.empty()) out += "Scope: " + std::string(one.scope) + "\n";
    if (one.is_entrypoint) out += "Entrypoint: true\n";
    out += "\n";

    std::vector<Entry> entries;
    for (const std::string_view name : one.organizations) {
        entries.push_back({"", without_line_ends(name)});
    }
    append_list(out, "Organizations", entries, "");
    entries.clear();
    for (const rego::syntax::Author& author : one.authors) {
        std::string text(author.name);
        if (!author.email.empty()) {
            text += (text.empty() ? "<" : " <") + std::string(author.email) + ">";
        }
        entries.push_back({"", without_line_ends(text)});
    }
    append_list(out, "Authors", entries, "");
    entries.clear();
    for (const rego::syntax::SchemaAnnotation& schema : one.schemas) {
        entries.push_back({rego::syntax::to_text(schema.path),
                           schema.schema.empty() ? (schema.definition == nullptr
                                                        ? std::string()
                                                        : rego::json_text(*schema.definition))
                                                 : rego::syntax::to_text(schema.schema)});
    }
    append_list(out, "Schemas", entries, ": ");
    entries.clear();
    for (const rego::syntax::RelatedResource& resource : one.related_resources) {
        entries.push_back(
            {without_line_ends(resource.reference), std::string(resource.description)});
    }
    append_list(out, "Related Resources", entries, " ");
    entries.clear();
    for (std::size_t i = 0; one.custom != nullptr && i < one.custom->size(); ++i) {
        entries.push_back({std::string(one.custom->keys()[i].as_string()),
                           rego::json_text(one.custom->values()[i])});
    }
    append_list(out, "Custom", entries, ": ");
}

// Members that OPA has in the order of its structs.
std::span<const std::string_view> struct_members(std::string_view annotation) {
    static constexpr std::string_view kAuthor[] = {"name", "email"};
    static constexpr std::string_view kSchema[] = {"path", "schema", "definition"};
    static constexpr std::string_view kCompile[] = {"unknowns", "mask_rule"};
    if (annotation == "authors") return kAuthor;
    if (annotation == "schemas") return kSchema;
    if (annotation == "compile") return kCompile;
    return {};
}

void write_struct(text::JsonWriter& json, const Value& value,
                  std::span<const std::string_view> members) {
    json.begin_object();
    for (const std::string_view member : members) {
        if (const Value* found = value.find(member)) json.key(member).value(*found);
    }
    json.end_object();
}

void write_annotations(text::JsonWriter& json, const Value& annotations) {
    json.begin_object();
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        const std::string_view name = annotations.keys()[i].as_string();
        const Value& value = annotations.values()[i];
        json.key(name);
        const std::span<const std::string_view> members = struct_members(name);
        if (members.empty()) {
            json.value(value);
        } else if (value.is_object()) {
            write_struct(json, value, members);
        } else {
            json.begin_array();
            for (const Value& one : value.items()) write_struct(json, one, members);
            json.end_array();
        }
    }
    json.end_object();
}

// What is known of a bundle, a folder that is one, or a file.
class Inspection {
  public:
    Inspection(const ParsedCommand& command, const Outside& outside)
        : command_(command), outside_(outside), loader_(arena_, interner_, version_of(command)) {}

    int run();

  private:
    bool load(const std::string& path);
    std::vector<std::string> roots() const;
    std::string pretty();
    std::string json();

    const ParsedCommand& command_;
    const Outside& outside_;
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    Loader loader_;
    std::optional<Value> manifest_;
    std::optional<Value> signatures_;
    std::map<std::string, std::vector<std::string>> namespaces_;
    std::vector<ShownError> errors_;
    std::vector<rego::compiler::SourceModule> bare_modules_;  // of which it is made
    rego::compiler::Prepared compiled_;
};

bool Inspection::load(const std::string& path) {
    const bool is_file = path.ends_with(".rego");
    loader_.pass_over_data();
    is_file ? loader_.load(path) : loader_.load_bundle(path);
    loader_.finish_bundles();
    errors_ = loader_.errors();
    if (!errors_.empty()) return false;
    for (const rego::compiler::SourceModule& module : loader_.modules()) {
        namespaces_[rego::syntax::to_text(module.module->package->path)].push_back(
            std::filesystem::path(module.file).lexically_normal().generic_string());
    }
    if (is_file) return true;
    const auto files = loader_.bundle_files(path);
    if (!files.ok()) {
        errors_.push_back({.message = files.error().to_string()});
        return false;
    }
    std::error_code code;
    const bool is_folder = std::filesystem::is_directory(path, code);
    for (const rego::bundle::File& file : files.value()) {
        const std::filesystem::path name(file.path);
        const auto document = [&]() -> std::optional<Value> {
            const auto first = rego::first_json_value(file.bytes);
            if (!first.ok()) return std::nullopt;
            auto read = loader_.read_value(first.value(), "x.json");
            return read.ok() ? std::optional(read.value()) : std::nullopt;
        };
        if (name.filename() == ".manifest") manifest_ = document();
        if (manifest_ && !manifest_->is_object()) manifest_.reset();
        if (name.filename() == ".signatures.json") signatures_ = document();
        const bool is_data = name.filename() == "data.json" || name.filename() == "data.yaml" ||
                             name.filename() == "data.yml";
        if (!is_data) continue;
        std::string space = "data";
        for (const std::filesystem::path& part : name.parent_path().relative_path()) {
            if (part != ".") space += "." + part.string();
        }
        namespaces_[space].push_back(
            is_folder ? (std::filesystem::path(path) / name).lexically_normal().generic_string()
                      : std::filesystem::path(file.spelled).lexically_normal().generic_string());
    }
    return true;
}

// Without slashes around them; everything where the manifest names none.
std::vector<std::string> Inspection::roots() const {
    const Value* const named =
        manifest_ ? rego::bundle::member_without_case(*manifest_, "roots") : nullptr;
    if (named == nullptr || !named->is_array()) return {""};
    std::vector<std::string> names;
    for (const Value& root : named->items()) {
        if (!root.is_string()) continue;
        std::string_view name = root.as_string();
        while (name.starts_with('/')) name.remove_prefix(1);
        while (name.ends_with('/')) name.remove_suffix(1);
        names.emplace_back(name);
    }
    return names;
}

std::string Inspection::pretty() {
    std::string out;
    std::vector<TableRow> rows;
    const auto member = [this](std::string_view name) {
        return manifest_ ? rego::bundle::member_without_case(*manifest_, name) : nullptr;
    };
    if (const Value* version = member("rego_version")) {
        rows.push_back({"Rego Version", rego::term_text(*version)});
    }
    const Value* const revision = member("revision");
    if (revision != nullptr && revision->is_string() && revision->size() > 0) {
        rows.push_back({"Revision", shortened(std::string(revision->as_string()), kMaxCell)});
    }
    if (std::vector<std::string> names = roots(); !names.empty()) {
        std::ranges::sort(names);
        const bool is_all = names.size() == 1 && names[0].empty();
        for (std::size_t i = 0; i < names.size() && !is_all; ++i) {
            rows.push_back({i == 0 ? "Roots" : "", shortened(names[i], kMaxCell)});
        }
    }
    if (const Value* metadata = member("metadata"); metadata != nullptr && metadata->size() > 0) {
        rows.push_back({"Metadata", shortened(rego::json_text(*metadata), kMaxCell)});
    }
    if (!rows.empty()) out += "MANIFEST:\n" + draw_table({"FIELD", "VALUE"}, rows);
    rows.clear();
    for (const auto& [space, files] : namespaces_) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            rows.push_back({i == 0 ? space : "", files[i]});
        }
    }
    if (!rows.empty()) out += "NAMESPACES:\n" + draw_table({"NAMESPACE", "FILE"}, rows);
    if (!command_.is_set("annotations")) return out;
    const std::vector<Noted> noted = annotations_of(loader_.modules(), arena_, values_);
    if (!noted.empty()) out += "ANNOTATIONS:\n";
    for (const Noted& one : noted) append_annotation(out, one);
    return out;
}

std::string Inspection::json() {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object();
    const auto member = [this](std::string_view name) {
        return manifest_ ? rego::bundle::member_without_case(*manifest_, name) : nullptr;
    };
    const bool is_file = command_.arguments[0].ends_with(".rego");
    if (!is_file) {
        json.key("manifest").begin_object();
        const Value* const revision = member("revision");
        json.key("revision").value(revision == nullptr ? values_.string("") : *revision);
        json.key("roots").begin_array();
        for (const std::string& root : roots()) json.string(root);
        json.end_array();
        for (const std::string_view name :
             {"wasm", "metadata", "rego_version", "file_rego_versions"}) {
            const Value* const found = member(name);
            if (found != nullptr) json.key(name).value(*found);
        }
        json.end_object();
    }
    json.key("signatures_config").value(signatures_ ? *signatures_ : values_.object({}));
    if (!namespaces_.empty()) json.key("namespaces").begin_object();
    for (const auto& [space, files] : namespaces_) {
        json.key(space).begin_array();
        for (const std::string& file : files) json.string(file);
        json.end_array();
    }
    if (!namespaces_.empty()) json.end_object();
    const std::vector<Noted> noted = command_.is_set("annotations")
                                         ? annotations_of(loader_.modules(), arena_, values_)
                                         : std::vector<Noted>();
    if (!noted.empty()) json.key("annotations").begin_array();
    for (const Noted& one : noted) {
        json.begin_object().key("annotations");
        const auto written =
            loader_.read_value(rego::syntax::to_json(*one.annotations), "annotations.json");
        write_annotations(json, written.ok() ? written.value() : values_.object({}));
        json.key("location").begin_object().member("file", one.file);
        json.key("row").integer(one.location->row).key("col").integer(one.location->column);
        json.end_object().key("path").begin_array();
        for (const Term* part : one.path) {
            const auto step = loader_.read_value(rego::syntax::to_json(*part, {}), "step.json");
            if (step.ok()) json.value(step.value());
        }
        json.end_array().end_object();
    }
    if (!noted.empty()) json.end_array();
    json.key("capabilities");
    write_required(json, loader_.modules(), compiled_.rules);
    json.end_object();
    return out + "\n";
}

int Inspection::run() {
    if (command_.arguments.size() != 1) {
        return wrongly_asked(command_, outside_, "specify exactly one OPA bundle or path");
    }
    if (!load(command_.arguments[0])) {
        outside_.write_error("error: " + load_failure(errors_).to_string() + "\n");
        return kWronglyAsked;
    }
    // What does not compile is no policy to look into; it may call what other bundles have.
    rego::compiler::CompileOptions options;
    options.cancel = outside_.cancel;
    options.unknown_calls = rego::compiler::UnknownCalls::kAllowed;
    bare_modules_ = without_schemas(loader_.modules(), arena_);
    compiled_ = rego::compiler::prepare(bare_modules_, {}, options);
    if (!compiled_.errors.empty()) {
        std::vector<ShownError> wrong;
        for (const auto& error : compiled_.errors) wrong.push_back(shown(error));
        outside_.write_error("error: " + to_string(wrong) + "\n");
        return kWronglyAsked;
    }
    return print(outside_, command_.text("format") == "json" ? json() : pretty(), 0);
}

}  // namespace

int run_inspect(const ParsedCommand& command, const Outside& outside) {
    return Inspection(command, outside).run();
}

}  // namespace merlon::compat::opa
