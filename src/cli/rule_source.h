#pragma once

// Where the rules come from: the pack inside the program, a file, or a directory of files.
//
// Thread-safe: no state. Errors name the path.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_source.h"
#include "base/file_cache.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "model/engine.h"
#include "secrets/config.h"

namespace merlon::cli {

// Merlon's own pack: the text of rules/secrets/*.toml, joined in the order of their names, its
// digest, and what it was compiled to (secrets/stored_config.h).
std::string_view embedded_rules();
crypto::Digest embedded_rules_digest();
StoredBlock compiled_rules();

struct RuleSource {
    enum class Origin : std::uint8_t { kOwnPack, kFile };

    Origin origin = Origin::kOwnPack;
    struct File {
        std::string name;
        std::string text;
    };
    std::vector<File> files;  // one, or those of a folder; none for the own pack
    std::string name;         // for errors: the path, or "merlon's own pack"
    std::string folder;       // what `extend.path` is relative to; empty: the current directory
    std::string pack_id;      // "merlon-secrets", or the file's name without its ending
    crypto::Digest digest;    // of the texts
    // Whether `extend.path` may name files of this machine: not for rules that were pushed to it.
    enum class OtherFiles : std::uint8_t { kAllowed, kRefused } other_files = OtherFiles::kAllowed;

    // Borrow from this.
    std::vector<secrets::ConfigText> texts() const;
};

// `path` empty: the own pack. A directory's *.toml are one configuration, in the order of their
// names.
Result<RuleSource> read_rules(const std::string& path);

// The rules as a configuration, examples too; what is wrong with single rules goes to
// `diagnostics`.
Result<secrets::Config> load_rules(const RuleSource& source, model::Diagnostics& diagnostics);

// The same without the examples: as it was compiled, or through the cache, which may be null.
Result<secrets::Config> load_compiled_rules(const RuleSource& source, FileCache* cache,
                                            model::Diagnostics& diagnostics);

}  // namespace merlon::cli
