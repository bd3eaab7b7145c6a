#pragma once

// What conclude() is made of: the files of a tree by their path, and the joins that are long enough
// for a file of their own.
//
// Not thread-safe: joins change the facts. Cost: O(log files) a look-up.

#include <functional>
#include <map>

#include "inventory/inventory.h"

namespace merlon::inventory {

class Tree {
  public:
    explicit Tree(std::vector<FileFacts>& files);
    // Null where no reader took a file of that path.
    FileFacts* find(std::string_view path) const;
    FileFacts* find_beside(const FileFacts& file, std::string_view name) const;

    // Files whose path begins with `prefix`, in the order of their paths.
    void each_below(std::string_view prefix, const std::function<void(FileFacts&)>& use) const;

  private:
    std::map<std::string, FileFacts*, std::less<>> by_path_;
};

std::string_view folder_of(std::string_view path);
// "a/b" and "../c/d" to "a/c/d".
std::string join_path(std::string_view folder, std::string_view relative);

// Gives a Gemfile what the specification beside it asks for, where the Gemfile says so.
void join_gemspecs(std::vector<FileFacts>& files, const Tree& tree);
// Names the packages whose opam files leave it to their own name.
void join_opam_names(std::vector<FileFacts>& files);
// Gives the packages of dpkg the licences that their copyright files state.
void join_debian_copyrights(std::vector<FileFacts>& files, const Tree& tree);

// Gives each file of a licence to the packages that it lies with.
std::vector<LicenseFile> join_license_files(std::vector<FileFacts>& files);

// The name that an ecosystem takes for the same package, however it is written.
std::string normal_name(const packages::Package& package);

}  // namespace merlon::inventory
