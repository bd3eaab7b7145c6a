// Any bytes as a pattern and a path: an answer in bounded time, and an escaped path that matches
// itself and nothing longer.

#include "text/glob.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::text;
    if (size > 1024) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
    const std::string_view pattern = bytes.substr(0, cut);
    const std::string_view path = bytes.substr(std::min(cut + 1, bytes.size()));
    (void)glob_matches(pattern, path);

    std::string escaped;
    for (const char c : path) {
        if (c != '/') escaped.push_back('\\');
        escaped.push_back(c);
    }
    if (!glob_matches(escaped, path)) std::abort();
    if (glob_matches(escaped, std::string(path) + "x")) std::abort();

    const IgnoreRules rules = IgnoreRules::parse(pattern);
    for (const EntryKind kind : {EntryKind::kFile, EntryKind::kDirectory}) {
        const IgnoreVerdict verdict = rules.verdict(path, kind);
        if (rules.empty() && verdict != IgnoreVerdict::kUndecided) std::abort();
    }
    return 0;
}
