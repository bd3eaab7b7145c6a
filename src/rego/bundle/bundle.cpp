#include "rego/bundle/bundle.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "rego/bundle/manifest.h"
#include "rego/bundle/signature.h"
#include "rego/documents.h"
#include "rego/glob_pattern.h"
#include "rego/go_json.h"
#include "rego/go_yaml.h"
#include "rego/term.h"
#include "text/glob.h"
#include "text/json.h"

namespace merlon::rego::bundle {
namespace {

using value::Value;

constexpr std::string_view kManifest = ".manifest";
constexpr std::string_view kSignatures = ".signatures.json";

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_data(std::string_view path) {
    const std::string_view name = base_name(path);
    return name == "data.json" || name == "data.yaml" || name == "data.yml";
}

using Segments = std::vector<std::string>;

Segments segments_of(std::string_view path) {
    Segments segments;
    for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
        segments.emplace_back(path.substr(0, slash));
        path.remove_prefix(slash + 1);
    }
    segments.emplace_back(path);
    return segments;
}

bool contains(const Segments& root, const Segments& path) {
    if (root.size() == 1 && root[0].empty()) return true;
    return root.size() <= path.size() && std::equal(root.begin(), root.end(), path.begin());
}

bool permits(std::span<const std::string> roots, const Segments& path) {
    return std::ranges::any_of(
        roots, [&path](const std::string& root) { return contains(segments_of(root), path); });
}

std::string shown(std::span<const std::string> roots) {
    std::string text = "[";
    for (std::size_t i = 0; i < roots.size(); ++i) text += (i > 0 ? " " : "") + roots[i];
    return text + "]";
}

class Reader {
  public:
    Reader(const Options& options, Arena& arena, Interner& interner)
        : options_(options), arena_(arena), interner_(interner), values_(arena, interner) {}

    Result<Bundle> read(std::span<const File> files) {
        MERLON_TRY(check_signature(files));
        bundle_.data = values_.object({});
        for (const File& file : files) MERLON_TRY(take(file));
        MERLON_TRY(check_signed_files(files));
        // What the manifest says decides how modules are read, wherever it stands.
        for (const File& file : files) {
            if (file.path.ends_with(".rego")) MERLON_TRY(take_module(file));
        }
        MERLON_TRY(check_roots());
        return std::move(bundle_);
    }

    Result<std::vector<NamedDigest>> digests(std::span<const File> files) {
        std::vector<NamedDigest> digests;
        for (const File& file : files) {
            if (base_name(file.path) == kSignatures) continue;
            const auto content = MERLON_TRY(signed_content(file));
            digests.push_back(
                {signed_path(file), digest_of(file.bytes, content ? &*content : nullptr)});
        }
        return digests;
    }

  private:
    std::string full_path(const File& file) const {
        if (!file.spelled.empty()) return file.spelled;
        return options_.folder.empty() ? file.path : options_.folder + "/" + file.path;
    }
    static std::string path_in_bundle(const File& file) {
        return file.spelled.empty() ? "/" + file.path : file.spelled;
    }
    std::string signed_path(const File& file) const {
        const std::string path = full_path(file);
        return path.substr(std::min(path.find_first_not_of('/'), path.size()));
    }

    // Of what is decoded into a struct the first value counts.
    Result<Value> read_json(const File& file, std::string_view what,
                            JsonEnd end = JsonEnd::kChecked) {
        auto document = read_go_json(file.bytes, arena_, interner_, end);
        if (document.ok()) return document;
        Error wrong = std::move(document).error();
        wrong.message = "bundle load failed on " + std::string(what) + ": " + wrong.message;
        return wrong;
    }
    Result<Value> read_document(const File& file) {
        if (!file.path.ends_with(".yaml") && !file.path.ends_with(".yml")) {
            return read_json(file, full_path(file));
        }
        auto document = read_go_yaml(file.bytes, values_);
        if (document.ok()) return document;
        return Error{"bundle load failed on " + full_path(file) + ": " + document.error().message};
    }

