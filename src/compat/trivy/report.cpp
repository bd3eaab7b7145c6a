#include "compat/trivy/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_set>

#include "exchange/cvss.h"
#include "packages/package_url.h"
#include "report/grid.h"
#include "text/json.h"

namespace merlon::compat::trivy {
namespace {

using packages::Package;
using packages::Relation;
using text::JsonWriter;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
}

// Where a record comes from, as Trivy names its sources.
struct DataSource {
    std::string_view prefix, id, name, url;
};
constexpr std::array kDataSources{
    DataSource{"GHSA-", "ghsa", "GitHub Security Advisory", "https://github.com/advisories"},
    DataSource{"GO-", "govulndb", "The Go Vulnerability Database", "https://pkg.go.dev/vuln/"},
    DataSource{"PYSEC-", "osv", "Python Packaging Advisory Database",
               "https://github.com/pypa/advisory-database"},
    DataSource{"RUSTSEC-", "osv", "RustSec Advisory Database",
               "https://github.com/RustSec/advisory-db"},
    DataSource{"DEBIAN-", "debian", "Debian Security Tracker",
               "https://salsa.debian.org/security-tracker-team/security-tracker"},
    DataSource{"ALPINE-", "alpine", "Alpine Secdb", "https://secdb.alpinelinux.org/"},
    DataSource{"CVE-", "nvd", "National Vulnerability Database", "https://nvd.nist.gov/"},
    DataSource{"", "osv", "OSV", "https://osv.dev"},
};

const DataSource& source_of(std::string_view record) {
    return *std::ranges::find_if(
        kDataSources, [&](const DataSource& source) { return record.starts_with(source.prefix); });
}

std::string package_id(const Package& package) {
    return package.version.empty() ? package.name : package.name + '@' + package.version;
}

void strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(key).begin_array();
    for (const std::string& value : values) json.string(value);
    json.end_array();
}

class JsonReport {
  public:
    JsonReport(const scan::PeerResult& result, const Options& options, std::string& out)
        : result_(result), options_(options), json_(out, "  ", text::JsonEscapes::kGo) {}

    void write(const TrivyReport& report, const scan::PeerOutside& outside) {
        json_.begin_object().key("SchemaVersion").integer(2);
        json_.key("Trivy").begin_object().member("Version", "merlon-" + outside.version);
        json_.end_object();
        json_.member("CreatedAt", format_rfc3339(outside.clock->now()));
        json_.member("ArtifactName", options_.target)
            .member("ArtifactType", options_.artifact_type);
        json_.key("Results").begin_array();
        for (const TrivyResult& one : report.results) {
            const bool shows_packages = options_.lists_all_packages && !one.packages.empty();
            const bool shows_suppressed = options_.shows_suppressed && !one.suppressed.empty();
            if (shows_packages || shows_suppressed || !one.rows.empty()) write_result(one);
        }
        write_secrets(report.secrets);
        for (const LicenseResult& one : report.licenses) write_licenses(one);
        json_.end_array().end_object();
    }

  private:
    void text(std::string_view key, std::string_view value) {
        if (!value.empty()) json_.member(key, value);
    }

    void write_result(const TrivyResult& one) {
        json_.begin_object().member("Target", one.target).member("Class", one.kind);
        text("Type", one.type);
        if (options_.lists_all_packages) {
            json_.key("Packages").begin_array();
            shown_ = {one.packages.begin(), one.packages.end()};
            for (std::size_t i = 0; i < one.packages.size(); ++i)
                write_package(*one.packages[i], one.sources[i], one.is_installed);
            json_.end_array();
        }
        if (!one.rows.empty()) {
            json_.key("Vulnerabilities").begin_array();
            for (const Row& row : one.rows) write_weakness(row, one);
            json_.end_array();
        }
        if (options_.shows_suppressed && !one.suppressed.empty()) {
            json_.key("ExperimentalModifiedFindings").begin_array();
            for (const Row& row : one.suppressed) {
                const model::Finding& finding = result_.examined.report.findings[row.weakness];
                json_.begin_object().member("Type", "vulnerability");
                json_.member("Status", finding.suppressed_by == "vex" ? "not_affected" : "ignored");
                json_.member("Statement", finding.suppression_reason);
                json_.member("Source", finding.suppressed_by).key("Finding");
                write_weakness(row, one);
                json_.end_object();
            }
            json_.end_array();
        }
        json_.end_object();
    }

