// Any manifest of any kind: an edit is refused, or lies within the text; and the patch of it has
// the lines of both.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "scan/fix_advice.h"
#include "scan/manifest_edit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    if (size < 2) return 0;
    const auto kinds = scan::manifest_kinds();
    const scan::ManifestKind& kind = kinds[data[0] % kinds.size()];
    packages::Package package;
    package.name = kind.reader == "maven-pom" ? "g:a" : "a";
    package.version = kind.reader == "go-mod" ? "v1.0.0" : "1.0.0";
    package.location.region.start_line = data[1] % 8;
    std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto edit = kind.find(text, package, "1.2.0");
    if (!edit.ok()) return 0;
    if (edit.value().offset > text.size() ||
        edit.value().length > text.size() - edit.value().offset)
        std::abort();
    std::string after = text;
    after.replace(edit.value().offset, edit.value().length, edit.value().text);
    const std::string patch = scan::unified_patch("f", text, after);
    if (patch.empty() != (text == after)) std::abort();
    return 0;
}
