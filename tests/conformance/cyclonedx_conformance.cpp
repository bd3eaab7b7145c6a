// CycloneDX's own test resources of 1.4 to 1.7: what is called valid must be read, what is called
// invalid must be refused.

#include "exchange/bom_read.h"
#include "packages/license.h"
#include "suite.h"

using namespace merlon;

int main() {
    const auto suite = conformance::find_suite("cyclonedx");
    if (suite.empty()) return conformance::not_run(300);
    conformance::Tally tally("known_failures_cyclonedx.txt");
    for (const std::string version : {"1.4", "1.5", "1.6", "1.7"}) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(suite / version)) {
            const std::string name = entry.path().filename().string();
            const bool is_read = name.ends_with(".json") || name.ends_with(".xml");
            // What is called informal, the schema lets pass.
            if (is_read && !name.starts_with("informal")) files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        for (const auto& file : files) {
            const std::string name = file.filename().string();
            const auto read =
                exchange::read_bom(conformance::read_whole(file), packages::is_listed_license);
            const bool is_valid = name.starts_with("valid-");
            tally.record(version + "/" + name, read.ok() == is_valid,
                         read.ok() ? "was accepted" : read.error().to_string());
        }
    }
    return tally.finish();
}
