#include "compat/opa/load.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/file.h"
#include "rego/compiler/nodes.h"
#include "rego/documents.h"
#include "rego/encodings.h"
#include "rego/go_yaml.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/walk.h"
#include "rego/term.h"
#include "text/glob.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr int kMaxFolderDepth = 64;

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

}  // namespace

std::string ShownError::to_string() const {
    std::string text;
    if (!file.empty()) {
        text = file;
        if (row > 0 || has_place) text += ":" + std::to_string(row);
        text += ": ";
    } else if (!place_text.empty()) {
        text = place_text + ": ";
    } else if (has_place && row > 0) {
        text = std::to_string(row) + ":" + std::to_string(column) + ": ";
    }
    if (!code.empty()) text += code + ": ";
    text += message;
    for (const std::string& one : detail) text += "\n\t" + one;
    return text;
}

ShownError shown(const rego::syntax::SyntaxError& error, const std::string& file) {
    ShownError made{.message = error.message,
                    .code = error.code,
                    .file = file,
                    .row = error.row,
                    .column = error.column,
                    .has_place = !error.code.empty(),
                    .line = error.line,
                    .line_index = error.line_index,
                    .has_line = error.has_detail};
    // The parser writes its own detail below the message.
    const std::string whole = error.to_string(file);
    // The message may have lines of its own.
    const std::size_t message = std::min(whole.find(error.message), whole.size());
    const std::size_t below = whole.find('\n', message + error.message.size());
    std::string_view rest =
        below == std::string::npos ? std::string_view() : std::string_view(whole).substr(below + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.starts_with('\t')) line.remove_prefix(1);
        made.detail.emplace_back(line);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return made;
}

ShownError shown(const rego::compiler::CompileError& error) {
    return {.message = error.message,
            .code = error.code,
            .file = error.file,
            .row = error.row,
            .column = error.column,
            .has_place = error.row > 0,
            .detail = error.details.lines,
            .details_json = error.details.json};
}

ShownError shown(const rego::EvaluationError& error) {
    return {.message = error.message,
            .code = std::string(rego::code(error.kind)),
            .file = error.file,
            .row = error.row,
            .column = error.column,
            .has_place = true};
}

namespace {

// What stands at a place of a query: the shortest call of that function, or the whole expression.
struct TextFinder {
    std::uint32_t row;
    std::uint32_t column;
    std::string_view function;
    std::string_view call = {};
    std::string_view whole = {};

    bool enter(rego::syntax::Term& term) {
        look(term.location, term.kind == rego::syntax::TermKind::kCall ? term.terms[0] : nullptr);
        return true;
    }
    bool enter(rego::syntax::Expression& expression) {
        const bool is_call = expression.kind == rego::syntax::ExpressionKind::kCall;
        look(expression.location, is_call ? expression.terms[0] : nullptr);
        return true;
    }
    static bool enter(rego::syntax::With& /*with*/) { return true; }

    void look(const rego::syntax::Location* at, const rego::syntax::Term* operation) {
        if (at == nullptr || at->row != row || at->column != column) return;
        if (at->text.size() > whole.size()) whole = at->text;
        if (operation == nullptr || rego::compiler::operator_name(*operation) != function) return;
        if (call.empty() || at->text.size() < call.size()) call = at->text;
    }
};

}  // namespace

ShownError shown(const rego::EvaluationError& error, rego::syntax::Body query) {
    ShownError made = shown(error);
    if (!error.file.empty() || error.row == 0) return made;
    const std::string_view message = error.message;
    TextFinder finder{error.row, error.column, message.substr(0, message.find(':'))};
    rego::syntax::walk(query, finder);
    made.place_text = finder.call.empty() ? finder.whole : finder.call;
    return made;
}

std::string to_string(std::span<const ShownError> errors, std::string_view during) {
    std::string text = std::to_string(errors.size()) +
                       (errors.size() == 1 ? " error occurred" : " errors occurred");
    text += during;
    text += errors.size() == 1 ? ": " : ":\n";
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i > 0) text += '\n';
        text += errors[i].to_string();
    }
    return text;
}

