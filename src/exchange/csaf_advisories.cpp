#include "exchange/csaf_advisories.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/ascii.h"
#include "base/uri.h"
#include "exchange/csaf_products.h"
#include "exchange/cvss.h"

namespace merlon::exchange {
namespace {

using value::Value;

// An rpm: its name and version as OSV writes them.
struct Rpm {
    std::string name;
    std::string version;  // "epoch:version-release"; empty: not stated
};

std::string_view qualifier(std::string_view qualifiers, std::string_view key) {
    while (!qualifiers.empty()) {
        const std::size_t end = std::min(qualifiers.find('&'), qualifiers.size());
        const std::string_view one = qualifiers.substr(0, end);
        if (one.starts_with(key) && one.substr(key.size()).starts_with('=')) {
            return one.substr(key.size() + 1);
        }
        qualifiers.remove_prefix(std::min(end + 1, qualifiers.size()));
    }
    return {};
}

// "pkg:rpm/redhat/bind@9.11.36-3.el8_6?arch=x86_64&epoch=32". A module's packages are told apart by
// more than a version (rpmmod), which rpm's order does not know; they stand in it all the same.
std::optional<Rpm> rpm_of_purl(std::string_view purl) {
    if (!purl.starts_with("pkg:rpm/")) return std::nullopt;
    purl.remove_prefix(8);
    purl = purl.substr(0, purl.find('#'));
    const std::size_t question = std::min(purl.find('?'), purl.size());
    const std::string_view qualifiers = purl.substr(std::min(question + 1, purl.size()));
    purl = purl.substr(0, question);
    const std::size_t at = std::min(purl.find('@'), purl.size());
    std::string_view name = purl.substr(0, at);
    name.remove_prefix(name.rfind('/') + 1);  // behind npos stands 0
    Rpm rpm{percent_decode(name), percent_decode(purl.substr(std::min(at + 1, purl.size())))};
    const std::string_view epoch = qualifier(qualifiers, "epoch");
    if (!epoch.empty() && epoch != "0" && !rpm.version.empty()) {
        rpm.version = std::string(epoch) + ":" + rpm.version;
    }
    if (rpm.name.empty()) return std::nullopt;
    return rpm;
}

// "bind-utils-9.16.6-150000.1.x86_64": the last two parts are version and release.
std::optional<Rpm> rpm_of_name(std::string_view text) {
    constexpr std::array<std::string_view, 11> kArchitectures{
        ".x86_64", ".noarch", ".aarch64",       ".ppc64le", ".s390x",  ".src",
        ".i586",   ".nosrc",  ".aarch64_ilp32", ".i686",    ".armv7hl"};
    for (const std::string_view architecture : kArchitectures) {
        if (!text.ends_with(architecture)) continue;
        text.remove_suffix(architecture.size());
        const std::size_t release = text.rfind('-');
        if (release == std::string_view::npos || release == 0) return std::nullopt;
        const std::size_t version = text.rfind('-', release - 1);
        if (version == std::string_view::npos || version == 0) return std::nullopt;
        return Rpm{std::string(text.substr(0, version)), std::string(text.substr(version + 1))};
    }
    return std::nullopt;
}

// What OSV calls the product; empty: not one of those.
std::string ecosystem_of(const VexProduct& product) {
    for (const std::string& identifier : product.identifiers) {
        for (const std::string_view prefix : {"cpe:/o:redhat:", "cpe:/a:redhat:"}) {
            if (identifier.starts_with(prefix))
                return "Red Hat:" + identifier.substr(prefix.size());
        }
    }
    if (product.id.starts_with("SUSE ")) return "SUSE:" + product.id.substr(5);
    if (product.id.starts_with("openSUSE ")) return "openSUSE:" + product.id.substr(9);
    return {};
}

std::optional<Rpm> rpm_of(const VexProduct& product) {
    for (const std::string& component : product.components) {
        if (auto rpm = rpm_of_purl(component)) return rpm;
    }
    return product.components.empty() ? std::nullopt : rpm_of_name(product.components.front());
}

class Reader {
  public:
    explicit Reader(FieldReader& fields) : fields_(fields) {}

    void read(const Value& root, CsafAdvisory& out) {
        const Value* const head = fields_.object(root, "document");
        if (head == nullptr) {
            fields_.fail("no document", &root);
            return;
        }
        read_head(*head, out.record);
        const CsafProducts products = read_csaf_products(root, fields_);
        for (const Value& item : fields_.items(root, "vulnerabilities")) {
            if (fields_.is_object(item)) read_weakness(item, products, out);
        }
        std::ranges::sort(out.record.upstream);
        const auto doubled = std::ranges::unique(out.record.upstream);
        out.record.upstream.erase(doubled.begin(), doubled.end());
        for (const auto& [place, fixed] : fixes_) {
            add_affected(std::get<0>(place), std::get<1>(place), fixed, out.record);
        }
        for (const auto& [ecosystem, name] : open_) {
            const auto known = fixes_.lower_bound({ecosystem, name, ""});
            const bool has_fix = known != fixes_.end() && std::get<0>(known->first) == ecosystem &&
                                 std::get<1>(known->first) == name;
            if (!has_fix) add_affected(ecosystem, name, "", out.record);
        }
        if (best_score_ > 0) out.record.severities.push_back(best_);
    }

