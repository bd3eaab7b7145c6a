#pragma once

// The evidence store as the verbs share it: where it is, who writes, how a document gets in.
//
// Thread-safe: no state. Errors say what to do.

#include <string>
#include <string_view>
#include <vector>

#include "base/flags.h"
#include "cli/environment.h"
#include "evidence/import.h"
#include "evidence/store.h"

namespace merlon::cli {

// The store that --store names, else the one in the state directory.
Result<std::string> store_place(const ParsedCommand& command, const Environment& environment);

// For writing, the folder of the default place is made.
Result<evidence::Store> open_store(const ParsedCommand& command, const Environment& environment,
                                   evidence::Access access);

// Makes the folder of the default place.
void make_store_folder(const ParsedCommand& command, const std::string& place);

// Whether the place is a server, or a file that is there.
bool is_store_there(const std::string& place);
// Fails where the place is a file, and no file is there.
Status check_store_is_there(const std::string& place);

// For writing to a store that somebody has made: a mistyped name makes none.
Result<evidence::Store> open_store_that_is_there(const ParsedCommand& command,
                                                 const Environment& environment);

// Where the key that signs the store's audit log is: beside the file, never in the store.
Result<std::string> audit_key_path(const ParsedCommand& command, const Environment& environment);

// Who does it, for the audit log: the user's name and number.
std::string actor_of(const Environment& environment);

// Whether a name has no control characters, and no blank at its ends: it stands in lists, and two
// that look alike are one.
bool is_plain_name(std::string_view name);

// In whose name: --as, which has to be plain, else the actor.
Result<std::string> person_asked(const ParsedCommand& command, const Environment& environment);

// "semgrep: 120 found, 3 new, 117 known (6 moved), 2 closed", one line for each run.
std::string import_lines(std::string_view document, const std::vector<evidence::ImportedRun>& runs);

}  // namespace merlon::cli
