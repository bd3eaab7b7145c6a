#pragma once

// Files of a working tree as Documents.
//
// The idea: the walk is one thread and sorted, so that reports come in one order; reading is done
// by whoever works. A file becomes one Document, or several: windows of a huge file, and the
// members of an archive, however deep. What cannot be read is a Gap with its cause, never a
// silence.
//
// walk(): one thread. read_documents(): any number of threads, each with its own call. Memory: one
// file, or one window, at a time for each worker; large ones one at a time (MemoryBudget).

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "model/coverage.h"
#include "model/document.h"
#include "text/archive.h"
#include "text/glob.h"

namespace merlon::connect {

enum class SymlinkPolicy : std::uint8_t { kSkip, kFollow };
enum class IgnoreFiles : std::uint8_t { kHonour, kDisregard };  // .gitignore, .merlonignore
// Whether the walk asks for the size of each file, or leaves that to who reads a few of them.
enum class FileSizes : std::uint8_t { kNow, kLater };
enum class Members : std::uint8_t { kOpen, kLeave };  // what stands inside archives

// Whether the repository whose working tree is at `root` tracks the file `path`, relative to it, or
// anything below the folder `path`. Fails where that cannot be told.
using IsTracked = std::function<Result<bool>(const std::string& root, std::string_view path,
                                             text::EntryKind kind)>;

struct WalkOptions {
    SymlinkPolicy symlinks = SymlinkPolicy::kSkip;
    IgnoreFiles ignore_files = IgnoreFiles::kHonour;
    std::vector<std::string> excludes;  // patterns as in .gitignore, over display paths
    // As in git, a .gitignore does not leave out what is tracked (gitignore, "Notes"). Empty: it
    // does. A .merlonignore leaves out all that it names.
    IsTracked is_tracked = {};
    FileSizes sizes = FileSizes::kNow;
};

inline constexpr std::uint64_t kSizeLater = ~std::uint64_t{0};

struct FileEntry {
    std::string path;         // as shown: relative to the repository's root, else to the argument
    std::string system_path;  // to open it
    std::string symlink;      // the link, where one was followed
    std::uint64_t size = 0;   // kSizeLater: ask size_of()
};

struct WalkResult {
    std::vector<FileEntry> files;  // by path, each once
    std::vector<model::Gap> gaps;
    std::uint64_t skipped = 0;  // left out on purpose
};

// Everything below the arguments ("-" is not one: standard input has its own function).
WalkResult walk(std::span<const std::string> arguments, const WalkOptions& options,
                const CancelToken& cancel);

FileResult<std::uint64_t> size_of(const FileEntry& file);

// kRaw: the bytes as they are in the file, all in one document up to limits.window_bytes: for who
// reads executables and databases and not text.
enum class Contents : std::uint8_t { kDecoded, kRaw };

struct ReadOptions {
    Limits limits;
    Members members = Members::kOpen;
    Contents contents = Contents::kDecoded;
};

// Calls on_document for each document of the file; counts and gaps go to `coverage`.
void read_documents(const FileEntry& file, const ReadOptions& options, MemoryBudget& budget,
                    const CancelToken& cancel, model::Coverage& coverage,
                    const std::function<void(const model::Document&)>& on_document);

// The same for bytes that are here already: standard input, an object of a repository. The name of
// the origin's last step decides how they are read, as a file's does.
void documents_of(std::string_view bytes, const model::Origin& origin, const ReadOptions& options,
                  const CancelToken& cancel, model::Coverage& coverage,
                  const std::function<void(const model::Document&)>& on_document);

// The same for what is larger than limits.window_bytes and not held: it is read as a file of that
// size is, in windows or as the archive that it is. Fails where the input does; what came before
// that was handed on.
Status large_documents_of(text::ArchiveInput& input, const model::Origin& origin,
                          const ReadOptions& options, const CancelToken& cancel,
                          model::Coverage& coverage,
                          const std::function<void(const model::Document&)>& on_document);

// What of a path decides how bytes are read, beside the bytes themselves: the ending of notebooks,
// office files and compressed streams that only their names tell; empty for all others. Paths that
// give the same are read alike.
std::string reading_of(std::string_view path);

// The nearest folder at or above `path` that holds a `.git`; empty where there is none.
std::string repository_root(const std::string& path);

}  // namespace merlon::connect
