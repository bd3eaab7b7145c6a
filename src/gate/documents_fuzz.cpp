// What a gate reads from outside: the first byte chooses which of its readers gets the rest.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gate/decisions.h"
#include "gate/documents.h"
#include "gate/policy.h"
#include "gate/settings.h"
#include "gate/verdict.h"

namespace {

const merlon::gate::Policy& small_policy() {
    static const merlon::gate::Policy kPolicy =
        merlon::gate::Policy::compile(
            {{.name = "a.rego",
              .text = "package a\nconditions contains {\"id\": \"a\", \"status\": \"pass\", "
                      "\"evidence\": [one.title | some one in input.findings]}"}})
            .value();
    return kPolicy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::gate;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    Input input;
    switch (data[0] % 5) {
        case 0:
            (void)add_attestation(bytes, nullptr, input).ok();
            break;
        case 1: {
            const auto statement = parse_decision_statement(bytes);
            // One text for each decision.
            if (statement.ok() && decision_statement(statement.value()) != bytes) std::abort();
            const auto signed_one = read_signed_decision(bytes);
            (void)check_decisions({std::string(bytes)}, {}, {}).size();
            (void)signed_one.ok();
            break;
        }
        case 2:
            (void)read_settings(bytes, "f", "pr", "").ok();
            (void)read_settings(bytes, "f", "deploy", "production").ok();
            break;
        case 3: {
            const auto verdict = judge(small_policy(), bytes);
            if (!verdict.ok()) break;
            if (judge(small_policy(), bytes).value().statement != verdict.value().statement)
                std::abort();
            break;
        }
        default: {
            const auto policy = Policy::read(bytes);
            if (policy.ok() &&
                Policy::read(policy.value().document()).value().digest() != policy.value().digest())
                std::abort();
        }
    }
    return 0;
}
