#include "base/sparse_reads.h"

#include <sys/mman.h>

namespace merlon {

void expect_sparse_reads(const MappedFile& file) {
    if (file.size() == 0) return;
    // The mapping begins where the file does, at a page's begin. What fails here is an older
    // kernel, which has no such pieces either.
    void* const begin = const_cast<char*>(file.bytes().data());
    (void)madvise(begin, file.size(), MADV_NOHUGEPAGE);
}

}  // namespace merlon
