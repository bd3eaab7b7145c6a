#pragma once

// Package sources: every lock file, manifest and installed-package database of a tree, read into
// packages.
//
// The idea: one table of readers. A reader is chosen by a file's path, or by its first bytes where
// names say nothing (executables); it looks at one file and knows no other, so that its facts can
// be computed in parallel and cached. What needs several files (a manifest beside its lock file,
// the parents of a POM, the sums of a go.mod, the distribution of a package database) is joined by
// conclude() over the facts of a whole tree.
//
//   for each file:  const Reader* reader = reader_for(path);
//                   if (reader == nullptr) reader = reader_for_bytes(first bytes);
//                   Result<Facts> facts = examine(document, *reader, limits, scratch);
//   once:           Inventory inventory = conclude(std::move(files));
//
// A reader takes what is there and says what it did not understand: a file that is none of its
// format is an Error, an entry inside of it is an unknown of the source (PackageSource::unknowns).
//
// Thread-safe: constant tables, no shared state; a Scratch belongs to one thread. Cost: one pass
// over each file; conclude is O(n log n) in packages and edges.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/interner.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/coverage.h"
#include "model/document.h"
#include "packages/package.h"

namespace merlon::inventory {

// What a file is in its project.
enum class Role : std::uint8_t {
    kLock,       // what was resolved, with versions
    kManifest,   // what the project asks for; joined into the lock file beside it, if there is one
    kInstalled,  // what lies on the disk: a database, a package's own metadata, a binary
    kAid,        // says something about another file's packages and has none of its own
};

struct MavenProject;  // inventory/maven.h

// Says that a lock file answers a request ("lodash@^4.17.0") with one of its packages.
struct Answer {
    std::string request;
    std::uint32_t package = 0;
};

// Another file that one takes in ("-r base.txt"), for the control to read where no name says how.
struct Include {
    std::string path;         // relative to the folder of who takes it in
    std::string_view reader;  // by its name
    bool operator==(const Include&) const = default;
};

// A file of a licence: LICENSE, COPYING, NOTICE and the like.
struct LicenseFile {
    std::string path;
    std::vector<std::string> licenses;  // recognised in it (packages/license_text.h)
    std::string text;                   // kept where it was asked for
    bool has_owner = false;             // a package of the tree lies beside it
};

// Where a project's package manager looks for packages, as one of its files says.
struct RegistrySetting {
    enum class Role : std::uint8_t {
        kDefault,  // in place of the public one
        kScope,    // for the names of `scope` alone
        kExtra,    // beside another one, for the same names: the highest version wins
        kNamed,    // for what names it
    };
    Role role = Role::kDefault;
    packages::Ecosystem ecosystem = packages::Ecosystem::kUnknown;
    std::string scope;  // "@acme"
    std::string url;
    std::string setting;  // what it is called there: "extra-index-url"
    model::FileLocation location;
};

// What one file says. No path is in here: locations hold regions, and members inside archives.
struct Facts {
    packages::PackageSource source;
    Role role = Role::kLock;
    std::vector<Answer> answers;
    std::vector<Include> includes;
    // Folders of the same workspace, relative to the file's own; with wildcards in a manifest.
    std::vector<std::string> members;
    // What packages of a lock file stand for beside their own names (Composer's "replace"); of a
    // go.sum the "module version" of which only the go.mod has a sum.
    std::vector<std::string> provides;
    // The project has other versions installed than are asked for: overrides, resolutions, patches.
    bool has_overrides = false;
    std::optional<packages::Distribution> distribution;  // of an os-release
    std::shared_ptr<const MavenProject> project;         // of a pom.xml
    std::optional<LicenseFile> license_file;             // without its path
    std::vector<RegistrySetting> registries;
    std::vector<model::Gap> gaps;  // inside an archive; paths are the members'
};

// What readers build in; reset by examine.
struct Scratch {
    Arena arena;
    Interner interner;
};

class Reading;  // inventory/reading.h

// What a reader's document has to hold: decoded text, or the file's own bytes, whole.
enum class ReadAs : std::uint8_t { kText, kBytes };

struct Reader {
    std::string_view name;  // stable: "npm-package-lock"
    packages::Ecosystem ecosystem;
    Role role;
    // Paths that it takes, separated by blanks. A word is a base name in which '*' is any text, or
    // ends of a path ("var/lib/dpkg/status"); "node_modules//package.json" is that name anywhere
    // below such a folder.
    std::string_view paths;
    // The manifests that stand beside such a lock file, by base name.
    std::string_view manifests;
    // What such files state, for docs/inventory.md.
    std::string_view knows;
    Status (*read)(Reading& reading);
    ReadAs read_as = ReadAs::kText;
};

// In the order in which they are asked: the first that takes a path has it.
std::span<const Reader> readers();
const Reader* reader_named(std::string_view name);
// `path` is relative to the tree, with '/'. Null where no reader takes it.
const Reader* reader_for(std::string_view path);
// For files that reader_for does not know: executables, by their first 8 bytes.
const Reader* reader_for_bytes(std::string_view first_bytes);

// Reads one file. An Error where it is not what its name says, or hits a limit.
Result<Facts> examine(const model::Document& document, const Reader& reader, const Limits& limits,
                      Scratch& scratch, const CancelToken* cancel = nullptr);

struct FileFacts {
    std::string path;                       // relative to the tree
    std::vector<std::string> members = {};  // where the file is inside an archive
    const Reader* reader = nullptr;
    Facts facts;
};

// What the files of one tree say.
struct TreeFacts {
    std::vector<packages::PackageSource> sources;  // by path, then reader
    std::vector<LicenseFile> license_files;        // by path
    std::vector<RegistrySetting> registries;       // by path, in the files' order
};

struct Inventory : TreeFacts {
    std::vector<model::Gap> gaps;
};

// Joins the facts of one tree, in any order.
Inventory conclude(std::vector<FileFacts> files);

}  // namespace merlon::inventory
