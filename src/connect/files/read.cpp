#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "connect/files/files.h"
#include "connect/files/transcoded_input.h"
#include "connect/files/windows.h"
#include "text/archive.h"
#include "text/encoding.h"
#include "text/notebook.h"
#include "text/office.h"
#include "text/packing.h"
#include "text/text_input.h"

namespace merlon::connect {
namespace {

using model::GapCause;

// What archives inside of one another may hold in memory together; members beyond are streams.
constexpr std::uint64_t kMaxHeldBytes = std::uint64_t{160} << 20;
constexpr std::string_view kGitCryptMagic("\0GITCRYPT\0", 10);
// What is no text has no structure that a window could cut, and the copies that a scan makes of
// bytes that are not UTF-8 stay small.
constexpr std::uint64_t kBinaryWindowBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kLeastLargeBytes = std::uint64_t{1} << 20;
// As many as tell the encoding.
// What tells the encoding of any file (text/encoding.h).
constexpr std::size_t kHeadBytes = std::size_t{1} << 20;
// A larger notebook is searched as the text that it is. Its tree takes some twelve times its bytes.
constexpr std::uint64_t kMaxNotebookBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kTreeFactor = 12;
constexpr std::uint64_t kLargestWindowBytes = std::uint64_t{32} << 20;
// Of a member: its archive has no room in memory for a tree that large.
constexpr std::uint64_t kMaxNotebookMemberBytes = std::uint64_t{4} << 20;

GapCause cause_of(text::ArchiveFailure failure) {
    switch (failure) {
        case text::ArchiveFailure::kEncrypted:
            return GapCause::kEncrypted;
        case text::ArchiveFailure::kLimit:
            return GapCause::kArchiveLimit;
        case text::ArchiveFailure::kUnsupported:
            return GapCause::kUnsupportedFormat;
        default:
            return GapCause::kCorruptArchive;
    }
}

model::TextEncoding encoding_of(text::Encoding encoding) {
    switch (encoding) {
        case text::Encoding::kUtf8:
            return model::TextEncoding::kUtf8;
        case text::Encoding::kUtf8WithMark:
            return model::TextEncoding::kUtf8Bom;
        case text::Encoding::kUtf16LittleEndian:
            return model::TextEncoding::kUtf16Le;
        case text::Encoding::kUtf16BigEndian:
            return model::TextEncoding::kUtf16Be;
        case text::Encoding::kUtf32LittleEndian:
            return model::TextEncoding::kUtf32Le;
        case text::Encoding::kUtf32BigEndian:
            return model::TextEncoding::kUtf32Be;
        case text::Encoding::kLatin1:
            return model::TextEncoding::kLatin1;
        case text::Encoding::kBinary:
            break;
    }
    return model::TextEncoding::kBinary;
}

class DocumentMaker {
  public:
    DocumentMaker(const ReadOptions& options, const CancelToken& cancel, model::Coverage& coverage,
                  const std::function<void(const model::Document&)>& on_document)
        : options_(options),
          cancel_(cancel),
          coverage_(coverage),
          on_document_(on_document),
          archive_budget_(options.limits) {
        archive_budget_.cancel = &cancel_;
    }

    // One whole file or member.
    void whole(std::string_view bytes, const model::Origin& origin, std::uint32_t depth) {
        if (cancel_.cancelled()) return;
        if (options_.contents == Contents::kRaw) return raw_document(bytes, origin);
        const std::string& name = origin.back().name;
        if (bytes.starts_with(kGitCryptMagic)) return add_git_crypt_gap(origin);
        if (options_.members == Members::kOpen) {
            if (text::is_archive(bytes.substr(0, 512), name)) {
                return open_archive(bytes, origin, depth);
            }
            const std::size_t embedded = text::embedded_archive(bytes);
            if (embedded == 0) return open_archive(bytes, origin, depth);
            if (embedded != std::string_view::npos) {
                whole(bytes.substr(embedded), inside(origin, "(archive)"), depth);
                bytes = bytes.substr(0, embedded);
            }
            note_closed_format(bytes, origin);
        }
        const bool is_member = origin.size() > 1;
        if (text::is_notebook(name) &&
            bytes.size() <= (is_member ? kMaxNotebookMemberBytes : kMaxNotebookBytes)) {
            if (auto notebook = text::notebook_text(bytes, cancel_)) {
                model::Document document;
                document.source = bytes;
                return readable_document(std::move(*notebook), origin, std::move(document));
            }
        }
        text_document({bytes}, origin);
    }

