#pragma once

// Scans files and streams as gitleaks 8.30.1 does: in its pieces, with its omissions, and with
// archives opened by name.
//
// The idea: each worker has one read buffer and one engine scratch, a file slides through the
// buffer, and each piece (chunker.h) goes through examine and conclude. A file whose first piece is
// "application/…" by its magic is left out, an archive or compressed file is opened if the depth
// allows it and left out otherwise. What could not be read is a gap.
//
// One Scanner for each worker; the program is shared. Memory: the buffer, one archive member.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cancel.h"
#include "base/file.h"
#include "compat/gitleaks/chunker.h"
#include "compat/gitleaks/finding_room.h"
#include "compat/gitleaks/options.h"
#include "compat/gitleaks/report.h"
#include "compat/gitleaks/targets.h"
#include "compat/gitleaks/unpack.h"
#include "secrets/program.h"

namespace merlon::compat::gitleaks {

// Fills the buffer with what comes next; 0 at the end.
using ReadMore = std::function<FileResult<std::size_t>(std::span<char> buffer)>;

// Whether rows have the line of the match, which can be a whole piece.
enum class KeepLines : std::uint8_t { kNo, kYes };

struct ScanOptions {
    std::int64_t max_archive_depth = 0;
    std::int64_t max_decode_depth = 5;
    std::uint64_t redact_percent = 0;
    // Paths that are not looked at: the configuration and the baseline.
    std::vector<std::string> own_files;
    // Whether what gitleaks drops at a damage is looked at.
    Compatibility compatibility = Compatibility::kLoud;
    KeepLines lines = KeepLines::kYes;
    FindingRoom* room = nullptr;  // of the run; may be null
    const CancelToken* cancel = nullptr;

    // Whether nothing more is to be looked at.
    bool stopped() const {
        return (cancel != nullptr && cancel->cancelled()) || (room != nullptr && room->is_full());
    }
};

struct FileFindings {
    std::vector<Row> rows;
    std::vector<Gap> gaps;
    std::uint64_t bytes = 0;
};

// Whether a global allowlist's paths hold `path`, whatever else that list asks for.
bool is_skipped_path(const secrets::Config& config, const std::string& path);

class Scanner {
  public:
    Scanner(const secrets::Program& program, const ScanOptions& options);

    FileFindings scan_file(const Target& target);
    FileFindings scan_stream(const ReadMore& read);
    // Whether a rule had anything to say of a text, whatever path and commit made of it.
    enum class Seen : std::uint8_t { kNothing, kSomething };
    // The added lines of one hunk of a commit's patch; `first_line` is theirs in the new file. Rows
    // and bytes are added to `findings`. A file that is not looked at counts as one that was seen.
    Seen scan_hunk(std::string_view added, std::int64_t first_line, const std::string& path,
                   const std::string& commit, FileFindings& findings);
    // A binary file of a commit: opened where its name says that it is an archive and the depth
    // allows it, else left out.
    void scan_binary(const FileBytes& content, const std::string& path, const std::string& commit,
                     FileFindings& findings);
    // Whether scan_binary() would open a file of this name.
    bool opens(const std::string& path) const;
    // False where scan_hunk() sees nothing in any of these lines, however they are put together.
    bool may_hold(std::string_view lines, const std::string& path);
    // Program::kind() of the path; those of the paths before are kept, as a history comes back to
    // the same ones.
    model::DocumentKind kind_of(const std::string& path);

  private:
    struct Place {
        std::string path;   // of the innermost file
        std::string outer;  // containers, each followed by '!'
        std::string symlink;
        std::int64_t depth = 0;
        std::string full() const { return outer + path; }
    };

    void scan_content(const ReadMore& read, const Place& place);
    // What a file holds: its first bytes, and all of them.
    struct Content {
        std::function<std::string()> head;
        std::function<Result<FileBytes>()> load;
        ReadBlocks blocks;  // those in which gitleaks's reader would hand them out
    };

    void scan_bytes(const Member& member, const Place& place);
    std::optional<Outcome> scan_by_name(const Content& content, const Place& place);
    Outcome scan_archive(std::string_view bytes, const ReadBlocks& blocks, const Place& place);
    Seen scan_piece(std::string_view text, std::int64_t first_line, const std::string& path,
                    const std::string& symlink);
    Row make_row(const secrets::SecretFinding& finding, std::string_view text,
                 const std::string& path, const std::string& symlink) const;
    void gap(const Place& place, std::string reason);

    const secrets::Program& program_;
    const ScanOptions& options_;
    secrets::Program::Scratch scratch_;
    std::vector<char> buffer_;
    FileFindings* result_ = nullptr;
    std::string commit_;  // whose patch is scanned; empty: a file
    static constexpr std::size_t kMostKinds = 8192;
    std::string kind_path_;                    // the one before
    std::optional<model::DocumentKind> kind_;  // of that one
    std::unordered_map<std::string, model::DocumentKind> kinds_;
};

// Hides the secret in its match and line: all of it from 100 percent on, else what is behind the
// share that may be seen.
void redact(Row& row, std::uint64_t percent);

}  // namespace merlon::compat::gitleaks
