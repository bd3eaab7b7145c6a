// Any text is commands or an error, and no word of a command is empty.

#include <cstdlib>

#include "compat/opa/shell_commands.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto commands = merlon::compat::opa::shell_commands(text);
    if (!commands.ok()) return 0;
    for (const auto& command : commands.value()) {
        if (command.empty()) std::abort();
        for (const std::string& word : command) {
            if (word.empty()) std::abort();
        }
    }
    return 0;
}
