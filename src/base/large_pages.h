#pragma once

// Large pages for memory that will be filled.
//
// The idea: what is megabytes long and written from one end to the other meets a page fault for
// each 4 KiB, which costs more than the writing. One fault for each 2 MiB costs next to nothing
// (Linux, "Transparent Hugepage Support"). Where the system has no such pages, nothing is
// different.
//
// Thread-safe: no state. Cost: one system call, and up to one large page that is used in part.

#include <cstddef>

namespace merlon {

// For memory that was asked for and not written yet; what is shorter than 4 MiB stays as it is.
void ask_for_large_pages(void* begin, std::size_t bytes);

}  // namespace merlon
