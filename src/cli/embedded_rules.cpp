#include "base/assert.h"
#include "base/block_source.h"
#include "cli/rule_source.h"

// The build joins the pack into one file, compiles it to another, and names both
// (cmake/MerlonProgram.cmake).
__asm__(
    ".pushsection .rodata\n"
    ".balign 64\n"
    ".global merlon_compiled_rules_begin\n"
    ".global merlon_compiled_rules_end\n"
    "merlon_compiled_rules_begin:\n"
    ".incbin \"" MERLON_COMPILED_RULES_FILE
    "\"\n"
    "merlon_compiled_rules_end:\n"
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
extern "C" const std::byte merlon_compiled_rules_begin[];
extern "C" const std::byte merlon_compiled_rules_end[];

namespace merlon::cli {
namespace {

#include MERLON_RULES_DIGESTS_FILE

}  // namespace

std::string_view embedded_rules() {
    return {merlon_embedded_rules_begin,
            static_cast<std::size_t>(merlon_embedded_rules_end - merlon_embedded_rules_begin)};
}

crypto::Digest embedded_rules_digest() {
    const Result<crypto::Digest> digest = crypto::parse_digest(kRulesDigest);
    MERLON_ASSERT(digest.ok());
    return digest.value();
}

StoredBlock compiled_rules() {
    const std::span<const std::byte> bytes(merlon_compiled_rules_begin, merlon_compiled_rules_end);
    return StoredBlock::whole(std::make_shared<const MemorySource>(bytes, nullptr));
}

}  // namespace merlon::cli
