#include "text/tar_write.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace merlon::text {
namespace {

struct Closer {
    void operator()(struct archive* archive) const { archive_write_free(archive); }
    void operator()(struct archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append(struct archive* /*archive*/, void* out, const void* bytes, std::size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

}  // namespace

Result<std::string> write_tar_gz(std::span<const TarText> texts) {
    std::string packed;
    const std::unique_ptr<struct archive, Closer> writer(archive_write_new());
    const auto wrong = [&writer] {
        const char* const text = archive_error_string(writer.get());
        return Error{"tar: " + std::string(text == nullptr ? "cannot be written" : text)};
    };
    archive_write_set_format_ustar(writer.get());
    archive_write_add_filter_gzip(writer.get());
    archive_write_set_options(writer.get(), "gzip:!timestamp");
    if (archive_write_open(writer.get(), &packed, nullptr, append, nullptr) != ARCHIVE_OK) {
        return wrong();
    }
    for (const TarText& text : texts) {
        const std::unique_ptr<struct archive_entry, Closer> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), text.path.c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.bytes.size()));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0600);
        archive_entry_set_mtime(entry.get(), 0, 0);
        if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK) return wrong();
        const la_ssize_t written =
            archive_write_data(writer.get(), text.bytes.data(), text.bytes.size());
        if (written != static_cast<la_ssize_t>(text.bytes.size())) return wrong();
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK) return wrong();
    return packed;
}

}  // namespace merlon::text