  private:
    // Sections 3.2.1.3, 3.2.1.12: what the document is, and when it was last changed.
    void read_head(const Value& head, OsvRecord& record) {
        record.summary = fields_.text(head, "title");
        is_vex_ = fields_.text(head, "category") == "csaf_vex";
        if (const Value* tracking = fields_.object(head, "tracking")) {
            record.id = fields_.required_text(*tracking, "id");
            record.modified = fields_.text(*tracking, "current_release_date");
            record.published = fields_.text(*tracking, "initial_release_date");
        } else {
            fields_.fail("no tracking", &head);
        }
        if (const Value* severity = fields_.object(head, "aggregate_severity")) {
            record.severity_word = word_of(fields_.text(*severity, "text"));
        }
        // A VEX document has the name of its weakness, whose record is another one.
        if (!record.id.starts_with("CVE-")) return;
        record.upstream = {record.id};
        std::string publisher;
        if (const Value* named = fields_.object(head, "publisher")) {
            publisher = fields_.text(*named, "name");
        }
        record.id.insert(0, publisher.starts_with("SUSE") ? "SUSE-" : "REDHAT-");
    }

    // "Important" of both is the third of four.
    static std::string word_of(std::string_view word) {
        constexpr std::pair<std::string_view, std::string_view> kWords[] = {
            {"critical", "CRITICAL"},
            {"important", "HIGH"},
            {"moderate", "MEDIUM"},
            {"low", "LOW"},
        };
        for (const auto& [theirs, ours] : kWords) {
            if (equal_without_case(word, theirs)) return std::string(ours);
        }
        return {};
    }

    void read_weakness(const Value& weakness, const CsafProducts& products, CsafAdvisory& out) {
        if (std::string cve = fields_.text(weakness, "cve"); !cve.empty()) {
            out.record.upstream.push_back(std::move(cve));
        }
        for (const Value& score : fields_.items(weakness, "scores")) {
            if (!fields_.is_object(score)) continue;
            for (const auto& [key, type] :
                 {std::pair{"cvss_v3", "CVSS_V3"}, std::pair{"cvss_v2", "CVSS_V2"}}) {
                if (const Value* cvss = fields_.object(score, key)) {
                    take_score(type, fields_.text(*cvss, "vectorString"));
                }
            }
        }
        const Value* const statuses = fields_.object(weakness, "product_status");
        if (statuses == nullptr) return;
        // Section 3.2.3.9; SUSE writes what it fixes as "recommended".
        for (const std::string_view key : {"fixed", "first_fixed", "recommended"}) {
            for (const std::string& id : fields_.texts(*statuses, key)) {
                take_product(id, products, Fix::kThere, out);
            }
        }
        if (!is_vex_) return;
        for (const std::string& id : fields_.texts(*statuses, "known_affected")) {
            take_product(id, products, Fix::kNone, out);
        }
    }

    void take_score(const char* type, std::string vector) {
        const auto scores = score_cvss(vector);
        if (!scores.ok() || scores.value().base_tenths <= best_score_) return;
        best_score_ = scores.value().base_tenths;
        best_ = {type, std::move(vector)};
    }

    enum class Fix : std::uint8_t { kNone, kThere };

    void take_product(const std::string& id, const CsafProducts& products, Fix fix,
                      CsafAdvisory& out) {
        const auto product = products.find(id);
        const std::string ecosystem =
            product == products.end() ? std::string() : ecosystem_of(product->second);
        auto rpm = ecosystem.empty() ? std::nullopt : rpm_of(product->second);
        if (!rpm.has_value() || (fix == Fix::kThere && rpm->version.empty())) {
            ++out.unread;
            return;
        }
        if (fix == Fix::kNone) {
            open_.emplace(ecosystem, std::move(rpm->name));
        } else {
            fixes_.emplace(std::tuple(ecosystem, std::move(rpm->name), rpm->version), rpm->version);
        }
    }

    static void add_affected(const std::string& ecosystem, const std::string& name,
                             const std::string& fixed, OsvRecord& record) {
        OsvAffected affected;
        affected.ecosystem = ecosystem;
        affected.name = name;
        OsvRange range;
        range.events.push_back({OsvEventKind::kIntroduced, "0"});
        if (!fixed.empty()) range.events.push_back({OsvEventKind::kFixed, fixed});
        affected.ranges.push_back(std::move(range));
        record.affected.push_back(std::move(affected));
    }

    FieldReader& fields_;
    bool is_vex_ = false;
    // By product, package and version: architectures of one package are one entry.
    std::map<std::tuple<std::string, std::string, std::string>, std::string> fixes_;
    std::set<std::pair<std::string, std::string>> open_;
    unsigned best_score_ = 0;
    OsvSeverity best_;
};

}  // namespace

Result<CsafAdvisory> read_csaf_advisory(std::string_view bytes) {
    CsafAdvisory advisory;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            advisory = {};
            if (fields.is_object(root)) Reader(fields).read(root, advisory);
        });
    if (!read.ok()) return read.error();
    return advisory;
}

}  // namespace merlon::exchange
