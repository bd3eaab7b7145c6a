#include "exchange/cyclonedx_shape.h"

#include <array>

#include "base/assert.h"

namespace merlon::exchange {
namespace {

using Member = CycloneDxMember;
using Shape = CycloneDxShape;
using enum CycloneDxMember::Kind;
using enum CycloneDxVersion;

constexpr auto kRequired = Member::Need::kRequired;

constexpr Member object(std::string_view name, Shape shape, CycloneDxVersion since = k1_4) {
    return {.name = name, .kind = kObject, .shape = shape, .since = since};
}
constexpr Member objects(std::string_view name, Shape shape, CycloneDxVersion since = k1_4) {
    return {.name = name, .kind = kObjects, .shape = shape, .since = since};
}
constexpr Member scalar(std::string_view name, Member::Kind kind = kText,
                        CycloneDxVersion since = k1_4) {
    return {.name = name, .kind = kind, .since = since};
}
constexpr Member choice(std::string_view name, std::string_view choices) {
    return {.name = name, .kind = kChoice, .choices = choices};
}
constexpr Member required(Member member) {
    member.need = kRequired;
    return member;
}

constexpr std::string_view kComponentTypes =
    "application|framework|library|container|platform@1.5|operating-system|device|"
    "device-driver@1.5|firmware|file|machine-learning-model@1.5|data@1.5|cryptographic-asset@1.6";
constexpr std::string_view kReferenceTypes =
    "vcs|issue-tracker|website|advisories|bom|mailing-list|social|chat|documentation|support|"
    "source-distribution@1.6|distribution|distribution-intake@1.5|license|build-meta|build-system|"
    "release-notes|security-contact@1.5|model-card@1.5|log@1.5|configuration@1.5|evidence@1.5|"
    "formulation@1.5|attestation@1.5|threat-model@1.5|adversary-model@1.5|risk-assessment@1.5|"
    "vulnerability-assertion@1.5|exploitability-statement@1.5|pentest-report@1.5|"
    "static-analysis-report@1.5|dynamic-analysis-report@1.5|runtime-analysis-report@1.5|"
    "component-analysis-report@1.5|maturity-report@1.5|certification-report@1.5|"
    "codified-infrastructure@1.5|quality-metrics@1.5|poam@1.5|electronic-signature@1.6|"
    "digital-signature@1.6|rfc-9116@1.6|patent@1.7|patent-family@1.7|patent-assertion@1.7|"
    "citation@1.7|other";
constexpr std::string_view kHashAlgorithms =
    "MD5|SHA-1|SHA-256|SHA-384|SHA-512|SHA3-256|SHA3-384|SHA3-512|BLAKE2b-256|BLAKE2b-384|"
    "BLAKE2b-512|BLAKE3|Streebog-256@1.7|Streebog-512@1.7";
constexpr std::string_view kAggregates =
    "complete|incomplete|incomplete_first_party_only|incomplete_first_party_proprietary_only@1.5|"
    "incomplete_first_party_opensource_only@1.5|incomplete_third_party_only|"
    "incomplete_third_party_proprietary_only@1.5|incomplete_third_party_opensource_only@1.5|"
    "unknown|not_specified";

constexpr Member kBom[] = {
    scalar("$schema"),
    required(choice("bomFormat", "CycloneDX")),
    required(scalar("specVersion")),
    scalar("serialNumber", kSerial),
    scalar("version", kInteger),
    object("metadata", Shape::kMetadata),
    objects("components", Shape::kComponent),
    objects("services", Shape::kService),
    objects("externalReferences", Shape::kReference),
    objects("dependencies", Shape::kDependency),
    objects("compositions", Shape::kComposition),
    objects("vulnerabilities", Shape::kVulnerability),
    scalar("annotations", kAny, k1_5),
    scalar("formulation", kAny, k1_5),
    scalar("declarations", kAny, k1_6),
    scalar("definitions", kAny, k1_6),
    objects("citations", Shape::kCitation, k1_7),
    objects("properties", Shape::kProperty, k1_5),
    scalar("signature", kAny),
};

constexpr Member kMetadata[] = {
    scalar("timestamp", kTime),
    scalar("lifecycles", kAny, k1_5),
    // A list of tools, or since 1.5 an object of components and services: looked at by the check.
    scalar("tools", kAny),
    objects("authors", Shape::kContact),
    object("component", Shape::kComponent),
    object("manufacture", Shape::kEntity),
    object("manufacturer", Shape::kEntity, k1_6),
    object("supplier", Shape::kEntity),
    objects("licenses", Shape::kLicenseChoice),
    objects("properties", Shape::kProperty),
    scalar("distributionConstraints", kAny, k1_7),
};

constexpr Member kTools[] = {objects("components", Shape::kComponent),
                             objects("services", Shape::kService)};

constexpr Member kTool[] = {
    scalar("vendor"),
    scalar("name"),
    scalar("version"),
    objects("hashes", Shape::kHash),
    objects("externalReferences", Shape::kReference),
};

constexpr Member kEntity[] = {
    scalar("bom-ref", kRef, k1_5),       scalar("name"),
    scalar("address", kAny, k1_6),       scalar("url", kTexts),
    objects("contact", Shape::kContact),
};

constexpr Member kContact[] = {scalar("bom-ref", kRef, k1_5), scalar("name"), scalar("email"),
                               scalar("phone")};

constexpr Member kComponent[] = {
    required(choice("type", kComponentTypes)),
    scalar("mime-type"),
    scalar("bom-ref", kRef),
    object("supplier", Shape::kEntity),
    object("manufacturer", Shape::kEntity, k1_6),
    objects("authors", Shape::kContact, k1_6),
    scalar("author"),
    scalar("publisher"),
    scalar("group"),
    required(scalar("name")),
    scalar("version"),
    scalar("versionRange", kText, k1_7),
    scalar("isExternal", kBoolean, k1_7),
    scalar("description"),
    choice("scope", "required|optional|excluded"),
    objects("hashes", Shape::kHash),
    objects("licenses", Shape::kLicenseChoice),
    scalar("copyright"),
    scalar("patentAssertions", kAny, k1_7),
    scalar("cpe"),
    scalar("purl"),
    scalar("omniborId", kTexts, k1_6),
    scalar("swhid", kTexts, k1_6),
    object("swid", Shape::kSwid),
    scalar("modified", kBoolean),
    object("pedigree", Shape::kPedigree),
    objects("externalReferences", Shape::kReference),
    objects("components", Shape::kComponent),
    object("evidence", Shape::kEvidence),
    scalar("releaseNotes", kAny),
    scalar("modelCard", kAny, k1_5),
    scalar("data", kAny, k1_5),
    scalar("cryptoProperties", kAny, k1_6),
    objects("properties", Shape::kProperty),
    scalar("tags", kTexts, k1_6),
    scalar("signature", kAny),
};

constexpr Member kService[] = {
    scalar("bom-ref", kRef),
    object("provider", Shape::kEntity),
    scalar("group"),
    required(scalar("name")),
    scalar("version"),
    scalar("description"),
    scalar("endpoints", kTexts),
    scalar("authenticated", kBoolean),
    scalar("x-trust-boundary", kBoolean),
    scalar("trustZone", kText, k1_5),
    objects("data", Shape::kDataFlow),
    objects("licenses", Shape::kLicenseChoice),
    scalar("patentAssertions", kAny, k1_7),
    objects("externalReferences", Shape::kReference),
    objects("services", Shape::kService),
    scalar("releaseNotes", kAny),
    objects("properties", Shape::kProperty),
    scalar("tags", kTexts, k1_6),
    scalar("signature", kAny),
};

constexpr Member kDataFlow[] = {
    required(choice("flow", "inbound|outbound|bi-directional|unknown")),
    required(scalar("classification")),
    scalar("name", kText, k1_5),
    scalar("description", kText, k1_5),
    scalar("governance", kAny, k1_5),
    scalar("source", kAny, k1_5),
    scalar("destination", kAny, k1_5),
};

constexpr Member kHash[] = {required(choice("alg", kHashAlgorithms)),
                            required(scalar("content", kHashValue))};

constexpr Member kLicenseChoice[] = {
    object("license", Shape::kLicense),
    scalar("expression"),
    scalar("expressionDetails", kAny, k1_7),
    scalar("licensing", kAny, k1_7),
    objects("properties", Shape::kProperty, k1_7),
    choice("acknowledgement", "declared|concluded"),
    scalar("bom-ref", kRef, k1_5),
};

constexpr Member kLicense[] = {
    scalar("bom-ref", kRef, k1_5),
    scalar("id", kLicenseId),
    scalar("name"),
    choice("acknowledgement", "declared@1.6|concluded@1.6"),
    object("text", Shape::kAttachment),
    scalar("url"),
    scalar("licensing", kAny, k1_5),
    objects("properties", Shape::kProperty, k1_5),
};

constexpr Member kAttachment[] = {scalar("contentType"), choice("encoding", "base64"),
                                  required(scalar("content"))};

constexpr Member kReference[] = {
    required(scalar("url")),
    scalar("comment"),
    required(choice("type", kReferenceTypes)),
    objects("hashes", Shape::kHash),
    objects("properties", Shape::kProperty, k1_7),
};

constexpr Member kProperty[] = {scalar("name"), scalar("value")};

constexpr Member kDependency[] = {required(scalar("ref", kRef)), scalar("dependsOn", kRefs),
                                  scalar("provides", kRefs, k1_6)};

constexpr Member kComposition[] = {
    scalar("bom-ref", kRef, k1_5),
    required(choice("aggregate", kAggregates)),
    scalar("assemblies", kRefs),
    scalar("dependencies", kRefs),
    scalar("vulnerabilities", kRefs, k1_5),
    scalar("signature", kAny),
};

constexpr Member kSwid[] = {
    required(scalar("tagId")),
    required(scalar("name")),
    scalar("version"),
    scalar("tagVersion", kInteger),
    scalar("patch", kBoolean),
    object("text", Shape::kAttachment),
    scalar("url"),
};

constexpr Member kPedigree[] = {
    objects("ancestors", Shape::kComponent), objects("descendants", Shape::kComponent),
    objects("variants", Shape::kComponent),  objects("commits", Shape::kCommit),
    objects("patches", Shape::kPatch),       scalar("notes"),
};

constexpr Member kCommit[] = {scalar("uid"), scalar("url"), scalar("author", kAny),
                              scalar("committer", kAny), scalar("message")};

constexpr Member kPatch[] = {
    required(choice("type", "unofficial|monkey|backport|cherry-pick")),
    object("diff", Shape::kDiff),
    objects("resolves", Shape::kIssue),
};

constexpr Member kDiff[] = {object("text", Shape::kAttachment), scalar("url")};

constexpr Member kIssue[] = {
    required(choice("type", "defect|enhancement|security")),
    scalar("id"),
    scalar("name"),
    scalar("description"),
    object("source", Shape::kSource),
    scalar("references", kTexts),
};

constexpr Member kSource[] = {scalar("name"), scalar("url")};

constexpr Member kEvidence[] = {
    scalar("identity", kAny, k1_5),  objects("occurrences", Shape::kOccurrence, k1_5),
    scalar("callstack", kAny, k1_5), objects("licenses", Shape::kLicenseChoice),
    scalar("copyright", kAny),
};

constexpr Member kOccurrence[] = {
    scalar("bom-ref", kRef),        required(scalar("location")),
    scalar("line", kInteger, k1_6), scalar("offset", kInteger, k1_6),
    scalar("symbol", kText, k1_6),  scalar("additionalContext", kText, k1_6),
};

constexpr Member kVulnerability[] = {
    scalar("bom-ref", kRef),
    scalar("id"),
    object("source", Shape::kSource),
    objects("references", Shape::kAlias),
    objects("ratings", Shape::kRating),
    scalar("cwes", kIntegers),
    scalar("description"),
    scalar("detail"),
    scalar("recommendation"),
    scalar("workaround", kText, k1_5),
    scalar("proofOfConcept", kAny, k1_5),
    objects("advisories", Shape::kAdvisory),
    scalar("created", kTime),
    scalar("published", kTime),
    scalar("updated", kTime),
    scalar("rejected", kTime, k1_5),
    scalar("credits", kAny),
    scalar("tools", kAny),
    object("analysis", Shape::kAnalysis),
    objects("affects", Shape::kAffected),
    objects("properties", Shape::kProperty),
};

constexpr Member kAlias[] = {required(scalar("id")), required(object("source", Shape::kSource))};

constexpr Member kRating[] = {
    object("source", Shape::kSource),
    scalar("score", kNumber),
    choice("severity", "critical|high|medium|low|info|none|unknown"),
    choice("method", "CVSSv2|CVSSv3|CVSSv31|CVSSv4@1.5|OWASP|SSVC@1.5|other"),
    scalar("vector"),
    scalar("justification"),
};

constexpr Member kAdvisory[] = {scalar("title"), required(scalar("url"))};

constexpr Member kAnalysis[] = {
    choice("state",
           "resolved|resolved_with_pedigree|exploitable|in_triage|false_positive|not_affected"),
    choice("justification",
           "code_not_present|code_not_reachable|requires_configuration|requires_dependency|"
           "requires_environment|protected_by_compiler|protected_at_runtime|"
           "protected_at_perimeter|protected_by_mitigating_control"),
    {.name = "response",
     .kind = kChoices,
     .choices = "can_not_fix|will_not_fix|update|rollback|workaround_available",
     .element = "responses"},
    scalar("detail"),
    scalar("firstIssued", kTime, k1_5),
    scalar("lastUpdated", kTime, k1_5),
};

constexpr Member kAffected[] = {required(scalar("ref", kRef)),
                                objects("versions", Shape::kAffectedVersion)};

constexpr Member kAffectedVersion[] = {scalar("version"), scalar("range"),
                                       choice("status", "affected|unaffected|unknown")};

constexpr Member kCitation[] = {
    scalar("bom-ref", kRef),
    scalar("pointers", kTexts),
    scalar("expressions", kTexts),
    required(scalar("timestamp", kTime)),
    scalar("attributedTo", kRef),
    scalar("process", kRef),
    scalar("note"),
    scalar("signature", kAny),
};

struct Row {
    Shape shape;
    std::string_view name;
    std::span<const Member> members;
};

constexpr std::array kRows{
    Row{Shape::kBom, "bom", kBom},
    Row{Shape::kMetadata, "metadata", kMetadata},
    Row{Shape::kTools, "tools", kTools},
    Row{Shape::kTool, "tool", kTool},
    Row{Shape::kEntity, "organization", kEntity},
    Row{Shape::kContact, "contact", kContact},
    Row{Shape::kComponent, "component", kComponent},
    Row{Shape::kService, "service", kService},
    Row{Shape::kDataFlow, "data flow", kDataFlow},
    Row{Shape::kHash, "hash", kHash},
    Row{Shape::kLicenseChoice, "licence choice", kLicenseChoice},
    Row{Shape::kLicense, "license", kLicense},
    Row{Shape::kAttachment, "attached text", kAttachment},
    Row{Shape::kReference, "external reference", kReference},
    Row{Shape::kProperty, "property", kProperty},
    Row{Shape::kDependency, "dependency", kDependency},
    Row{Shape::kComposition, "composition", kComposition},
    Row{Shape::kSwid, "swid", kSwid},
    Row{Shape::kPedigree, "pedigree", kPedigree},
    Row{Shape::kCommit, "commit", kCommit},
    Row{Shape::kPatch, "patch", kPatch},
    Row{Shape::kDiff, "diff", kDiff},
    Row{Shape::kIssue, "issue", kIssue},
    Row{Shape::kSource, "source", kSource},
    Row{Shape::kEvidence, "evidence", kEvidence},
    Row{Shape::kOccurrence, "occurrence", kOccurrence},
    Row{Shape::kVulnerability, "vulnerability", kVulnerability},
    Row{Shape::kAlias, "reference", kAlias},
    Row{Shape::kRating, "rating", kRating},
    Row{Shape::kAdvisory, "advisory", kAdvisory},
    Row{Shape::kAnalysis, "analysis", kAnalysis},
    Row{Shape::kAffected, "affected component", kAffected},
    Row{Shape::kAffectedVersion, "affected version", kAffectedVersion},
    Row{Shape::kCitation, "citation", kCitation},
};

const Row& row(Shape shape) {
    const Row& found = kRows[static_cast<std::size_t>(shape)];
    MERLON_ASSERT(found.shape == shape);
    return found;
}

}  // namespace

std::string_view name(CycloneDxShape shape) { return row(shape).name; }
std::span<const CycloneDxMember> members(CycloneDxShape shape) { return row(shape).members; }

}  // namespace merlon::exchange
