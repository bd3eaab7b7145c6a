#include "compat/conftest/cyclonedx_fields.h"

#include <algorithm>

namespace merlon::compat::conftest {
namespace {

// A field is MEMBER[!][PLACE][:KIND]. '!': it is always told.
// PLACE: '=NAME' another element, '>NAME' elements inside of it, '=#' the text, and '@' before all
// an attribute. KIND: a text where there is none; '[]' before it: a list; '?': told though it is
// empty; '.TYPE': an object that is always there.
struct TypeRow {
    std::string_view name;
    std::string_view fields;
};

// clang-format off
constexpr TypeRow kTypes[] = {
    {"Advisory",
     "title url!"},
    {"AffectedVersions",
     "version range status!"},
    {"Affects",
     "ref! versions>version:[]AffectedVersions"},
    {"Affirmation",
     "statement signatories>signatory:[]Signatory"},
    {"Annotation",
     "@bom-ref subjects>subject:[]ref annotator:Annotator timestamp text"},
    {"Annotator",
     "organization:OrganizationalEntity individual:OrganizationalContact component:Component "
     "service:Service"},
    {"Assessor",
     "@bom-ref:ref thirdParty:bool organization:OrganizationalEntity"},
    {"AttachedText",
     "content!=# contentType=@content-type @encoding"},
    {"Attestation",
     "summary assessor:ref map:[]AttestationMap"},
    {"AttestationConfidence",
     "score:?float rationale"},
    {"AttestationConformance",
     "score:?float rationale mitigationStrategies>mitigationStrategy:[]ref"},
    {"AttestationMap",
     "requirement claims>claim:[]ref counterClaims>counterClaim:[]ref "
     "conformance:AttestationConformance confidence:AttestationConfidence"},
    {"BOM",
     "@serialNumber @version!:int metadata:Metadata components>component:[]Component "
     "services>service:[]Service externalReferences>reference:[]ExternalReference "
     "dependencies>dependency:[]Dependency compositions>composition:[]Composition "
     "properties>property:[]Property vulnerabilities>vulnerability:[]Vulnerability "
     "annotations>annotation:[]Annotation formulation>formula:[]Formula "
     "declarations:Declarations definitions:Definitions citations>citation:[]Citation"},
    {"Callstack",
     "frames>frame:[]CallstackFrame"},
    {"CallstackFrame",
     "package module function parameters>parameter:[] line:?int column:?int fullFilename"},
    {"CertificateProperties",
     "serialNumber subjectName issuerName notValidBefore notValidAfter "
     "signatureAlgorithmRef:ref subjectPublicKeyRef:ref certificateFormat certificateExtension "
     "certificateFileExtension fingerprint:Hash certificateState:[]CertificateState "
     "certificateExtensions>certificateExtension:[]CertificateExtension "
     "relatedCryptographicAssets>relatedCryptographicAsset:[]RelatedCryptographicAsset "
     "creationDate activationDate deactivationDate revocationDate destructionDate"},
    {"CipherSuite",
     "name algorithms:[]ref identifiers:[] tlsGroups>group:[] "
     "tlsSignatureSchemes>signatureScheme:[]"},
    {"Citation",
     "@bom-ref pointers>pointer:[] expressions>expression:[] timestamp attributedTo:?ref "
     "process note"},
    {"Claim",
     "@bom-ref target:ref predicate mitigationStrategies>mitigationStrategy:[]ref reasoning "
     "evidence:[]ref counterEvidence:[]ref externalReferences>reference:[]ExternalReference"},
    {"Commit",
     "uid url author:IdentifiableAction committer:IdentifiableAction message"},
    {"Component",
     "@bom-ref @mime-type @type! supplier:OrganizationalEntity "
     "manufacturer:OrganizationalEntity author authors>author:[]OrganizationalContact "
     "publisher group name! version description scope hashes>hash:[]Hash licenses:Licenses "
     "copyright cpe purl omniborId:[] swhid:[] swid:SWID modified:?bool pedigree:Pedigree "
     "externalReferences>reference:[]ExternalReference properties>property:[]Property "
     "components>component:[]Component evidence:Evidence releaseNotes:ReleaseNotes "
     "modelCard:MLModelCard data:[]ComponentData cryptoProperties:CryptoProperties tags>tag:[] "
     "isExternal:?bool patentAssertions>patentAssertion:[]PatentAssertion versionRange"},
    {"ComponentData",
     "@bom-ref type name contents:ComponentDataContents classification sensitiveData:[] "
     "graphics:ComponentDataGraphics description governance:DataGovernance"},
    {"ComponentDataContents",
     "attachment:AttachedText url properties:[]Property"},
    {"ComponentDataGovernanceResponsibleParty",
     "organization:OrganizationalEntity contact:OrganizationalContact"},
    {"ComponentDataGraphic",
     "name image:AttachedText"},
    {"ComponentDataGraphics",
     "description collection>graphic:[]ComponentDataGraphic"},
    {"Composition",
     "@bom-ref aggregate! assemblies>assembly:[]ref dependencies>dependency:[]ref "
     "vulnerabilities>vulnerability:[]ref"},
    {"Credits",
     "organizations>organization:[]OrganizationalEntity "
     "individuals>individual:[]OrganizationalContact"},
    {"CryptoAlgorithmProperties",
     "primitive parameterSetIdentifier algorithmFamily curve ellipticCurve "
     "executionEnvironment implementationPlatform certificationLevel:[] mode padding "
     "cryptoFunctions>cryptoFunction:[] classicalSecurityLevel:?int "
     "nistQuantumSecurityLevel:?int"},
    {"CryptoProperties",
     "assetType! algorithmProperties:CryptoAlgorithmProperties "
     "certificateProperties:CertificateProperties "
     "relatedCryptoMaterialProperties:RelatedCryptoMaterialProperties "
     "protocolProperties:CryptoProtocolProperties oid"},
    {"CryptoProtocolProperties",
     "type version cipherSuites:[]CipherSuite ikev2TransformTypes:IKEv2TransformTypes "
     "cryptoRefArray:[]ref "
     "relatedCryptographicAssets>relatedCryptographicAsset:[]RelatedCryptographicAsset"},
    {"DataGovernance",
     "custodians>custodian:[]ComponentDataGovernanceResponsibleParty "
     "stewards>steward:[]ComponentDataGovernanceResponsibleParty "
     "owners>owner:[]ComponentDataGovernanceResponsibleParty"},
    {"DeclarationEvidence",
     "@bom-ref propertyName description data:[]EvidenceData created expires "
     "author:OrganizationalContact reviewer:OrganizationalContact"},
    {"Declarations",
     "assessors>assessor:[]Assessor attestations>attestation:[]Attestation "
     "claims>claim:[]Claim evidence>evidence:[]DeclarationEvidence targets:Targets "
     "affirmation:Affirmation"},
    {"Diff",
     "text:AttachedText url"},
    {"DistributionConstraints",
     "tlp"},
    {"Event",
     "uid description timeReceived data:AttachedText source:ResourceReferenceChoice "
     "target:ResourceReferenceChoice properties>property:[]Property"},
    {"EvidenceData",
     "name contents:EvidenceDataContents classification=data>classification:DataClassification "
     "sensitiveData:[] governance:DataGovernance"},
    {"EvidenceDataContents",
     "attachment:AttachedText url"},
    {"EvidenceIdentity",
     "field confidence:?float32 concludedValue methods>method:[]EvidenceIdentityMethod "
     "tools>tool:[]ref"},
    {"EvidenceIdentityMethod",
     "technique confidence:?float32 value"},
    {"EvidenceOccurrence",
     "@bom-ref location @line:?int @offset:?int @symbol @additionalContext"},
    {"ExternalReference",
     "url! comment hashes>hash:[]Hash @type! properties>property:[]Property"},
    {"Formula",
     "@bom-ref components>component:[]Component services>service:[]Service "
     "workflows>workflow:[]Workflow properties>property:[]Property"},
    {"Hash",
     "@alg! content!=#"},
    {"IKEv2TransformTypes",
     "encr:[]IKEv2Enc prf:[]IKEv2Prf integ:[]IKEv2Integ ke:[]IKEv2Ke esn!:bool auth:[]IKEv2Auth"},
    {"IdentifiableAction",
     "timestamp name email"},
    {"Issue",
     "id! name description! source:Source references>url:[] @type!"},
    {"License",
     "@bom-ref id name @acknowledgement text:AttachedText url licensing:Licensing "
     "properties>property:[]Property"},
    {"Licensing",
     "altIds>altId:[] licensor:OrganizationalEntityOrContact "
     "licensee:OrganizationalEntityOrContact purchaser:OrganizationalEntityOrContact "
     "purchaseOrder licenseTypes>licenseType:[] lastRenewal expiration"},
    {"Lifecycle",
     "name phase description"},
    {"MLInputOutputParameters",
     "format"},
    {"MLModelCO2Measure",
     "value!:float32 unit!"},
    {"MLModelCard",
     "@bom-ref modelParameters:MLModelParameters quantitativeAnalysis:MLQuantitativeAnalysis "
     "considerations:MLModelCardConsiderations"},
    {"MLModelCardConsiderations",
     "users>user:[] useCases>useCase:[] technicalLimitations>technicalLimitation:[] "
     "performanceTradeoffs>performanceTradeoff:[] "
     "ethicalConsiderations>ethicalConsideration:[]MLModelCardEthicalConsideration "
     "environmentalConsiderations:MLModelCardEnvironmentalConsiderations "
     "fairnessAssessments>fairnessAssessment:[]MLModelCardFairnessAssessment"},
    {"MLModelCardEnvironmentalConsiderations",
     "energyConsumptions>energyConsumption:[]MLModelEnergyConsumption "
     "properties>property:[]Property"},
    {"MLModelCardEthicalConsideration",
     "name mitigationStrategy"},
    {"MLModelCardFairnessAssessment",
     "groupAtRisk benefits harms mitigationStrategy"},
    {"MLModelEnergyConsumption",
     "activity! energyProviders!:[]MLModelEnergyProvider "
     "activityEnergyCost!:.MLModelEnergyMeasure co2CostEquivalent:MLModelCO2Measure "
     "co2CostOffset:MLModelCO2Measure properties>property:[]Property"},
    {"MLModelEnergyMeasure",
     "value!:float32 unit!"},
    {"MLModelEnergyProvider",
     "@bom-ref description organization!:OrganizationalEntity energySource! "
     "energyProvided!:MLModelEnergyMeasure externalReferences>reference:[]ExternalReference"},
    {"MLModelParameters",
     "approach:MLModelParametersApproach task architectureFamily modelArchitecture "
     "datasets>dataset:[]MLDatasetChoice inputs>input:[]MLInputOutputParameters "
     "outputs>output:[]MLInputOutputParameters"},
    {"MLModelParametersApproach",
     "type"},
    {"MLPerformanceMetric",
     "type value slice confidenceInterval:MLPerformanceMetricConfidenceInterval"},
    {"MLPerformanceMetricConfidenceInterval",
     "lowerBound upperBound"},
    {"MLQuantitativeAnalysis",
     "performanceMetrics>performanceMetric:[]MLPerformanceMetric graphics:ComponentDataGraphics"},
    {"Metadata",
     "timestamp lifecycles>lifecycle:[]Lifecycle tools:ToolsChoice "
     "authors>author:[]OrganizationalContact component:Component "
     "manufacture:OrganizationalEntity manufacturer:OrganizationalEntity "
     "supplier:OrganizationalEntity licenses:Licenses properties>property:[]Property "
     "distributionConstraints:DistributionConstraints"},
    {"Note",
     "locale text!:.AttachedText"},
    {"OrganizationalContact",
     "@bom-ref name email phone"},
    {"OrganizationalEntity",
     "@bom-ref name! address:PostalAddress url:[] contact:[]OrganizationalContact"},
    {"OrganizationalEntityOrContact",
     "organization:OrganizationalEntity individual:OrganizationalContact"},
    {"Parameter",
     "name value dataType"},
    {"Patch",
     "diff:Diff resolves>issue:[]Issue @type!"},
    {"Patent",
     "@bom-ref patentNumber! applicationNumber jurisdiction! "
     "priorityApplication:PriorityApplication publicationNumber title abstract filingDate "
     "grantDate patentExpirationDate patentLegalStatus! "
     "patentAssignee:[]OrganizationalEntityOrContact "
     "externalReferences>reference:[]ExternalReference"},
    {"PatentAssertion",
     "@bom-ref patentRefs>bom-ref:[]ref assertionType! asserter!:AsserterChoice notes"},
    {"PatentFamily",
     "@bom-ref familyId! priorityApplication:PriorityApplication members>ref:[]ref "
     "externalReferences>reference:[]ExternalReference"},
    {"Pedigree",
     "ancestors>component:[]Component descendants>component:[]Component "
     "variants>component:[]Component commits>commit:[]Commit patches>patch:[]Patch notes"},
    {"PostalAddress",
     "@bom-ref country region locality postOfficeBoxNumber postalCode streetAddress"},
    {"PriorityApplication",
     "applicationNumber! jurisdiction! filingDate!"},
    {"ProofOfConcept",
     "reproductionSteps environment supportingMaterial>attachment:[]AttachedText"},
    {"Property",
     "@name! value!=#"},
    {"RelatedCryptoMaterialProperties",
     "type id state algorithmRef:ref creationDate activationDate updateDate expirationDate "
     "value size:?int format securedBy:SecuredBy fingerprint:Hash "
     "relatedCryptographicAssets>relatedCryptographicAsset:[]RelatedCryptographicAsset"},
    {"RelatedCryptographicAsset",
     "type ref"},
    {"ReleaseNotes",
     "type! title featuredImage socialImage description timestamp aliases>alias:[] tags>tag:[] "
     "resolves>issue:[]Issue notes>note:[]Note properties>property:[]Property"},
    {"ResourceReferenceChoice",
     "ref externalReference:ExternalReference"},
    {"SWID",
     "text:AttachedText @url @tagId! @name! @version @tagVersion:?int @patch:?bool"},
    {"SecuredBy",
     "mechanism algorithmRef:ref"},
    {"Service",
     "@bom-ref provider:OrganizationalEntity group name! version description "
     "endpoints>endpoint:[] authenticated:?bool x-trust-boundary:?bool "
     "data>dataflow:[]DataClassification licenses:Licenses "
     "externalReferences>reference:[]ExternalReference properties>property:[]Property "
     "services>service:[]Service releaseNotes:ReleaseNotes tags>tag:[] trustZone "
     "patentAssertions>patentAssertion:[]PatentAssertion"},
    {"Signatory",
     "name role organization:OrganizationalEntity externalReference:ExternalReference"},
    {"Source",
     "name url"},
    {"StandardDefinition",
     "@bom-ref name version description owner requirements>requirement:[]StandardRequirement "
     "levels>level:[]StandardLevel externalReferences>reference:[]ExternalReference"},
    {"StandardLevel",
     "@bom-ref identifier title description requirements>requirement:[]"},
    {"StandardRequirement",
     "@bom-ref identifier title text descriptions>description:[] openCre:[] parent "
     "properties>property:[]Property externalReferences>reference:[]ExternalReference"},
    {"Targets",
     "organizations>organization:[]OrganizationalEntity components>component:[]Component "
     "services>service:[]Service"},
    {"Task",
     "@bom-ref uid name description properties>property:[]Property "
     "resourceReferences>resourceReference:[]ResourceReferenceChoice taskTypes>taskType:[] "
     "trigger:TaskTrigger steps>step:[]TaskStep inputs>input:[]TaskInput "
     "outputs>output:[]TaskOutput timeStart timeEnd workspaces>workspace:[]TaskWorkspace "
     "runtimeTopology>dependency:[]Dependency"},
    {"TaskCommand",
     "executed properties>property:[]Property"},
    {"TaskInput",
     "resource:ResourceReferenceChoice parameters>parameter:[]Parameter "
     "environmentVars:EnvironmentVariables data:AttachedText source:ResourceReferenceChoice "
     "target:ResourceReferenceChoice properties>property:[]Property"},
    {"TaskOutput",
     "resource:ResourceReferenceChoice parameters>parameter:[]Parameter "
     "environmentVars:EnvironmentVariables data:AttachedText type "
     "source:ResourceReferenceChoice target:ResourceReferenceChoice "
     "properties>property:[]Property"},
    {"TaskStep",
     "name description commands>command:[]TaskCommand properties>property:[]Property"},
    {"TaskTrigger",
     "@bom-ref uid name description "
     "resourceReferences>resourceReference:[]ResourceReferenceChoice type event:Event "
     "conditions>condition:[]TaskTriggerCondition timeActivated inputs>input:[]TaskInput "
     "outputs>output:[]TaskOutput properties>property:[]Property"},
    {"TaskTriggerCondition",
     "description expression properties>property:[]Property"},
    {"TaskWorkspace",
     "@bom-ref uid name aliases>alias:[] description "
     "resourceReferences>resourceReference:[]ResourceReferenceChoice accessMode mountPath "
     "managedDataType volumeRequest volume:Volume properties>property:[]Property"},
    {"Tool",
     "vendor name! version hashes>hash:[]Hash externalReferences>reference:[]ExternalReference"},
    {"Volume",
     "uid name mode path sizeAllocated persistent:?bool remote:?bool "
     "properties>property:[]Property"},
    {"Vulnerability",
     "@bom-ref id! source:Source references>reference:[]VulnerabilityReference "
     "ratings>rating:[]VulnerabilityRating cwes>cwe:[]int description detail recommendation "
     "workaround proofOfConcept:ProofOfConcept advisories>advisory:[]Advisory created "
     "published updated rejected credits:Credits tools:ToolsChoice "
     "analysis:VulnerabilityAnalysis affects>target:[]Affects properties>property:[]Property"},
    {"VulnerabilityAnalysis",
     "state justification response=responses>response:[] detail firstIssued lastUpdated"},
    {"VulnerabilityRating",
     "source:Source score:?float severity method vector justification"},
    {"VulnerabilityReference",
     "id source:Source"},
    {"Workflow",
     "@bom-ref uid name description "
     "resourceReferences>resourceReference:[]ResourceReferenceChoice tasks>task:[]Task "
     "taskDependencies>dependency:[]Dependency taskTypes>taskType:[] trigger:TaskTrigger "
     "steps>step:[]TaskStep inputs>input:[]TaskInput outputs>output:[]TaskOutput timeStart "
     "timeEnd workspaces>workspace:[]TaskWorkspace runtimeTopology>dependency:[]Dependency "
     "properties>property:[]Property"},
};
// clang-format on

struct KindRow {
    std::string_view name;
    BomField::Kind kind;
};
constexpr KindRow kKinds[] = {
    {"", BomField::Kind::kText},         {"text", BomField::Kind::kText},
    {"int", BomField::Kind::kInteger},   {"bool", BomField::Kind::kBoolean},
    {"float", BomField::Kind::kFloat},   {"float32", BomField::Kind::kFloat32},
    {"ref", BomField::Kind::kReference},
};

// What stands before the first of these characters, which goes with it.
std::string_view take_until(std::string_view& text, std::string_view ends) {
    const std::size_t end = std::min(text.find_first_of(ends), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

bool take_mark(std::string_view& text, std::string_view mark) {
    if (!text.starts_with(mark)) return false;
    text.remove_prefix(mark.size());
    return true;
}

BomField field_of(std::string_view text) {
    BomField field;
    if (take_mark(text, "@")) field.place = BomField::Place::kAttribute;
    field.member = take_until(text, "!=>:");
    field.is_always = take_mark(text, "!");
    field.name = field.member;
    if (take_mark(text, "=")) {
        if (take_mark(text, "@")) field.place = BomField::Place::kAttribute;
        if (take_mark(text, "#")) field.place = BomField::Place::kText;
        field.name = take_until(text, ">:");
    }
    if (take_mark(text, ">")) {
        field.parent = field.name;
        field.name = take_until(text, ":");
    }
    take_mark(text, ":");
    field.is_list = take_mark(text, "[]");
    field.is_pointer = take_mark(text, "?") || field.is_list;
    const auto kind = std::ranges::find(kKinds, text, &KindRow::name);
    if (kind != std::end(kKinds)) {
        field.kind = kind->kind;
        return field;
    }
    field.kind = BomField::Kind::kType;
    field.is_pointer = !take_mark(text, ".");
    field.type = text;
    return field;
}

}  // namespace

BomTypes bom_types() {
    BomTypes types;
    for (const TypeRow& row : kTypes) {
        std::vector<BomField>& fields = types[row.name];
        std::string_view rest = row.fields;
        while (!rest.empty()) {
            fields.push_back(field_of(take_until(rest, " ")));
            take_mark(rest, " ");
        }
    }
    return types;
}

}  // namespace merlon::compat::conftest