namespace {

// {"errors": [{"details": …
constexpr std::size_t kDetailsDepth = 3;

// JSON without blanks, in lines, `depth` levels below the margin.
std::string indented_json(std::string_view compact, std::size_t depth) {
    std::string text;
    bool is_quoted = false;
    const auto break_line = [&text, &depth] { text += "\n" + std::string(2 * depth, ' '); };
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        if (is_quoted) {
            text += c;
            if (c == '\\') text += compact[++i];
            is_quoted = c != '"';
        } else if ((c == '{' || c == '[') && i + 1 < compact.size() && compact[i + 1] != c + 2) {
            text += c;
            ++depth;
            break_line();
        } else if (c == '{' || c == '[') {
            text += {c, compact[++i]};
        } else if (c == '}' || c == ']') {
            --depth;
            break_line();
            text += c;
        } else {
            text += c;
            is_quoted = c == '"';
            if (c == ',') break_line();
            if (c == ':') text += ' ';
        }
    }
    return text;
}

}  // namespace

void write_errors(text::JsonWriter& json, std::span<const ShownError> errors) {
    json.key("errors").begin_array();
    for (const ShownError& error : errors) {
        json.begin_object().member("message", error.message);
        if (!error.code.empty()) json.member("code", error.code);
        if (error.has_place) {
            json.key("location").begin_object().member("file", error.file);
            json.key("row").integer(error.row).key("col").integer(error.column).end_object();
        }
        if (!error.details_json.empty()) {
            json.key("details").raw(indented_json(error.details_json, kDetailsDepth));
        } else if (error.has_line) {
            json.key("details").begin_object().member("line", error.line);
            json.key("idx").integer(error.line_index).end_object();
        }
        json.end_object();
    }
    json.end_array();
}

std::string errors_json(std::span<const ShownError> errors, const JsonMember& more) {
    std::string text;
    text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
    json.begin_object();
    write_errors(json, errors);
    if (!more.name.empty()) json.key(more.name).raw(indented_json(more.json, 1));
    json.end_object();
    return text + "\n";
}

std::vector<rego::compiler::SourceModule> without_schemas(
    std::span<const rego::compiler::SourceModule> modules, Arena& arena) {
    std::vector<rego::compiler::SourceModule> bare(modules.begin(), modules.end());
    for (rego::compiler::SourceModule& one : bare) {
        auto* const copied = arena.make<rego::syntax::Module>(*one.module);
        copied->annotations = {};
        std::vector<rego::syntax::Rule*> rules;
        for (const rego::syntax::Rule* rule : copied->rules) {
            rules.push_back(arena.make<rego::syntax::Rule>(*rule));
            rules.back()->annotations = {};
        }
        copied->rules = rego::syntax::keep_pointers(rules, arena);
        one.module = copied;
    }
    return bare;
}

std::string unread(const Error& error, std::string_view name) {
    std::string text(name);
    // Of YAML OPA's own words have the line.
    if (error.line > 0) {
        text += ": line " + std::to_string(error.line) + ", column " + std::to_string(error.column);
    }
    return text + ": " + error.message;
}

std::string path_of_url(const std::string& argument) {
    constexpr std::string_view kScheme = "file://";
    return argument.starts_with(kScheme) ? argument.substr(kScheme.size()) : argument;
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
    file = path_of_url(file);
    if (file.ends_with(".tar.gz")) {
        if (const auto bundle = read_bundle(file)) merge(bundle->data, path, file);
    } else if (std::filesystem::is_directory(file, code)) {
        load_folder(file, path, 0);
    } else if (!std::filesystem::exists(file, code)) {
        errors_.push_back({.message = "stat " + file + ": no such file or directory"});
    } else if (std::filesystem::path(file).extension() == ".rego" || is_data(file)) {
        load_file(file, path);
    } else if (!only_policies_) {
        load_any(file, path);
    }
}

