#include "secrets/word_set.h"

// The build makes the block and names it (cmake/MerlonWords.cmake).
__asm__(
    ".pushsection .rodata\n"
    ".global merlon_word_block_begin\n"
    ".global merlon_word_block_end\n"
    "merlon_word_block_begin:\n"
    ".incbin \"" MERLON_WORD_BLOCK
    "\"\n"
    "merlon_word_block_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_word_block_begin[];
extern "C" const char merlon_word_block_end[];

namespace merlon::secrets {

const WordSet& WordSet::english() {
    static const WordSet set(std::string_view(
        merlon_word_block_begin,
        static_cast<std::size_t>(merlon_word_block_end - merlon_word_block_begin)));
    return set;
}

}  // namespace merlon::secrets