    void write_identifier(std::string_view key, const Package& package) {
        json_.key(key).begin_object();
        text("PURL", packages::package_url_text(package));
        json_.end_object();
    }

    void write_package(const Package& package, std::size_t source, bool is_installed) {
        static constexpr std::array<std::string_view, 4> kRelations{"", "root", "direct",
                                                                    "indirect"};
        json_.begin_object().member("ID", package_id(package)).member("Name", package.name);
        write_identifier("Identifier", package);
        text("Version", package.version);
        text("Arch", package.architecture);
        text("SrcName", package.source_name);
        text("SrcVersion", package.source_version);
        strings(json_, "Licenses", package.licenses);
        text("Relationship", kRelations[static_cast<std::size_t>(package.relation)]);
        if (package.relation == Relation::kTransitive) json_.key("Indirect").boolean(true);
        if (package.scope == packages::Scope::kDevelopment) json_.key("Dev").boolean(true);
        write_edges(package, source);
        if (package.location.region.start_line > 0) {
            json_.key("Locations").begin_array().begin_object();
            json_.key("StartLine").integer(package.location.region.start_line);
            json_.key("EndLine").integer(package.location.region.end_line);
            json_.end_object().end_array();
        }
        if (is_installed) text("FilePath", package.location.path);
        json_.end_object();
    }

    // What an entry needs of the same file, where that is shown.
    void write_edges(const Package& package, std::size_t source) {
        std::set<std::string> ids;
        for (const std::uint32_t edge : package.requires_) {
            const Package& needed = result_.examined.sources[source].packages[edge];
            if (shown_.contains(&needed)) ids.insert(package_id(needed));
        }
        strings(json_, "DependsOn", {ids.begin(), ids.end()});
    }

    void write_weakness(const Row& row, const TrivyResult& one) {
        const scan::Weakness& weakness = result_.examined.weaknesses[row.weakness];
        const sca::Match& match = weakness.match;
        const exchange::OsvRecord& record = weakness.record;
        const std::string id = scan::id_like(match, "CVE-");
        json_.begin_object().member("VulnerabilityID", id);
        std::vector<std::string> others;
        std::ranges::copy_if(match.ids, std::back_inserter(others),
                             [&](const std::string& other) { return other != id; });
        strings(json_, "VendorIDs", others);
        json_.member("PkgID", package_id(*row.package)).member("PkgName", row.package->name);
        if (one.is_installed) text("PkgPath", row.package->location.path);
        write_identifier("PkgIdentifier", *row.package);
        json_.member("InstalledVersion", row.package->version);
        text("FixedVersion", match.fixed);
        json_.member("Status", scan::fix_status(match));
        const DataSource& source = source_of(record.id);
        if (!match.severity.empty()) json_.member("SeveritySource", source.id);
        json_.member("PrimaryURL", scan::advisory_url(id));
        json_.key("DataSource").begin_object().member("ID", source.id);
        json_.member("Name", source.name).member("URL", source.url).end_object();
        text("Title", record.summary);
        text("Description", record.details);
        json_.member("Severity", upper(scan::severity_word(match)));
        strings(json_, "CweIDs", record.weaknesses);
        write_severities(match, source.id);
        write_scores(record, source.id);
        std::vector<std::string> urls;
        for (const exchange::OsvReference& reference : record.references)
            urls.push_back(reference.url);
        strings(json_, "References", urls);
        text("PublishedDate", record.published);
        text("LastModifiedDate", record.modified);
        json_.end_object();
    }

