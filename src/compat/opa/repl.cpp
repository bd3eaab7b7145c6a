#include <algorithm>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/repl_session.h"

namespace merlon::compat::opa {

int run_repl(const ParsedCommand& command, const Outside& outside) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    load_data(command, outside, loader);
    if (!loader.errors().empty()) {
        outside.write_error(to_string(loader.errors()) + "\n");
        return kFailed;
    }
    ReplSession repl(command, outside, loader, arena, interner);
    if (command.is_set("input")) {
        const auto text = read_text_file(command.text("input"), std::uint64_t{1} << 30);
        const auto read =
            text.ok() ? loader.read_input(text.value(), command.text("input")) : text.error();
        if (!read.ok()) {
            outside.write_error(read.error().to_string() + "\n");
            return kFailed;
        }
        repl.set_input(read.value());
    }
    const auto said = outside.read_input();
    if (!said.ok()) {
        outside.write_error(said.error().to_string() + "\n");
        return kFailed;
    }
    std::string_view rest = said.value();
    bool goes_on = true;
    while (goes_on && !rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        goes_on = repl.take(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (const int code = print(outside, repl.take_output(), 0); code != 0) return code;
    }
    repl.finish();
    return print(outside, repl.take_output(), 0);
}

}  // namespace merlon::compat::opa
