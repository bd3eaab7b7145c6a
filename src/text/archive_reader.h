#pragma once

// libarchive's reader, opened for what is asked: its formats and filters, its words, its locale.
//
// Thread-safe: no shared state; a reader belongs to one archive.

#include <locale.h>

#include <memory>
#include <string>

#include "text/archive.h"

struct archive;
struct archive_entry;

namespace merlon::text {

struct CloseArchive {
    void operator()(struct archive* reader) const;
};
using Reader = std::unique_ptr<struct archive, CloseArchive>;

// Of every format and filter but tar, also of a compressed stream that holds something else.
Reader open_reader();
// The bytes as they are.
Reader open_plain_reader();
// One container, without a filter.
Reader open_container_reader(ContainerKind kind);

bool is_encrypted(struct archive* reader, struct archive_entry* entry);
// Of what libarchive 3.6 fails to read though nothing is wrong: an empty member of a zip that LZMA
// packed, after which its decoder finds no room for output.
bool is_empty_lzma_in_zip(struct archive* reader, struct archive_entry* entry);
// Of what failed last.
std::string reason(struct archive* reader);

// In the "C" locale libarchive loses each name in a zip or 7z that is not ASCII: this thread has
// the characters of "C.UTF-8" while an archive is read.
class Utf8Locale {
  public:
    Utf8Locale();
    ~Utf8Locale();
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

  private:
    locale_t locale_;
    locale_t before_;
};

}  // namespace merlon::text
