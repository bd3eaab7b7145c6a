#pragma once

// The rules of modules that are tests: those whose name begins with `test_`, and with `todo_test_`
// for those that are to be skipped.
//
// The idea: tests are found and made ready on the syntax, before anything is compiled. Rules of one
// name are told apart by a number (`test_x#01`), and a rule with parts behind its name
// (`test_x[case]`) says which case it has come to, as early as the case is known, so that cases
// that fail later are known by name.
//
// Standard: OPA 1.22.2, `opa test`. Not thread-safe. Cost: linear in the modules.

#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/compiler/compiler.h"

namespace merlon::rego::compiler {

struct TestRule {
    std::string package;  // "data.a.b_test"
    std::string name;     // "test_x", "test_x#01"
    std::string path;     // of its value: "data.a.b_test.test_x"
    std::string file;
    const syntax::Location* location = nullptr;
    bool is_skipped = false;
    bool has_cases = false;    // its value is an object of cases
    bool is_function = false;  // which cannot be asked for
};

struct TestModules {
    std::vector<SourceModule> modules;  // to be compiled in place of those that were given
    std::vector<TestRule> tests;        // in the order of the modules and their rules
};

TestModules prepare_tests(std::span<const SourceModule> modules, Arena& arena, Interner& interner);

}  // namespace merlon::rego::compiler
