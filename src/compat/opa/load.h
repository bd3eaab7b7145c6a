#pragma once

// The policies and data of files and folders, as OPA's --data names them.
//
// The idea: `.rego` files are modules; `.json`, `.yaml` and `.yml` files are data, in a folder
// below the path of that folder. `a.b:FILE` puts a file there instead. All that is wrong is
// gathered, so that it is shown at once.
//
// Not thread-safe. Cost: linear in the files, which are bounded.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "compat/opa/shown_error.h"
#include "rego/bundle/bundle.h"
#include "rego/compiler/compiler.h"
#include "rego/syntax/parser.h"
#include "value/value.h"

namespace merlon::compat::opa {

// The modules without the schemas that their `# METADATA` names, for what is not checked by them:
// OPA has eval, check, bench and test look at those, and no other command. The copies live in
// `arena`; annotations that rules have of their own are left out of them.
std::vector<rego::compiler::SourceModule> without_schemas(
    std::span<const rego::compiler::SourceModule> modules, Arena& arena);

// "file:///a/b" is /a/b, as OPA reads such an address: without its host. What is no address is what
// it was; another scheme is an error. `loadable_path` refuses "//host/share", too.
Result<std::string> clean_path(const std::string& argument);
Result<std::string> loadable_path(const std::string& argument);

// The bytes of a file; what is wrong has Go's words: "open a.json: no such file or directory".
Result<std::string> read_as_go(const std::string& path, std::uint64_t max_bytes);

// What the files of a bundle's folder are called by: "a/b" for "./a/b/", nothing for ".".
std::string folder_name(const std::string& path);

// What becomes of bundles together. Where they are activated, one that is named twice is the same.
enum class BundleUse : std::uint8_t {
    kActivated,
    kActivatedEach,  // by another name each time
    kMerged,         // into one bundle; one that is named twice is merged once
    kMergedEach,
    kListed,  // nothing: of each the policies are looked at
};

class Loader {
  public:
    Loader(Arena& arena, Interner& interner, rego::syntax::RegoVersion version)
        : arena_(arena), interner_(interner), values_(arena, interner), version_(version) {}

    // Globs for the names of files and folders that are left out, but for arguments themselves.
    void ignore(const std::vector<std::string>& globs) { ignored_ = globs; }
    // What is no policy is passed over, whatever is in it.
    void read_only_policies() { only_policies_ = true; }
    void load(const std::string& argument);
    // A bundle: a folder or a .tar.gz. finish_bundles() puts their data in place, where it replaces
    // what other files say below their roots, and refuses bundles whose roots overlap.
    void load_bundle(const std::string& argument);
    void finish_bundles();
    void use_bundles(BundleUse use) { bundle_use_ = use; }
    // Comments that begin with METADATA are comments.
    void pass_over_annotations() { annotations_ = rego::syntax::ReadAnnotations::kNo; }
    // What bundles' data files say is not looked at.
    void pass_over_data() { data_files_ = rego::bundle::DataFiles::kPassedOver; }
    // How bundles are verified; none: they are not. Lives as long as the loader.
    void verify_with(const rego::bundle::Verification* verification) {
        verification_ = verification;
    }

    const std::vector<rego::compiler::SourceModule>& modules() const { return modules_; }
    value::Value data();
    const std::vector<ShownError>& errors() const { return errors_; }
    const std::vector<rego::bundle::Plan>& plans() const { return plans_; }
    // Bundles that are signed, and were not verified.
    const std::vector<std::string>& unverified() const { return unverified_; }

    // The files of a bundle, as they are.
    Result<std::vector<rego::bundle::File>> bundle_files(const std::string& argument);
    // JSON, or YAML where the name or the text say so: util.UnmarshalJSON and util.Unmarshal of
    // OPA, with their errors. Of JSON U+FFFD stands for what is no UTF-8.
    Result<value::Value> read_value(std::string_view text, std::string_view name);
    // What an input document is: JSON, else YAML; a number whose exponent OPA does not take is an
    // error. The error names the file; an empty name: standard input.
    Result<value::Value> read_input(std::string_view text, const std::string& name);

  private:
    static constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
    static constexpr int kMaxFolderDepth = 64;

    void load_folder(const std::string& folder, std::vector<std::string>& path, int depth);
    bool is_ignored(const std::string& name) const;
    Status gather(const std::filesystem::path& root, const std::filesystem::path& folder, int depth,
                  std::vector<rego::bundle::File>& files);
    // `module_errors`: see rego::bundle::Options.
    Result<rego::bundle::Bundle> read_bundle(
        const std::string& argument,
        std::vector<rego::bundle::ModuleError>* module_errors = nullptr);
    std::string overlap_of_bundles() const;
    std::string overlap_of_merged() const;
    void place(const rego::bundle::Bundle& bundle);
    // Of one that was named, and so is read though its name may say nothing.
    enum class Named : std::uint8_t { kNo, kYes };
    void load_file(const std::string& file, const std::vector<std::string>& path, Named named);
    void load_any(const std::string& file, const std::vector<std::string>& path,
                  std::string_view text);
    void load_module(const std::string& file, std::string_view text);
    Result<value::Value> read_json(std::string_view text);
    void merge(const value::Value& document, const std::vector<std::string>& path,
               const std::string& file);

    Arena& arena_;
    Interner& interner_;
    value::Builder values_;
    rego::syntax::RegoVersion version_;
    std::vector<rego::compiler::SourceModule> modules_;
    std::set<std::string> loaded_policies_;  // files of modules, but for those of bundles
    std::optional<value::Value> data_;
    std::vector<ShownError> errors_;
    std::vector<std::string> ignored_;
    std::set<std::pair<std::vector<std::string>, std::string>> seen_;  // places and their files
    struct LoadedDocument {
        std::string file;
        value::Value placed;
    };
    std::vector<LoadedDocument> documents_;
    bool only_policies_ = false;
    const rego::bundle::Verification* verification_ = nullptr;
    rego::syntax::ReadAnnotations annotations_ = rego::syntax::ReadAnnotations::kYes;
    rego::bundle::DataFiles data_files_ = rego::bundle::DataFiles::kRead;
    struct LoadedBundle {
        std::string name;
        rego::bundle::Bundle bundle;
    };
    std::vector<LoadedBundle> bundles_;
    BundleUse bundle_use_ = BundleUse::kActivated;
    std::vector<rego::bundle::Plan> plans_;
    std::vector<std::string> unverified_;
};

}  // namespace merlon::compat::opa
