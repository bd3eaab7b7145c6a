#include "compat/grype/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "packages/package_url.h"
#include "report/grid.h"
#include "text/json.h"

namespace merlon::compat::grype {
namespace {

using packages::Ecosystem;
using packages::Package;
using text::JsonWriter;

// What Grype calls the packages of an ecosystem.
struct Kind {
    Ecosystem ecosystem;
    std::string_view type, language, matcher;
};
constexpr std::array kKinds{
    Kind{Ecosystem::kNpm, "npm", "javascript", "javascript-matcher"},
    Kind{Ecosystem::kPypi, "python", "python", "python-matcher"},
    Kind{Ecosystem::kGo, "go-module", "go", "go-module-matcher"},
    Kind{Ecosystem::kMaven, "java-archive", "java", "java-matcher"},
    Kind{Ecosystem::kGem, "gem", "ruby", "ruby-gem-matcher"},
    Kind{Ecosystem::kCargo, "rust-crate", "rust", "rust-matcher"},
    Kind{Ecosystem::kNuget, "dotnet", "dotnet", "dotnet-matcher"},
    Kind{Ecosystem::kComposer, "php-composer", "php", "stock-matcher"},
    Kind{Ecosystem::kConan, "conan", "c++", "stock-matcher"},
    Kind{Ecosystem::kSwift, "swift", "swift", "stock-matcher"},
    Kind{Ecosystem::kCocoapods, "pod", "swift", "stock-matcher"},
    Kind{Ecosystem::kPub, "dart-pub", "dart", "stock-matcher"},
    Kind{Ecosystem::kHex, "hex", "elixir", "hex-matcher"},
    Kind{Ecosystem::kHackage, "hackage", "haskell", "stock-matcher"},
    Kind{Ecosystem::kCran, "R-package", "R", "stock-matcher"},
    Kind{Ecosystem::kConda, "conda", "", "stock-matcher"},
    Kind{Ecosystem::kGithubActions, "github-action", "", "stock-matcher"},
    Kind{Ecosystem::kDeb, "deb", "", "dpkg-matcher"},
    Kind{Ecosystem::kRpm, "rpm", "", "rpm-matcher"},
    Kind{Ecosystem::kApk, "apk", "", "apk-matcher"},
    Kind{Ecosystem::kAlpm, "alpm", "", "pacman-matcher"},
    Kind{Ecosystem::kBitnami, "bitnami", "", "bitnami-matcher"},
};
constexpr Kind kOther{Ecosystem::kUnknown, "unknown", "", "stock-matcher"};

const Kind& kind_of(const Package& package) {
    const auto* const found = std::ranges::find(kKinds, package.ecosystem, &Kind::ecosystem);
    return found == kKinds.end() ? kOther : *found;
}

// "Critical"
std::string title(std::string_view word) {
    std::string out(word);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
    return out;
}

std::string id_of(const sca::Match& match, const Package& package, const Options& options) {
    const bool is_of_language = !kind_of(package).language.empty();
    return scan::id_like(match, options.names_cves || !is_of_language ? "CVE-" : "GHSA-");
}

std::string_view fix_state(const sca::Match& match) {
    const std::string_view status = scan::fix_status(match);
    if (status == "fixed") return "fixed";
    return status == "will_not_fix" || status == "end_of_life" ? "wont-fix" : "not-fixed";
}

// Grype's "risk": how likely it is used, by EPSS or the list of what is, times how bad it is.
double risk_of(const scan::Weakness& weakness) {
    static constexpr std::array<double, 6> kMiddles{5.0, 0.5, 3.0, 5.0, 7.5, 9.0};
    const sca::Match& match = weakness.match;
    double severity =
        kMiddles[static_cast<std::size_t>(rank_of(scan::severity_word(match)))] / 10.0;
    if (match.score_tenths) severity = (severity + *match.score_tenths / 100.0) / 2;
    const double threat = match.is_known_exploited ? 1.0 : match.epss_100000ths / 100'000.0;
    const double boost = !match.is_known_exploited ? 1.0 : match.is_used_by_ransomware ? 1.1 : 1.05;
    return std::min(threat * severity * boost, 1.0) * 100.0;
}

std::string cve_of(const sca::Match& match) { return scan::id_like(match, "CVE-"); }

class JsonReport {
  public:
    JsonReport(const scan::PeerResult& result, const Options& options, std::string& out)
        : result_(result), options_(options), json_(out, " ") {}

    void write(const Rows& rows, const scan::PeerOutside& outside) {
        json_.begin_object().key("matches").begin_array();
        for (const Row& row : rows.matches) write_match(row, nullptr);
        json_.end_array();
        if (!rows.ignored.empty()) {
            json_.key("ignoredMatches").begin_array();
            for (const Row& row : rows.ignored)
                write_match(row, &result_.examined.report.findings[row.weakness]);
            json_.end_array();
        }
        json_.key("source").begin_object().member("type", options_.source_type);
        json_.member("target", options_.target).end_object();
        write_distribution();
        json_.key("descriptor").begin_object().member("name", "grype");
        json_.member("version", "merlon-" + outside.version);
        json_.member("timestamp", format_rfc3339(outside.clock->now()));
        json_.end_object().end_object();
    }

