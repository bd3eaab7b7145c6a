// The public version comparisons: a line `A < B` each (or `=`, `>`), a file for each ecosystem.
//
// Each line is compared both ways round. A known failure is named file:A<B.

#include <array>

#include "packages/version.h"
#include "suite.h"

namespace {

using namespace merlon;
using packages::VersionScheme;

struct FileScheme {
    std::string_view prefix;
    VersionScheme scheme;
};
constexpr std::array kSchemes{
    FileScheme{"alpine", VersionScheme::kApk},
    FileScheme{"cran", VersionScheme::kCran},
    FileScheme{"debian", VersionScheme::kDpkg},
    FileScheme{"hackage", VersionScheme::kHackage},
    FileScheme{"maven", VersionScheme::kMaven},
    FileScheme{"nuget", VersionScheme::kNuget},
    FileScheme{"packagist", VersionScheme::kComposer},
    FileScheme{"pub", VersionScheme::kPub},
    FileScheme{"pypi", VersionScheme::kPypi},
    FileScheme{"redhat", VersionScheme::kRpm},
    FileScheme{"rubygems", VersionScheme::kGem},
    FileScheme{"semver", VersionScheme::kSemver},
};

char sign(std::weak_ordering order) { return order < 0 ? '<' : order > 0 ? '>' : '='; }

char opposite(char wanted) { return wanted == '<' ? '>' : wanted == '>' ? '<' : '='; }

// A line "A < B"; comments begin with # or //.
void run_line(const std::string& line, const std::string& file, VersionScheme scheme,
              conformance::Tally& tally) {
    std::istringstream words(line);
    std::string left, wanted, right;
    if (line.starts_with('#') || line.starts_with("//") || !(words >> left >> wanted >> right))
        return;
    const char there = sign(packages::compare_versions(scheme, left, right));
    const char back = sign(packages::compare_versions(scheme, right, left));
    tally.record(file + ":" + left + wanted + right,
                 there == wanted[0] && back == opposite(wanted[0]),
                 std::string("is ") + there + ", and the other way round " + back);
}

}  // namespace

int main() {
    const auto suite = conformance::find_suite("versions");
    if (suite.empty()) return conformance::not_run(35989);
    conformance::Tally tally("known_failures_versions.txt");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(suite))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        const std::string file = path.filename().string();
        const auto scheme = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const auto& row) {
            return file.starts_with(row.prefix);
        });
        if (scheme == kSchemes.end()) {
            tally.record(file, false, "no scheme is known for this file");
            continue;
        }
        std::istringstream lines(conformance::read_whole(path));
        for (std::string line; std::getline(lines, line);)
            run_line(line, file, scheme->scheme, tally);
    }
    return tally.finish();
}
