#pragma once

// Which CVEs are about a program that states a CPE name: NVD's configurations over that name, its
// version, and what is known of where it runs.
//
// The idea: the database finds by part, vendor and product the records that name it, and its ranges
// say which may hold; those alone are read whole, and their configurations answered here, exactly.
// An answer has three values. A configuration is about the program where one of its vulnerable
// names is the program's; what else it asks for (an operating system, another product) is answered
// as far as the distribution tells, and is unknown else. Unknown counts as a match that says so.
//
// Only programs that no ecosystem's advisories cover are asked about (names.h): a package of npm or
// of Debian has advisories of its own, and a name guessed for it finds other products' weaknesses.
//
// Versions are ordered as Maven orders them, for which 1.0-rc1 is before 1.0, 1.0 is 1.0.0, and
// 1.1.1k is behind 1.1.1; NVD states no order.
//
// Thread-safe: no state. Cost: a name is parsed for each criterion of a record.
// Source: NISTIR 7696, NISTIR 7698 (applicability), nvd.nist.gov/developers/vulnerabilities.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/cpe_configurations.h"
#include "packages/cpe.h"
#include "packages/package.h"
#include "packages/version.h"
#include "sca/draft.h"

namespace merlon::sca {

// What stands for an ecosystem in the database, where packages are called "a:vendor:product".
inline constexpr std::string_view kCpeEcosystem = "CPE";
inline constexpr packages::VersionScheme kCpeScheme = packages::VersionScheme::kMaven;

// A program as its CPE name tells it.
struct CpeSubject {
    packages::CpeName name;
    std::string key;      // "a:apache:http_server"
    std::string version;  // "8.2.0"; empty: not known
    std::string update;   // "rc1", which NVD keeps apart
    packages::Distribution distribution;

    // "8.2.0-rc1": what stands in an order.
    std::string whole_version() const { return update.empty() ? version : version + "-" + update; }
};

// Nothing where the package states no name. Fails where it is none, or names no product.
Result<std::optional<CpeSubject>> cpe_subject_of(const packages::Package& package);

enum class CpeTruth : std::uint8_t { kNo, kUnknown, kYes };

struct CpeAnswer {
    CpeTruth truth = CpeTruth::kNo;
    std::vector<std::string> because;  // the configuration that holds, a line for each criterion
};

// The first configuration that holds, else the first that may.
CpeAnswer answer_cpe(std::span<const exchange::CpeConfiguration> configurations,
                     const CpeSubject& subject);

// The rows of a record: one for each product that it calls vulnerable, with ranges that hold
// whatever the configurations may say yes to.
void add_cpe_rows(std::span<const exchange::CpeConfiguration> configurations, Draft& draft);

}  // namespace merlon::sca