  private:
    void write_distribution() {
        json_.key("distro").begin_object();
        const Package* found = nullptr;
        for (const auto& source : result_.examined.sources) {
            for (const Package& package : source.packages)
                if (found == nullptr && !package.distribution.id.empty()) found = &package;
        }
        json_.member("name", found == nullptr ? "" : found->distribution.id);
        json_.member("version", found == nullptr ? "" : found->distribution.version);
        json_.key("idLike").begin_array().end_array().end_object();
    }

    void write_match(const Row& row, const model::Finding* ignored) {
        const scan::Weakness& weakness = result_.examined.weaknesses[row.weakness];
        const std::string id = id_of(weakness.match, *row.package, options_);
        json_.begin_object().key("vulnerability");
        write_vulnerability(weakness, id);
        json_.key("relatedVulnerabilities").begin_array();
        for (const std::string& other : weakness.match.ids)
            if (other != id) write_related(weakness, other);
        json_.end_array();
        write_details(weakness, *row.package);
        write_artifact(*row.package);
        if (ignored != nullptr) {
            json_.key("appliedIgnoreRules").begin_array().begin_object();
            json_.member("vulnerability", id).member("reason", ignored->suppression_reason);
            json_.member("namespace", ignored->suppressed_by == "vex" ? "vex" : "");
            json_.end_object().end_array();
        }
        json_.end_object();
    }

