#include "text/archive.h"

#include "rego/bundle/bundle.h"
#include "text/archive_end.h"
#include "text/stream_input.h"
#include "text/tar_header.h"

namespace merlon::rego::bundle {
namespace {

// Leading slashes are the bundle's root; ".." would be above it.
Result<std::string> path_inside(std::string_view name) {
    const Error refused{"bundle file '" + std::string(name) + "' leaves the bundle"};
    if (name.find('\0') != std::string_view::npos) return refused;
    std::string path;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('/'), name.size());
        const std::string_view part = name.substr(0, end);
        if (part == ".." || part.find('\\') != std::string_view::npos) return refused;
        if (!part.empty() && part != ".") path += (path.empty() ? "" : "/") + std::string(part);
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return path;
}

// What is unpacked must be a tar: the walk below would take any other file as a member. OPA's words
// of what its reader of tars finds in the first block.
Status check_first_block(std::string_view bytes) {
    text::StreamPieces stream(text::StreamKind::kGzip, text::PackedBytes(bytes));
    std::string block;
    text::StreamState state = text::StreamState::kMore;
    while (block.size() < text::kTarBlockBytes && text::goes_on(state)) {
        state = stream.next();
        block += stream.piece();
    }
    const std::string_view first = std::string_view(block).substr(0, text::kTarBlockBytes);
    if (first.empty()) return {};
    if (first.size() < text::kTarBlockBytes) {
        return Error{"bundle read failed: unexpected EOF"};
    }
    if (text::looks_like_tar(first) || text::is_zeros(first)) return {};
    return Error{"bundle read failed: archive/tar: invalid tar header"};
}

}  // namespace

Result<std::vector<File>> read_archive(std::string_view bytes, const Limits& limits) {
    // RFC 1952, section 2.3: a header has ten bytes.
    constexpr std::size_t kHeaderBytes = 10;
    const std::string_view wrong = bytes.empty()                    ? "EOF"
                                   : bytes.size() < kHeaderBytes    ? "unexpected EOF"
                                   : !bytes.starts_with("\x1f\x8b") ? "gzip: invalid header"
                                                                    : "";
    if (!wrong.empty()) {
        return Error{"bundle read failed: archive read failed: " + std::string(wrong)};
    }
    MERLON_TRY(check_first_block(bytes));
    std::vector<File> files;
    std::optional<Error> problem;
    text::ArchiveBudget budget(limits);
    text::ArchiveVisitor visitor;
    visitor.on_member = [&](const text::ArchiveMember& member) {
        if (problem || member.is_part) return;
        auto path = path_inside(member.name);
        if (!path.ok()) {
            problem = path.error();
        } else if (!path.value().empty()) {
            files.push_back({std::move(path).value(), std::string(member.bytes), member.name});
        }
    };
    visitor.on_gap = [&](text::ArchiveGap gap) {
        if (problem) return;
        problem = Error{"bundle read failed: " +
                        (gap.member.empty() ? std::string() : gap.member + ": ") + gap.detail};
    };
    text::walk_archive(bytes, "bundle.tar.gz", budget, visitor);
    if (problem) return std::move(*problem);
    return files;
}

}  // namespace merlon::rego::bundle
