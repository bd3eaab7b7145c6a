// Compiles a file of rules into the bytes of secrets/stored_config.h, which the program carries, so
// that a start with its own pack parses and compiles nothing. The SHA-256 of the rules' text and of
// these bytes stand beside it, as C++, in OUTPUT.h.
//
//   make_pack OUTPUT RULES.toml

#include <fstream>
#include <iostream>
#include <string>

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
    std::ofstream output(arguments[1], std::ios::binary);
    output << compiled;
    output.close();
    std::ofstream digests(std::string(arguments[1]) + ".h", std::ios::binary);
    digests << "constexpr char kRulesDigest[] = \"" << crypto::sha256(text.value()).to_string()
            << "\";\n[[maybe_unused]] constexpr char kCompiledRulesDigest[] = \""
            << crypto::sha256(compiled).to_string() << "\";\n";
    digests.close();
    if (!output || !digests) {
        std::cerr << "make_pack: cannot write " << arguments[1] << "\n";
        return 2;
    }
    return 0;
}
