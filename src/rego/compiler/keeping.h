#pragma once

// Which functions are called once for equal arguments.
//
// The idea: OPA keeps what each call has given until the query ends or a `with` opens. For most
// functions nobody can tell, and calling them again is cheaper than remembering. What can be told:
// functions that reach a built-in whose answer may be another one the next time, or that is heard
// outside; and functions that call functions several times, which call others several times, and so
// on, so that what OPA does in n calls would be 2^n.
//
// Thread-safe: no state. Cost: linear in the code.

#include "rego/plan.h"

namespace merlon::rego::compiler {

// Sets `keeping` of the program's functions, and of those for some keys whether nobody could tell
// if the whole rule were evaluated. All of the code has been written.
void decide_keeping(Program& program);

}  // namespace merlon::rego::compiler
