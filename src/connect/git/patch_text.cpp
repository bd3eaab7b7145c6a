#include "connect/git/patch_text.h"

#include <cstdio>
#include <string_view>

#include "connect/git/quoted_path.h"
#include "connect/git/rename.h"

namespace merlon::connect::git {
namespace {

std::string octal(FileMode mode) {
    char text[16];
    std::snprintf(text, sizeof(text), "%06o", static_cast<unsigned>(mode));
    return text;
}

std::string hex_of(const FileVersion& version, HashAlgorithm algorithm) {
    return version.exists() ? version.id.hex() : ObjectId(algorithm).hex();
}

std::string extended_header(const FileChange& change) {
    std::string text;
    if (change.kind == ChangeKind::kAdded) {
        text += "new file mode " + octal(change.after.mode) + "\n";
    } else if (change.kind == ChangeKind::kDeleted) {
        text += "deleted file mode " + octal(change.before.mode) + "\n";
    } else if (change.before.mode != change.after.mode) {
        text += "old mode " + octal(change.before.mode) + "\nnew mode " + octal(change.after.mode) +
                "\n";
    }
    if (change.kind == ChangeKind::kRenamed) {
        text += "similarity index " + std::to_string(change.similarity * 100 / kFullSimilarity) +
                "%\nrename from " + quote_path(change.old_path) + "\nrename to " +
                quote_path(change.path) + "\n";
    }
    if (change.before.id != change.after.id || change.before.exists() != change.after.exists()) {
        const HashAlgorithm algorithm = change.after.id.algorithm();
        text +=
            "index " + hex_of(change.before, algorithm) + ".." + hex_of(change.after, algorithm);
        if (change.before.mode == change.after.mode) text += " " + octal(change.after.mode);
        text += "\n";
    }
    return text;
}

std::string range(std::uint32_t line, std::uint32_t count) {
    std::string text = std::to_string(count == 0 ? line : line + 1);
    if (count != 1) text += "," + std::to_string(count);
    return text;
}

void add_lines(std::string& text, char mark, std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        text.push_back(mark);
        if (end == std::string_view::npos) {
            text.append(lines).append("\n\\ No newline at end of file\n");
            return;
        }
        text.append(lines.substr(0, end + 1));
        lines.remove_prefix(end + 1);
    }
}

// A name with a blank gets a tab behind it, so that patch(1) knows where it ends.
std::string marker_line(std::string_view mark, const std::string& name) {
    std::string line(mark);
    line += " " + name;
    if (name.find(' ') != std::string::npos) line += "\t";
    return line + "\n";
}

}  // namespace

std::string patch_header(const FileChange& change) {
    return "diff --git " + quote_path("a/" + change.path_before()) + " " +
           quote_path("b/" + change.path) + "\n" + extended_header(change);
}

std::string patch_text(const FileChange& change, const FilePatch& patch) {
    const std::string old_label =
        change.before.exists() ? quote_path("a/" + change.path_before()) : "/dev/null";
    const std::string new_label =
        change.after.exists() ? quote_path("b/" + change.path) : "/dev/null";
    std::string text = patch_header(change);
    if (patch.kind == PatchKind::kBinary)
        return text + "Binary files " + old_label + " and " + new_label + " differ\n";
    if (patch.hunks.empty()) return text;
    text += marker_line("---", old_label) + marker_line("+++", new_label);
    for (const LineChange& hunk : patch.hunks) {
        text += "@@ -" + range(hunk.old_line, hunk.old_count) + " +" +
                range(hunk.new_line, hunk.new_count) + " @@\n";
        add_lines(text, '-',
                  patch.before.bytes.substr(hunk.old_begin, hunk.old_end - hunk.old_begin));
        add_lines(text, '+',
                  patch.after.bytes.substr(hunk.new_begin, hunk.new_end - hunk.new_begin));
    }
    return text;
}

}  // namespace merlon::connect::git
