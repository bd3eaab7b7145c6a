// Compiles a file of rules into the bytes of secrets/stored_config.h, which the program carries, so
// that a start with its own pack parses and compiles nothing. The SHA-256 of the rules' text and of
// these bytes stand beside it, as C++, in OUTPUT.h. Files that would stay the same are not touched:
// then what is made of them need not be made again.
//
//   make_pack OUTPUT RULES.toml

#include <iostream>
#include <string>
#include <utility>

#include "base/file.h"
#include "crypto/digest.h"
#include "secrets/rule_patterns.h"
#include "secrets/stored_config.h"

int main(int count, char** arguments) {
    using namespace merlon;
    if (count != 3) {
        std::cerr << "usage: make_pack OUTPUT RULES.toml\n";
        return 2;
    }
    const Result<std::string> text = read_text_file(arguments[2]);
    if (!text.ok()) {
        std::cerr << "make_pack: " << text.error().to_string() << "\n";
        return 2;
    }
    model::Diagnostics diagnostics;
    secrets::LoadedConfig loaded = secrets::load_config(text.value(), arguments[2], {},
                                                        secrets::BadRules::kReport, diagnostics);
    for (const model::Diagnostic& said : diagnostics.items()) {
        std::cerr << "make_pack: " << said.rule_id << ": " << said.error.to_string() << "\n";
    }
    if (!loaded.config.ok()) std::cerr << loaded.config.error().to_string() << "\n";
    if (!loaded.config.ok() || !diagnostics.items().empty()) return 2;
    secrets::compile_patterns(loaded.config.value());
    const std::string compiled = secrets::store_config(loaded.config.value());
    const std::string output = arguments[1];
    const std::string digests = "constexpr char kRulesDigest[] = \"" +
                                crypto::sha256(text.value()).to_string() +
                                "\";\n[[maybe_unused]] constexpr char kCompiledRulesDigest[] = \"" +
                                crypto::sha256(compiled).to_string() + "\";\n";
    for (const auto& [path, bytes] :
         {std::pair(output, compiled), std::pair(output + ".h", digests)}) {
        const Result<std::string> before = read_text_file(path);
        if (before.ok() && before.value() == bytes) continue;
        if (const Status written = write_file_atomically(path, bytes); !written.ok()) {
            std::cerr << "make_pack: " << written.error().to_string() << "\n";
            return 2;
        }
    }
    return 0;
}
