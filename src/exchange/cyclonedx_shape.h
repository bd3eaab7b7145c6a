#pragma once

// What a CycloneDX document may hold, as data: the objects of the standard that a bill of materials
// is made of, their members, and since which version each is there (ECMA-424; the schemas of
// cyclonedx.org for 1.4 to 1.7).
//
// The idea: one table for checking JSON, for reading XML as the same tree, and for whoever asks
// what a version knows. Parts that no one here reads (models, formulas, cryptography, signatures,
// release notes) are kAny: they may hold whatever they like.
//
// Thread-safe: constant data.

#include <cstdint>
#include <span>
#include <string_view>

#include "exchange/cyclonedx.h"

namespace merlon::exchange {

enum class CycloneDxShape : std::uint8_t {
    kBom,
    kMetadata,
    kTools,
    kTool,
    kEntity,
    kContact,
    kComponent,
    kService,
    kDataFlow,
    kHash,
    kLicenseChoice,
    kLicense,
    kAttachment,
    kReference,
    kProperty,
    kDependency,
    kComposition,
    kSwid,
    kPedigree,
    kCommit,
    kPatch,
    kDiff,
    kIssue,
    kSource,
    kEvidence,
    kOccurrence,
    kVulnerability,
    kAlias,
    kRating,
    kAdvisory,
    kAnalysis,
    kAffected,
    kAffectedVersion,
    kCitation,
};

struct CycloneDxMember {
    enum class Kind : std::uint8_t {
        kAny,
        kText,
        kRef,      // a text that is not empty
        kInteger,  // not negative
        kNumber,
        kBoolean,
        kTime,       // RFC 3339 with its time
        kSerial,     // urn:uuid:…
        kHashValue,  // hex of a digest's length
        kLicenseId,
        kChoice,
        kObject,
        kObjects,
        kTexts,
        kRefs,
        kIntegers,
        kChoices,
    };
    enum class Need : std::uint8_t { kOptional, kRequired };

    std::string_view name;
    Kind kind = Kind::kText;
    CycloneDxShape shape = CycloneDxShape::kBom;  // of kObject and kObjects
    // Of kChoice and kChoices: "a|b|c@1.5", those behind '@' since that version.
    std::string_view choices = {};
    Need need = Need::kOptional;
    CycloneDxVersion since = CycloneDxVersion::k1_4;
    std::string_view element = {};  // what XML calls it, where that is something else
};

// "component", for messages.
std::string_view name(CycloneDxShape shape);
std::span<const CycloneDxMember> members(CycloneDxShape shape);

}  // namespace merlon::exchange
