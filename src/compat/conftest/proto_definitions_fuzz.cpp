// Definitions of Protocol Buffers and, behind a zero byte, a textproto that is read with them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compat/conftest/parsers.h"
#include "compat/conftest/proto_definitions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    namespace conftest = compat::conftest;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = text.find('\0');
    conftest::ProtoDefinitions definitions;
    const bool is_loaded = definitions.load("a.proto", text.substr(0, middle)).ok();
    if (!is_loaded || middle == std::string_view::npos) return 0;
    Arena arena;
    Interner interner;
    conftest::Reading reading(arena, interner);
    reading.definitions = &definitions;
    const auto value = conftest::parse_textproto(text.substr(middle + 1), reading);
    if (!value.ok()) return 0;
    std::string out;
    text::JsonWriter json(out);
    json.value(conftest::as_round_trip(value.value(), reading.values));
    return 0;
}
