// Any bytes to each of conftest's parsers: the first byte says which. A value or an error, and the
// value can be printed.

#include <cstddef>
#include <cstdint>
#include <string>

#include "compat/conftest/parsers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    namespace conftest = compat::conftest;
    if (size == 0) return 0;
    const auto parsers = conftest::all_parsers();
    const conftest::FileParser& parser = parsers[data[0] % parsers.size()];
    if (parser.parse == nullptr) return 0;
    Arena arena;
    Interner interner;
    conftest::Reading reading(arena, interner);
    const auto value = parser.parse({reinterpret_cast<const char*>(data) + 1, size - 1}, reading);
    if (!value.ok()) return 0;
    std::string out;
    text::JsonWriter json(out);
    json.value(conftest::as_round_trip(value.value(), reading.values));
    return 0;
}
