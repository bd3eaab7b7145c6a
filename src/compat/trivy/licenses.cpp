#include "compat/trivy/licenses.h"

#include <algorithm>
#include <array>
#include <span>

#include "compat/trivy/report.h"
#include "packages/license.h"

namespace merlon::compat::trivy {
namespace {

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

// For each category what it and the milder ones take.
std::vector<packages::LicensePolicy> policies() {
    std::vector<packages::LicensePolicy> all;
    packages::LicensePolicy policy;
    policy.unlisted = LicenseVerdict::kDenied;
    for (const Category& category : kCategories) {
        policy.allowed.insert(policy.allowed.end(), category.licenses.begin(),
                              category.licenses.end());
        all.push_back(policy);
    }
    return all;
}

class Classifier {
  public:
    const Category& category_of(std::string_view license) const {
        const auto parsed = packages::parse_license(license);
        if (!parsed.ok()) return kUnknown;
        for (std::size_t i = 0; i < policies_.size(); ++i) {
            if (evaluate(parsed.value(), policies_[i]) == LicenseVerdict::kAllowed)
                return kCategories[i];
        }
        return kUnknown;
    }

  private:
    std::vector<packages::LicensePolicy> policies_ = policies();
};

}  // namespace

std::vector<LicenseResult> gather_licenses(const std::vector<TrivyResult>& results,
                                           const Options& options) {
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
                if (has(options.ignored_licenses, license)) continue;
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