// What was named and whose name says nothing: a policy where it reads as one, else YAML.
void Loader::load_any(const std::string& file, const std::vector<std::string>& path) {
    auto text = read_text_file(file, kMaxFileBytes);
    if (!text.ok()) {
        errors_.push_back({.message = text.error().to_string()});
        return;
    }
    const std::size_t before = errors_.size();
    load_module(file, text.value());
    if (errors_.size() == before) return;
    errors_.resize(before);
    const auto document = read_value(text.value(), "");
    if (document.ok()) {
        merge(document.value(), path, file);
    } else {
        errors_.push_back({.message = file + ": unrecognized file"});
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
        if (is_ignored(name)) continue;
        if (std::filesystem::is_directory(entry, code)) {
            path.push_back(name);
            load_folder(entry.string(), path, depth + 1);
            path.pop_back();
        } else if (entry.extension() == ".rego" || is_data(entry)) {
            load_file(entry.string(), path);
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
    auto bundle = read_bundle(argument);
    if (bundle) bundles_.push_back({path_of_url(argument), std::move(*bundle)});
}

std::optional<rego::bundle::Bundle> Loader::read_bundle(const std::string& argument) {
    const std::string path = path_of_url(argument);
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        errors_.push_back({.message = "loading error: error reading \"" + path + "\": stat " +
                                      path + ": no such file or directory"});
        return std::nullopt;
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
    if (!read.ok()) {
        errors_.push_back(
            {.message = "loading error: bundle " + path + ": " + read.error().to_string()});
        return std::nullopt;
    }
    rego::bundle::Bundle& bundle = read.value();
    for (const rego::bundle::Module& module : bundle.modules) {
        modules_.push_back({module.file, module.module});
    }
    std::ranges::move(bundle.plans, std::back_inserter(plans_));
    if (bundle.is_signed && verification_ == nullptr) unverified_.push_back(path);
    return std::move(bundle);
}

void Loader::finish_bundles() {
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
    for (const LoadedBundle& one : bundles_) {
        const Status placed = place(one.bundle);
        if (!placed.ok()) errors_.push_back({.message = placed.error().to_string()});
    }
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
Status Loader::place(const rego::bundle::Bundle& bundle) {
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
        return Error{"storage_write_conflict_error: " + place};
    }
    return {};
}

void Loader::load_file(const std::string& file, const std::vector<std::string>& path) {
    const bool is_policy = std::filesystem::path(file).extension() == ".rego";
    if (only_policies_ && !is_policy) return;
    auto text = read_text_file(file, kMaxFileBytes);
    if (!text.ok()) {
        errors_.push_back({.message = text.error().to_string()});
        return;
    }
    if (is_policy) {
        return load_module(file, text.value());
    }
    const auto document = read_value(text.value(), file);
    if (!document.ok()) {
        errors_.push_back({.message = unread(document.error(), file)});
        return;
    }
    merge(document.value(), path, file);
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

Result<Value> Loader::read_value(std::string_view text, std::string_view name) {
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) {
        text::JsonOptions options;
        options.max_depth = value::kMaxValueDepth;
        // As Go reads it.
        const std::string valid = text::is_valid_utf8(text) ? "" : text::to_valid_utf8(text);
        auto document = text::read_json(valid.empty() ? text : valid, arena_, interner_, options);
        if (document.ok()) return *document.value().root;
        if (name.ends_with(".json")) return document.error();
    }
    return rego::read_go_yaml(text, values_);
}

Result<Value> Loader::read_input(std::string_view text, const std::string& name) {
    const std::string_view shown_name = name.empty() ? "<stdin>" : std::string_view(name);
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Value();
    // By what it holds, and not by its name: what is no JSON may be YAML (a comma too many is).
    auto read = read_value(text, "");
    if (!read.ok()) read = read_value(text, name);
    if (!read.ok()) return Error{unread(read.error(), shown_name)};
    const Status checked = rego::check_exponents(read.value());
    if (!checked.ok()) return Error{unread(checked.error(), shown_name)};
    return read;
}

void Loader::merge(const Value& document, const std::vector<std::string>& path,
                   const std::string& file) {
    const Value placed = rego::placed_at(path, document, values_);
    if (!placed.is_object()) {
        errors_.push_back({.message = file + ": document must be of type object"});
        return;
    }
    const std::optional<Value> both = data_ ? rego::joined(*data_, placed, values_) : placed;
    if (!both) {
        const std::vector<std::string> conflict = rego::conflict_of(*data_, placed);
        const auto other = std::ranges::find_if(documents_, [&conflict](const auto& loaded) {
            return rego::found_at(loaded.document, conflict) != nullptr;
        });
        std::string at = "data";
        for (const std::string& name : conflict) at += "." + name;
        errors_.push_back(
            {.message = file + ": merge error: conflicting values at " + at +
                        (other == documents_.end() ? ", data from multiple files must not overlap"
                                                   : ", also defined in " + other->file)});
        return;
    }
    documents_.push_back({file, placed});
    data_ = both;
}

}  // namespace merlon::compat::opa
