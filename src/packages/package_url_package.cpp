// Between a Package, as readers write it, and its package URL.

#include <algorithm>

#include "packages/package_url.h"
#include "packages/package_url_types.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

bool has_namespaces(std::string_view type) {
    const auto row = std::find_if(kPurlTypes.begin(), kPurlTypes.end(),
                                  [&](const PurlType& known) { return known.type == type; });
    return row == kPurlTypes.end() || row->name_space != Namespace::kProhibited;
}

bool is_distribution(Ecosystem ecosystem) {
    return ecosystem == Ecosystem::kDeb || ecosystem == Ecosystem::kRpm ||
           ecosystem == Ecosystem::kApk || ecosystem == Ecosystem::kAlpm;
}

void add(PackageUrl& url, std::string_view key, std::string value) {
    if (!value.empty()) url.qualifiers.emplace_back(key, std::move(value));
}

// deb, rpm, apk and alpm: the distribution is the namespace, and what hangs on its release stands
// in the qualifiers, because matching needs it (common-qualifiers.md, and what Syft writes).
void add_distribution(const Package& package, PackageUrl& url) {
    const Distribution& distribution = package.distribution;
    url.name = package.name;
    url.name_space =
        !package.purl_namespace_hint.empty() ? package.purl_namespace_hint : distribution.id;
    add(url, "arch", package.architecture);
    if (!distribution.id.empty() && !distribution.version.empty())
        add(url, "distro", distribution.id + '-' + distribution.version);
    if (package.ecosystem == Ecosystem::kRpm) {
        std::string_view rest = url.version;
        const std::string_view epoch = take_digits(rest);
        if (!epoch.empty() && rest.starts_with(':')) {
            add(url, "epoch", std::string(epoch));
            url.version = std::string(rest.substr(1));
        }
    }
    if (package.source_name.empty() || package.source_name == package.name) return;
    add(url, "upstream",
        package.source_version.empty() || package.source_version == package.version
            ? package.source_name
            : package.source_name + '@' + package.source_version);
}

// Names that a registry writes with a part in front: scope/name, vendor/name, group:artifact,
// host/owner/repository.
void split_name(const Package& package, PackageUrl& url) {
    const char separator = package.ecosystem == Ecosystem::kMaven ? ':' : '/';
    const std::size_t cut = package.name.rfind(separator);
    url.name = package.name.substr(cut == std::string::npos ? 0 : cut + 1);
    if (cut != std::string::npos) url.name_space = package.name.substr(0, cut);
}

void name_action(PackageUrl& url) {
    // owner/repository/path/to/action: the path is inside the repository.
    const std::string whole = url.name_space + '/' + url.name;
    const std::size_t owner = whole.find('/');
    const std::size_t repository = whole.find('/', owner + 1);
    if (repository == std::string::npos) return;
    url.name_space = whole.substr(0, owner);
    url.name = whole.substr(owner + 1, repository - owner - 1);
    url.subpath = whole.substr(repository + 1);
}

void read_distribution(const PackageUrl& url, Package& package) {
    package.architecture = url.qualifier("arch");
    package.purl_namespace_hint = url.name_space;
    package.distribution.id = url.name_space;
    // "debian-12", or a code name alone.
    const std::string_view distro = url.qualifier("distro");
    if (const std::size_t dash = distro.rfind('-'); dash != std::string_view::npos) {
        package.distribution.id = distro.substr(0, dash);
        package.distribution.version = distro.substr(dash + 1);
    } else {
        package.distribution.codename = distro;
    }
    if (const std::string_view epoch = url.qualifier("epoch"); !epoch.empty())
        package.version = std::string(epoch) + ':' + package.version;
    std::string_view upstream = url.qualifier("upstream");
    package.source_name = take_part(upstream, '@');
    package.source_version = upstream;
}

// "1.13.0-x86_64-linux", as it stands in a lock file and Syft hands on. No gem's version has a '-'
// of its own (RubyGems, "Specification reference"); Gem::Version would read a pre-release.
void cut_gem_platform(Package& package) {
    const std::size_t dash = package.version.find('-');
    if (dash == std::string::npos) return;
    package.architecture = package.version.substr(dash + 1);
    package.version.resize(dash);
}

}  // namespace

Result<PackageUrl> package_url_of(const Package& package) {
    PackageUrl url;
    url.type = facts(package.ecosystem).purl_type;
    if (url.type.empty()) url.type = "generic";
    url.version = package.version;
    if (is_distribution(package.ecosystem)) {
        add_distribution(package, url);
        return normalize(std::move(url));
    }
    url.name = package.name;
    if (package.ecosystem == Ecosystem::kCocoapods) {
        // Subspecs are parts of a pod.
        const std::size_t slash = package.name.find('/');
        url.name = package.name.substr(0, slash);
        if (slash != std::string::npos) url.subpath = package.name.substr(slash + 1);
    } else if (has_namespaces(url.type)) {
        split_name(package, url);
        if (package.ecosystem == Ecosystem::kGithubActions) name_action(url);
    }
    if (package.ecosystem == Ecosystem::kJulia) add(url, "uuid", package.purl_namespace_hint);
    if (url.version.empty()) url.version = package.commit;
    return normalize(std::move(url));
}

Package package_of(const PackageUrl& url) {
    Package package;
    package.ecosystem = ecosystem_of_purl_type(url.type).value_or(Ecosystem::kUnknown);
    package.version = url.version;
    package.name = url.name;
    if (is_distribution(package.ecosystem)) {
        read_distribution(url, package);
        return package;
    }
    const char separator = package.ecosystem == Ecosystem::kMaven ? ':' : '/';
    if (!url.name_space.empty()) package.name = url.name_space + separator + url.name;
    if (!url.subpath.empty() && (package.ecosystem == Ecosystem::kCocoapods ||
                                 package.ecosystem == Ecosystem::kGithubActions))
        package.name += '/' + url.subpath;
    if (package.ecosystem == Ecosystem::kJulia) package.purl_namespace_hint = url.qualifier("uuid");
    if (package.ecosystem == Ecosystem::kGem) cut_gem_platform(package);
    return package;
}

}  // namespace merlon::packages
