#include "scan/system_programs.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace merlon::scan {
namespace {

using packages::Ecosystem;

// Where databases of installed packages stand, from the root.
constexpr std::array<std::string_view, 4> kDatabases{"var/lib/", "usr/lib/", "lib/apk/",
                                                     "usr/share/"};
constexpr std::array<std::string_view, 4> kSystemFolders{"bin/", "sbin/", "lib", "usr/"};
constexpr std::string_view kLocal = "usr/local/";

bool is_of_distribution(Ecosystem ecosystem) {
    return ecosystem == Ecosystem::kDeb || ecosystem == Ecosystem::kApk ||
           ecosystem == Ecosystem::kRpm || ecosystem == Ecosystem::kAlpm;
}

// The root of the tree that the database stands in; npos: it stands elsewhere.
std::size_t root_of(std::string_view path) {
    std::size_t root = std::string_view::npos;
    for (const std::string_view place : kDatabases) {
        for (std::size_t at = path.find(place); at != std::string_view::npos;
             at = path.find(place, at + 1)) {
            if (at == 0 || path[at - 1] == '/') root = std::min(root, at);
        }
    }
    return root;
}

}  // namespace

SystemPrograms::SystemPrograms(const std::vector<packages::PackageSource>& sources) {
    for (const packages::PackageSource& source : sources) {
        if (!is_of_distribution(source.ecosystem) || source.packages.empty()) continue;
        const std::size_t root = root_of(source.path);
        if (root == std::string_view::npos) continue;
        roots_.push_back({source.path.substr(0, root), source.packages.front().distribution});
    }
}

void SystemPrograms::prepare(const packages::PackageSource& source,
                             packages::Package& question) const {
    for (const Root& root : roots_) {
        if (!source.path.starts_with(root.path)) continue;
        const std::string_view inside = std::string_view(source.path).substr(root.path.size());
        const bool is_in_system = std::ranges::any_of(
            kSystemFolders, [&](std::string_view folder) { return inside.starts_with(folder); });
        if (is_in_system && !inside.starts_with(kLocal)) question.cpe.clear();
        // What a configuration of NVD's asks for beside the program itself.
        if (question.distribution.id.empty()) question.distribution = root.distribution;
    }
}

}  // namespace merlon::scan
