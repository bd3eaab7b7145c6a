#pragma once

// Java archives, beyond one file: one that says nothing of itself has only its file's name.
//
// Not thread-safe. Cost: linear.

#include "inventory/inventory.h"

namespace merlon::inventory {

// Names the archives that their own content did not.
void join_jar_names(std::vector<FileFacts>& files);

struct JarName {
    std::string_view artifact;
    std::string_view version;
};
// "a/commons-io-2.4.jar": the version begins at the first '-' before a digit.
JarName parse_jar_name(std::string_view path);

}  // namespace merlon::inventory