    // An archive that is not held in memory.
    void open_stream(text::ArchiveInput& input, const model::Origin& origin, std::uint32_t depth) {
        visit_archive(origin, depth, [&](const text::ArchiveVisitor& visitor) {
            text::walk_archive(input, origin.back().name, archive_budget_, visitor);
        });
    }

    void raw_document(std::string_view bytes, const model::Origin& origin) {
        model::Document document;
        document.bytes = bytes;
        document.encoding = model::TextEncoding::kBinary;
        document.origin = origin;
        on_document_(document);
    }

    void text_document(const Window& window, const model::Origin& origin) {
        if (cancel_.cancelled()) return;
        const std::string_view bytes = window.bytes;
        model::Document document;
        const text::Encoding encoding = text::detect_encoding(bytes);
        if (encoding == text::Encoding::kBinary && bytes.size() > kBinaryWindowBytes) {
            return binary_windows(window, origin);
        }
        document.encoding = encoding_of(encoding);
        document.origin = origin;
        document.first_line = window.first_line;
        document.first_column = window.first_column;
        document.first_offset = window.offset;
        std::string transcoded;
        if (is_utf16(encoding)) {
            transcoded = text::utf16_to_utf8(bytes, encoding);
            document.bytes = transcoded;
            document.first_offset += text::mark_bytes(bytes, encoding);
        } else if (needs_transcoding(encoding)) {
            transcoded = text::utf32_to_utf8(bytes, encoding);
            document.bytes = transcoded;
            document.first_offset += text::mark_bytes(bytes, encoding);
        } else if (encoding == text::Encoding::kLatin1) {
            transcoded = text::latin1_to_utf8(bytes);
            document.bytes = transcoded;
            own_in_latin1(window, document);
        } else {
            // A mark is no part of the first line.
            const std::size_t mark = window.offset == 0 ? text::mark_bytes(bytes, encoding) : 0;
            document.bytes = bytes.substr(mark);
            document.first_offset += mark;
            document.owned_begin =
                window.owned_begin - std::min<std::uint64_t>(mark, window.owned_begin);
            document.owned_end = window.owned_end;
            if (window.owned_end != model::kNoEnd) document.owned_end -= mark;
        }
        on_document_(document);
    }

    // What is made of a text, decoded and transcoded, is up to eight times its bytes; of a file
    // that is read in windows anyway each may as well be smaller.
    Limits window_limits() const {
        Limits limits = options_.limits;
        if (options_.contents == Contents::kDecoded) {
            limits.window_bytes = std::min(limits.window_bytes, kLargestWindowBytes);
        }
        return limits;
    }

    // What is larger than a window, as overlapping pieces; fails where the input does. `head`: its
    // first bytes. Returns how many were read.
    Result<std::uint64_t> windows(text::ArchiveInput& input, std::string_view head,
                                  const NextData& next_data, const model::Origin& origin) {
        ++coverage_.windowed_files;
        const text::Encoding encoding = text::detect_encoding(head);
        if (!needs_transcoding(encoding)) {
            const std::size_t mark_columns = encoding == text::Encoding::kUtf8WithMark ? 1 : 0;
            return read_windows(input, next_data, window_limits(), cancel_, [&](Window window) {
                // The mark is no column of the line that goes on here.
                if (window.offset > 0 && window.first_line == 1) {
                    window.first_column -= mark_columns;
                }
                text_document(window, origin);
            });
        }
        TranscodedInput text(input, encoding);
        const std::size_t unit_bytes = is_utf16(encoding) ? 2 : 4;
        std::uint64_t offset = text::mark_bytes(head, encoding);
        MERLON_TRY(read_windows(text, {}, window_limits(), cancel_, [&](const Window& window) {
            model::Document document;
            document.encoding = encoding_of(encoding);
            document.origin = origin;
            document.bytes = window.bytes;
            document.first_line = window.first_line;
            document.first_column = window.first_column;
            document.first_offset = offset;
            document.owned_begin = window.owned_begin;
            document.owned_end = window.owned_end;
            on_document_(document);
            const std::size_t shared =
                std::min<std::size_t>(window.bytes.size(), options_.limits.window_overlap_bytes);
            offset += text::encoded_bytes(window.bytes.substr(0, window.bytes.size() - shared),
                                          unit_bytes);
        }));
        return text.bytes_read();
    }

