// JSONTestSuite: y_ must parse, n_ must be refused, i_ may do either but must not crash.

#include "suite.h"
#include "text/json.h"

int main() {
    using namespace merlon;
    const auto suite = conformance::find_suite("json");
    if (suite.empty()) return conformance::not_run(318);
    conformance::Tally tally("known_failures_json.txt");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(suite)) {
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        Arena arena;
        Interner interner;
        const std::string name = file.filename().string();
        const auto document = text::read_json(conformance::read_whole(file), arena, interner);
        const bool passed = name.starts_with("i_") || document.ok() == name.starts_with("y_");
        tally.record(name, passed, document.ok() ? "was accepted" : document.error().to_string());
    }
    return tally.finish();
}
