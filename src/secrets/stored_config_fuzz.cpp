// A stored configuration with some of its bytes changed: it is refused, or it is another
// configuration, and scanning with it ends.
//
// The input is a list of changes, five bytes each: a place, four bytes little endian, and the byte
// that is put there. Whole inputs of chance would not get past the header.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "secrets/program.h"
#include "secrets/rule_patterns.h"
#include "secrets/stored_config.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kToml = R"(
[[rules]]
id = "one"
regex = '''(?i)k(ey)[=:]"?([a-z\d]{3,20})\b'''
secretGroup = 2
entropy = 0.5
keywords = ["key"]
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''example''', '''^#''']
stopwords = ["stop", "\u00e9t\u00e9"]
[[rules.required]]
id = "two"
withinLines = 3
[[rules]]
id = "two"
regex = '''[a-z\x{e9}_]{2,4}@(host|h\x{e9}te)+'''
path = '''\.env$'''
[[allowlists]]
paths = ['''vendor/''']
)";

const std::string& stored() {
    static const std::string bytes = [] {
        model::Diagnostics diagnostics;
        Config config =
            load_config(kToml, "fuzz", {}, BadRules::kRefuse, diagnostics).config.value();
        compile_patterns(config);
        return store_config(config);
    }();
    return bytes;
}

void scan_with(Config config) {
    model::Diagnostics diagnostics;
    Result<Program> program = Program::compile(std::move(config), {}, diagnostics);
    if (!program.ok()) return;
    model::Document document;
    document.bytes = "KEY=abc123 key: \"stop9\"\nab@host@host \xC3\xA9\xFF k\xC3\xA9y=abc\n";
    Program::Scratch scratch;
    (void)program.value().kind("a/.env");
    (void)program.value().examine(document, 0, scratch);
}

}  // namespace
}  // namespace merlon::secrets

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string& good = secrets::stored();
    std::vector<std::uint32_t> words(good.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), good.data(), good.size());
    const std::span<std::byte> bytes = std::as_writable_bytes(std::span(words));
    for (std::size_t at = 0; at + 5 <= size; at += 5) {
        std::uint32_t place = 0;
        std::memcpy(&place, data + at, sizeof place);
        bytes[place % bytes.size()] = static_cast<std::byte>(data[at + 4]);
    }
    auto config = secrets::restore_config(StoredBlock::of(std::move(words)));
    if (size < 5 && !config.has_value()) std::abort();
    if (config.has_value()) secrets::scan_with(*std::move(config));
    return 0;
}