    Status check_signature(std::span<const File> files) {
        const File* found = nullptr;
        for (const File& file : files) {
            if (base_name(file.path) != kSignatures) continue;
            if (found != nullptr && options_.verification != nullptr) {
                return Error{"bundle contains multiple signatures files: \"" + found->path +
                             "\" and \"" + file.path + "\""};
            }
            found = &file;
        }
        bundle_.is_signed = found != nullptr;
        if (options_.verification == nullptr) return {};
        if (found == nullptr) return Error{"bundle missing .signatures.json file"};
        const Value signatures =
            MERLON_TRY(read_json(*found, "signatures decode", JsonEnd::kFirst));
        signed_ = MERLON_TRY(verify_signatures(signatures, *options_.verification, values_));
        return {};
    }

    bool is_excluded(const std::string& path) const {
        return std::ranges::any_of(options_.verification->excluded, [&path](const auto& glob) {
            return text::glob_matches(glob, path);
        });
    }

    // Of data and manifests the content is signed, and not how it is written.
    Result<std::optional<Value>> signed_content(const File& file) {
        if (!is_data(file.path) && base_name(file.path) != kManifest) {
            return std::optional<Value>();
        }
        return std::optional<Value>(MERLON_TRY(read_document(file)));
    }

    // Each file is one that was signed, and each that was signed is there.
    Status check_signed_files(std::span<const File> files) {
        if (options_.verification == nullptr) return {};
        SignedFiles missing = signed_;
        for (const File& file : files) {
            if (base_name(file.path) == kSignatures) continue;
            const std::string path = signed_path(file);
            missing.erase(path);
            if (is_excluded(path)) continue;
            const auto content = MERLON_TRY(signed_content(file));
            MERLON_TRY(verify_file(path, file.bytes, content ? &*content : nullptr, signed_));
        }
        if (missing.empty()) return {};
        std::string names;
        for (const auto& [name, file] : missing) names += (names.empty() ? "" : " ") + name;
        return Error{"file(s) [" + names +
                     "] specified in bundle signatures but not found in the target bundle"};
    }

    Status take(const File& file) {
        const std::string_view name = base_name(file.path);
        if (name == "plan.json") {
            bundle_.plans.push_back(
                {full_path(file), MERLON_TRY(read_json(file, full_path(file)))});
        } else if (is_data(file.path)) {
            if (options_.data_files == DataFiles::kPassedOver) return {};
            return insert(file, MERLON_TRY(read_document(file)));
        } else if (name == "policy.wasm") {
            wasm_modules_.push_back(full_path(file));
        } else if (file.path.ends_with(kManifest)) {
            return take_manifest(file);
        } else if (name == "patch.json") {
            return check_patch(file);
        }
        return {};
    }

    // What Go's JSON says of a value of another kind than the field's.
    static Error wrong_kind(std::string_view what, const Value& value, std::string_view into,
                            std::string_view type) {
        std::string kind = "null";
        if (value.is_object()) kind = "object";
        if (value.is_array()) kind = "array";
        if (value.is_string()) kind = "string";
        if (value.is_boolean()) kind = "bool";
        if (value.is_number()) kind = type == "int" ? "number " + value.number_text() : "number";
        return Error{"bundle load failed on " + std::string(what) + ": json: cannot unmarshal " +
                     kind + " into Go " + std::string(into) + " of type " + std::string(type)};
    }

    // A bundle of patches is none that this reader knows; a file that has none makes no such.
    Status check_patch(const File& file) {
        constexpr std::string_view kWhat = "patch decode";
        const Value patch = MERLON_TRY(read_json(file, kWhat, JsonEnd::kFirst));
        if (patch.is_null()) return {};
        if (!patch.is_object()) return wrong_kind(kWhat, patch, "value", "bundle.Patch");
        const Value* const operations = member_without_case(patch, "data");
        if (operations == nullptr) return {};
        if (!operations->is_array()) {
            return wrong_kind(kWhat, *operations, "struct field Patch.data",
                              "[]bundle.PatchOperation");
        }
        if (operations->size() == 0) return {};
        return Error{"bundle " + full_path(file) + ": delta bundles are not supported"};
    }