    void binary_windows(const Window& whole, const model::Origin& origin) {
        // A window of something larger is counted there.
        if (whole.offset == 0 && whole.owned_end == model::kNoEnd) ++coverage_.windowed_files;
        text::TextInput input(whole.bytes);
        Limits limits = options_.limits;
        limits.window_bytes = kBinaryWindowBytes;
        // Memory can be read.
        (void)read_windows(input, {}, limits, cancel_, [&](const Window& part) {
            Window window = part;
            window.owned_begin = std::max(
                part.owned_begin, whole.owned_begin - std::min(whole.owned_begin, part.offset));
            if (whole.owned_end != model::kNoEnd) {
                window.owned_end = std::min(
                    part.owned_end, whole.owned_end - std::min(whole.owned_end, part.offset));
            }
            if (part.first_line == 1) window.first_column += whole.first_column - 1;
            window.first_line += whole.first_line - 1;
            window.offset += whole.offset;
            text_document(window, origin);
        });
    }

    void add_git_crypt_gap(const model::Origin& origin) {
        add_gap(GapCause::kEncrypted, model::display_path(origin),
                "is encrypted by git-crypt; unlock the repository to have it read");
    }

    void note_closed_format(std::string_view first_bytes, const model::Origin& origin) {
        const std::string_view format = text::closed_format(first_bytes, origin.back().name);
        if (format.empty()) return;
        add_gap(
            GapCause::kUnsupportedFormat, model::display_path(origin),
            "is " + std::string(format) + ", which is not opened; unpack it and scan the files");
    }

