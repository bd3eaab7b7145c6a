#pragma once

// A repository's config file (git-config, "Syntax"), read for the facts that its format needs:
// core.bare, core.repositoryFormatVersion, extensions.*, remote.*.promisor.
//
// Nothing is obeyed: no include is followed, no command that stands in it is run, and no setting of
// the user or the machine is read.
//
// Value type. Cost: one pass.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::connect::git {

class ConfigFile {
  public:
    struct Entry {
        std::string
            key;  // "section.name" or "section.subsection.name"; section and name lower case
        std::string value;
        bool has_value = true;  // "name" without '=' means true
    };

    static Result<ConfigFile> parse(std::string_view text);

    const std::vector<Entry>& entries() const { return entries_; }
    // The last value of a key; empty where it is not set.
    std::optional<std::string> find(std::string_view key) const;
    // The last entry of a key; null where it is not set.
    const Entry* find_entry(std::string_view key) const;
    // Whether a key is set to what git takes for true (truth.h), or has no value.
    bool is_true(std::string_view key) const;

  private:
    std::vector<Entry> entries_;
};

}  // namespace merlon::connect::git
