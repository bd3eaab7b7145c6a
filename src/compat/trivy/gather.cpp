#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "compat/trivy/report.h"
#include "inventory/inventory.h"

namespace merlon::compat::trivy {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;
using packages::Relation;
using packages::Scope;

// Trivy's name of what a reader of ours reads; a title where all such files are one target.
struct ReaderType {
    std::string_view reader;
    std::string_view type;
    std::string_view title = {};
    bool leaves_out_development = false;  // unless --include-dev-deps
};
constexpr std::array kReaderTypes{
    ReaderType{"npm-package-lock", "npm", {}, true},
    ReaderType{"yarn-lock", "yarn", {}, true},
    ReaderType{"pnpm-lock", "pnpm", {}, true},
    ReaderType{"bun-lock", "bun", {}, true},
    ReaderType{"gradle-lock", "gradle", {}, true},
    ReaderType{"npm-installed", "node-pkg", "Node.js"},
    ReaderType{"python-requirements", "pip"},
    ReaderType{"pipfile-lock", "pipenv"},
    ReaderType{"poetry-lock", "poetry"},
    ReaderType{"uv-lock", "uv"},
    ReaderType{"pylock", "pylock"},
    ReaderType{"python-installed", "python-pkg", "Python"},
    ReaderType{"conda-environment", "conda-environment"},
    ReaderType{"conda-installed", "conda-pkg", "Conda"},
    ReaderType{"go-mod", "gomod"},
    ReaderType{"executable", "gobinary"},
    ReaderType{"cargo-lock", "cargo"},
    ReaderType{"maven-pom", "pom"},
    ReaderType{"sbt-lock", "sbt"},
    ReaderType{"java-archive", "jar", "Java"},
    ReaderType{"nuget-lock", "nuget"},
    ReaderType{"nuget-packages-config", "nuget"},
    ReaderType{"nuget-deps", "dotnet-core"},
    ReaderType{"gemfile-lock", "bundler"},
    ReaderType{"gem-installed", "gemspec", "Ruby"},
    ReaderType{"gemspec", "gemspec", "Ruby"},
    ReaderType{"composer-lock", "composer"},
    ReaderType{"composer-installed", "composer-vendor"},
    ReaderType{"conan-lock", "conan"},
    ReaderType{"swift-resolved", "swift"},
    ReaderType{"podfile-lock", "cocoapods"},
    ReaderType{"pubspec-lock", "pub"},
    ReaderType{"mix-lock", "hex"},
    ReaderType{"julia-manifest", "julia"},
};

// What stands in a bill of materials without its file.
struct EcosystemType {
    Ecosystem ecosystem;
    std::string_view type, title;
};
constexpr std::array kEcosystemTypes{
    EcosystemType{Ecosystem::kNpm, "node-pkg", "Node.js"},
    EcosystemType{Ecosystem::kPypi, "python-pkg", "Python"},
    EcosystemType{Ecosystem::kConda, "conda-pkg", "Conda"},
    EcosystemType{Ecosystem::kGem, "gemspec", "Ruby"},
    EcosystemType{Ecosystem::kMaven, "jar", "Java"},
    EcosystemType{Ecosystem::kGo, "gobinary", ""},
    EcosystemType{Ecosystem::kCargo, "rustbinary", ""},
};

bool is_of_system(Ecosystem ecosystem) {
    return ecosystem == Ecosystem::kDeb || ecosystem == Ecosystem::kRpm ||
           ecosystem == Ecosystem::kApk || ecosystem == Ecosystem::kAlpm;
}

bool is_development(const Package& package) {
    return package.scope == Scope::kDevelopment || package.scope == Scope::kTest;
}

class Gathering {
  public:
    Gathering(const scan::PeerResult& result, const Options& options)
        : result_(result), options_(options) {}

    std::vector<TrivyResult> gather() {
        const std::vector<PackageSource>& sources = result_.examined.sources;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (!is_taken(sources[i])) continue;
            const auto* const type =
                std::ranges::find(kReaderTypes, sources[i].reader, &ReaderType::reader);
            for (const Package& package : sources[i].packages) {
                if (type != kReaderTypes.end() && type->leaves_out_development &&
                    !options_.includes_development && is_development(package)) {
                    continue;
                }
                if (!is_asked(package)) continue;
                TrivyResult& result = result_of(i, package);
                result.sources.push_back(i);
                add(package, result);
            }
        }
        std::vector<TrivyResult> all;
        for (const std::string_view kind : {"os-pkgs", "lang-pkgs"}) {
            for (TrivyResult& one : results_)
                if (one.kind == kind) all.push_back(std::move(one));
        }
        for (TrivyResult& one : all) sort_rows(one.rows);
        return all;
    }

