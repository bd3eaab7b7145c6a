#pragma once

// A bill of materials as all its formats share it: what CycloneDX calls components and SPDX
// packages, how they depend on each other, and how much of it is known.
//
// The idea: one struct between the readers and writers of every format, so that converting is
// reading and writing. Texts are the formats' own ("SHA-256", purl, SPDX expression); what a
// package is stays with `packages`, which this floor does not see.
//
// Value types. Order is the writer's business of whoever fills it: equal Boms give equal bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/bom_weakness.h"

namespace merlon::exchange {

// CycloneDX's component types that have an SPDX purpose too.
enum class BomType : std::uint8_t {
    kApplication,
    kFramework,
    kLibrary,
    kContainer,
    kPlatform,
    kOperatingSystem,
    kDevice,
    kDeviceDriver,
    kFirmware,
    kFile,
    kModel,
    kData,
    kCryptographicAsset,
};

enum class BomScope : std::uint8_t { kUnstated, kRequired, kOptional, kExcluded };

struct BomHash {
    std::string algorithm;  // CycloneDX's spelling: "MD5", "SHA-1", "SHA-256", …
    std::string value;      // lower-case hex
    bool operator==(const BomHash&) const = default;
};

struct BomLicense {
    enum class Kind : std::uint8_t {
        kId,          // one id of the SPDX list
        kExpression,  // an SPDX expression, then the only licence of its component
        kName,        // any text
    };
    Kind kind = Kind::kName;
    std::string text;
    bool operator==(const BomLicense&) const = default;
};

struct BomReference {
    std::string type;  // CycloneDX's: "vcs", "distribution", "website", …
    std::string url;
    bool operator==(const BomReference&) const = default;
};

// Where a component was seen.
struct BomOccurrence {
    std::string path;
    std::uint32_t line = 0;  // 0: the whole file
    bool operator==(const BomOccurrence&) const = default;
};

struct BomComponent {
    std::string ref;  // unique in the Bom
    BomType type = BomType::kLibrary;
    std::string group;
    std::string name;
    std::string version;
    std::string purl;
    std::string cpe;
    std::string description;
    std::string supplier;
    std::string copyright;
    BomScope scope = BomScope::kUnstated;
    std::vector<BomHash> hashes;
    std::vector<BomLicense> licenses;        // as the package states them
    std::vector<BomLicense> found_licenses;  // that its files hold
    std::vector<BomReference> references;
    std::vector<BomProperty> properties;
    std::vector<BomOccurrence> occurrences;
    bool operator==(const BomComponent&) const = default;
};

struct BomDependency {
    std::string ref;
    std::vector<std::string> depends_on;
    bool operator==(const BomDependency&) const = default;
};

// How complete a part is (CycloneDX, "compositions"; NTIA's known unknowns).
enum class BomAggregate : std::uint8_t { kComplete, kIncomplete, kUnknown };

struct BomComposition {
    BomAggregate aggregate = BomAggregate::kUnknown;
    std::vector<std::string> assemblies;    // components whose parts are meant
    std::vector<std::string> dependencies;  // components whose dependencies are meant
    bool operator==(const BomComposition&) const = default;
};

struct BomTool {
    std::string vendor;
    std::string name;
    std::string version;
    bool operator==(const BomTool&) const = default;
};

struct Bom {
    std::string serial;     // a UUID, lower case, without "urn:uuid:"; empty: none
    std::string timestamp;  // RFC 3339, UTC; empty: none
    std::string name;       // of the document
    std::vector<BomTool> tools;
    std::vector<std::string> authors;
    BomComponent root;  // what the Bom describes; an empty ref where it does not say
    std::vector<BomComponent> components;
    std::vector<BomDependency> dependencies;
    std::vector<BomComposition> compositions;
    std::vector<BomProperty> properties;
    std::vector<BomWeakness> weaknesses;
};

// CycloneDX's name of a type, and back: "operating-system".
std::string_view name(BomType type);
std::string_view name(BomAggregate aggregate);
std::string_view name(BomScope scope);

}  // namespace merlon::exchange