    Status take_manifest(const File& file) {
        if (!manifest_file_.empty()) {
            return Error{"bundle contains multiple manifest files: \"" + manifest_file_ +
                         "\" and \"" + file.path + "\""};
        }
        manifest_file_ = file.path;
        static constexpr std::string_view kWhat = "manifest decode";
        const Value manifest = MERLON_TRY(read_json(file, kWhat, JsonEnd::kFirst));
        const auto wrong = [](const Value& value, std::string_view name, std::string_view type) {
            return wrong_kind(kWhat, value, "struct field Manifest." + std::string(name), type);
        };
        if (manifest.is_null()) return {};
        if (!manifest.is_object()) return wrong_kind(kWhat, manifest, "value", "bundle.Manifest");
        if (const Value* revision = member_without_case(manifest, "revision")) {
            if (!revision->is_string()) return wrong(*revision, "revision", "string");
            bundle_.revision = revision->as_string();
        }
        if (const Value* roots = member_without_case(manifest, "roots")) {
            if (!roots->is_array()) return wrong(*roots, "roots", "[]string");
            has_roots_ = true;
            for (const Value& root : roots->items()) {
                const bool is_text = root.is_string();
                if (!is_text && !root.is_null()) return wrong(root, "roots", "string");
                bundle_.roots.emplace_back(is_text ? root.as_string() : std::string_view());
            }
        }
        if (const Value* version = member_without_case(manifest, "rego_version")) {
            const auto number = integer_of(*version);
            if (!number) return wrong(*version, "rego_version", "int");
            version_ = MERLON_TRY(version_of(*number));
        }
        if (const Value* metadata = member_without_case(manifest, "metadata")) {
            if (!metadata->is_object()) {
                return wrong(*metadata, "metadata", "map[string]interface {}");
            }
        }
        MERLON_TRY(take_wasm(manifest));
        const Value* const versions = member_without_case(manifest, "file_rego_versions");
        if (versions == nullptr) return {};
        if (!versions->is_object()) {
            return wrong(*versions, "file_rego_versions", "map[string]int");
        }
        for (std::size_t i = 0; i < versions->size(); ++i) {
            const auto number = integer_of(versions->values()[i]);
            if (!number) return wrong(versions->values()[i], "file_rego_versions", "int");
            file_versions_[std::string(versions->keys()[i].as_string())] =
                MERLON_TRY(version_of(*number));
        }
        return {};
    }

    Status take_wasm(const Value& manifest) {
        const Value* const resolvers = member_without_case(manifest, "wasm");
        if (resolvers == nullptr) return {};
        const auto is_resolver = [](const Value& one) {
            if (!one.is_object()) return false;
            const Value* const module = member_without_case(one, "module");
            const Value* const entrypoint = member_without_case(one, "entrypoint");
            return (module == nullptr || module->is_string()) &&
                   (entrypoint == nullptr || entrypoint->is_string());
        };
        if (!resolvers->is_array() || !std::ranges::all_of(resolvers->items(), is_resolver)) {
            return Error{
                "bundle load failed on manifest decode: wasm must be an array of objects with a "
                "module and an entrypoint"};
        }
        const auto text = [](const Value* found) {
            return found == nullptr ? std::string() : std::string(found->as_string());
        };
        for (const Value& one : resolvers->items()) {
            resolvers_.push_back({text(member_without_case(one, "module")),
                                  text(member_without_case(one, "entrypoint"))});
        }
        return {};
    }

    static std::optional<std::int64_t> integer_of(const Value& value) {
        return value.is_number() ? value.as_integer() : std::nullopt;
    }
    static Result<syntax::RegoVersion> version_of(std::int64_t number) {
        if (number == 0) return syntax::RegoVersion::kV0;
        if (number == 1) return syntax::RegoVersion::kV1;
        if (number == 2) return syntax::RegoVersion::kV2;
        return Error{"manifest has unknown rego-version " + std::to_string(number)};
    }

