#pragma once

// `merlon hook install|uninstall|run`: Merlon in a repository's hooks (githooks(5)).
//
// The idea: the script that is installed says only which hook it is; what the hook means is here,
// so that an update of the program updates every hook. install puts scripts before those that are
// there and never over them.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_hook_install(const ParsedCommand& command, const Environment& environment);
int run_hook_uninstall(const ParsedCommand& command, const Environment& environment);
// Exit code 0 lets git go on; 1 for findings and 2 for what could not be read stop it.
int run_hook(ParsedCommand& command, const Environment& environment);

// The script of a hook; `program` is the path of merlon, `options` words for `hook run`.
std::string hook_script(std::string_view hook, std::string_view program, std::string_view options);

}  // namespace merlon::cli
