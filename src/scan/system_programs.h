#pragma once

// Which programs of a tree its distribution put there.
//
// The idea: a distribution mends its programs without giving them new versions, and its advisories
// are about its packages. So a program that stands where distributions put theirs, in a tree that
// has a database of installed packages, is not looked up by its CPE name; one below usr/local, opt
// or anywhere else is (Filesystem Hierarchy Standard 3.0, 4.1 and 4.9). Nothing of the inventory
// changes: what is asked of the advisories does.
//
// The sources stay while it is used. Thread-safe to read. Cost: a comparison for each root.

#include <string>
#include <vector>

#include "packages/package.h"

namespace merlon::scan {

class SystemPrograms {
  public:
    explicit SystemPrograms(const std::vector<packages::PackageSource>& sources);

    // The package as advisories are asked about it, where it is a program of that source.
    void prepare(const packages::PackageSource& source, packages::Package& question) const;

  private:
    struct Root {
        std::string path;  // "" or with a slash behind it
        packages::Distribution distribution;
    };
    std::vector<Root> roots_;
};

}  // namespace merlon::scan
