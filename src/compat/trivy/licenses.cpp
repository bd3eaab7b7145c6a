#include "compat/trivy/licenses.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "compat/trivy/report.h"
#include "packages/license.h"

namespace merlon::compat::trivy {
namespace {

using packages::LicenseExpression;
using packages::LicenseVerdict;

// The categories of Google's licence classifier, which Trivy's defaults follow.
constexpr std::string_view kUnencumbered[] = {"CC0-1.0", "Unlicense", "0BSD"};
constexpr std::string_view kNotice[] = {"AFL-*",
                                        "Apache-*",
                                        "Artistic-*",
                                        "BSD-*",
                                        "BSL-1.0",
                                        "CC-BY-1.0",
                                        "CC-BY-2.0",
                                        "CC-BY-2.5",
                                        "CC-BY-3.0",
                                        "CC-BY-4.0",
                                        "FTL",
                                        "ISC",
                                        "Libpng",
                                        "LPL-*",
                                        "MIT",
                                        "MIT-*",
                                        "MS-PL",
                                        "NCSA",
                                        "OpenSSL",
                                        "PHP-*",
                                        "TCL",
                                        "Python-*",
                                        "PSF-2.0",
                                        "PostgreSQL",
                                        "W3C",
                                        "W3C-*",
                                        "X11",
                                        "Xnet",
                                        "Zend-2.0",
                                        "Zlib",
                                        "zlib-acknowledgement",
                                        "ZPL-*",
                                        "UPL-1.0",
                                        "Linux-OpenIB",
                                        "Lil-1.0"};
constexpr std::string_view kReciprocal[] = {"APSL-*",    "CDDL-*",  "CPL-1.0", "EPL-*",
                                            "FreeImage", "IPL-1.0", "MPL-*",   "Ruby"};
constexpr std::string_view kRestricted[] = {
    "BCL", "CC-BY-ND-*", "CC-BY-SA-*", "GPL-*", "LGPL-*", "NPL-*", "OSL-*", "QPL-1.0", "Sleepycat"};
constexpr std::string_view kForbidden[] = {"AGPL-*", "CC-BY-NC-*", "WTFPL"};

struct Category {
    std::string_view name, severity;
    std::span<const std::string_view> licenses;
};
constexpr std::array kCategories{
    Category{"unencumbered", "low", kUnencumbered}, Category{"notice", "low", kNotice},
    Category{"reciprocal", "medium", kReciprocal},  Category{"restricted", "high", kRestricted},
    Category{"forbidden", "critical", kForbidden},
};
constexpr Category kUnknown{"unknown", "unknown", {}};

// What each category takes.
std::vector<packages::LicensePolicy> policies() {
    std::vector<packages::LicensePolicy> all;
    for (const Category& category : kCategories) {
        packages::LicensePolicy policy;
        policy.unlisted = LicenseVerdict::kDenied;
        policy.allowed.assign(category.licenses.begin(), category.licenses.end());
        all.push_back(std::move(policy));
    }
    return all;
}

// Trivy's pkg/licensing/scanner.go: of an OR the mildest counts, of an AND the worst, and one that
// is in no category makes the whole unknown. With an exception a licence is another one, and none
// such is in a category; but for those whose name has it ("GPL-2.0-with-classpath-exception").
class Classifier {
  public:
    const Category& category_of(std::string_view license) const {
        const auto parsed = packages::parse_license(license);
        if (!parsed.ok()) return kUnknown;
        const std::size_t place = place_of(parsed.value(), !lower_case(license).contains("-with-"));
        return place == kNowhere ? kUnknown : kCategories[place];
    }

  private:
    static constexpr std::size_t kNowhere = kCategories.size();

    // They stand in the order of their severity.
    std::size_t place_of(const LicenseExpression& expression, bool is_excepted) const {
        if (expression.kind == LicenseExpression::Kind::kTerm) {
            if (!expression.term.exception.empty() && is_excepted) return kNowhere;
            const auto takes = [&](const packages::LicensePolicy& policy) {
                return evaluate(expression, policy) == LicenseVerdict::kAllowed;
            };
            const auto found = std::ranges::find_if(policies_, takes);
            return static_cast<std::size_t>(found - policies_.begin());
        }
        std::size_t place = place_of(expression.operands.front(), is_excepted);
        for (const LicenseExpression& operand : expression.operands) {
            const std::size_t other = place_of(operand, is_excepted);
            if (place == kNowhere || other == kNowhere) return kNowhere;
            const bool is_other = expression.kind == LicenseExpression::Kind::kOr
                                      ? severity_rank(other) < severity_rank(place)
                                      : severity_rank(other) > severity_rank(place);
            if (is_other) place = other;
        }
        return place;
    }

    // The first two are as mild as each other.
    static std::size_t severity_rank(std::size_t place) { return std::max<std::size_t>(place, 1); }

    std::vector<packages::LicensePolicy> policies_ = policies();
};

}  // namespace

std::vector<LicenseResult> gather_licenses(const std::vector<TrivyResult>& results,
                                           const Options& options, Timestamp now) {
    const Classifier classifier;
    const auto has = [](const std::vector<std::string>& words, std::string_view word) {
        return std::ranges::find(words, word) != words.end();
    };
    std::vector<LicenseResult> all;
    for (const TrivyResult& result : results) {
        LicenseResult made;
        made.target = result.kind == "os-pkgs" ? "OS Packages" : result.target;
        for (const packages::Package* package : result.packages) {
            const auto& licenses =
                package->licenses.empty() ? package->found_licenses : package->licenses;
            for (const std::string& license : licenses) {
                const Category& category = classifier.category_of(license);
                if (has(options.ignored_licenses, license) ||
                    scan::ignores_license(options.scan.ignores, now, license,
                                          package->location.path))
                    continue;
                if (!options.severities.empty() && !has(options.severities, category.severity))
                    continue;
                made.rows.push_back({package->name,
                                     result.is_installed ? package->location.path : "", license,
                                     category.name, category.severity});
            }
        }
        if (!made.rows.empty()) all.push_back(std::move(made));
    }
    return all;
}

}  // namespace merlon::compat::trivy