    // Of each source the worst that its records say; of the one whose text is shown, its word.
    void write_severities(const sca::Match& match, std::string_view shown) {
        static constexpr std::array<std::string_view, 5> kWords{"", "low", "medium", "high",
                                                                "critical"};
        const auto number_of = [](std::string_view word) {
            return static_cast<std::int64_t>(std::ranges::find(kWords, word) - kWords.begin());
        };
        std::map<std::string_view, std::int64_t> by_source;
        for (const sca::Advisory& advisory : match.advisories) {
            if (!advisory.score_tenths || *advisory.score_tenths == 0) continue;
            std::int64_t& worst = by_source[source_of(advisory.id).id];
            worst = std::max(worst, number_of(exchange::cvss_rating(*advisory.score_tenths)));
        }
        if (by_source.empty() && !match.severity.empty())
            by_source[shown] = number_of(match.severity);
        if (by_source.empty()) return;
        json_.key("VendorSeverity").begin_object();
        for (const auto& [source, number] : by_source) json_.key(source).integer(number);
        json_.end_object();
    }

    void write_scores(const exchange::OsvRecord& record, std::string_view source) {
        const std::vector<scan::CvssVector> vectors = scan::cvss_vectors(record);
        if (vectors.empty()) return;
        json_.key("CVSS").begin_object().key(source).begin_object();
        std::map<std::string, const scan::CvssVector*> by_version;  // "V3": the later one
        for (const scan::CvssVector& vector : vectors)
            by_version[std::string("V") +
                       (vector.version == "4.0" ? "40" : vector.version.substr(0, 1))] = &vector;
        for (const auto& [version, vector] : by_version)
            json_.member(version + "Vector", vector->vector);
        for (const auto& [version, vector] : by_version)
            json_.key(version + "Score").raw(scan::tenths_text(vector->score_tenths));
        json_.end_object().end_object();
    }

    void write_licenses(const LicenseResult& one) {
        json_.begin_object().member("Target", one.target).member("Class", "license");
        json_.key("Licenses").begin_array();
        for (const LicenseRow& row : one.rows) {
            json_.begin_object().member("Severity", upper(row.severity));
            json_.member("Category", row.category).member("PkgName", row.package);
            json_.member("FilePath", row.path).member("Name", row.license);
            json_.member("Text", "").key("Confidence").integer(1);
            json_.member("Link", "").end_object();
        }
        json_.end_array().end_object();
    }

    void write_secrets(const model::Report& secrets) {
        std::string open;  // the file whose result is open
        for (const model::Finding& finding : secrets.findings) {
            if (!finding.suppressed_by.empty()) continue;
            const auto* place = std::get_if<model::FileLocation>(&finding.location);
            const std::string path =
                place != nullptr ? place->path : model::to_string(finding.location);
            if (path != open) {
                if (!open.empty()) json_.end_array().end_object();
                json_.begin_object().member("Target", path).member("Class", "secret");
                json_.key("Secrets").begin_array();
                open = path;
            }
            const auto rule = std::ranges::find(secrets.rules, finding.rule_id, &model::Rule::id);
            json_.begin_object().member("RuleID", finding.rule_id).member("Category", "secret");
            json_.member("Severity", upper(model::name(finding.severity)));
            json_.member("Title", rule == secrets.rules.end() ? finding.rule_id : rule->name);
            json_.key("StartLine").integer(place != nullptr ? place->region.start_line : 0);
            json_.key("EndLine").integer(place != nullptr ? place->region.end_line : 0);
            json_.member("Match", finding.match).end_object();
        }
        if (!open.empty()) json_.end_array().end_object();
    }

    const scan::PeerResult& result_;
    const Options& options_;
    JsonWriter json_;
    std::unordered_set<const Package*> shown_;  // of the result that is being written
};

// "Total: 2 (UNKNOWN: 0, LOW: 0, …)", of the severities that were asked for.
std::string total(const std::vector<std::string_view>& severities, const Options& options) {
    static constexpr std::array<std::string_view, 5> kAll{"unknown", "low", "medium", "high",
                                                          "critical"};
    std::string counts;
    for (const std::string_view severity : kAll) {
        const bool is_asked =
            options.severities.empty() ||
            std::ranges::find(options.severities, severity) != options.severities.end();
        if (!is_asked) continue;
        counts += fmt::format("{}{}: {}", counts.empty() ? "" : ", ", upper(severity),
                              std::ranges::count(severities, severity));
    }
    return fmt::format("Total: {} ({})\n\n", severities.size(), counts);
}

