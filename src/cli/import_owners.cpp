#include "cli/import_owners.h"

#include <fmt/core.h>

#include <array>

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

}  // namespace

Status ImportOwners::read_file(const std::string& name, std::optional<exchange::CodeOwners>& into) {
    const std::string path = root_ + "/" + name;
    if (into || !file_status(path, FollowLinks::kYes).ok()) return {};
    const std::string text = MERLON_TRY(read_text_file(path, kMaxBytes));
    Result<exchange::CodeOwners> parsed = exchange::CodeOwners::parse(text);
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
    for (const std::string_view place : kPlaces)
        MERLON_TRY(made.read_file(std::string(place), made.code_owners_));
    MERLON_TRY(made.read_file(std::string(kMapping), made.mapping_));
    return made;
}

// The nearest file on the way up speaks.
const std::string& ImportOwners::catalog_owner_of(std::string_view folder) {
    if (const auto known = catalog_.find(folder); known != catalog_.end()) return known->second;
    std::string owner;
    const std::string inside(folder.empty() ? "" : std::string(folder) + "/");
    const std::string path = root_ + "/" + inside + std::string(kCatalog);
    if (catalog_.size() < kMaxFolders && file_status(path, FollowLinks::kYes).ok()) {
        const Result<std::string> text = read_text_file(path, kMaxBytes);
        const Result<std::string> named =
            text.ok() ? exchange::catalog_owner(text.value()) : Result<std::string>(text.error());
        if (named.ok()) {
            owner = named.value();
        } else {
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
