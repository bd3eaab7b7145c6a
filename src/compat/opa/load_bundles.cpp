// The half of Loader that is about bundles.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "compat/opa/load.h"
#include "rego/documents.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

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

}  // namespace

// Files alone, as OPA: a mounted ConfigMap has each file once more behind links, and editors leave
// links that lead nowhere.
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
        if (!std::filesystem::is_regular_file(status)) continue;
        const std::string path = entry.lexically_relative(root).generic_string();
        auto text = read_text_file(entry.string(), kMaxFileBytes);
        if (!text.ok()) return text.error();
        files.push_back({path, std::move(text).value()});
    }
    return {};
}

Result<std::vector<rego::bundle::File>> Loader::bundle_files(const std::string& argument) {
    const std::string path = MERLON_TRY(loadable_path(argument));
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
    const bool is_each =
        bundle_use_ == BundleUse::kActivatedEach || bundle_use_ == BundleUse::kMergedEach;
    const bool is_known =
        std::ranges::find(bundles_, argument, &LoadedBundle::name) != bundles_.end();
    if (is_known && !is_each) return;
    auto bundle = read_bundle(argument);
    if (!bundle.ok()) {
        errors_.push_back(unread(bundle.error(), ""));
        errors_.back().message.insert(0, "loading error: ");
        return;
    }
    bundles_.push_back({argument, std::move(bundle).value()});
}

Result<rego::bundle::Bundle> Loader::read_bundle(
    const std::string& argument, std::vector<rego::bundle::ModuleError>* module_errors) {
    const std::string path = MERLON_TRY(loadable_path(argument));
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return Error{"error reading \"" + path + "\": stat " + path +
                     ": no such file or directory"};
    }
    rego::bundle::Options options;
    options.data_files = data_files_;
    options.annotations = annotations_;
    options.version = version_;
    options.verification = verification_;
    options.module_errors = module_errors;
    if (std::filesystem::is_directory(path, code)) {
        options.folder = folder_name(path);
    }
    const auto files = bundle_files(argument);
    auto read = files.ok() ? rego::bundle::read_bundle(files.value(), options, arena_, interner_)
                           : Result<rego::bundle::Bundle>(files.error());
    if (!read.ok()) {
        Error wrong = std::move(read).error();
        wrong.message = "bundle " + path + ": " + wrong.message;
        return wrong;
    }
    rego::bundle::Bundle& bundle = read.value();
    for (const rego::bundle::Module& module : bundle.modules) {
        // "a" and "./a" are one folder to who only lists modules, and a file that was named beside
        // its bundle is one file.
        const auto same =
            std::ranges::find(modules_, module.file, &rego::compiler::SourceModule::file);
        if (bundle_use_ == BundleUse::kListed && same != modules_.end()) continue;
        if (loaded_policies_.contains(module.file) && !module.file.starts_with('/')) continue;
        modules_.push_back({module.file, module.module});
    }
    std::ranges::move(bundle.plans, std::back_inserter(plans_));
    if (bundle.is_signed && verification_ == nullptr) unverified_.push_back(path);
    return read;
}

void Loader::finish_bundles() {
    if (!errors_.empty() || bundle_use_ == BundleUse::kListed) return;
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

// Empty: data and roots of all bundles together are those of one. Data comes first.
std::string Loader::overlap_of_merged() const {
    constexpr std::string_view kFailed = "bundle merge failed: ";
    // OPA builds in the order of the names.
    std::vector<const rego::bundle::Bundle*> bundles;
    for (const LoadedBundle& one : bundles_) bundles.push_back(&one.bundle);
    if (bundle_use_ == BundleUse::kMerged) {
        std::vector<std::pair<std::string_view, const rego::bundle::Bundle*>> named;
        for (const LoadedBundle& one : bundles_) named.emplace_back(one.name, &one.bundle);
        std::ranges::sort(named);
        for (std::size_t i = 0; i < named.size(); ++i) bundles[i] = named[i].second;
    }
    std::vector<std::string> roots;
    value::Builder values(arena_, interner_);
    Value merged = values.object({});
    for (const rego::bundle::Bundle* bundle : bundles) {
        for (const std::string& root : bundle->roots) {
            roots.push_back(root);
            const std::vector<std::string> path = names_of(root);
            const Value* const found = path.empty() ? nullptr : rego::found_at(bundle->data, path);
            if (found == nullptr) continue;
            const auto both = rego::joined(merged, rego::placed_at(path, *found, values), values);
            if (!both) {
                return std::string(kFailed) + "failed to insert data file from path " + root;
            }
            merged = *both;
        }
    }
    const auto overlap = rego::bundle::overlap_of(roots);
    return overlap.empty() ? overlap : std::string(kFailed) + overlap;
}

// Empty: no two bundles have overlapping roots.
std::string Loader::overlap_of_bundles() const {
    const bool is_merged =
        bundle_use_ == BundleUse::kMerged || bundle_use_ == BundleUse::kMergedEach;
    if (is_merged) return overlap_of_merged();
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
                conflicts.insert(first == second
                                     ? fmt::format("root {} is in multiple bundles", root)
                                     : fmt::format("{} overlaps {}", first, second));
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

}  // namespace merlon::compat::opa
