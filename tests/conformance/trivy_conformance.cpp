// The tests of Trivy's checks, as `merlon policy test --trivy` runs them.
//
// usage: trivy_conformance [FOLDER…]
//
// Prints `N passed, N failed`, and the names of those that failed; without folders it runs the
// suite trivy-checks, of which no fewer may pass than have passed before (tests/budget.txt).

#include "base/clock.h"
#include "compat/opa/run.h"
#include "suite.h"
#include "text/json.h"

namespace {

using namespace merlon;

std::string text_of(const value::Value& object, std::string_view name) {
    const value::Value* const found = object.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

}  // namespace

int main(int word_count, char** words) {
    std::vector<std::string> folders(words + 1, words + word_count);
    int least = 1;
    if (folders.empty()) {
        least = conformance::budget("trivy_tests_passed");
        const auto suite = conformance::find_suite("trivy-checks");
        if (suite.empty()) return conformance::not_run(least);
        folders = {(suite / "lib").string(), (suite / "checks").string()};
    }
    // The YAML files beside the checks are examples and no data.
    std::vector<std::string> command = {"test",     "--trivy", "--ignore", "*.yaml",
                                        "--format", "json",    "-z"};
    command.insert(command.end(), folders.begin(), folders.end());
    std::string output;
    compat::opa::Outside outside;
    outside.write_output = [&output](std::string_view text) {
        output += text;
        return Status();
    };
    outside.write_error = [](std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
    };
    outside.clock = &system_clock();
    const int code = compat::opa::run(command, outside);

    Arena arena;
    Interner interner;
    const auto report = text::read_json(output, arena, interner);
    if (code == 1 || !report.ok() || !report.value().root->is_array()) {
        std::printf("0 passed, 0 failed: the tests could not be run\n");
        return 1;
    }
    int passed = 0;
    int failed = 0;
    for (const value::Value& one : report.value().root->items()) {
        const bool is_good = one.find("fail") == nullptr && one.find("error") == nullptr;
        ++(is_good ? passed : failed);
        if (is_good) continue;
        std::printf("%s.%s FAILS\n", text_of(one, "package").c_str(), text_of(one, "name").c_str());
    }
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 && passed >= least ? 0 : 1;
}
