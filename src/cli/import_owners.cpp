#include "cli/import_owners.h"

#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/joined.h"
#include "exchange/catalog_info.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{3} << 20;  // GitHub's limit of CODEOWNERS
constexpr std::size_t kMaxFolders = 1'000'000;
// Where GitHub and GitLab look, in their order; the first one counts.
constexpr std::array<std::string_view, 4> kPlaces{".github/CODEOWNERS", "CODEOWNERS",
                                                  "docs/CODEOWNERS", ".gitlab/CODEOWNERS"};
constexpr std::string_view kMapping = ".merlon/owners";
constexpr std::string_view kCatalog = "catalog-info.yaml";

// Where nobody keeps whose something is.
constexpr std::string_view kSkipped = ".git";

// The catalogs below the root.
Status add_catalogs(const std::string& root, OwnerFiles& files) {
    namespace fs = std::filesystem;
    std::error_code failure;
    std::size_t folders = 0;
    fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied,
                                        failure);
    for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
        if (at->is_directory(failure)) {
            if (at->path().filename() == kSkipped) at.disable_recursion_pending();
            if (++folders > kMaxFolders)
                return Error{fmt::format("{} has more than {} folders", root, kMaxFolders)};
        } else if (at->path().filename() == kCatalog) {
            files[at->path().lexically_relative(root).generic_string()] =
                MERLON_TRY(read_text_file(at->path().string(), kMaxBytes));
        }
    }
    if (failure) return Error{"reading the folders of " + root + ": " + failure.message()};
    return {};
}

}  // namespace

Result<OwnerFiles> owner_files(const std::string& root) {
    if (!file_status(root, FollowLinks::kYes).ok()) return Error{root + " is not there"};
    OwnerFiles files;
    std::vector<std::string> names(kPlaces.begin(), kPlaces.end());
    names.emplace_back(kMapping);
    for (const std::string& name : names) {
        const std::string path = root + "/" + name;
        if (file_status(path, FollowLinks::kYes).ok())
            files[name] = MERLON_TRY(read_text_file(path, kMaxBytes));
    }
    MERLON_TRY(add_catalogs(root, files));
    return files;
}

Result<std::optional<std::string>> ImportOwners::text_of(const std::string& name) const {
    if (files_) {
        const auto found = files_->find(name);
        return found == files_->end() ? std::optional<std::string>() : found->second;
    }
    const std::string path = root_ + "/" + name;
    if (!file_status(path, FollowLinks::kYes).ok()) return std::optional<std::string>();
    return std::optional(MERLON_TRY(read_text_file(path, kMaxBytes)));
}

Status ImportOwners::read_file(const std::string& name, std::optional<exchange::CodeOwners>& into) {
    const std::string path = files_ ? name : root_ + "/" + name;
    if (into) return {};
    const std::optional<std::string> text = MERLON_TRY(text_of(name));
    if (!text) return {};
    Result<exchange::CodeOwners> parsed = exchange::CodeOwners::parse(*text);
    if (!parsed.ok()) return std::move(parsed).error().at(path, 0, 0);
    into = std::move(parsed).value();
    for (const exchange::CodeOwners::Defect& defect : into->defects())
        problems_.push_back(fmt::format("{}:{}: {}", path, defect.line, defect.reason));
    return {};
}

Result<ImportOwners> ImportOwners::read(const std::string& root) {
    ImportOwners made;
    made.root_ = root;
    if (!file_status(root, FollowLinks::kYes).ok()) return Error{root + " is not there"};
    MERLON_TRY(made.read_all());
    return made;
}

Result<ImportOwners> ImportOwners::from_files(OwnerFiles files) {
    ImportOwners made;
    made.files_ = std::move(files);
    MERLON_TRY(made.read_all());
    return made;
}

Status ImportOwners::read_all() {
    for (const std::string_view place : kPlaces)
        MERLON_TRY(read_file(std::string(place), code_owners_));
    return read_file(std::string(kMapping), mapping_);
}

// The nearest file on the way up speaks.
const std::string& ImportOwners::catalog_owner_of(std::string_view folder) {
    if (const auto known = catalog_.find(folder); known != catalog_.end()) return known->second;
    std::string owner;
    const std::string inside(folder.empty() ? "" : std::string(folder) + "/");
    const std::string name = inside + std::string(kCatalog);
    const Result<std::optional<std::string>> text =
        catalog_.size() < kMaxFolders ? text_of(name) : std::optional<std::string>();
    if (!text.ok() || text.value()) {
        const Result<std::string> named =
            text.ok() ? exchange::catalog_owner(*text.value()) : Result<std::string>(text.error());
        if (named.ok()) {
            owner = named.value();
        } else {
            const std::string path = files_ ? name : root_ + "/" + name;
            problems_.push_back(path + ": " + named.error().to_string());
        }
    }
    if (owner.empty() && !folder.empty()) {
        const std::size_t slash = folder.rfind('/');
        owner = catalog_owner_of(slash == std::string_view::npos ? "" : folder.substr(0, slash));
    }
    return catalog_.emplace(folder, std::move(owner)).first->second;
}

std::string ImportOwners::owner_of(std::string_view path) {
    path = path.substr(0, path.find('!'));  // of an archive, the file
    if (code_owners_)
        if (const auto owners = code_owners_->owners_of(path); !owners.empty())
            return joined(owners, " ");
    // What leads out of the root is not asked for.
    const bool is_inside = !path.starts_with('/') && path.find("..") == std::string_view::npos &&
                           path.find("://") == std::string_view::npos;
    if (is_inside) {
        const std::size_t slash = path.rfind('/');
        const std::string& owner =
            catalog_owner_of(slash == std::string_view::npos ? "" : path.substr(0, slash));
        if (!owner.empty()) return owner;
    }
    return mapping_ ? joined(mapping_->owners_of(path), " ") : std::string();
}

}  // namespace merlon::cli