    // The folder of a data file is its place in the data.
    Status insert(const File& file, const Value& document) {
        const std::size_t slash = file.path.rfind('/');
        std::string_view folder = slash == std::string::npos
                                      ? std::string_view()
                                      : std::string_view(file.path).substr(0, slash);
        while (folder.starts_with('/') || folder.starts_with('.')) folder.remove_prefix(1);
        Value placed = document;
        if (!folder.empty()) {
            const Segments path = segments_of(folder);
            if (path.size() > kMaxPath) return Error{file.path + ": folders are nested too deeply"};
            placed = placed_at(path, document, values_);
        } else if (!document.is_object()) {
            return Error{"bundle load failed on " + path_in_bundle(file) +
                         ": root value must be object"};
        }
        const auto both = joined(bundle_.data, placed, values_);
        if (!both) {
            return Error{"bundle load failed on " + path_in_bundle(file) +
                         ": failed to insert data file from path " + std::string(folder)};
        }
        bundle_.data = *both;
        return {};
    }

    // The first pattern in their order decides. They are written for paths that begin with a
    // slash, which those of a folder do.
    Result<syntax::RegoVersion> version_for(const File& file) {
        if (patterns_.size() != file_versions_.size()) {
            for (const auto& [pattern, version] : file_versions_) {
                auto compiled = GlobPattern::compile(pattern, U"");
                if (!compiled.ok()) {
                    return Error{"failed to compile glob pattern " + pattern + ": " +
                                 compiled.error().message};
                }
                patterns_.emplace_back(std::move(compiled).value(), version);
            }
        }
        const std::string path = path_in_bundle(file);
        for (const auto& [pattern, version] : patterns_) {
            if (pattern.matches(path)) return version;
        }
        return version_.value_or(options_.version);
    }

    Status take_module(const File& file) {
        syntax::ParseOptions options;
        options.version = MERLON_TRY(version_for(file));
        options.annotations = options_.annotations;
        const auto parsed = syntax::parse_module(file.bytes, arena_, interner_, options);
        if (parsed.module == nullptr || !parsed.errors.empty()) {
            if (options_.module_errors != nullptr) {
                for (const syntax::SyntaxError& one : parsed.errors) {
                    options_.module_errors->push_back({full_path(file), one});
                }
            }
            return Error{syntax::to_string(parsed.errors, full_path(file))};
        }
        // Of files that stand at one place the last counts.
        const auto [at, is_new] = places_.try_emplace(file.path, bundle_.modules.size());
        if (!is_new) {
            bundle_.modules[at->second] = {full_path(file), parsed.module};
            return {};
        }
        bundle_.modules.push_back({full_path(file), parsed.module});
        return {};
    }

    Status check_roots() {
        if (!has_roots_) bundle_.roots = {""};
        for (std::string& root : bundle_.roots) {
            while (root.starts_with('/')) root.erase(0, 1);
            while (root.ends_with('/')) root.pop_back();
        }
        const std::span<const std::string> roots = bundle_.roots;
        if (const std::string overlap = overlap_of(roots); !overlap.empty()) return Error{overlap};
        for (const Module& module : bundle_.modules) {
            Segments path;
            std::string name;
            for (const syntax::Term* part : module.module->package->path.subspan(1)) {
                path.emplace_back(part->text);
                name += (name.empty() ? "" : ".") + std::string(part->text);
            }
            if (permits(roots, path)) continue;
            return Error{"manifest roots " + shown(roots) + " do not permit 'package " + name +
                         "' in module '" + module.file + "'"};
        }
        MERLON_TRY(check_wasm());
        if (options_.data_files == DataFiles::kPassedOver) return {};
        return check_data(bundle_.data, {});
    }

