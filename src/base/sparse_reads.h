#pragma once

// Tells the system that a mapped file is read here and there, and not from end to end.
//
// The idea: where the page cache holds a file in large pieces, touching one byte maps up to two
// mebibytes of it, which then count as this process's memory. Who reads some pages of a large
// database wants those pages alone.
//
// Thread-safe. A hint: whatever becomes of it, the bytes are the same. Cost: a system call.

#include "base/mapped_file.h"

namespace merlon {

void expect_sparse_reads(const MappedFile& file);

}  // namespace merlon
