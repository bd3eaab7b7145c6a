// The VERS specification's own tests: comparisons by scheme, ranges from native syntaxes, what is
// inside a range, and the canonical form.

#include "packages/version.h"
#include "packages/version_range.h"
#include "suite.h"
#include "text/json.h"

namespace {

using namespace merlon;
using value::Value;

struct Outcome {
    bool passed;
    std::string detail;
};

std::string text_of(const Value* value) {
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

// "comparison" wants the versions sorted, "equality" whether the two are equal.
Outcome compare(const Value& input, const Value& expected, bool wants_equality) {
    const auto scheme = packages::parse_version_scheme(input.find("input_scheme")->as_string());
    if (!scheme) return {false, "no such scheme"};
    const auto versions = wants_equality ? input.find("versions")->items() : expected.items();
    Outcome outcome{true, ""};
    for (std::size_t at = 0; at + 1 < versions.size(); ++at) {
        const std::string left(versions[at].as_string()), right(versions[at + 1].as_string());
        const auto order = packages::compare_versions(*scheme, left, right);
        outcome.detail += left + (order < 0 ? " < " : order > 0 ? " > " : " = ") + right + "; ";
        const bool passed = wants_equality ? (order == 0) == expected.as_boolean() : order <= 0;
        outcome.passed = outcome.passed && passed;
    }
    return outcome;
}

Outcome from_native(const Value& input, const Value& expected) {
    const std::string type(input.find("scheme")->as_string());
    const auto scheme = packages::parse_version_scheme(type);
    const auto syntax = packages::range_syntax_of_vers_type(type);
    if (!scheme || !syntax) return {false, "no such scheme"};
    const std::string native = text_of(input.find("native_range"));
    const auto range = packages::parse_version_range(*syntax, *scheme, native);
    if (!range.ok()) return {false, native + ": " + range.error().to_string()};
    const std::string text = to_string(packages::vers_of(range.value(), type));
    return {text == expected.as_string(), native + ": " + text};
}

Outcome containment(const Value& input, const Value& expected) {
    const auto vers = packages::parse_vers(input.find("vers")->as_string());
    if (!vers.ok()) return {false, vers.error().to_string()};
    const bool inside = vers.value().range().contains(input.find("version")->as_string());
    return {inside == expected.as_boolean(), inside ? "inside" : "outside"};
}

Outcome validate(const Value& input, const Value& expected) {
    const auto vers = packages::parse_vers(input.as_string());
    if (!vers.ok()) return {false, vers.error().to_string()};
    return {to_string(vers.value()) == expected.as_string(), to_string(vers.value())};
}

Outcome parse(const Value& test) {
    const auto vers =
        packages::parse_vers(test.find("input")->as_string(), packages::VersSpelling::kCanonical);
    const Value* must_fail = test.find("expected_failure");
    const std::string said = vers.ok() ? to_string(vers.value()) : vers.error().to_string();
    if (must_fail != nullptr && must_fail->as_boolean()) return {!vers.ok(), said};
    if (!vers.ok()) return {false, said};
    const Value& expected = *test.find("expected_output");
    const auto wanted = expected.find("version_constraints")->items();
    bool passed = vers.value().type == expected.find("scheme")->as_string() &&
                  vers.value().constraints.size() == wanted.size();
    for (std::size_t at = 0; passed && at < wanted.size(); ++at)
        passed = vers.value().constraints[at].version == wanted[at].items()[1].as_string();
    return {passed, said};
}

Outcome run(const Value& test) {
    const std::string kind = text_of(test.find("test_type"));
    if (kind == "parse") return parse(test);
    const Value& input = *test.find("input");
    const Value& expected = *test.find("expected_output");
    if (kind == "comparison" || kind == "equality")
        return compare(input, expected, kind == "equality");
    if (kind == "from_native") return from_native(input, expected);
    if (kind == "containment") return containment(input, expected);
    if (kind == "validate") return validate(input, expected);
    return {false, "a kind of test that is not known: " + kind};
}

}  // namespace

int main() {
    const auto suite = conformance::find_suite("vers");
    if (suite.empty()) return conformance::not_run(2700);
    conformance::Tally tally("known_failures_vers.txt");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(suite))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        Arena arena;
        Interner interner;
        const auto document = text::read_json(conformance::read_whole(path), arena, interner);
        const std::string file = path.filename().string();
        if (!document.ok()) {
            tally.record(file, false, document.error().to_string());
            continue;
        }
        int number = 0;
        for (const Value& test : document.value().root->find("tests")->items()) {
            const Outcome outcome = run(test);
            tally.record(file + "#" + std::to_string(number++), outcome.passed,
                         text_of(test.find("test_type")) + ": " + outcome.detail);
        }
    }
    return tally.finish();
}
