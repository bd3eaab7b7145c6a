#pragma once

// Where a head's report has not looked, so that what the base has there may be there still.
//
// The idea: a finding may only have moved to another file if it left its own. A run that was not
// complete, or that lists the files it looked at, says nothing of the others; and Git tells better
// than any report: what a change does not touch has not gone. A report's path is that of the file
// which is called exactly so; only where there is none it may be named from another folder.
//
// Thread-safe: no state. Cost: the report's list and the change's files are sorted once; a look-up
// or two for each finding.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/read_report.h"
#include "gate/input.h"

namespace merlon::gate {

class Unseen {
  public:
    // Both are borrowed.
    Unseen(const exchange::ReadReport& head, const Change& change);

    // Whether what the base has of this rule in this file may have stayed there.
    bool may_have_stayed(const std::string& path, const std::string& rule) const;

  private:
    const exchange::ReadReport& head_;
    const Change& change_;
    std::set<std::string, std::less<>> paths_, rules_;  // that were looked at, where it is told
    std::set<std::string, std::less<>> rules_off_;
    enum class Became : std::uint8_t { kUntouched, kModified, kDeleted };
    std::vector<Became> fates_of(std::string_view path) const;

    // Of the merge base: those that the change touches, and others that are called like them.
    std::map<std::string_view, Became> files_;
    std::map<std::string_view, std::vector<std::string_view>> paths_by_name_;  // without folders
};

}  // namespace merlon::gate
