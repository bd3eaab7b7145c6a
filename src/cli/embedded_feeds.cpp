#include "cli/embedded_feeds.h"

// The build names the list (src/CMakeLists.txt).
__asm__(
    ".pushsection .rodata\n"
    ".global merlon_feed_list_begin\n"
    ".global merlon_feed_list_end\n"
    "merlon_feed_list_begin:\n"
    ".incbin \"" MERLON_FEED_LIST
    "\"\n"
    "merlon_feed_list_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_feed_list_begin[];
extern "C" const char merlon_feed_list_end[];

namespace merlon::cli {

std::string_view embedded_feeds() {
    return {merlon_feed_list_begin,
            static_cast<std::size_t>(merlon_feed_list_end - merlon_feed_list_begin)};
}

}  // namespace merlon::cli
