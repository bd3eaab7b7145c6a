#pragma once

// Configurations through the file cache, with every expression compiled: reading and compiling a
// large pack costs more than scanning a small tree.
//
// The idea: the key is the text, how it is read, and the program's build, so that a hit is what
// loading would give. A configuration that read another file, or about which something was said, is
// not kept: the key would not know of the one, and the other has to be said each time.
//
// Thread-safe as the FileCache is. Cost of a hit: one digest of the text, and restore_config().

#include <string>
#include <string_view>

#include "base/file_cache.h"
#include "secrets/config.h"

namespace merlon::secrets {

struct ConfigCache {
    FileCache* files = nullptr;  // may be null: then the configuration is loaded
    std::string program_build;   // changes with the code that makes and reads the entries
};

// As load_config().
LoadedConfig load_config(const ConfigCache& cache, std::span<const ConfigText> texts,
                         const ConfigSources& sources, BadRules bad_rules,
                         model::Diagnostics& diagnostics);

}  // namespace merlon::secrets