    Status check_wasm() {
        std::set<std::string> entrypoints;
        for (const Resolver& resolver : resolvers_) {
            std::string within = resolver.module;
            while (within.starts_with('/')) within.erase(0, 1);
            const bool is_there = std::ranges::any_of(wasm_modules_, [&](const std::string& path) {
                return path == resolver.module ||
                       (!options_.folder.empty() && path == options_.folder + "/" + within);
            });
            if (!is_there) {
                return Error{"manifest references wasm module '" + resolver.module +
                             "' but the module file does not exist"};
            }
            if (!permits(bundle_.roots, segments_of(resolver.entrypoint))) {
                return Error{"manifest roots " + shown(bundle_.roots) + " do not permit '" +
                             resolver.entrypoint + "' entrypoint for wasm module '" +
                             resolver.module + "'"};
            }
            if (!entrypoints.insert(resolver.entrypoint).second) {
                return Error{"entrypoint '" + resolver.entrypoint +
                             "' cannot be used by more than one wasm module"};
            }
        }
        return {};
    }

    Status check_data(const Value& node, const Segments& path) {
        std::string text;
        for (const std::string& part : path) text += (text.empty() ? "" : "/") + part;
        if (permits(bundle_.roots, path.empty() ? Segments{""} : path)) return {};
        const bool leads_to_root =
            node.is_object() &&
            std::ranges::any_of(bundle_.roots, [&path](const std::string& root) {
                return contains(path.empty() ? Segments{""} : path, segments_of(root));
            });
        if (!leads_to_root) {
            return Error{"manifest roots " + shown(bundle_.roots) +
                         " do not permit data at path '/" + text +
                         "' (hint: check bundle directory structure)"};
        }
        for (std::size_t i = 0; i < node.size(); ++i) {
            Segments under = path;
            under.emplace_back(node.keys()[i].as_string());
            MERLON_TRY(check_data(node.values()[i], under));
        }
        return {};
    }

    static constexpr std::size_t kMaxPath = 500;

    const Options& options_;
    Arena& arena_;
    Interner& interner_;
    value::Builder values_;
    Bundle bundle_;
    SignedFiles signed_;
    std::string manifest_file_;
    bool has_roots_ = false;
    std::optional<syntax::RegoVersion> version_;
    std::map<std::string, syntax::RegoVersion> file_versions_;
    std::vector<std::pair<GlobPattern, syntax::RegoVersion>> patterns_;
    struct Resolver {
        std::string module;
        std::string entrypoint;
    };
    std::vector<Resolver> resolvers_;
    std::vector<std::string> wasm_modules_;
    std::map<std::string, std::size_t> places_;  // of modules among those that were read
};

}  // namespace

Result<Bundle> read_bundle(std::span<const File> files, const Options& options, Arena& arena,
                           Interner& interner) {
    return Reader(options, arena, interner).read(files);
}

Result<std::vector<NamedDigest>> digests_of(std::span<const File> files, const Options& options,
                                            Arena& arena, Interner& interner) {
    return Reader(options, arena, interner).digests(files);
}

std::string overlap_of(std::span<const std::string> roots) {
    for (std::size_t i = 0; i < roots.size(); ++i) {
        for (std::size_t j = i + 1; j < roots.size(); ++j) {
            if (shared_roots(roots.subspan(i, 1), roots.subspan(j, 1)).empty()) continue;
            return "manifest has overlapped roots: '" + roots[i] + "' and '" + roots[j] + "'";
        }
    }
    return {};
}

const Value* member_without_case(const Value& manifest, std::string_view name) {
    const Value* found = manifest.find(name);
    for (std::size_t i = 0; found == nullptr && i < manifest.size(); ++i) {
        const Value& key = manifest.keys()[i];
        if (equal_without_case(key.as_string(), name)) found = &manifest.values()[i];
    }
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::vector<SharedRoot> shared_roots(std::span<const std::string> roots,
                                     std::span<const std::string> others) {
    std::vector<SharedRoot> shared;
    for (const std::string& root : roots) {
        for (const std::string& other : others) {
            const Segments left = segments_of(root);
            const Segments right = segments_of(other);
            if (contains(left, right) || contains(right, left)) shared.push_back({root, other});
        }
    }
    return shared;
}

}  // namespace merlon::rego::bundle
