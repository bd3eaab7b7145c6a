#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "connect/files/files.h"
#include "text/archive.h"
#include "text/encoding.h"
#include "text/notebook.h"
#include "text/office.h"

namespace merlon::connect {
namespace {

using model::GapCause;

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
          archive_budget_(options.limits) {}

    // One whole file or member.
    void whole(std::string_view bytes, const model::Origin& origin, std::uint32_t depth) {
        if (cancel_.cancelled()) return;
        const std::string& name = origin.back().name;
        if (options_.members == Members::kOpen && text::is_archive(bytes.substr(0, 512), name)) {
            return open_archive(bytes, origin, depth);
        }
        if (text::is_notebook(name)) {
            if (auto notebook = text::notebook_text(bytes)) {
                model::Document document;
                document.source = bytes;
                return readable_document(std::move(*notebook), origin, std::move(document));
            }
        }
        text_document(bytes, origin, 1, 0);
    }

    void text_document(std::string_view bytes, const model::Origin& origin,
                       std::uint64_t first_line, std::uint64_t first_offset) {
        model::Document document;
        const text::Encoding encoding = text::detect_encoding(bytes);
        document.encoding = encoding_of(encoding);
        document.origin = origin;
        document.first_line = first_line;
        document.first_offset = first_offset;
        std::string transcoded;
        if (encoding == text::Encoding::kUtf16LittleEndian ||
            encoding == text::Encoding::kUtf16BigEndian) {
            transcoded = text::utf16_to_utf8(bytes, encoding);
            document.bytes = transcoded;
        } else if (encoding == text::Encoding::kLatin1) {
            transcoded = text::latin1_to_utf8(bytes);
            document.bytes = transcoded;
        } else {
            document.bytes = bytes;
        }
        on_document_(document);
    }

    void add_gap(GapCause cause, std::string path, std::string detail) {
        coverage_.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

  private:
    void readable_document(text::ReadableText readable, model::Origin origin,
                           model::Document document) {
        document.bytes = readable.text;
        document.origin = std::move(origin);
        document.line_origins = std::move(readable.lines);
        on_document_(document);
    }

    static model::Origin inside(const model::Origin& origin, std::string member) {
        model::Origin inner = origin;
        inner.push_back({model::OriginStep::Kind::kArchiveMember, std::move(member), {}});
        return inner;
    }

    void open_archive(std::string_view bytes, const model::Origin& origin, std::uint32_t depth) {
        if (depth >= options_.limits.max_archive_depth) {
            return add_gap(GapCause::kArchiveLimit, model::display_path(origin),
                           "archives are nested deeper than the limit (max-archive-depth)");
        }
        const bool is_office = text::is_office_file(origin.back().name);
        text::OfficeReader office;
        text::walk_archive(
            bytes, origin.back().name, archive_budget_,
            [&](const text::ArchiveMember& member) {
                if (cancel_.cancelled()) return;
                ++coverage_.members_read;
                coverage_.bytes_read += member.bytes.size();
                if (is_office && text::OfficeReader::is_text_part(member.name)) {
                    return office.take(member.name, member.bytes);
                }
                whole(member.bytes, inside(origin, member.name), depth + 1);
            },
            [&](text::ArchiveGap gap) {
                std::string path = model::display_path(origin);
                if (!gap.member.empty()) path += '!' + gap.member;
                add_gap(cause_of(gap.failure), std::move(path), std::move(gap.detail));
            });
        for (text::OfficePart& part : office.finish()) {
            readable_document(std::move(part.content), inside(origin, std::move(part.member)), {});
        }
    }

    const ReadOptions& options_;
    const CancelToken& cancel_;
    model::Coverage& coverage_;
    const std::function<void(const model::Document&)>& on_document_;
    text::ArchiveBudget archive_budget_;
};

// A file larger than a window: overlapping pieces, holes passed over, one buffer.
void read_windows(FileReader& reader, const FileEntry& file, const ReadOptions& options,
                  const CancelToken& cancel, model::Coverage& coverage, DocumentMaker& maker,
                  const model::Origin& origin) {
    const Limits& limits = options.limits;
    const auto window = static_cast<std::size_t>(limits.window_bytes);
    const auto overlap = static_cast<std::size_t>(limits.window_overlap_bytes);
    const std::unique_ptr<char[]> buffer(new char[window + kReadPadding]);
    std::uint64_t begin = 0;  // file offset of buffer[0]
    std::uint64_t first_line = 1;
    std::size_t held = 0;
    ++coverage.windowed_files;
    while (!cancel.cancelled()) {
        // Past a hole longer than the overlap nothing of the old window matters.
        const std::uint64_t data = reader.skip_hole(begin + held);
        if (data > begin + held + overlap) {
            begin = data;
            held = 0;
        }
        reader.seek(begin + held);
        bool at_end = false;
        while (held < window && !at_end && !cancel.cancelled()) {
            const std::size_t wanted = std::min<std::size_t>(window - held, std::size_t{4} << 20);
            FileResult<std::size_t> count = reader.read({buffer.get() + held, wanted});
            if (!count.ok()) {
                return maker.add_gap(model::gap_cause(count.failure), file.path,
                                     count.result.error().message);
            }
            at_end = count.result.value() == 0;
            held += count.result.value();
            coverage.bytes_read += count.result.value();
        }
        std::memset(buffer.get() + held, 0, kReadPadding);
        if (held == 0) return;
        maker.text_document({buffer.get(), held}, origin, first_line, begin);
        if (at_end) return;
        const std::size_t kept = std::min(overlap, held);
        first_line += static_cast<std::uint64_t>(
            std::count(buffer.get(), buffer.get() + (held - kept), '\n'));
        std::memmove(buffer.get(), buffer.get() + (held - kept), kept);
        begin += held - kept;
        held = kept;
    }
}

}  // namespace

void read_documents(const FileEntry& file, const ReadOptions& options, MemoryBudget& budget,
                    const CancelToken& cancel, model::Coverage& coverage,
                    const std::function<void(const model::Document&)>& on_document) {
    DocumentMaker maker(options, cancel, coverage, on_document);
    const model::Origin origin = {{model::OriginStep::Kind::kFile, file.path, file.symlink}};
    if (file.size > options.limits.max_file_bytes) {
        return maker.add_gap(GapCause::kTooLarge, file.path,
                             "is larger than the limit (max-file-size)");
    }
    const MemoryBudget::Token token = budget.admit(file.size);
    if (file.size > options.limits.window_bytes) {
        FileResult<FileReader> opened = FileReader::open(file.system_path);
        if (!opened.ok()) {
            return maker.add_gap(model::gap_cause(opened.failure), file.path,
                                 opened.result.error().message);
        }
        FileReader& reader = opened.result.value();
        std::array<char, 512> head{};
        FileResult<std::size_t> head_size = reader.read(head);
        if (options.members == Members::kOpen && head_size.ok() &&
            text::is_archive({head.data(), head_size.result.value()}, file.path)) {
            return maker.add_gap(GapCause::kArchiveLimit, file.path,
                                 "is an archive too large to be opened in memory");
        }
        read_windows(reader, file, options, cancel, coverage, maker, origin);
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
