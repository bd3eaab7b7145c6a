#include "compat/osv_scanner/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/grid.h"
#include "text/json.h"

namespace merlon::compat::osv_scanner {
namespace {

using packages::Package;
using text::JsonWriter;

// "Debian:12" where an advisory says it, else OSV's own name of the ecosystem.
std::string ecosystem_of(const Row& row, const scan::PeerResult& result) {
    for (const std::size_t weakness : row.weaknesses) {
        const auto& advisories = result.examined.weaknesses[weakness].match.advisories;
        if (!advisories.empty()) return advisories.front().ecosystem;
    }
    return std::string(facts(row.package->ecosystem).osv_name);
}

std::string_view source_type(const scan::PeerResult& result, std::size_t source) {
    if (result.files[source].is_bill_of_materials) return "sbom";
    switch (result.examined.sources[source].ecosystem) {
        case packages::Ecosystem::kDeb:
        case packages::Ecosystem::kRpm:
        case packages::Ecosystem::kApk:
        case packages::Ecosystem::kAlpm:
            return "os";
        case packages::Ecosystem::kGit:
            return "git";
        default:
            return "lockfile";
    }
}

std::string worst_score(const scan::Weakness& weakness) {
    return weakness.match.score_tenths ? scan::tenths_text(*weakness.match.score_tenths) : "";
}

void write_group(const scan::Weakness& weakness, JsonWriter& json) {
    std::set<std::string> ids;
    for (const sca::Advisory& advisory : weakness.match.advisories) ids.insert(advisory.id);
    std::set<std::string> aliases = ids;
    aliases.insert(weakness.match.ids.begin(), weakness.match.ids.end());
    json.begin_object().key("ids").begin_array();
    for (const std::string& id : ids) json.string(id);
    json.end_array().key("aliases").begin_array();
    for (const std::string& alias : aliases) json.string(alias);
    json.end_array().member("max_severity", worst_score(weakness)).end_object();
}

void write_package(const Row& row, const scan::PeerResult& result, JsonWriter& json) {
    json.begin_object().key("package").begin_object();
    json.member("name", row.package->name).member("version", row.package->version);
    json.member("ecosystem", ecosystem_of(row, result));
    if (!row.package->commit.empty()) json.member("commit", row.package->commit);
    json.end_object();
    const packages::Scope scope = row.package->scope;
    if (scope == packages::Scope::kDevelopment || scope == packages::Scope::kOptional) {
        json.key("dependency_groups").begin_array();
        json.string(scope == packages::Scope::kDevelopment ? "dev" : "optional").end_array();
    }
    if (!row.weaknesses.empty()) {
        std::map<std::string_view, std::string_view> records;  // by id, each once
        for (const std::size_t index : row.weaknesses) {
            const scan::Weakness& weakness = result.examined.weaknesses[index];
            for (std::size_t i = 0; i < weakness.match.advisories.size(); ++i)
                records[weakness.match.advisories[i].id] = weakness.records_json[i];
        }
        json.key("vulnerabilities").begin_array();
        for (const auto& [id, record] : records) json.raw(record);
        json.end_array().key("groups").begin_array();
        for (const std::size_t index : row.weaknesses)
            write_group(result.examined.weaknesses[index], json);
        json.end_array();
    }
    json.end_object();
}

// What the head of the table counts.
std::string totals(const std::vector<Row>& rows, const scan::PeerResult& result) {
    std::map<std::string_view, std::size_t> by_severity;
    std::set<std::string> ecosystems;
    std::size_t affected = 0, weaknesses = 0, fixable = 0;
    for (const Row& row : rows) {
        ecosystems.insert(ecosystem_of(row, result));
        if (!row.weaknesses.empty()) ++affected;
        for (const std::size_t index : row.weaknesses) {
            const sca::Match& match = result.examined.weaknesses[index].match;
            ++weaknesses;
            if (!match.fixed.empty()) ++fixable;
            ++by_severity[scan::severity_word(match)];
        }
    }
    return fmt::format(
        "Total {} package{} affected by {} known vulnerabilit{} ({} Critical, {} High, {} Medium, "
        "{} Low, {} Unknown) from {} ecosystem{}.\n{} vulnerabilit{} can be fixed.\n\n",
        affected, affected == 1 ? "" : "s", weaknesses, weaknesses == 1 ? "y" : "ies",
        by_severity["critical"], by_severity["high"], by_severity["medium"], by_severity["low"],
        by_severity["unknown"], ecosystems.size(), ecosystems.size() == 1 ? "" : "s", fixable,
        fixable == 1 ? "y" : "ies");
}

// What a workflow command takes in place of its own marks.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '%':
                out += "%25";
                break;
            case '\r':
                out += "%0D";
                break;
            case '\n':
                out += "%0A";
                break;
            case ':':
                out += "%3A";
                break;
            case ',':
                out += "%2C";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace

std::vector<Row> gather(const scan::PeerResult& result) {
    std::vector<Row> rows;
    const auto& sources = result.examined.sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (const Package& package : sources[i].packages) {
            if (package.local || package.relation == packages::Relation::kRoot) continue;
            Row row{i, &package, {}};
            for (const std::size_t weakness : result.weaknesses_of(package)) {
                if (result.examined.report.findings[weakness].suppressed_by.empty())
                    row.weaknesses.push_back(weakness);
            }
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

std::string write_json(const std::vector<Row>& rows, const scan::PeerResult& result,
                       const Options& options) {
    std::string out;
    JsonWriter json(out, "  ");
    json.begin_object().key("results").begin_array();
    std::size_t open = result.files.size();  // the source whose packages are being written
    for (const Row& row : rows) {
        if (row.weaknesses.empty() && !options.lists_all_packages) continue;
        if (row.source != open) {
            if (open != result.files.size()) json.end_array().end_object();
            open = row.source;
            json.begin_object().key("source").begin_object();
            json.member("path", result.files[open].absolute);
            json.member("type", source_type(result, open)).end_object();
            json.key("packages").begin_array();
        }
        write_package(row, result, json);
    }
    if (open != result.files.size()) json.end_array().end_object();
    json.end_array().key("experimental_config").begin_object().key("licenses").begin_object();
    json.key("summary").boolean(false).key("allowlist").null().end_object().end_object();
    json.end_object();
    return out + '\n';
}

std::string write_table(const std::vector<Row>& rows, const scan::PeerResult& result,
                        const Options& options) {
    std::vector<report::GridRow> lines;
    for (const Row& row : rows) {
        for (const std::size_t index : row.weaknesses) {
            const scan::Weakness& weakness = result.examined.weaknesses[index];
            std::string urls;
            for (const sca::Advisory& advisory : weakness.match.advisories)
                urls += (urls.empty() ? "" : "\n") + ("https://osv.dev/" + advisory.id);
            const std::string score = worst_score(weakness);
            const std::string& fixed = weakness.match.fixed;
            lines.push_back({urls, score, ecosystem_of(row, result), row.package->name,
                             row.package->version, fixed.empty() ? "--" : fixed,
                             result.files[row.source].shown});
        }
    }
    if (lines.empty()) return "No issues found\n";
    const bool is_markdown = options.format == Format::kMarkdown;
    const report::GridRow head =
        is_markdown ? report::GridRow{"OSV URL", "CVSS",          "Ecosystem", "Package",
                                      "Version", "Fixed Version", "Source"}
                    : report::GridRow{"OSV URL", "CVSS",          "ECOSYSTEM", "PACKAGE",
                                      "VERSION", "FIXED VERSION", "SOURCE"};
    std::string out = totals(rows, result);
    draw_grid(is_markdown ? report::GridStyle::kMarkdown : report::GridStyle::kRounded, head, lines,
              out);
    return out;
}

std::string write_annotations(const std::vector<Row>& rows, const scan::PeerResult& result) {
    std::map<std::size_t, std::vector<report::GridRow>> by_source;
    for (const Row& row : rows) {
        for (const std::size_t index : row.weaknesses) {
            const sca::Match& match = result.examined.weaknesses[index].match;
            std::string urls;
            for (const sca::Advisory& advisory : match.advisories)
                urls += (urls.empty() ? "" : ", ") + ("https://osv.dev/" + advisory.id);
            by_source[row.source].push_back({row.package->name, urls, row.package->version,
                                             match.fixed.empty() ? "--" : match.fixed});
        }
    }
    std::string out;
    for (const auto& [source, lines] : by_source) {
        std::string table = result.files[source].shown + '\n';
        draw_grid(report::GridStyle::kMarkdown,
                  {"Package", "Vulnerability ID", "Current Version", "Fixed Version"}, lines,
                  table);
        out += "::error file=" + escaped(result.files[source].shown) + "::" + escaped(table) + '\n';
    }
    return out;
}

}  // namespace merlon::compat::osv_scanner
