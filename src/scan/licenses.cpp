#include "scan/licenses.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/joined.h"
#include "model/fingerprint.h"
#include "packages/license_alias.h"
#include "packages/package_url.h"
#include "text/glob.h"

namespace merlon::scan {
namespace {

using model::Severity;
using packages::LicenseExpression;
using packages::LicenseTerm;
using packages::LicenseVerdict;
using packages::Package;
using packages::PackageSource;

enum Which : std::size_t { kDenied, kReview, kUnknown, kUsed };

struct LicenseRule {
    std::string_view id;
    std::string_view name;
    std::string_view fix;
    Severity severity;
};
constexpr std::array kRules{
    LicenseRule{"licence-denied", "A licence that the policy denies",
                "Take another package, or enter an exception with a reason in licenses.exceptions.",
                Severity::kHigh},
    LicenseRule{"licence-review", "A licence that somebody has to look at",
                "Enter it in licenses.allow or licenses.deny, or an exception with a reason.",
                Severity::kMedium},
    LicenseRule{"licence-unknown", "A package without a licence, or under one that nobody knows",
                "Ask its author, or enter an exception with a reason in licenses.exceptions.",
                Severity::kMedium},
    LicenseRule{"licence-used", "A licence that packages are under", "", Severity::kInfo},
};

// Equal packages, wherever they stand.
struct Subject {
    const Package* package = nullptr;
    std::vector<model::Location> places;
    std::vector<std::string> stated;
    std::vector<std::string> found;
    std::vector<std::string> files;
    bool is_run = false;         // something says that it is there at run time
    bool is_scope_said = false;  // something says what it is needed for
    bool is_dependency = false;  // and not the project itself
};

void add_once(const std::string& text, std::vector<std::string>& texts) {
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

bool is_for_running(packages::Scope scope) {
    using enum packages::Scope;
    return scope != kDevelopment && scope != kTest && scope != kBuild;
}

std::string bare_url(const Package& package) {
    const std::string url = packages::package_url_text(package);
    const std::size_t version = url.find('@', url.rfind('/') + 1);
    return url.substr(0, std::min(version, url.find('?')));
}

std::map<std::string, Subject> subjects_of(const TakenInventory& taken) {
    std::map<std::string, Subject> subjects;
    for (const PackageSource& source : taken.sources) {
        for (const Package& package : source.packages) {
            std::string key = packages::package_url_text(package);
            if (key.empty()) key = package.name + ' ' + package.version;
            Subject& subject = subjects[std::move(key)];
            const bool is_project = package.local || package.relation == packages::Relation::kRoot;
            if (subject.package == nullptr || (!subject.is_dependency && !is_project)) {
                subject.package = &package;
            }
            if (!is_project) {
                subject.is_dependency = true;
                subject.places.emplace_back(package.location);
                const bool is_said = package.scope != packages::Scope::kUnknown;
                subject.is_scope_said = subject.is_scope_said || is_said;
                subject.is_run = subject.is_run || (is_said && is_for_running(package.scope));
            }
            for (const std::string& one : package.licenses) add_once(one, subject.stated);
            for (const std::string& one : package.found_licenses) add_once(one, subject.found);
            for (const std::string& one : package.license_files) add_once(one, subject.files);
        }
    }
    std::erase_if(subjects, [](const auto& entry) { return !entry.second.is_dependency; });
    return subjects;
}

// Several licences hold together.
std::string all_of(const std::vector<std::string>& expressions) {
    if (expressions.size() == 1) return expressions[0];
    std::string all;
    for (const std::string& one : expressions) {
        all += all.empty() ? "" : " AND ";
        all += one.contains(' ') ? "(" + one + ")" : one;
    }
    return all;
}

// What holds for a package: what it states, and what lies in its files and is none of that.
struct Licensing {
    std::optional<LicenseExpression> expression;  // nothing: none that can be read
    std::string shown;                            // "MIT", "no licence", what is stated
    bool is_known = false;                        // each of its terms is a licence
};

Licensing licensing_of(const Subject& subject) {
    Licensing licensing;
    std::vector<std::string> each;
    for (const std::string& one : subject.stated) add_once(packages::spdx_expression(one), each);
    const std::string stated = all_of(each);
    Result<LicenseExpression> expression = packages::parse_license(stated);
    const auto is_licence = [](const LicenseTerm& term) {
        return term.kind == LicenseTerm::Kind::kListed ||
               term.kind == LicenseTerm::Kind::kReference;
    };
    const bool is_readable =
        expression.ok() && std::ranges::all_of(license_terms(expression.value()), is_licence);
    if (!is_readable && !subject.found.empty())
        expression = packages::parse_license(all_of(subject.found));
    if (is_readable) {
        // "MIT OR Apache-2.0" comes with both texts, and those say nothing new.
        std::set<std::string> known;
        for (const LicenseTerm& term : license_terms(expression.value())) {
            std::string id = term.license;
            if (id.ends_with("-or-later")) id.replace(id.size() - 9, 9, "-only");
            known.insert(std::move(id));
        }
        std::vector<std::string> parts{to_string(expression.value())};
        for (const std::string& found : subject.found)
            if (!known.contains(found)) parts.push_back(found);
        if (parts.size() > 1) expression = packages::parse_license(all_of(parts));
    }
    if (!expression.ok()) {
        licensing.shown = subject.stated.empty() ? "no licence" : joined(subject.stated, ", ");
        return licensing;
    }
    licensing.is_known = std::ranges::all_of(license_terms(expression.value()), is_licence);
    licensing.shown = to_string(expression.value());
    licensing.expression = std::move(expression).value();
    return licensing;
}

class Reviewer {
  public:
    Reviewer(const LicenseReview& review, model::Report& report)
        : review_(review), report_(report) {}

    void run(const TakenInventory& taken) {
        const std::map<std::string, Subject> subjects = subjects_of(taken);
        for (const auto& [key, subject] : subjects) judge(subject);
        for (const inventory::LicenseFile& file : taken.license_files) judge(file);
        if (review_.listing == LicenseListing::kAll) list();
        add_rules();
    }

  private:
    void judge(const Subject& subject) {
        const Licensing licensing = licensing_of(subject);
        users_[licensing.shown].push_back(&subject.places.front());
        names_[licensing.shown].push_back(described(*subject.package));
        if (review_.rules == nullptr) return;
        const LicenseRules& rules = *review_.rules;
        LicenseVerdict verdict = rules.unknown;
        if (licensing.expression) {
            const bool is_for_development = subject.is_scope_said && !subject.is_run;
            const bool is_other = is_for_development && rules.development.has_value();
            verdict = evaluate(*licensing.expression, is_other ? *rules.development : rules.policy);
            if (!licensing.is_known) verdict = std::max(verdict, rules.unknown);
        }
        if (verdict == LicenseVerdict::kAllowed) return;
        Which which = verdict == LicenseVerdict::kDenied ? kDenied : kReview;
        if (!licensing.is_known) which = kUnknown;
        std::string message = described(*subject.package) + ": " + licensing.shown;
        if (which == kUnknown && !subject.files.empty()) {
            message += "; the text of " + subject.files.front() + " is none of the SPDX list";
        }
        model::Finding finding = made(which, verdict, std::move(message));
        finding.location = subject.places.front();
        finding.also_at.assign(subject.places.begin() + 1, subject.places.end());
        finding.match = described(*subject.package);
        finding.properties["package"] = subject.package->name;
        finding.properties["version"] = subject.package->version;
        finding.properties["purl"] = packages::package_url_text(*subject.package);
        finding.properties["stated"] = joined(subject.stated, ", ");
        finding.properties["found"] = joined(subject.found, ", ");
        identify(finding, finding.properties["purl"], licensing.shown);
        except(finding, {subject.package->name, bare_url(*subject.package)}, licensing.shown);
        report_.findings.push_back(std::move(finding));
    }

    // A file that no package of the tree lies with; the top of the tree is the project's own.
    void judge(const inventory::LicenseFile& file) {
        if (review_.rules == nullptr || file.has_owner || file.licenses.empty()) return;
        if (!file.path.contains('/')) return;
        const Result<LicenseExpression> expression = packages::parse_license(all_of(file.licenses));
        if (!expression.ok()) return;
        const LicenseVerdict verdict = evaluate(expression.value(), review_.rules->policy);
        if (verdict == LicenseVerdict::kAllowed) return;
        const std::string shown = to_string(expression.value());
        model::Finding finding = made(verdict == LicenseVerdict::kDenied ? kDenied : kReview,
                                      verdict, file.path + " holds " + shown);
        model::FileLocation place;
        place.path = file.path;
        finding.location = std::move(place);
        finding.properties["found"] = shown;
        identify(finding, file.path, shown);
        except(finding, {file.path, file.path}, shown);
        report_.findings.push_back(std::move(finding));
    }

    static model::Finding made(Which which, LicenseVerdict verdict, std::string message) {
        model::Finding finding;
        finding.rule_id = kRules[which].id;
        finding.severity =
            verdict == LicenseVerdict::kDenied ? Severity::kHigh : kRules[which].severity;
        finding.confidence = model::Confidence::kHigh;
        finding.message = std::move(message);
        finding.properties["gate"] =
            std::string(verdict == LicenseVerdict::kDenied ? "fails: " : "shown: ") +
            std::string(kRules[which].name);
        return finding;
    }

    void identify(model::Finding& finding, const std::string& what, const std::string& license) {
        const std::string content = what + '\0' + finding.rule_id + '\0' + license;
        if (review_.key) finding.secret_id = model::secret_id(*review_.key, content);
        finding.fingerprints.push_back(
            model::context_fingerprint(finding.rule_id, what + '\n' + license, 0));
    }

    void except(model::Finding& finding, const std::array<std::string, 2>& names,
                const std::string& license) {
        const std::string today = format_date(review_.now);
        for (const LicenseException& entry : review_.rules->exceptions) {
            const bool is_meant = std::ranges::any_of(names, [&](const std::string& name) {
                return name == entry.package || text::glob_matches(entry.package, name);
            });
            if (!is_meant || (!entry.license.empty() && entry.license != license)) continue;
            if (!entry.expires.empty() && entry.expires <= today) {
                report_.notices.push_back(entry.place + ": the exception for " + entry.package +
                                          " expired on " + entry.expires +
                                          "; its finding is reported again");
                continue;
            }
            finding.suppressed_by = "ignore";
            finding.suppression_reason = entry.place + ": " + entry.reason;
            return;
        }
    }

    void list() {
        for (const auto& [license, places] : users_) {
            constexpr std::size_t kShown = 5;
            const std::vector<std::string>& names = names_.at(license);
            std::string shown;
            for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
                shown += (shown.empty() ? "" : ", ") + names[i];
            if (names.size() > kShown) shown += fmt::format(" and {} more", names.size() - kShown);
            model::Finding finding = made(kUsed, LicenseVerdict::kAllowed,
                                          fmt::format("{}: {} package{}: {}", license, names.size(),
                                                      names.size() == 1 ? "" : "s", shown));
            finding.location = *places.front();
            for (std::size_t i = 1; i < places.size(); ++i) finding.also_at.push_back(*places[i]);
            finding.match = license;
            finding.properties["packages"] = joined(names, "\n");
            identify(finding, license, license);
            report_.findings.push_back(std::move(finding));
        }
    }

    void add_rules() {
        for (const LicenseRule& rule : kRules) {
            const bool is_used = std::ranges::any_of(
                report_.findings,
                [&](const model::Finding& finding) { return finding.rule_id == rule.id; });
            if (!is_used) continue;
            model::Rule shown;
            shown.id = rule.id;
            shown.engine = "packages";
            shown.pack = "licences";
            shown.name = rule.name;
            shown.description = rule.name;
            shown.fix = rule.fix;
            shown.severity = rule.severity;
            shown.confidence = model::Confidence::kHigh;
            shown.tags = {"licence"};
            report_.rules.push_back(std::move(shown));
        }
    }

    static std::string described(const Package& package) {
        return package.name + (package.version.empty() ? "" : " ") + package.version;
    }

    const LicenseReview& review_;
    model::Report& report_;
    std::map<std::string, std::vector<const model::Location*>> users_;
    std::map<std::string, std::vector<std::string>> names_;
};

}  // namespace

void review_licenses(const LicenseReview& review, const TakenInventory& taken,
                     model::Report& report) {
    Reviewer(review, report).run(taken);
}

std::string license_notices(const TakenInventory& taken) {
    std::map<std::string, const inventory::LicenseFile*> files;
    for (const inventory::LicenseFile& file : taken.license_files) files.emplace(file.path, &file);
    std::string notices = "Third-party software, and the licences that it is under.\n\n";
    std::map<std::string_view, std::set<std::string>> owners;  // of each text
    for (const auto& [key, subject] : subjects_of(taken)) {
        const std::string name = subject.package->name +
                                 (subject.package->version.empty() ? "" : " ") +
                                 subject.package->version;
        notices += name + ": " + licensing_of(subject).shown + '\n';
        for (const std::string& path : subject.files) {
            const auto file = files.find(path);
            if (file != files.end()) owners[file->second->text].insert(name);
        }
    }
    // By the packages, so that the order is one that a reader can follow.
    std::vector<std::pair<std::string, std::string_view>> texts;
    for (const auto& [text, names] : owners)
        texts.emplace_back(joined(std::vector<std::string>(names.begin(), names.end()), ", "),
                           text);
    std::ranges::sort(texts);
    for (const auto& [names, text] : texts) {
        notices += '\n' + std::string(80, '-') + '\n' + names + "\n\n" + std::string(text);
        if (!notices.ends_with('\n')) notices += '\n';
    }
    return notices;
}

}  // namespace merlon::scan
