// Databases of distributions: dpkg (deb-control(5)) and opkg, apk-tools ("APK spec": installed
// database), pacman (alpm's local database), the list that rpm leaves in small images,
// os-release(5).

#include "inventory/system.h"

#include <algorithm>
#include <map>

#include "inventory/headers.h"
#include "inventory/joins.h"
#include "inventory/readers.h"
#include "text/base64.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using packages::Package;

// Edges of databases are by name, and names are also what other packages provide.
class ProvidedNames {
  public:
    explicit ProvidedNames(Reading& reading) : reading_(reading) {}
    void name_last(std::string_view name) { names_.emplace(name, reading_.count() - 1); }
    void want(std::uint32_t from, std::string_view name) { wanted_.emplace_back(from, name); }
    void link() {
        for (const auto& [from, name] : wanted_) {
            const auto found = names_.find(name);
            if (found != names_.end() && found->second != from)
                reading_.require(from, found->second);
        }
    }

  private:
    Reading& reading_;
    std::map<std::string_view, std::uint32_t> names_;
    std::vector<std::pair<std::uint32_t, std::string_view>> wanted_;
};

// "a (>= 1) | b, c:any": of alternatives each that is installed.
void want_all(ProvidedNames& names, std::uint32_t from, std::string_view list) {
    for (const std::string_view clause : split(list, ','))
        for (const std::string_view one : split(clause, '|'))
            names.want(from, one.substr(0, one.find_first_of(" (:")));
}

void set_source(Package& package, std::string_view source) {
    if (source.empty()) return;
    const auto [name, rest] = split_first(source, '(');  // "name (version)"
    package.source_name = trim(name);
    package.source_version = trim(rest.substr(0, rest.find(')')));
}

Status read_control_blocks(Reading& reading) {
    ProvidedNames names(reading);
    std::size_t offset = 0, blocks = 0;
    while (offset < reading.bytes.size()) {
        const HeaderBlock block = read_header_block(reading.bytes, offset);
        offset = block.end;
        if (block.headers.empty() && block.bad_offset == kNoOffset) break;
        if (block.bad_offset != kNoOffset)
            reading.unknown(block.bad_offset, "expected \"Field: value\"");
        const std::string_view name = block.get("Package");
        const std::string_view status = block.get("Status");
        if (name.empty()) continue;
        ++blocks;
        // What was removed may still have its configuration here; all other states (dpkg(1),
        // "Package states") have files. Images without dpkg itself have no such field.
        if (status.ends_with("config-files") || status.ends_with("not-installed")) continue;
        if (!block.get("Feature").empty()) continue;  // vcpkg: a part of the package before it
        std::string version(block.get("Version"));
        if (version.empty()) {
            reading.unknown(block.begin, std::string(name) + " has no version");
            continue;
        }
        if (const std::string_view port = block.get("Port-Version"); !port.empty() && port != "0")
            version += "#" + std::string(port);
        Package& package = reading.add(name, version, block.offset_of("Package"));
        package.architecture = block.get("Architecture");
        set_source(package, block.get("Source"));
        if (const std::string_view license = block.get("License"); !license.empty())
            package.licenses.emplace_back(license);
        const std::uint32_t index = reading.count() - 1;
        names.name_last(name);
        for (const std::string_view provided : split(block.get("Provides"), ','))
            names.name_last(provided.substr(0, provided.find_first_of(" (")));
        for (const std::string_view field : {"Depends", "Pre-Depends"})
            want_all(names, index, block.get(field));
    }
    if (blocks == 0 && !trim(reading.bytes).empty())
        return Error{"package database: expected blocks with a field \"Package\""};
    names.link();
    return {};
}

}  // namespace

Status read_dpkg_status(Reading& reading) { return read_control_blocks(reading); }

Status read_nothing(Reading&) { return {}; }

Status read_apk_installed(Reading& reading) {
    ProvidedNames names(reading);
    std::size_t offset = 0;
    while (offset < reading.bytes.size()) {
        const HeaderBlock block = read_header_block(reading.bytes, offset);
        offset = block.end;
        if (block.headers.empty() && block.bad_offset == kNoOffset) break;
        const std::string_view name = block.get("P"), version = block.get("V");
        if (name.empty() || version.empty()) {
            reading.unknown(block.begin, "apk: a block without name and version");
            continue;
        }
        Package& package = reading.add(name, version, block.offset_of("P"));
        package.architecture = block.get("A");
        if (const std::string_view license = block.get("L"); !license.empty())
            package.licenses.emplace_back(license);
        if (const std::string_view origin = block.get("o"); !origin.empty()) {
            package.source_name = origin;
            package.source_version = version;
        }
        // "Q1" and base64 of SHA-1: of the package's control part.
        const std::string_view digest = block.get("C");
        if (digest.starts_with("Q1"))
            add_integrity(package, "sha1-" + std::string(digest.substr(2)));
        const std::uint32_t index = reading.count() - 1;
        names.name_last(name);
        constexpr std::string_view kComparison = "=<>~";
        for (const std::string_view provided : split(block.get("p"), ' '))
            names.name_last(provided.substr(0, provided.find_first_of(kComparison)));
        for (const std::string_view wanted : split(block.get("D"), ' '))
            names.want(index, wanted.substr(0, wanted.find_first_of(kComparison)));
    }
    names.link();
    return {};
}

