#include "compat/opa/load.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "match/go_quote.h"
#include "rego/documents.h"
#include "rego/encodings.h"
#include "rego/go_json.h"
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

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr int kMaxFolderDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kFromYaml = "error converting YAML to JSON";

// "a/b" as names; of "" there are none.
std::vector<std::string> names_of(std::string_view root) {
    std::vector<std::string> names;
    while (!root.empty()) {
        const std::size_t slash = std::min(root.find('/'), root.size());
        names.emplace_back(root.substr(0, slash));
        root.remove_prefix(std::min(slash + 1, root.size()));
    }
    return names;
}

std::string listed(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool is_data(const std::filesystem::path& path) {
    const std::string extension = path.extension();
    return extension == ".json" || extension == ".yaml" || extension == ".yml";
}

bool is_archive(std::string_view name) { return name.ends_with(".tar.gz"); }

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

std::string path_of_url(const std::string& argument) {
    constexpr std::string_view kScheme = "file://";
    return argument.starts_with(kScheme) ? argument.substr(kScheme.size()) : argument;
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
    std::string file = argument;
    std::error_code code;
    const std::size_t colon = argument.find(':');
    if (!std::filesystem::exists(argument, code) && colon != std::string::npos &&
        colon != argument.find("://")) {
        std::string_view prefix = std::string_view(argument).substr(0, colon);
        file = argument.substr(colon + 1);
        for (std::size_t dot = 0; !prefix.empty(); prefix.remove_prefix(dot)) {
            dot = std::min(prefix.find('.'), prefix.size());
            path.emplace_back(prefix.substr(0, dot));
            if (dot < prefix.size()) ++dot;
        }
    }
    if (file.contains("://") && !file.starts_with("file://")) {
        errors_.push_back({.message = "unsupported URL scheme: " + file});
        return;
    }
    file = path_of_url(file);
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

// What a link leads to belongs to the bundle only where it stands inside of it.
Status Loader::gather(const std::filesystem::path& root, const std::filesystem::path& folder,
                      int depth, std::vector<rego::bundle::File>& files) {
    if (depth > kMaxFolderDepth) return Error{folder.string() + ": folders are nested too deeply"};
    std::error_code code;
    std::vector<std::filesystem::path> entries;
    for (auto at = std::filesystem::directory_iterator(folder, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        entries.push_back(at->path());
    }
    if (code) return Error{"open " + folder.string() + ": " + code.message()};
    std::ranges::sort(entries);
    for (const std::filesystem::path& entry : entries) {
        if (is_ignored(entry.filename().string())) continue;
        const auto status = std::filesystem::symlink_status(entry, code);
        if (std::filesystem::is_directory(status)) {
            MERLON_TRY(gather(root, entry, depth + 1, files));
            continue;
        }
        const std::string path = entry.lexically_relative(root).generic_string();
        if (std::filesystem::is_symlink(status)) {
            // As OPA, which follows no link to a folder: a ConfigMap's "..data" is one.
            if (std::filesystem::is_directory(entry, code)) continue;
            const auto target = std::filesystem::weakly_canonical(entry, code);
            const auto inside =
                target.lexically_relative(std::filesystem::weakly_canonical(root, code));
            if (inside.empty() || *inside.begin() == "..") {
                return Error{"bundle file '" + path + "' leaves the bundle"};
            }
        }
        auto text = read_text_file(entry.string(), kMaxFileBytes);
        if (!text.ok()) return text.error();
        files.push_back({path, std::move(text).value()});
    }
    return {};
}

Result<std::vector<rego::bundle::File>> Loader::bundle_files(const std::string& path) {
    std::vector<rego::bundle::File> files;
    std::error_code code;
    if (std::filesystem::is_directory(path, code)) {
        MERLON_TRY(gather(path, path, 0, files));
        return files;
    }
    const std::string bytes = MERLON_TRY(read_text_file(path, kMaxFileBytes));
    return rego::bundle::read_archive(bytes);
}

std::string folder_name(const std::string& path) {
    std::string name = std::filesystem::path(path).lexically_normal().generic_string();
    while (name.ends_with('/')) name.pop_back();
    return name == "." ? "" : name;
}

void Loader::load_bundle(const std::string& argument) {
    if (!errors_.empty()) return;  // as OPA, which stops at the first of what is wrong
    auto bundle = read_bundle(argument);
    if (!bundle.ok()) {
        errors_.push_back({.message = "loading error: " + bundle.error().message});
        return;
    }
    bundles_.push_back({path_of_url(argument), std::move(bundle).value()});
}

Result<rego::bundle::Bundle> Loader::read_bundle(const std::string& argument) {
    const std::string path = path_of_url(argument);
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return Error{"error reading \"" + path + "\": stat " + path +
                     ": no such file or directory"};
    }
    rego::bundle::Options options;
    options.data_files = data_files_;
    options.version = version_;
    options.verification = verification_;
    if (std::filesystem::is_directory(path, code)) {
        options.folder = folder_name(path);
    }
    const auto files = bundle_files(path);
    auto read = files.ok() ? rego::bundle::read_bundle(files.value(), options, arena_, interner_)
                           : Result<rego::bundle::Bundle>(files.error());
    if (!read.ok()) return Error{"bundle " + path + ": " + read.error().to_string()};
    rego::bundle::Bundle& bundle = read.value();
    for (const rego::bundle::Module& module : bundle.modules) {
        modules_.push_back({module.file, module.module});
    }
    std::ranges::move(bundle.plans, std::back_inserter(plans_));
    if (bundle.is_signed && verification_ == nullptr) unverified_.push_back(path);
    return read;
}

void Loader::finish_bundles() {
    if (!errors_.empty()) return;
    const std::string overlap = overlap_of_bundles();
    if (!overlap.empty()) {
        errors_.push_back({.message = overlap});
        return;
    }
    // As OPA activates them: first all roots are emptied.
    for (const LoadedBundle& one : bundles_) {
        for (const std::string& root : one.bundle.roots) {
            if (data_) data_ = rego::without(*data_, names_of(root), values_);
        }
    }
    for (const LoadedBundle& one : bundles_) place(one.bundle);
}

// Empty: no two bundles have overlapping roots.
std::string Loader::overlap_of_bundles() const {
    std::set<std::string> names;
    std::set<std::string> everywhere;
    std::set<std::string> conflicts;
    for (std::size_t i = 0; i < bundles_.size(); ++i) {
        for (std::size_t j = i + 1; j < bundles_.size(); ++j) {
            const auto shared =
                rego::bundle::shared_roots(bundles_[i].bundle.roots, bundles_[j].bundle.roots);
            for (const auto& [root, other] : shared) {
                names.insert({bundles_[i].name, bundles_[j].name});
                if (root.empty()) everywhere.insert(bundles_[i].name);
                if (other.empty()) everywhere.insert(bundles_[j].name);
                const auto [first, second] = std::minmax(root, other);
                conflicts.insert(first == second ? "root " + root + " is in multiple bundles"
                                                 : first + " overlaps " + second);
            }
        }
    }
    if (names.empty()) return {};
    if (!everywhere.empty()) {
        return "bundle activation failed: bundles [" + listed(names) +
               "] have overlapping roots and cannot be activated simultaneously because "
               "bundle(s) [" +
               listed(everywhere) +
               "] specify empty root paths ('') which overlap with any other bundle root";
    }
    return "bundle activation failed: detected overlapping roots in manifests for these "
           "bundles: [" +
           listed(names) + "] (" + listed(conflicts) + ")";
}

// Below the roots there is nothing any more.
void Loader::place(const rego::bundle::Bundle& bundle) {
    for (const std::string& root : bundle.roots) {
        const std::vector<std::string> path = names_of(root);
        const Value* const found = rego::found_at(bundle.data, path);
        if (found == nullptr) continue;
        const Value placed = rego::placed_at(path, *found, values_);
        const std::optional<Value> both = data_ ? rego::joined(*data_, placed, values_) : placed;
        if (both) {
            data_ = both;
            continue;
        }
        std::string place;
        for (const std::string& name : rego::conflict_of(*data_, placed)) place += "/" + name;
        errors_.push_back({.message = place, .code = "storage_write_conflict_error"});
        return;
    }
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
        const auto bundle = read_bundle(file);
        if (bundle.ok()) return merge(bundle.value().data, path, file);
        errors_.push_back({.message = bundle.error().message});
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
            {.message =
                 unread(document.error(), is_json ? file : file + ": " + std::string(kFromYaml))});
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
    options.annotations = rego::syntax::ReadAnnotations::kYes;
    const auto parsed = rego::syntax::parse_module(text, arena_, interner_, options);
    for (const rego::syntax::SyntaxError& error : parsed.errors) {
        errors_.push_back(shown(error, file));
    }
    if (parsed.module != nullptr && parsed.errors.empty()) {
        modules_.push_back({file, parsed.module});
    }
}

// What OPA's decoder takes of a text is JSON; our reader takes a byte order mark as well.
Result<Value> Loader::read_json(std::string_view text) {
    text::JsonOptions options;
    options.max_depth = value::kMaxValueDepth;
    const std::string valid = text::is_valid_utf8(text) ? "" : text::to_valid_utf8(text);
    const std::string_view read = valid.empty() ? text : std::string_view(valid);
    auto document = text::read_json(read, arena_, interner_, options);
    if (document.ok() && !text.starts_with(kByteOrderMark)) return *document.value().root;
    const auto wrong = rego::go_json_error(text, rego::JsonReader::kStream);
    if (wrong) {
        Error error{*wrong};
        if (!document.ok()) {
            error.line = document.error().line;
            error.column = document.error().column;
        }
        return error;
    }
    const auto first = rego::first_json_value(read);
    if (first.ok()) document = text::read_json(first.value(), arena_, interner_, options);
    if (!document.ok()) return document.error();
    return *document.value().root;
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
