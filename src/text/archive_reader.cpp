#include "text/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <string_view>

namespace merlon::text {
namespace {

void support_filters(struct archive* a) {
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_lzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
}

}  // namespace

void CloseArchive::operator()(struct archive* reader) const { archive_read_free(reader); }

Reader open_plain_reader() {
    Reader reader(archive_read_new());
    archive_read_support_format_raw(reader.get());
    archive_read_support_format_empty(reader.get());
    return reader;
}

Reader open_reader() {
    Reader reader(archive_read_new());
    struct archive* a = reader.get();
    // Named one by one: "all" would bring in formats (xar) whose libraries nobody else needs.
    archive_read_support_format_zip(a);
    archive_read_support_format_7zip(a);
    archive_read_support_format_rar(a);
    archive_read_support_format_rar5(a);
    archive_read_support_format_cpio(a);
    archive_read_support_format_ar(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);  // "nothing", compressed
    support_filters(a);
    return reader;
}

Reader open_container_reader(ContainerKind kind) {
    Reader reader(archive_read_new());
    struct archive* a = reader.get();
    switch (kind) {
        case ContainerKind::kZip:
            archive_read_support_format_zip(a);
            break;
        case ContainerKind::kTar:  // read by tar_reader.h
            break;
        case ContainerKind::kSevenZip:
            archive_read_support_format_7zip(a);
            break;
        case ContainerKind::kRar:
            archive_read_support_format_rar(a);
            archive_read_support_format_rar5(a);
            break;
    }
    return reader;
}

bool is_encrypted(struct archive* reader, struct archive_entry* entry) {
    return archive_entry_is_encrypted(entry) != 0 || archive_read_has_encrypted_entries(reader) > 0;
}

bool is_empty_lzma_in_zip(struct archive* reader, struct archive_entry* entry) {
    const char* format = archive_format_name(reader);  // "ZIP 6.3 (lzma)"
    return archive_format(reader) == ARCHIVE_FORMAT_ZIP && format != nullptr &&
           std::string_view(format).find("(lzma)") != std::string_view::npos &&
           archive_entry_size_is_set(entry) != 0 && archive_entry_size(entry) == 0;
}

std::string reason(struct archive* reader) {
    const char* text = archive_error_string(reader);
    return text == nullptr ? "the data are damaged" : text;
}

Utf8Locale::Utf8Locale()
    : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
      before_(locale_ == nullptr ? nullptr : uselocale(locale_)) {}

Utf8Locale::~Utf8Locale() {
    if (locale_ == nullptr) return;
    uselocale(before_);
    freelocale(locale_);
}

}  // namespace merlon::text
