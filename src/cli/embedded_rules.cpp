#include "cli/rule_source.h"

// The build joins the pack into one file and names it (cmake/MerlonProgram.cmake).
__asm__(
    ".pushsection .rodata\n"
    ".global merlon_embedded_rules_begin\n"
    ".global merlon_embedded_rules_end\n"
    "merlon_embedded_rules_begin:\n"
    ".incbin \"" MERLON_RULES_FILE
    "\"\n"
    "merlon_embedded_rules_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_embedded_rules_begin[];
extern "C" const char merlon_embedded_rules_end[];

namespace merlon::cli {

std::string_view embedded_rules() {
    return {merlon_embedded_rules_begin,
            static_cast<std::size_t>(merlon_embedded_rules_end - merlon_embedded_rules_begin)};
}

}  // namespace merlon::cli
