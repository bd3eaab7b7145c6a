#include "inventory/python_names.h"

#include <array>

#include "base/ascii.h"
#include "packages/version.h"

namespace merlon::inventory {

using packages::Package;

namespace {

constexpr bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

Requirement parse_requirement(std::string_view text) {
    Requirement requirement;
    text = trim(text);
    std::size_t end = 0;
    while (end < text.size() && is_name_character(text[end])) ++end;
    const std::string_view name = text.substr(0, end);
    text = trim(text.substr(end));
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return {};
        text = trim(text.substr(close + 1));
    }
    if (text.starts_with('@')) {
        // A marker is told from the address by the blank before it.
        text = trim(text.substr(1));
        const std::size_t mark = text.find(" ;");
        requirement.url = trim(text.substr(0, mark));
        if (mark != std::string_view::npos) requirement.marker = trim(text.substr(mark + 2));
        requirement.name = name;
        return requirement;
    }
    const auto [specifier, marker] = split_first(text, ';');
    requirement.specifier = trim(specifier);
    requirement.marker = trim(marker);
    if (requirement.specifier.starts_with('(') && requirement.specifier.ends_with(')'))
        requirement.specifier =
            trim(requirement.specifier.substr(1, requirement.specifier.size() - 2));
    constexpr std::string_view kOperators = "<>=!~";
    if (!requirement.specifier.empty() &&
        kOperators.find(requirement.specifier[0]) == std::string_view::npos)
        return {};
    requirement.name = name;
    return requirement;
}

std::string_view pinned_version(std::string_view specifier) {
    if (!specifier.starts_with("==")) return {};
    specifier = trim(specifier.substr(specifier.starts_with("===") ? 3 : 2));
    // A comma begins another condition; of the rest no version has any.
    const bool is_version = specifier.find_first_of(",<>=~") == std::string_view::npos &&
                            !packages::is_no_version(packages::VersionScheme::kPypi, specifier);
    return is_version ? specifier : std::string_view();
}

ArchiveName parse_archive_name(std::string_view place) {
    place = place.substr(0, place.find_first_of("?#"));
    std::string_view file = place.substr(place.rfind('/') + 1);
    constexpr std::string_view kWheel = ".whl";
    if (file.ends_with(kWheel)) {
        const auto [name, rest] = split_first(file, '-');
        return {name, rest.substr(0, rest.find('-'))};
    }
    constexpr std::array<std::string_view, 5> kEndings{".tar.gz", ".zip", ".tgz", ".tar.bz2",
                                                       ".tar.xz"};
    for (const std::string_view ending : kEndings) {
        if (!file.ends_with(ending)) continue;
        file.remove_suffix(ending.size());
        // Names have hyphens too: a version begins with a digit.
        const std::size_t dash = file.rfind('-');
        const bool has_version = dash != std::string_view::npos && dash > 0 &&
                                 dash + 1 < file.size() && file[dash + 1] >= '0' &&
                                 file[dash + 1] <= '9';
        if (!has_version) return {file, {}};
        return {file.substr(0, dash), file.substr(dash + 1)};
    }
    return {};
}

void set_python_origin(Package& package, std::string_view address) {
    if (address.empty()) return;
    if (const std::string_view version = parse_archive_name(address).version;
        package.version.empty())
        package.version = version;
    if (address.starts_with("file:") || address.find(':') == std::string_view::npos) {
        // A folder is the project's own; an archive is a package that somebody has brought in.
        package.local = parse_archive_name(address).name.empty();
        return;
    }
    std::string_view place = address.substr(0, address.find('#'));
    if (place.starts_with("git+") || place.starts_with("hg+") || place.starts_with("svn+") ||
        place.starts_with("bzr+")) {
        place.remove_prefix(place.find('+') + 1);
        const std::size_t path = place.find('/', place.find("//") + 2);
        const std::size_t at = place.rfind('@');
        if (at != std::string_view::npos && path != std::string_view::npos && at > path) {
            package.commit = place.substr(at + 1);
            place = place.substr(0, at);
        }
    }
    package.download_url = place;
}

Package& add_requirement(Reading& reading, const Requirement& requirement, std::size_t offset) {
    const std::string_view version = pinned_version(requirement.specifier);
    Package& package = reading.add(requirement.name, version, offset);
    package.requested = requirement.specifier;
    package.relation = packages::Relation::kDirect;
    package.is_conditional = !requirement.marker.empty();
    set_python_origin(package, requirement.url);
    return package;
}

std::string normal_python_name(std::string_view name) {
    // PyPA, "Names and normalization": runs of -, _ and . are one '-', and case does not matter.
    std::string normal;
    for (const char c : name) {
        if (c == '-' || c == '_' || c == '.') {
            if (!normal.ends_with('-')) normal += '-';
        } else {
            normal += to_lower(c);
        }
    }
    return normal;
}

void PythonEdges::name_last(std::string_view name) {
    names_.emplace(normal_python_name(name), reading_.count() - 1);
}

void PythonEdges::want(std::uint32_t from, std::string_view name, std::string_view version) {
    wanted_.push_back({from, normal_python_name(name), version});
}

void PythonEdges::link() {
    for (const Wanted& wanted : wanted_) {
        const auto [first, last] = names_.equal_range(wanted.name);
        for (auto found = first; found != last; ++found)
            if ((wanted.version.empty() || reading_.at(found->second).version == wanted.version) &&
                !reading_.require(wanted.from, found->second))
                return;
    }
}

}  // namespace merlon::inventory
