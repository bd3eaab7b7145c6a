#pragma once

// What `merlon rules test` tries: the examples that stand beside a rule.
//
// The idea: an example is scanned as a file would be, with the whole pack, so that it shows what a
// user gets. A true example has to be shown by its own rule and keep its check; a false one is not
// shown by that rule, or its check speaks against it. A true example is tried beside a second one
// too: an expression that takes the character before and behind a token finds every second one of a
// list, and nothing but a list shows it.
//
// Not thread-safe: one request. Cost: one scan for each false example, some thirty for a true one.

#include <string>
#include <string_view>
#include <vector>

#include "scan/secrets_scan.h"
#include "secrets/config.h"

namespace merlon::cli {

// One example as it was tried; `problem` is empty where it did what it has to.
struct TriedExample {
    const secrets::Rule* rule = nullptr;
    std::string_view expected;  // "true" or "false"
    std::string example;        // as the rule has it
    std::string text;           // what it expands to
    std::string problem;
};

// In the order of the rules, true examples before false ones. `request` shows secrets as they are.
std::vector<TriedExample> try_examples(const scan::SecretsScan& request,
                                       const secrets::Config& config);

// A path for which a rule's path expression holds; the few shapes that such expressions have.
std::string example_path(const secrets::Rule& rule);

}  // namespace merlon::cli
