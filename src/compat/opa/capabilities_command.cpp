#include "base/file.h"
#include "compat/opa/capabilities.h"
#include "compat/opa/capabilities_text.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxCapabilitiesBytes = std::uint64_t{16} << 20;

// A file as it is, once it is known to be one of capabilities.
Result<std::string> text_of_file(const std::string& file) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, rego::syntax::RegoVersion::kV1);
    const std::string text = MERLON_TRY(read_as_go(file, kMaxCapabilitiesBytes));
    const auto document = loader.read_value(text, "capabilities.json");
    if (!document.ok()) return Error{file + ": " + document.error().to_string()};
    const auto read = Capabilities::read(document.value());
    if (!read.ok()) return Error{file + ": " + read.error().to_string()};
    return capabilities_text(document.value());
}

}  // namespace

int run_capabilities(const ParsedCommand& command, const Outside& outside) {
    if (command.is_set("version")) {
        const auto release = find_release(command.text("version"));
        if (release) return print(outside, capabilities_text(ReleaseFacts(*release)), 0);
        outside.write_error("error: no capabilities version found " + command.text("version") +
                            "\n");
        return kWronglyAsked;
    }
    if (command.is_set("file")) {
        const auto text = text_of_file(command.text("file"));
        if (text.ok()) return print(outside, text.value(), 0);
        outside.write_error("error: " + text.error().to_string() + "\n");
        return kWronglyAsked;
    }
    if (command.is_set("current")) {
        return print(outside, capabilities_text(version_of(command)), 0);
    }
    std::string names;
    for (const Release& release : releases()) names += std::string(release.version) + "\n";
    return print(outside, names, 0);
}

}  // namespace merlon::compat::opa
