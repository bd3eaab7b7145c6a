// Any bytes are a configuration that compiles, or an error that says something.

#include <cstdlib>

#include "secrets/config.h"
#include "secrets/program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    using namespace merlon::secrets;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > 8192) return 0;
    ConfigSources sources;
    // A configuration that extends itself has to come to an end.
    sources.read_file = [&](const std::string&) -> Result<std::string> {
        return std::string(bytes);
    };
    sources.read_default = [] -> Result<std::string> {
        return std::string("[[rules]]\nid = 'a'\nregex = 'b(c)'\n");
    };
    for (const BadRules bad_rules : {BadRules::kRefuse, BadRules::kReport}) {
        model::Diagnostics diagnostics;
        LoadedConfig loaded = load_config(bytes, "fuzz.toml", sources, bad_rules, diagnostics);
        if (!loaded.config.ok()) {
            if (loaded.config.error().message.empty()) std::abort();
            if (loaded.failure == ConfigFailure::kNone) std::abort();
            continue;
        }
        const auto program = Program::compile(std::move(loaded.config).value(), {}, diagnostics);
        if (!program.ok()) std::abort();
        model::Document document;
        document.bytes = "b c bc key=\"0123456789abcdef\" 62 63\n";
        Program::Scratch scratch;
        (void)program.value().examine(document, 0, scratch);
    }
    return 0;
}
