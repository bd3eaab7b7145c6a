// A list of names and a name, as they come: parsed or refused, and what is found is in the list.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "packages/look_alike.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::packages;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view name = text.substr(0, text.find('\n'));
    text.remove_prefix(name.size());
    const auto names = PopularNames::parse(text, "names");
    if (!names.ok()) return 0;
    for (const Ecosystem ecosystem : {Ecosystem::kNpm, Ecosystem::kPypi, Ecosystem::kGo}) {
        const auto found = names.value().find(ecosystem, name);
        if (found && !names.value().has(ecosystem, found->name)) std::abort();
        if (found && found->name == name) std::abort();
    }
    return 0;
}
