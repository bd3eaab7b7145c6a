#include "compat/opa/load.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "match/go_quote.h"
#include "rego/documents.h"
#include "rego/encodings.h"
#include "rego/go_json.h"
#include "rego/go_url.h"
#include "rego/go_yaml.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/token.h"
#include "rego/term.h"
#include "text/glob.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kFromYaml = "error converting YAML to JSON";

bool is_data(const std::filesystem::path& path) {
    const std::string extension = path.extension();
    return extension == ".json" || extension == ".yaml" || extension == ".yml";
}

bool is_archive(std::string_view name) { return name.ends_with(".tar.gz"); }

// One more than there are separators.
std::vector<std::string> parts_of(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = text.find(separator); at != text.npos; at = text.find(separator)) {
        parts.emplace_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    parts.emplace_back(text);
    return parts;
}

}  // namespace

std::vector<rego::compiler::SourceModule> without_schemas(
    std::span<const rego::compiler::SourceModule> modules, Arena& arena) {
    std::vector<rego::compiler::SourceModule> bare(modules.begin(), modules.end());
    for (rego::compiler::SourceModule& one : bare) {
        auto* const copied = arena.make<rego::syntax::Module>(*one.module);
        std::vector<rego::syntax::Rule*> rules;
        std::map<const rego::syntax::Rule*, const rego::syntax::Rule*> copies;
        for (const rego::syntax::Rule* rule : copied->rules) {
            rules.push_back(arena.make<rego::syntax::Rule>(*rule));
            rules.back()->annotations = {};
            copies[rule] = rules.back();
        }
        copied->rules = rego::syntax::keep_pointers(rules, arena);
        // What rego.metadata.rule() and its like show is kept.
        std::vector<rego::syntax::Annotations*> annotations;
        for (const rego::syntax::Annotations* written : one.module->annotations) {
            auto* const kept = arena.make<rego::syntax::Annotations>(*written);
            kept->schemas = {};
            if (kept->rule != nullptr) kept->rule = copies[kept->rule];
            annotations.push_back(kept);
        }
        copied->annotations = rego::syntax::keep_pointers(annotations, arena);
        one.module = copied;
    }
    return bare;
}

Result<std::string> clean_path(const std::string& argument) {
    if (!argument.contains("://")) return argument;
    auto url = rego::parse_url(argument);
    if (!url.ok()) return url.error();
    if (url.value().scheme != "file") return Error{"unsupported URL scheme: " + argument};
    return std::move(url).value().path;
}

Result<std::string> loadable_path(const std::string& argument) {
    auto path = clean_path(argument);
    if (!path.ok()) return path;
    // OPA's word for what another system would ask a server for.
    const std::string_view begin = std::string_view(path.value()).substr(0, 2);
    if (begin.size() == 2 && begin.find_first_not_of("/\\") == std::string_view::npos) {
        return Error{"UNC path read is not allowed: " + path.value()};
    }
    return path;
}

Result<std::string> read_as_go(const std::string& path, std::uint64_t max_bytes) {
    auto read = read_file(path, max_bytes);
    if (read.ok()) return std::string(read.result.value().bytes);
    std::error_code code;
    if (read.failure == FileFailure::kNotFound) {
        return Error{"open " + path + ": no such file or directory"};
    }
    if (read.failure == FileFailure::kPermission) {
        return Error{"open " + path + ": permission denied"};
    }
    if (std::filesystem::is_directory(path, code)) {
        return Error{"read " + path + ": is a directory"};
    }
    return std::move(read.result).error();
}

Value Loader::data() { return data_.value_or(values_.object({})); }

void Loader::load(const std::string& argument) {
    std::vector<std::string> path;
    std::string named = argument;
    const std::size_t colon = argument.find(':');
    if (colon != std::string::npos && colon > 0 && colon != argument.find("://")) {
        path = parts_of(std::string_view(argument).substr(0, colon), '.');
        named = argument.substr(colon + 1);
    }
    const auto cleaned = loadable_path(named);
    if (!cleaned.ok()) {
        errors_.push_back({.message = cleaned.error().message});
        return;
    }
    const std::string& file = cleaned.value();
    std::error_code code;
    if (std::filesystem::is_directory(file, code)) {
        load_folder(file, path, 0);
    } else if (!std::filesystem::exists(file, code)) {
        errors_.push_back({.message = "stat " + file + ": no such file or directory"});
    } else {
        load_file(file, path, Named::kYes);
    }
}

