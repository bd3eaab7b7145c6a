// The files of licences, and the packages that they lie with.

#include <algorithm>
#include <array>
#include <map>

#include "inventory/joins.h"
#include "inventory/readers.h"
#include "packages/license_text.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;

// Where the folder of a package is, from the file that names it.
enum class Home : std::uint8_t {
    kBeside,       // the file's own folder
    kProject,      // the same, of the project that a manifest describes
    kNamedBelow,   // a folder of the package's name below it: vendor/modules.txt
    kNamedBeside,  // a folder of the package's name beside it: vendor/composer/installed.json
    kGems,         // specifications/rake-13.0.gemspec and gems/rake-13.0
};

struct HomeRow {
    std::string_view reader;
    Home home;
};
constexpr std::array kHomes{
    HomeRow{"npm-installed", Home::kBeside},
    HomeRow{"python-installed", Home::kBeside},
    HomeRow{"gemspec", Home::kBeside},
    HomeRow{"r-installed", Home::kBeside},
    HomeRow{"gem-installed", Home::kGems},
    HomeRow{"go-vendor", Home::kNamedBelow},
    HomeRow{"composer-installed", Home::kNamedBeside},
    HomeRow{"npm-package-json", Home::kProject},
    HomeRow{"cargo-toml", Home::kProject},
    HomeRow{"pyproject", Home::kProject},
    HomeRow{"composer-json", Home::kProject},
};

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string home_of(const FileFacts& file, const Package& package, Home home) {
    const std::string_view folder = folder_of(file.path);
    switch (home) {
        case Home::kNamedBelow:
            return join_path(folder, package.name);
        case Home::kNamedBeside:
            return join_path(folder_of(folder), package.name);
        case Home::kGems: {
            std::string_view gem = base_name(file.path);
            gem = gem.substr(0, gem.rfind('.'));
            return join_path(folder_of(folder), "gems/" + std::string(gem));
        }
        default:
            return std::string(folder);
    }
}

struct Owner {
    Package* package;
    Home home;
};
using Owners = std::map<std::string, std::vector<Owner>, std::less<>>;

Owners owners_of(std::vector<FileFacts>& files) {
    Owners owners;
    for (FileFacts& file : files) {
        const auto row = std::ranges::find(kHomes, file.reader->name, &HomeRow::reader);
        if (row == kHomes.end() || !file.members.empty()) continue;
        for (Package& package : file.facts.source.packages) {
            if (row->home == Home::kProject && package.relation != Relation::kRoot) continue;
            owners[home_of(file, package, row->home)].push_back({&package, row->home});
        }
    }
    return owners;
}

// The packages of the folder that a file lies in, or of the nearest one around it: what an
// installed package has inside of it is part of it, and what a project has is not.
std::vector<Package*> owners_at(const Owners& owners, std::string_view path) {
    std::vector<Package*> found;
    std::string_view folder = folder_of(path);
    const std::string_view name = base_name(folder);
    if (name == "licenses" || name == "LICENSES" || name == "license") folder = folder_of(folder);
    for (bool is_own = true;; is_own = false) {
        if (const auto at = owners.find(folder); at != owners.end()) {
            for (const Owner& owner : at->second)
                if (is_own || owner.home != Home::kProject) found.push_back(owner.package);
        }
        if (!found.empty() || folder.empty()) return found;
        folder = folder_of(folder);
    }
}

void add_once(const std::string& text, std::vector<std::string>& texts) {
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

}  // namespace

Status read_license_file(Reading& reading) {
    LicenseFile file;
    for (packages::FoundLicense& found : packages::recognize_licenses(reading.bytes))
        file.licenses.push_back(std::move(found.id));
    file.text = reading.bytes;
    reading.facts.license_file = std::move(file);
    return {};
}

std::vector<LicenseFile> join_license_files(std::vector<FileFacts>& files) {
    const Owners owners = owners_of(files);
    std::vector<LicenseFile> joined;
    for (FileFacts& file : files) {
        if (!file.facts.license_file) continue;
        LicenseFile& license = joined.emplace_back(*std::move(file.facts.license_file));
        license.path = file.path;
        for (Package* package : owners_at(owners, file.path)) {
            license.has_owner = true;
            add_once(license.path, package->license_files);
            for (const std::string& id : license.licenses) add_once(id, package->found_licenses);
        }
    }
    return joined;
}

}  // namespace merlon::inventory
