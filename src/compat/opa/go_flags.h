#pragma once

// Command lines and variables as Go's pflag takes them, for the fronts of programs that are written
// in Go: --flag=false, -f=value and numbers like 0x10, which our own commands refuse.
//
// The idea: the words are rewritten before the flag table reads them. What pflag takes beyond the
// table becomes what the table knows, and what it refuses is refused in its words, so that what
// remains for the table to say is about verbs.
//
// Standard: pflag 1.0.10. Thread-safe: no state. Cost: linear in the words.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"

namespace merlon::compat::opa {

// Where the verb stands, as cobra looks for it: the word behind a flag is taken for its value, but
// for --help and --version; words.size(): nowhere.
std::size_t verb_index(const CommandTable& table, std::span<const std::string> words);
// What cobra says of a word that is no verb, with the one that may be meant; its line ends.
std::string unknown_command(const CommandTable& table, const std::string& word);
// The verb comes first. Of a flag without a value that is given several times, the last wins. A
// number below 0 is given on as 0, which is what these programs make of it.
Result<std::vector<std::string>> words_of_go(const CommandTable& table,
                                             std::span<const std::string> words);
// The flags without a value that the words turn off at last: what else turns them on is below that.
std::vector<std::string> flags_turned_off(const CommandTable& table,
                                          std::span<const std::string> words);

// The value of a variable as the flag table reads it: the flag's, by pflag's rules. Fails with
// pflag's words.
Result<std::string> variable_of_go(const Flag& flag, const std::string& text);

}  // namespace merlon::compat::opa
