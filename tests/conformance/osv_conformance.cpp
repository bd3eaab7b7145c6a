// Every record of the Go and PyPA advisory databases is read, and reads the same after it was
// written.

#include "exchange/osv.h"
#include "suite.h"

namespace {

using namespace merlon;

std::string problem_of(const std::filesystem::path& path) {
    const auto syntax =
        path.extension() == ".json" ? exchange::RecordSyntax::kJson : exchange::RecordSyntax::kYaml;
    const auto record = exchange::read_osv(conformance::read_whole(path), syntax);
    if (!record.ok()) return record.error().to_string();
    if (record.value().id != path.stem().string()) return "its id is " + record.value().id;
    std::string written;
    exchange::write_osv(record.value(), written);
    const auto again = exchange::read_osv(written, exchange::RecordSyntax::kJson);
    if (!again.ok()) return "written: " + again.error().to_string();
    return again.value() == record.value() ? "" : "another record after writing";
}

}  // namespace

int main() {
    const std::filesystem::path suite = conformance::find_suite("osv");
    if (suite.empty()) return conformance::not_run(6952);
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(suite)) {
        const auto extension = entry.path().extension();
        if (extension == ".json" || extension == ".yaml") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    conformance::Tally tally("known_failures_osv.txt");
    for (const auto& path : paths) {
        const std::string problem = problem_of(path);
        tally.record(path.filename().string(), problem.empty(), problem);
    }
    return tally.finish();
}
