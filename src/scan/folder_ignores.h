#pragma once

// The osv-scanner.toml beside each file that packages were read from: what it says counts for the
// files of its folder, and for no other (OSV-Scanner, "Configuration").
//
// Thread-safe: no state. Cost: a look for each folder that has a source.

#include "scan/foreign_ignores.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

// Adds the entries of these files. Fails for one that cannot be read, and names it.
Status add_folder_ignores(const TakenInventory& taken, const CancelToken& cancel,
                          ForeignIgnores& ignores);

}  // namespace merlon::scan