void heading(std::string_view title, std::string& out) {
    out += fmt::format("\n{}\n{}\n", title, std::string(title.size(), '='));
}

void write_license_tables(const std::vector<LicenseResult>& licenses, const Options& options,
                          std::string& out) {
    for (const LicenseResult& one : licenses) {
        heading(one.target + " (license)", out);
        std::vector<std::string_view> severities;
        std::vector<report::GridRow> rows;
        for (const LicenseRow& row : one.rows) {
            severities.push_back(row.severity);
            rows.push_back(
                {row.package, row.license, std::string(row.category), upper(row.severity)});
        }
        out += total(severities, options);
        draw_grid(report::GridStyle::kBoxed, {"Package", "License", "Classification", "Severity"},
                  rows, out);
    }
}

}  // namespace

std::string write_json(const TrivyReport& report, const scan::PeerResult& result,
                       const Options& options, const scan::PeerOutside& outside) {
    std::string out;
    JsonReport(result, options, out).write(report, outside);
    return out + '\n';
}

std::string write_table(const TrivyReport& report, const scan::PeerResult& result,
                        const Options& options) {
    std::string out = "\nReport Summary\n\n";
    std::vector<report::GridRow> summary;
    for (const TrivyResult& one : report.results) {
        summary.push_back({one.target, one.type, std::to_string(one.rows.size()), "-"});
    }
    std::map<std::string, std::vector<const model::Finding*>> secrets;
    for (const model::Finding& finding : report.secrets.findings) {
        if (!finding.suppressed_by.empty()) continue;
        const auto* place = std::get_if<model::FileLocation>(&finding.location);
        secrets[place != nullptr ? place->path : model::to_string(finding.location)].push_back(
            &finding);
    }
    for (const auto& [path, found] : secrets)
        summary.push_back({path, "text", "-", std::to_string(found.size())});
    if (summary.empty()) summary.push_back({"-", "-", "-", "-"});
    draw_grid(report::GridStyle::kBoxed, {"Target", "Type", "Vulnerabilities", "Secrets"}, summary,
              out);
    out += "Legend:\n- '-': Not scanned\n- '0': Clean (no security findings detected)\n\n";

    for (const TrivyResult& one : report.results) {
        if (one.rows.empty()) continue;
        heading(one.type.empty() ? one.target : one.target + " (" + one.type + ")", out);
        std::vector<std::string_view> severities;
        std::vector<report::GridRow> rows;
        for (const Row& row : one.rows) {
            const scan::Weakness& weakness = result.examined.weaknesses[row.weakness];
            const std::string id = scan::id_like(weakness.match, "CVE-");
            severities.push_back(scan::severity_word(weakness.match));
            std::string title = weakness.record.summary;
            if (!title.empty()) title += '\n';
            rows.push_back({row.package->name, id, upper(severities.back()),
                            std::string(scan::fix_status(weakness.match)), row.package->version,
                            weakness.match.fixed, title + scan::advisory_url(id)});
        }
        out += total(severities, options);
        draw_grid(report::GridStyle::kBoxed,
                  {"Library", "Vulnerability", "Severity", "Status", "Installed Version",
                   "Fixed Version", "Title"},
                  rows, out);
    }
    write_license_tables(report.licenses, options, out);
    for (const auto& [path, found] : secrets) {
        heading(path + " (secrets)", out);
        std::vector<std::string_view> severities;
        for (const model::Finding* finding : found) {
            severities.push_back(model::name(finding->severity));
        }
        out += total(severities, options);
        for (const model::Finding* finding : found) {
            out += fmt::format("{}: {}\n  {}: {}\n", upper(model::name(finding->severity)),
                               finding->rule_id, model::to_string(finding->location),
                               finding->message);
        }
    }
    return out;
}

}  // namespace merlon::compat::trivy