    void add_gap(GapCause cause, std::string path, std::string detail) {
        coverage_.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

  private:
    void readable_document(text::ReadableText readable, model::Origin origin,
                           model::Document document) {
        if (cancel_.cancelled()) return;
        document.bytes = readable.text;
        document.origin = std::move(origin);
        document.line_origins = std::move(readable.lines);
        on_document_(document);
    }

    // What the window owns, counted in what became of its bytes.
    static void own_in_latin1(const Window& window, model::Document& document) {
        const auto place = [&window](std::uint64_t at) {
            return text::latin1_to_utf8(window.bytes.substr(0, static_cast<std::size_t>(at)))
                .size();
        };
        if (window.owned_begin != 0) document.owned_begin = place(window.owned_begin);
        if (window.owned_end != model::kNoEnd) {
            const std::size_t behind =
                text::latin1_to_utf8(
                    window.bytes.substr(static_cast<std::size_t>(window.owned_end)))
                    .size();
            document.owned_end = document.bytes.size() - behind;
        }
    }

    static model::Origin inside(const model::Origin& origin, std::string member) {
        model::Origin inner = origin;
        inner.push_back({model::OriginStep::Kind::kArchiveMember, std::move(member), {}});
        return inner;
    }

    void open_archive(std::string_view bytes, const model::Origin& origin, std::uint32_t depth) {
        held_bytes_ += bytes.size();
        visit_archive(origin, depth, [&](const text::ArchiveVisitor& visitor) {
            text::walk_archive(bytes, origin.back().name, archive_budget_, visitor);
        });
        held_bytes_ -= bytes.size();
    }

    // Hands `walk` what becomes of an archive's members.
    void visit_archive(const model::Origin& origin, std::uint32_t depth,
                       const std::function<void(const text::ArchiveVisitor&)>& walk) {
        if (depth >= options_.limits.max_archive_depth) {
            return add_gap(GapCause::kArchiveLimit, model::display_path(origin),
                           "archives are nested deeper than the limit (max-archive-depth)");
        }
        const bool is_office = text::is_office_file(origin.back().name);
        text::OfficeReader office(cancel_);
        text::ArchiveVisitor visitor;
        visitor.on_member = [&](const text::ArchiveMember& member) {
            if (cancel_.cancelled()) return;
            ++coverage_.members_read;
            coverage_.bytes_read += member.bytes.size();
            if (is_office && text::OfficeReader::is_text_part(member.name)) {
                return office.take(member.name, member.bytes);
            }
            whole(member.bytes, inside(origin, member.name), depth + 1);
        };
        visitor.on_large = [&](const text::ArchiveMember& member, text::ArchiveInput& content) {
            if (cancel_.cancelled()) return;
            ++coverage_.members_read;
            large_member(member, content, inside(origin, member.name), depth + 1);
        };
        visitor.on_gap = [&](text::ArchiveGap gap) {
            // What is left then is one gap, of the run.
            if (cancel_.cancelled()) return;
            std::string path = model::display_path(origin);
            if (!gap.member.empty()) path += '!' + gap.member;
            add_gap(cause_of(gap.failure), std::move(path), std::move(gap.detail));
        };
        visitor.trailing = text::Trailing::kSearch;
        // What archives around this one hold in memory is not there for a member's bytes.
        const std::uint64_t left = kMaxHeldBytes - std::min(kMaxHeldBytes, held_bytes_);
        visitor.large_bytes = std::clamp(
            left, kLeastLargeBytes,
            std::min(options_.limits.window_bytes, options_.limits.max_archive_member_bytes));
        walk(visitor);
        if (cancel_.cancelled()) return;
        for (text::OfficePart& part : office.finish()) {
            readable_document(std::move(part.content), inside(origin, std::move(part.member)), {});
        }
    }

    // A member that is unpacked while it is read. What stops it is a gap of the archive around it.
    void large_member(const text::ArchiveMember& member, text::ArchiveInput& content,
                      const model::Origin& origin, std::uint32_t depth) {
        if (member.bytes.starts_with(kGitCryptMagic)) return add_git_crypt_gap(origin);
        if (text::is_archive(member.bytes.substr(0, 512), origin.back().name)) {
            return open_stream(content, origin, depth);
        }
        const Result<std::uint64_t> read = windows(content, member.bytes, {}, origin);
        if (read.ok()) coverage_.bytes_read += read.value();
    }

    const ReadOptions& options_;
    const CancelToken& cancel_;
    model::Coverage& coverage_;
    const std::function<void(const model::Document&)>& on_document_;
    text::ArchiveBudget archive_budget_;
    std::uint64_t held_bytes_ = 0;  // of archives that are open in memory
};

// Fills the buffer as far as the input goes. What fails behind the first bytes is found again.
Result<std::size_t> read_up_to(text::ArchiveInput& input, std::span<char> buffer) {
    std::size_t held = 0;
    while (held < buffer.size()) {
        const Result<std::size_t> got = input.read(buffer.subspan(held));
        if (!got.ok() && held == 0) return got;
        if (!got.ok() || got.value() == 0) break;
        held += got.value();
    }
    return held;
}

// What is larger than a window: an archive is unpacked while it is read, all else is overlapping
// pieces. Fails where it could not be read to its end.
Status read_large(text::ArchiveInput& input, const NextData& next_data, const ReadOptions& options,
                  model::Coverage& coverage, DocumentMaker& maker, const model::Origin& origin) {
    const auto rewind = [&]() -> Status {
        if (input.seek(0)) return {};
        return Error{"cannot be read from its begin again"};
    };
    std::string head(kHeadBytes, '\0');
    const Result<std::size_t> head_size = read_up_to(input, head);
    MERLON_TRY(rewind());
    const std::string_view first_bytes(head.data(), head_size.ok() ? head_size.value() : 0);
    if (first_bytes.starts_with(kGitCryptMagic)) {
        maker.add_git_crypt_gap(origin);
        return {};
    }
    if (options.members == Members::kOpen && head_size.ok()) {
        std::array<char, text::kZipEndBytes> tail{};
        const bool has_tail = input.seek(input.size() - tail.size()) && input.read(tail).ok() &&
                              text::ends_as_zip({tail.data(), tail.size()});
        MERLON_TRY(rewind());
        if (has_tail || text::is_archive(first_bytes.substr(0, 512), origin.back().name)) {
            maker.open_stream(input, origin, 0);
            coverage.bytes_read += input.size();
            return {};
        }
        maker.note_closed_format(first_bytes, origin);
    }
    coverage.bytes_read += MERLON_TRY(maker.windows(input, first_bytes, next_data, origin));
    return {};
}

}  // namespace

FileResult<std::uint64_t> size_of(const FileEntry& file) {
    if (file.size != kSizeLater) return {file.size};
    const auto status = file_status(file.system_path, FollowLinks::kYes);
    if (!status.ok()) return {status.result.error(), status.failure};
    return {status.result.value().size};
}

void read_documents(const FileEntry& file, const ReadOptions& options, MemoryBudget& budget,
                    const CancelToken& cancel, model::Coverage& coverage,
                    const std::function<void(const model::Document&)>& on_document) {
    DocumentMaker maker(options, cancel, coverage, on_document);
    const model::Origin origin = {{model::OriginStep::Kind::kFile, file.path, file.symlink}};
    const FileResult<std::uint64_t> asked = size_of(file);
    if (!asked.ok()) {
        return maker.add_gap(model::gap_cause(asked.failure), file.path,
                             asked.result.error().message);
    }
    const std::uint64_t size = asked.result.value();
    if (size > options.limits.max_file_bytes) {
        return maker.add_gap(GapCause::kTooLarge, file.path,
                             "is larger than the limit (max-file-size)");
    }
    const bool is_tree = text::is_notebook(file.path) && size <= kMaxNotebookBytes;
    const MemoryBudget::Token token = budget.admit(size * (is_tree ? kTreeFactor : 1));
    if (size > options.limits.window_bytes) {
        FileResult<FileReader> opened = FileReader::open(file.system_path);
        if (!opened.ok()) {
            return maker.add_gap(model::gap_cause(opened.failure), file.path,
                                 opened.result.error().message);
        }
        FileReader& reader = opened.result.value();
        FileInput input(reader);
        const Status read = read_large(
            input, [&input](std::uint64_t offset) { return input.skip_hole(offset); }, options,
            coverage, maker, origin);
        if (!read.ok()) {
            return maker.add_gap(model::gap_cause(input.failure()), file.path,
                                 read.error().message);
        }
        if (reader.changed_since_open()) {
            return maker.add_gap(GapCause::kChangedWhileRead, file.path,
                                 "changed while it was read; scan again when nothing writes to it");
        }
        ++coverage.files_read;
        return;
    }
    FileResult<FileBytes> read = read_file(file.system_path, options.limits.max_file_bytes);
    if (!read.ok()) {
        return maker.add_gap(model::gap_cause(read.failure), file.path,
                             read.result.error().message);
    }
    const std::string_view bytes = read.result.value().bytes;
    ++coverage.files_read;
    coverage.bytes_read += bytes.size();
    maker.whole(bytes, origin, 0);
}

void documents_of(std::string_view bytes, const model::Origin& origin, const ReadOptions& options,
                  const CancelToken& cancel, model::Coverage& coverage,
                  const std::function<void(const model::Document&)>& on_document) {
    DocumentMaker maker(options, cancel, coverage, on_document);
    ++coverage.files_read;
    coverage.bytes_read += bytes.size();
    maker.whole(bytes, origin, 0);
}

Status large_documents_of(text::ArchiveInput& input, const model::Origin& origin,
                          const ReadOptions& options, const CancelToken& cancel,
                          model::Coverage& coverage,
                          const std::function<void(const model::Document&)>& on_document) {
    DocumentMaker maker(options, cancel, coverage, on_document);
    MERLON_TRY(read_large(input, {}, options, coverage, maker, origin));
    ++coverage.files_read;
    return {};
}

std::string reading_of(std::string_view path) {
    std::string_view stem = path;
    // "a.ipynb.gz": what is inside is read by the name that is left.
    constexpr std::array<std::string_view, 9> kPacked = {".gz", ".bz2",  ".xz", ".zst", ".lz4",
                                                         ".lz", ".lzma", ".Z",  ".br"};
    for (bool cut = true; cut;) {
        cut = false;
        for (const std::string_view ending : kPacked) {
            if (!stem.ends_with(ending)) continue;
            stem.remove_suffix(ending.size());
            cut = true;
        }
    }
    const bool decides = text::is_notebook(stem) || text::is_office_file(stem) ||
                         text::is_archive({}, stem) || text::is_archive({}, path);
    if (!decides) return {};
    const std::size_t dot = stem.rfind('.');
    return std::string(path.substr(std::min(dot, stem.size())));
}

}  // namespace merlon::connect
