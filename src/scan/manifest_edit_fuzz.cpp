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
    const scan::OpenedManifest manifest = kind.open(text);
    if (!manifest.ok()) return 0;
    const scan::ManifestEdits edits = manifest.value()->find(package, "1.2.0");
    if (!edits.ok()) return 0;
    std::string after = text;
    std::size_t end = text.size();
    for (std::size_t i = edits.value().size(); i-- > 0;) {
        const scan::ManifestEdit& edit = edits.value()[i];
        if (edit.offset > end || edit.length > end - edit.offset) std::abort();
        after.replace(edit.offset, edit.length, edit.text);
        end = edit.offset;
    }
    const std::string patch = scan::unified_patch("f", text, after);
    if (patch.empty() != (text == after)) std::abort();
    return 0;
}