void Loader::load_folder(const std::string& folder, std::vector<std::string>& path, int depth) {
    if (depth > kMaxFolderDepth) {
        errors_.push_back({.message = folder + ": folders are nested too deeply"});
        return;
    }
    std::error_code code;
    std::vector<std::filesystem::path> entries;
    for (auto at = std::filesystem::directory_iterator(folder, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        // As Go joins paths: "./a" is "a".
        entries.push_back(at->path().lexically_normal());
    }
    if (code) {
        errors_.push_back({.message = "open " + folder + ": " + code.message()});
        return;
    }
    std::ranges::sort(entries);
    for (const std::filesystem::path& entry : entries) {
        const std::string name = entry.filename().string();
        // A link to nothing, which OPA meets before it asks for names.
        if (!std::filesystem::exists(entry, code)) {
            errors_.push_back(
                {.message = "stat " + entry.string() + ": no such file or directory"});
            continue;
        }
        if (is_ignored(name)) continue;
        if (std::filesystem::is_directory(entry, code)) {
            path.push_back(name);
            load_folder(entry.string(), path, depth + 1);
            path.pop_back();
        } else if (entry.extension() == ".rego" || is_data(entry) || is_archive(name)) {
            load_file(entry.string(), path, Named::kNo);
        }
    }
}

bool Loader::is_ignored(const std::string& name) const {
    return std::ranges::any_of(
        ignored_, [&name](const std::string& glob) { return text::glob_matches(glob, name); });
}

void Loader::load_file(const std::string& file, const std::vector<std::string>& path, Named named) {
    const bool is_policy = std::filesystem::path(file).extension() == ".rego";
    if (only_policies_ && !is_policy) return;
    // What is named twice (`test . data.json`) is read once.
    if (!seen_.emplace(path, std::filesystem::path(file).lexically_normal().string()).second) {
        return;
    }
    if (is_archive(file)) {
        // One more file of data, and no bundle that takes the place of what is there.
        std::vector<rego::bundle::ModuleError> module_errors;
        const auto bundle = read_bundle(file, &module_errors);
        if (bundle.ok()) return merge(bundle.value().data, path, file);
        errors_.push_back(unread(bundle.error(), ""));
        for (const rego::bundle::ModuleError& one : module_errors) {
            errors_.back().parts.push_back(shown(one.error, one.file));
        }
        return;
    }
    const auto text = read_as_go(file, kMaxFileBytes);
    if (!text.ok()) {
        errors_.push_back({.message = text.error().to_string()});
        return;
    }
    if (is_policy) return load_module(file, text.value());
    if (named == Named::kYes && !is_data(file)) return load_any(file, path, text.value());
    const auto document = read_value(text.value(), file);
    if (!document.ok()) {
        const bool is_json = file.ends_with(".json");
        errors_.push_back(
            unread(document.error(), is_json ? file : file + ": " + std::string(kFromYaml)));
        return;
    }
    merge(document.value(), path, file);
}

// What was named and whose name says nothing: a policy where it reads as one, else JSON or YAML.
void Loader::load_any(const std::string& file, const std::vector<std::string>& path,
                      std::string_view text) {
    const std::size_t before = errors_.size();
    load_module(file, text);
    if (errors_.size() == before) return;
    errors_.resize(before);
    auto document = read_json(text);
    if (!document.ok()) document = rego::read_go_yaml(text, values_);
    if (document.ok()) {
        merge(document.value(), path, file);
    } else {
        errors_.push_back({.message = file + ": can't recognize file type"});
    }
}

void Loader::load_module(const std::string& file, std::string_view text) {
    rego::syntax::ParseOptions options;
    options.version = version_;
    options.annotations = annotations_;
    const auto parsed = rego::syntax::parse_module(text, arena_, interner_, options);
    for (const rego::syntax::SyntaxError& error : parsed.errors) {
        errors_.push_back(shown(error, file));
    }
    if (parsed.module != nullptr && parsed.errors.empty()) {
        modules_.push_back({file, parsed.module});
        loaded_policies_.insert(file);
    }
}

Result<Value> Loader::read_json(std::string_view text) {
    return rego::read_go_json(text, arena_, interner_);
}

Result<Value> Loader::read_value(std::string_view text, std::string_view name) {
    if (name.ends_with(".json")) return read_json(text);
    if (name.ends_with(".yaml") || name.ends_with(".yml")) {
        return rego::read_go_yaml(text, values_);
    }
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    // One pass over what is JSON; what our reader refuses is so for Go as well, or nested too
    // deeply.
    auto read = read_json(text);
    if (read.ok() || !rego::go_json_error(text, rego::JsonReader::kWhole)) return read;
    return rego::read_go_yaml(text, values_);
}

Result<Value> Loader::read_input(std::string_view text, const std::string& name) {
    const std::string file = name.empty() ? "standard input" : name;
    auto read = read_value(text, "");
    if (!read.ok()) {
        // OPA's words are about YAML, whatever it was meant to be.
        const auto json = name.ends_with(".json") ? read_json(text) : read;
        const bool has_place = !json.ok() && json.error().line > 0;
        const std::string place = has_place ? ": line " + std::to_string(json.error().line) +
                                                  ", column " + std::to_string(json.error().column)
                                            : "";
        return Error{"unable to parse input: " + read.error().message + " (" + file + place + ")"};
    }
    const Status checked = rego::check_exponents(read.value());
    if (!checked.ok()) {
        return Error{"unable to process input: " + checked.error().message + " (" + file + ")"};
    }
    return read;
}

namespace {

// data.a["b-c"]
std::string document_reference(std::span<const std::string> path) {
    std::string text = "data";
    for (const std::string& step : path) {
        if (rego::syntax::is_variable_like(step) &&
            !rego::syntax::is_keyword(step, rego::syntax::RegoVersion::kV1)) {
            text += "." + step;
        } else {
            text += "[";
            match::append_go_quoted(text, step);
            text += "]";
        }
    }
    return text;
}

}  // namespace

void Loader::merge(const Value& document, const std::vector<std::string>& path,
                   const std::string& file) {
    const Value placed = rego::placed_at(path, document, values_);
    if (!placed.is_object()) {
        errors_.push_back({.message = file + ": document must be of type object"});
        return;
    }
    const std::optional<Value> both = data_ ? rego::joined(*data_, placed, values_) : placed;
    if (!both) {
        std::string wrong = file + ": merge error";
        const std::vector<std::string> at = rego::conflict_of(*data_, placed);
        if (!at.empty()) {
            wrong += ": conflicting values at " + document_reference(at);
            const auto other =
                std::ranges::find_if(documents_, [&at](const LoadedDocument& loaded) {
                    return rego::found_at(loaded.placed, at) != nullptr;
                });
            wrong += other != documents_.end() ? ", also defined in " + other->file
                                               : ", data from multiple files must not overlap";
        }
        errors_.push_back({.message = wrong});
        return;
    }
    documents_.push_back({file, placed});
    data_ = both;
}

}  // namespace merlon::compat::opa
