#pragma once

// The packages of a tree: files in, one Inventory out. `sbom`, `scan packages` and `diff packages`
// begin with it.
//
// The idea: the walk says which files a reader takes, by name; only what has no name that tells
// (executables) is opened for its first bytes. Workers examine, one thread concludes, so the
// inventory is the same for any number of threads.
//
// Not reentrant on one request; requests are independent. Memory: one file for each worker, and all
// facts.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/limits.h"
#include "base/progress.h"
#include "connect/files/files.h"
#include "inventory/inventory.h"
#include "model/coverage.h"

namespace merlon::scan {

struct InventoryScan {
    std::vector<std::string> arguments;  // files and folders; sbom:FILE is a bill of materials
    connect::WalkOptions walk;
    Limits limits;
    enum class LicenseTexts : std::uint8_t { kLeave, kKeep };
    LicenseTexts license_texts = LicenseTexts::kLeave;  // of the files of licences
    unsigned threads = 1;
    const CancelToken* cancel = nullptr;
    Progress* progress = nullptr;  // may be null
};

// Files that stand elsewhere than on the disk.
struct InventoryFiles {
    std::vector<connect::FileEntry> entries;  // by path
    // For each entry a name of its bytes, the same for the same bytes; or none of all.
    std::vector<std::string> contents;
    // Hands on the documents of the entry at `index`; any number of threads.
    std::function<void(std::size_t index, const connect::FileEntry& file,
                       const connect::ReadOptions& options, const CancelToken& cancel,
                       model::Coverage& coverage,
                       const std::function<void(const model::Document&)>& on_document)>
        read;
    std::vector<model::Gap> gaps;
};

struct TakenInventory : inventory::TreeFacts {
    // Where the files that a reader took stand on the disk, by their path.
    std::map<std::string, std::string> system_paths;
    // Of a single argument: what its files' paths begin with, so that two trees can be compared.
    std::string root;
    model::Coverage coverage;
    // All files of the tree, for who has to look again, and how they are read.
    InventoryFiles files;
    connect::ReadOptions reading;
};

// What the sources hold and no reader understood, a gap for each file.
std::vector<model::Gap> gaps_of_unknowns(const std::vector<packages::PackageSource>& sources);

// Never fails as a whole: what could not be read, or is not what its name says, is a gap.
TakenInventory take_inventory(const InventoryScan& request);
// The same of other files than the request's arguments.
TakenInventory take_inventory(const InventoryScan& request, InventoryFiles files);

// Of two states of one tree, in which most files are the same: these are read once.
struct TwoInventories {
    TakenInventory base;
    TakenInventory head;
};
TwoInventories take_inventories(const InventoryScan& request, InventoryFiles base,
                                InventoryFiles head);

}  // namespace merlon::scan