  private:
    bool is_taken(const PackageSource& source) const {
        const inventory::Reader* reader = inventory::reader_named(source.reader);
        if (options_.takes == Takes::kAll || reader == nullptr || source.reader == "sbom")
            return true;
        // A deps.json is what a build states, and lies beside what it built.
        if (source.reader == "nuget-deps") return true;
        const bool is_installed = reader->role == inventory::Role::kInstalled;
        return is_installed == (options_.takes == Takes::kInstalled);
    }

    bool is_asked(const Package& package) const {
        const auto has = [](const std::vector<std::string>& words, std::string_view word) {
            return words.empty() || std::ranges::find(words, word) != words.end();
        };
        static constexpr std::array<std::string_view, 4> kRelations{"unknown", "root", "direct",
                                                                    "indirect"};
        const std::string_view relation =
            package.local && package.relation != Relation::kRoot
                ? "workspace"
                : kRelations[static_cast<std::size_t>(package.relation)];
        return has(options_.package_types, is_of_system(package.ecosystem) ? "os" : "library") &&
               has(options_.relationships, relation);
    }

    // The result that an entry belongs to, made where it is the first.
    TrivyResult& result_of(std::size_t source, const Package& package) {
        TrivyResult made;
        const PackageSource& from = result_.examined.sources[source];
        const scan::PeerFile& file = result_.files[source];
        made.kind = "lang-pkgs";
        made.target = file.shown;
        if (is_of_system(package.ecosystem)) {
            made.kind = "os-pkgs";
            made.type = package.distribution.id;
            made.target = options_.target;
            if (!made.type.empty())
                made.target += " (" + made.type + " " + package.distribution.version + ")";
        } else if (file.is_bill_of_materials) {
            const auto* const type =
                std::ranges::find(kEcosystemTypes, package.ecosystem, &EcosystemType::ecosystem);
            const bool is_known = type != kEcosystemTypes.end();
            made.type = is_known ? type->type : facts(package.ecosystem).purl_type;
            made.target = is_known ? type->title : std::string_view();
        } else {
            const auto* const type =
                std::ranges::find(kReaderTypes, from.reader, &ReaderType::reader);
            const bool is_known = type != kReaderTypes.end();
            made.type = is_known ? type->type : facts(package.ecosystem).purl_type;
            if (from.reader == "executable" && package.ecosystem == Ecosystem::kCargo)
                made.type = "rustbinary";
            if (made.target.ends_with("Packages.props")) made.type = "packages-props";
            if (is_known && !type->title.empty()) {
                made.target = type->title;
                made.is_installed = true;
            }
        }
        const auto key = std::tuple(std::string(made.kind), made.type, made.target);
        const auto [place, is_new] = places_.try_emplace(key, results_.size());
        if (is_new) results_.push_back(std::move(made));
        return results_[place->second];
    }

    void add(const Package& package, TrivyResult& result) const {
        result.packages.push_back(&package);
        for (const std::size_t weakness : result_.weaknesses_of(package)) {
            const model::Finding& finding = result_.examined.report.findings[weakness];
            if (finding.suppressed_by.empty()) {
                result.rows.push_back({&package, weakness});
            } else if (!finding.suppression_reason.starts_with(options_.scan.filter.place + ": ")) {
                result.suppressed.push_back({&package, weakness});
            }
        }
    }

    // By package, then the worst first.
    void sort_rows(std::vector<Row>& rows) const {
        const auto& findings = result_.examined.report.findings;
        std::ranges::stable_sort(rows, [&](const Row& left, const Row& right) {
            const auto& a = findings[left.weakness];
            const auto& b = findings[right.weakness];
            return std::tie(left.package->name, left.package->version, b.severity, a.rule_id) <
                   std::tie(right.package->name, right.package->version, a.severity, b.rule_id);
        });
    }

    const scan::PeerResult& result_;
    const Options& options_;
    std::vector<TrivyResult> results_;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places_;
};

}  // namespace

std::vector<TrivyResult> gather(const scan::PeerResult& result, const Options& options) {
    return Gathering(result, options).gather();
}

bool finds_anything(const TrivyReport& report) {
    const bool has_weakness = std::ranges::any_of(
        report.results, [](const TrivyResult& result) { return !result.rows.empty(); });
    return has_weakness || !report.licenses.empty() ||
           std::ranges::any_of(report.secrets.findings, [](const model::Finding& finding) {
               return finding.suppressed_by.empty();
           });
}

}  // namespace merlon::compat::trivy