    void write_head(const scan::Weakness& weakness, std::string_view id) {
        json_.member("id", id).member("dataSource", scan::advisory_url(id));
        json_.member("severity", title(scan::severity_word(weakness.match)));
        json_.key("urls").begin_array();
        for (const exchange::OsvReference& reference : weakness.record.references)
            json_.string(reference.url);
        json_.end_array();
        const std::string& said =
            weakness.record.summary.empty() ? weakness.record.details : weakness.record.summary;
        if (!said.empty()) json_.member("description", said);
        json_.key("cvss").begin_array();
        for (const scan::CvssVector& vector : scan::cvss_vectors(weakness.record)) {
            json_.begin_object().member("type", "Secondary").member("version", vector.version);
            json_.member("vector", vector.vector).key("metrics").begin_object();
            json_.key("baseScore").raw(scan::tenths_text(vector.score_tenths)).end_object();
            json_.key("vendorMetadata").begin_object().end_object().end_object();
        }
        json_.end_array();
        const sca::Match& match = weakness.match;
        if (match.is_known_exploited) {
            json_.key("knownExploited").begin_array().begin_object().member("cve", cve_of(match));
            if (!match.due.empty()) json_.member("dueDate", match.due);
            json_.member("knownRansomwareCampaignUse",
                         match.is_used_by_ransomware ? "Known" : "Unknown");
            json_.end_object().end_array();
        }
        if (match.epss_100000ths > 0) {
            json_.key("epss").begin_array().begin_object().member("cve", cve_of(match));
            json_.key("epss").raw(fmt::format("{:.5f}", match.epss_100000ths / 100'000.0));
            json_.key("percentile")
                .raw(fmt::format("{:.5f}", match.percentile_100000ths / 100'000.0));
            json_.end_object().end_array();
        }
    }

    void write_related(const scan::Weakness& weakness, const std::string& id) {
        json_.begin_object();
        write_head(weakness, id);
        json_.end_object();
    }

    void write_vulnerability(const scan::Weakness& weakness, std::string_view id) {
        json_.begin_object();
        write_head(weakness, id);
        json_.key("fix").begin_object().key("versions").begin_array();
        if (!weakness.match.fixed.empty()) json_.string(weakness.match.fixed);
        json_.end_array().member("state", fix_state(weakness.match)).end_object();
        json_.key("advisories").begin_array();
        for (const sca::Advisory& advisory : weakness.match.advisories) {
            json_.begin_object().member("id", advisory.id);
            json_.member("link", scan::advisory_url(advisory.id)).end_object();
        }
        json_.end_array().key("risk").raw(fmt::format("{:.6g}", risk_of(weakness))).end_object();
    }

    void write_details(const scan::Weakness& weakness, const Package& package) {
        json_.key("matchDetails").begin_array();
        for (const sca::Advisory& advisory : weakness.match.advisories) {
            const bool is_direct = advisory.name == package.name || package.source_name.empty();
            const bool is_by_cpe = !advisory.configuration.empty();
            json_.begin_object();
            json_.member("type", is_by_cpe   ? "cpe-match"
                                 : is_direct ? "exact-direct-match"
                                             : "exact-indirect-match");
            json_.member("matcher", kind_of(package).matcher).key("searchedBy").begin_object();
            if (is_by_cpe) json_.key("cpes").begin_array().string(package.cpe).end_array();
            json_.key("package").begin_object();
            json_.member("name", is_by_cpe ? package.name : advisory.name);
            json_.member("version", advisory.version).end_object();
            json_.member("namespace", is_by_cpe ? "nvd:cpe" : advisory.ecosystem).end_object();
            json_.key("found").begin_object().member("vulnerabilityID", advisory.id);
            json_.member("versionConstraint", sca::describe(advisory.range)).end_object();
            if (!advisory.fixed.empty()) {
                json_.key("fix").begin_object().member("suggestedVersion", advisory.fixed);
                json_.end_object();
            }
            json_.end_object();
        }
        json_.end_array();
    }

    void write_artifact(const Package& package) {
        const Kind& kind = kind_of(package);
        json_.key("artifact").begin_object().member("id", packages::package_url_text(package));
        json_.member("name", package.name).member("version", package.version);
        json_.member("type", kind.type).key("locations").begin_array().begin_object();
        json_.member("path", "/" + place_of(package)).member("accessPath", "/" + place_of(package));
        json_.end_object().end_array().member("language", kind.language);
        json_.key("licenses").begin_array();
        for (const std::string& license : package.licenses) json_.string(license);
        json_.end_array().key("cpes").begin_array();
        if (!package.cpe.empty()) json_.string(package.cpe);
        json_.end_array();
        json_.member("purl", packages::package_url_text(package)).key("upstreams").begin_array();
        if (!package.source_name.empty()) {
            json_.begin_object().member("name", package.source_name);
            if (!package.source_version.empty()) json_.member("version", package.source_version);
            json_.end_object();
        }
        json_.end_array().end_object();
    }

    // Below what is scanned.
    std::string place_of(const Package& package) const {
        const auto& sources = result_.examined.sources;
        for (std::size_t i = 0; i < sources.size(); ++i)
            if (sources[i].path == package.location.path) return result_.files[i].shown;
        return package.location.path;
    }

    const scan::PeerResult& result_;
    const Options& options_;
    JsonWriter json_;
};

}  // namespace

Rows gather(const scan::PeerResult& result) {
    Rows rows;
    for (const auto& source : result.examined.sources) {
        for (const Package& package : source.packages) {
            for (const std::size_t weakness : result.weaknesses_of(package)) {
                const bool counts = result.examined.report.findings[weakness].suppressed_by.empty();
                (counts ? rows.matches : rows.ignored).push_back({&package, weakness});
            }
        }
    }
    const auto by_package = [&](const Row& left, const Row& right) {
        const auto& findings = result.examined.report.findings;
        return std::tie(left.package->name, left.package->version, findings[left.weakness].rule_id,
                        left.package->location.path) <
               std::tie(right.package->name, right.package->version,
                        findings[right.weakness].rule_id, right.package->location.path);
    };
    std::ranges::stable_sort(rows.matches, by_package);
    std::ranges::stable_sort(rows.ignored, by_package);
    return rows;
}

std::string write_json(const Rows& rows, const scan::PeerResult& result, const Options& options,
                       const scan::PeerOutside& outside) {
    std::string out;
    JsonReport(result, options, out).write(rows, outside);
    return out + '\n';
}

std::string write_table(const Rows& rows, const scan::PeerResult& result, const Options& options) {
    std::vector<report::GridRow> lines;
    std::set<report::GridRow> known;  // the same package at several places is one line
    const auto add = [&](const Row& row, std::string_view note) {
        const scan::Weakness& weakness = result.examined.weaknesses[row.weakness];
        const sca::Match& match = weakness.match;
        std::string fixed = match.fixed;
        if (fixed.empty() && fix_state(match) == "wont-fix") fixed = "(won't fix)";
        std::string epss = "N/A";
        if (match.epss_100000ths > 0) {
            epss = fmt::format("{:.1f}% ({})", match.epss_100000ths / 1000.0,
                               match.percentile_100000ths / 1000);
        }
        std::string risk = fmt::format("{:.1f}", risk_of(weakness));
        if (match.is_known_exploited) risk += "  (kev)";
        risk += note;
        report::GridRow line{row.package->name,
                             row.package->version,
                             fixed,
                             std::string(kind_of(*row.package).type),
                             id_of(match, *row.package, options),
                             title(scan::severity_word(match)),
                             epss,
                             risk};
        if (known.insert(line).second) lines.push_back(std::move(line));
    };
    for (const Row& row : rows.matches) add(row, "");
    if (options.shows_suppressed) {
        for (const Row& row : rows.ignored) {
            const auto& finding = result.examined.report.findings[row.weakness];
            add(row, finding.suppressed_by == "vex" ? "  (suppressed by VEX)" : "  (suppressed)");
        }
    }
    if (lines.empty()) return "No vulnerabilities found\n";
    std::string out;
    draw_grid(
        report::GridStyle::kColumns,
        {"NAME", "INSTALLED", "FIXED IN", "TYPE", "VULNERABILITY", "SEVERITY", "EPSS", "RISK"},
        lines, out);
    return out;
}

}  // namespace merlon::compat::grype
