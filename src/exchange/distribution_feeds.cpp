#include "exchange/distribution_feeds.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "exchange/field_reader.h"

namespace merlon::exchange {
namespace {

using value::Value;

// Both say "0" for a package that never had the weakness.
constexpr std::string_view kNeverAffected = "0";

// The distribution that a secdb is of, by where its packages are.
struct SecdbOrigin {
    std::string_view part_of_url;
    std::string_view ecosystem;
};
constexpr std::array kOrigins{
    SecdbOrigin{"wolfi", "Wolfi"},
    SecdbOrigin{"cgr.dev", "Chainguard"},
    SecdbOrigin{"minimos", "MinimOS"},
    SecdbOrigin{"minimal.dev", "MinimOS"},
};

std::string secdb_ecosystem(const std::string& url, const std::string& release) {
    for (const auto& origin : kOrigins) {
        if (url.find(origin.part_of_url) != std::string::npos) return std::string(origin.ecosystem);
    }
    return release.empty() ? std::string("Alpine") : "Alpine:" + release;
}

// "CVE-2020-1 XSA-2 (+ regression)": the ids that one line names, the CVEs of it where it has some.
std::vector<std::string> ids_in(std::string_view text) {
    std::vector<std::string> all;
    std::vector<std::string> cves;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.find('-') == std::string_view::npos || word.starts_with('(')) continue;
        all.emplace_back(word);
        if (word.starts_with("CVE-")) cves.emplace_back(word);
    }
    return cves.empty() ? all : cves;
}

void read_secfixes(const Value& package, const std::string& ecosystem, FieldReader& fields,
                   std::vector<DistributionFix>& fixes) {
    const std::string name = fields.required_text(package, "name");
    const Value* const secfixes = fields.object(package, "secfixes");
    if (secfixes == nullptr) return;
    for (std::size_t i = 0; i < secfixes->size(); ++i) {
        const std::string version = fields.text_of(secfixes->keys()[i]);
        const Value& lines = secfixes->values()[i];
        if (lines.is_null()) continue;
        if (!lines.is_array()) {
            fields.fail("expected a list of weaknesses", &lines);
            continue;
        }
        if (version == kNeverAffected) continue;
        for (const Value& line : lines.items()) {
            for (std::string& id : ids_in(fields.text_of(line))) {
                fixes.push_back({ecosystem, name, std::move(id), version, ""});
            }
        }
    }
}

struct Codename {
    std::string_view name;
    std::string_view release;
};
constexpr std::array kDebianReleases{
    Codename{"wheezy", "7"},  Codename{"jessie", "8"},    Codename{"stretch", "9"},
    Codename{"buster", "10"}, Codename{"bullseye", "11"}, Codename{"bookworm", "12"},
    Codename{"trixie", "13"}, Codename{"forky", "14"},    Codename{"duke", "15"},
    Codename{"sid", "sid"},
};

void read_debian_release(const Value& state, const std::string& release, const std::string& package,
                         const std::string& id, FieldReader& fields,
                         std::vector<DistributionFix>& fixes) {
    DistributionFix fix{"Debian:" + release, package, id, fields.text(state, "fixed_version"), ""};
    const std::string status = fields.required_text(state, "status");
    const std::string urgency = fields.text(state, "urgency");
    if (status == "resolved" && (fix.fixed.empty() || fix.fixed == kNeverAffected)) return;
    if (status != "resolved") fix.fixed.clear();
    // Debian's own judgement: the code is there and does not matter, no advisory is planned, or
    // nobody has looked yet.
    if (urgency == "unimportant" || urgency == "end-of-life") {
        fix.state = urgency;
    } else if (status == "undetermined") {
        fix.state = status;
    } else if (status == "open" && state.find("nodsa") != nullptr) {
        fix.state = "no-dsa";
    }
    fixes.push_back(std::move(fix));
}

