#pragma once

// Whose the files of a folder are, from what a team keeps there: CODEOWNERS, else Backstage's
// catalog-info.yaml, else .merlon/owners (docs/import.md).
//
// Not thread-safe: folders are looked at when they are first asked for. Cost: a look at each folder
// once.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/codeowners.h"

namespace merlon::cli {

// The files that say whose something is, by their names below the root.
using OwnerFiles = std::map<std::string, std::string, std::less<>>;
// All of them, for a worker that has not the folder. Fails for one that cannot be read.
Result<OwnerFiles> owner_files(const std::string& root);

class ImportOwners {
  public:
    // Of files that were read elsewhere.
    static Result<ImportOwners> from_files(OwnerFiles files);
    // `root` is the folder to which paths of reports are relative. Fails for a file that is there
    // and cannot be read.
    static Result<ImportOwners> read(const std::string& root);

    // With a blank between two; empty: nobody's.
    std::string owner_of(std::string_view path);

    // Lines and files that say nothing to us, for the user.
    const std::vector<std::string>& problems() const { return problems_; }

  private:
    ImportOwners() = default;
    Status read_all();
    Status read_file(const std::string& name, std::optional<exchange::CodeOwners>& into);
    // Nothing where there is no such file.
    Result<std::optional<std::string>> text_of(const std::string& name) const;
    const std::string& catalog_owner_of(std::string_view folder);

    std::string root_;
    std::optional<OwnerFiles> files_;  // instead of the root
    std::optional<exchange::CodeOwners> code_owners_, mapping_;
    std::map<std::string, std::string, std::less<>> catalog_;  // by folder
    std::vector<std::string> problems_;
};

}  // namespace merlon::cli