// "%NAME%", then its lines up to an empty one.
Status read_pacman_description(Reading& reading) {
    std::map<std::string_view, std::vector<std::string_view>> fields;
    std::vector<std::string_view>* field = nullptr;
    std::size_t offset = kNoOffset;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        if (line.empty()) {
            field = nullptr;
        } else if (line.size() > 2 && line[0] == '%' && line.ends_with('%')) {
            field = &fields[line];
            if (line == "%NAME%") offset = reading.lines().line_begin(number);
        } else if (field != nullptr) {
            field->push_back(line);
        }
    }
    const auto first = [&](std::string_view name) {
        return fields[name].empty() ? std::string_view() : fields[name].front();
    };
    if (first("%NAME%").empty()) return Error{"pacman: expected a field %NAME%"};
    Package& package = reading.add(first("%NAME%"), first("%VERSION%"), offset);
    package.architecture = first("%ARCH%");
    if (first("%BASE%") != package.name) package.source_name = first("%BASE%");
    for (const std::string_view license : fields["%LICENSE%"])
        package.licenses.emplace_back(license);
    return {};
}

// var/lib/rpmmanifest/container-manifest-2: tabbed name, version-release, times, vendor, epoch,
// size, architecture, epoch number, source package.
Status read_rpm_manifest(Reading& reading) {
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = reading.lines().line_text(number);
        if (trim(line).empty()) continue;
        const std::size_t offset = reading.lines().line_begin(number);
        const auto words = split(line, '\t');
        if (words.size() < 10) {
            reading.unknown(offset, "rpm manifest: expected ten columns");
            continue;
        }
        std::string version(words[1]);
        if (words[8] != "0" && words[8] != "(none)") version.insert(0, std::string(words[8]) + ":");
        Package& package = reading.add(words[0], version, offset);
        package.architecture = words[7];
        // "name-version-release.src.rpm"
        std::string_view source = words[9];
        if (source.ends_with(".src.rpm")) {
            source.remove_suffix(8);
            const auto [rest, release] = split_last(source, '-');
            const auto [name, source_version] = split_last(rest, '-');
            package.source_name = name;
            package.source_version = std::string(source_version) + "-" + std::string(release);
        }
    }
    return {};
}

Status read_os_release(Reading& reading) {
    packages::Distribution distribution;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const auto [key, quoted] = split_first(trim(reading.lines().line_text(number)), '=');
        std::string_view content = quoted;
        if (content.size() >= 2 && (content[0] == '"' || content[0] == '\'') &&
            content.back() == content[0])
            content = content.substr(1, content.size() - 2);
        if (key == "ID") distribution.id = content;
        if (key == "VERSION_ID") distribution.version = content;
        if (key == "VERSION_CODENAME") distribution.codename = content;
    }
    if (distribution.id.empty()) return Error{"os-release: expected a line \"ID=…\""};
    reading.facts.distribution = std::move(distribution);
    return {};
}

void join_distributions(std::vector<FileFacts>& files, const Tree& tree) {
    constexpr std::string_view kPlaces[] = {"var/lib/", "lib/apk/", "usr/lib/", "usr/share/"};
    for (FileFacts& file : files) {
        const Ecosystem ecosystem = file.facts.source.ecosystem;
        if (ecosystem != Ecosystem::kDeb && ecosystem != Ecosystem::kApk &&
            ecosystem != Ecosystem::kRpm && ecosystem != Ecosystem::kAlpm)
            continue;
        std::size_t cut = file.path.size();
        for (const std::string_view place : kPlaces) {
            std::size_t at = file.path.rfind(place);
            // "usr/lib/apk" is found by its last part as well; the root is before "usr".
            if (at != std::string::npos && at >= 4 && file.path.compare(at - 4, 4, "usr/") == 0)
                at -= 4;
            if (at != std::string::npos && (at == 0 || file.path[at - 1] == '/'))
                cut = std::min(cut, at);
        }
        if (cut == file.path.size()) continue;
        const std::string root = file.path.substr(0, cut);
        for (const std::string_view place : {"etc/os-release", "usr/lib/os-release"}) {
            const FileFacts* release = tree.find(root + std::string(place));
            if (release == nullptr || !release->facts.distribution) continue;
            for (Package& package : file.facts.source.packages) {
                package.distribution = *release->facts.distribution;
                package.purl_namespace_hint = package.distribution.id;
            }
            break;
        }
    }
}

}  // namespace merlon::inventory
