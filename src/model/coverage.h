#pragma once

// Coverage: what a run read, what it could not read, and why. "Never a silent pass" is counted
// here.
//
// Gap causes are one published, stable enumeration: people accept gaps by cause in `.merlon.yaml`,
// so a name never changes its meaning. Value types; merged once, in path order.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace merlon::model {

enum class GapCause : std::uint8_t {
    kPermissionDenied,   // the file or directory may not be read
    kReadError,          // the read failed (I/O error, vanished)
    kChangedWhileRead,   // size or time changed during the read
    kNotRegularFile,     // FIFO, socket, device: named on the command line, cannot be scanned
    kSymlinkLoop,        // a link leads to itself
    kBrokenSymlink,      // a link leads nowhere
    kTooLarge,           // over the size limit
    kEncrypted,          // an encrypted archive or document
    kCorruptArchive,     // an archive or compressed stream that does not unpack
    kArchiveLimit,       // nesting, size or ratio limit of archives (bombs)
    kUnsupportedFormat,  // a container this build cannot open
    kInvalidRule,        // a rule that could not be compiled
    kInvalidInput,       // a configuration, baseline or ignore file that could not be read
    kLimitReached,       // findings, depth, steps: a limit of the engine
    kScannerFailed,      // the child process that read it crashed, or hit a limit of time or memory
    kMissingObject,      // a Git object that is nowhere in the repository, or left out by its clone
    kCorruptObject,      // a Git object, pack or index that is damaged
    kShallowHistory,     // commits that a shallow clone has not
    kUnresolvedVersion,  // advisories name a package, and nothing says which version is there
    kUnknownRelease,     // advisories are for releases of a distribution, and its own is not known
    kNoAdvisories,       // the database has no records of an ecosystem
    kOutdatedData,       // the database is older than the run allows
    kOutdatedLock,       // a lock file that does not have what its manifest asks for
    kCancelled,          // the user stopped the run
};

// "permission-denied", "read-error", …: the published names.
std::string_view name(GapCause cause);
std::optional<GapCause> parse_gap_cause(std::string_view text);
// The cause of a file operation that failed.
GapCause gap_cause(FileFailure failure);

struct Gap {
    GapCause cause = GapCause::kReadError;
    std::string path;    // what could not be read; a rule's id for kInvalidRule
    std::string detail;  // what was found and what to do
    bool operator==(const Gap&) const = default;
};

// By path, cause and detail.
void sort(std::vector<Gap>& gaps);
void append(const std::vector<Gap>& more, std::vector<Gap>& gaps);

// A gap that the team knows and accepts, with reason and expiry.
struct AcceptedGap {
    Gap gap;
    std::string reason;
    std::string expires;  // YYYY-MM-DD
};

// Objects of a Git object database: those that were read, of how many.
struct ObjectCounts {
    std::uint64_t present = 0;  // in the database, each once
    std::uint64_t commits = 0;  // read
    std::uint64_t trees = 0;
    std::uint64_t blobs = 0;
    std::uint64_t tags = 0;
    std::uint64_t bytes = 0;            // of blobs, commits and tags that were read
    std::uint64_t left_out = 0;         // blobs at paths that the rules' allowlists leave out
    std::uint64_t outside_range = 0;    // not asked for
    std::uint64_t submodule_links = 0;  // commits of other repositories
    bool operator==(const ObjectCounts&) const = default;
};

struct Coverage {
    std::uint64_t files_seen = 0;     // found below the arguments
    std::uint64_t files_read = 0;     // scanned whole
    std::uint64_t files_skipped = 0;  // left out on purpose: ignored, allowlisted, binary media
    std::uint64_t bytes_read = 0;
    std::uint64_t members_read = 0;       // archive members scanned
    std::uint64_t windowed_files = 0;     // read in overlapping windows because of their size
    std::optional<ObjectCounts> objects;  // of a history
    std::vector<Gap> gaps;                // in path order
    std::vector<AcceptedGap> accepted;

    bool complete() const { return gaps.empty(); }
    void merge(const Coverage& other);
};

}  // namespace merlon::model

extern template class std::vector<merlon::model::Gap>;