void read_debian_weakness(const Value& weakness, const std::string& package, const std::string& id,
                          FieldReader& fields, std::vector<DistributionFix>& fixes) {
    const Value* const releases = fields.object(weakness, "releases");
    if (releases == nullptr) return;
    for (std::size_t i = 0; i < releases->size(); ++i) {
        const std::string codename = fields.text_of(releases->keys()[i]);
        const Value& state = releases->values()[i];
        if (!fields.is_object(state)) continue;
        for (const auto& row : kDebianReleases) {
            if (row.name != codename) continue;
            read_debian_release(state, std::string(row.release), package, id, fields, fixes);
        }
    }
}

std::string prefix_of(std::string_view ecosystem) {
    std::string prefix(ecosystem.substr(0, ecosystem.find(':')));
    for (char& c : prefix) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return prefix + "-";
}

OsvAffected affected_of(const DistributionFix& fix) {
    OsvAffected affected;
    affected.ecosystem = fix.ecosystem;
    affected.name = fix.package;
    affected.state = fix.state;
    OsvRange range;
    range.events.push_back({OsvEventKind::kIntroduced, "0"});
    if (!fix.fixed.empty()) range.events.push_back({OsvEventKind::kFixed, fix.fixed});
    affected.ranges.push_back(std::move(range));
    return affected;
}

}  // namespace

Result<std::vector<DistributionFix>> read_secdb(std::string_view bytes) {
    std::vector<DistributionFix> fixes;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            fixes.clear();
            if (!fields.is_object(root)) return;
            if (root.find("packages") == nullptr) fields.fail("no packages", &root);
            const std::string ecosystem =
                secdb_ecosystem(fields.text(root, "urlprefix"), fields.text(root, "distroversion"));
            for (const Value& item : fields.items(root, "packages")) {
                if (!fields.is_object(item)) continue;
                if (const Value* package = fields.object(item, "pkg")) {
                    read_secfixes(*package, ecosystem, fields, fixes);
                }
            }
        });
    if (!read.ok()) return read.error();
    return fixes;
}

Result<std::vector<DistributionFix>> read_debian_tracker(std::string_view bytes) {
    std::vector<DistributionFix> fixes;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            fixes.clear();
            if (!fields.is_object(root)) return;
            for (std::size_t i = 0; i < root.size(); ++i) {
                const std::string package = fields.text_of(root.keys()[i]);
                const Value& weaknesses = root.values()[i];
                if (!fields.is_object(weaknesses)) continue;
                for (std::size_t j = 0; j < weaknesses.size(); ++j) {
                    const Value& weakness = weaknesses.values()[j];
                    if (!fields.is_object(weakness)) continue;
                    read_debian_weakness(weakness, package, fields.text_of(weaknesses.keys()[j]),
                                         fields, fixes);
                }
            }
        });
    if (!read.ok()) return read.error();
    return fixes;
}

std::vector<OsvRecord> records_of(std::vector<DistributionFix> fixes) {
    const auto key = [](const DistributionFix& fix) {
        return std::tuple(prefix_of(fix.ecosystem), std::string_view(fix.id),
                          std::string_view(fix.ecosystem), std::string_view(fix.package),
                          std::string_view(fix.fixed), std::string_view(fix.state));
    };
    std::sort(fixes.begin(), fixes.end(),
              [&](const auto& left, const auto& right) { return key(left) < key(right); });
    fixes.erase(std::unique(fixes.begin(), fixes.end()), fixes.end());
    std::vector<OsvRecord> records;
    for (const DistributionFix& fix : fixes) {
        std::string id = prefix_of(fix.ecosystem) + fix.id;
        if (records.empty() || records.back().id != id) {
            records.emplace_back();
            records.back().id = std::move(id);
            records.back().upstream = {fix.id};
        }
        records.back().affected.push_back(affected_of(fix));
    }
    return records;
}

}  // namespace merlon::exchange
