#include "gate/documents.h"

#include <algorithm>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "exchange/bom_read.h"
#include "gate/fields.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::size_t kMaxStatementDepth = 200;

// All that a package states holds at once.
std::string license_text(const exchange::BomComponent& component) {
    std::string text;
    for (const exchange::BomLicense& license : component.licenses) {
        const std::string term =
            component.licenses.size() > 1 ? "(" + license.text + ")" : license.text;
        text += (text.empty() ? "" : " AND ") + term;
    }
    return text;
}

std::string verdict_of(const std::string& license, const LicenseList* licenses) {
    if (licenses == nullptr) return {};
    const auto parsed = packages::parse_license(license);
    if (license.empty() || !parsed.ok()) return std::string(packages::name(licenses->unknown));
    return std::string(packages::name(packages::evaluate(parsed.value(), licenses->policy)));
}

// Nothing that it is made of is said to be unknown; of weaknesses it need not say that it lists
// all.
bool is_complete(const exchange::Bom& bom) {
    return std::ranges::all_of(bom.compositions, [](const exchange::BomComposition& one) {
        return one.aggregate == exchange::BomAggregate::kComplete;
    });
}

std::vector<std::string> subjects_of(const Value& statement) {
    std::vector<std::string> digests;
    const Value* const subjects = statement.find("subject");
    if (subjects == nullptr || !subjects->is_array()) return digests;
    for (const Value& subject : subjects->items()) {
        const Value* const set = subject.find("digest");
        if (set == nullptr || !set->is_object()) continue;
        for (std::size_t i = 0; i < set->size(); ++i) {
            if (!set->keys()[i].is_string() || !set->values()[i].is_string()) continue;
            digests.push_back(std::string(set->keys()[i].as_string()) + ":" +
                              std::string(set->values()[i].as_string()));
        }
    }
    std::ranges::sort(digests);
    return digests;
}

// Digests of an image by which writers of bills name it: Syft's version, a purl of type oci, the
// property of Trivy.
void add_image_digests(const exchange::BomComponent& root, std::vector<std::string>& describes) {
    constexpr std::string_view kMark = "sha256:";
    constexpr std::size_t kDigits = 64;
    std::vector<std::string> texts = {root.version, root.purl};
    for (const exchange::BomProperty& property : root.properties)
        if (property.name == "aquasecurity:trivy:RepoDigest") texts.push_back(property.value);
    for (std::string& text : texts) {
        text = lower_case(text);
        if (const std::size_t at = text.find("sha256%3a"); at != std::string::npos)
            text.replace(at, kMark.size() + 2, kMark);
        const std::size_t at = text.find(kMark);
        if (at == std::string::npos) continue;
        const std::string digits = text.substr(at + kMark.size(), kDigits);
        if (digits.size() == kDigits &&
            digits.find_first_not_of("0123456789abcdef") == std::string::npos)
            describes.push_back(std::string(kMark) + digits);
    }
}

void add_read_bom(const exchange::ReadBom& read, const std::string& document,
                  std::vector<std::string> describes, const LicenseList* licenses, Input& input) {
    for (const exchange::BomHash& hash : read.bom.root.hashes) {
        std::string algorithm = lower_case(hash.algorithm);
        std::erase(algorithm, '-');
        describes.push_back(algorithm + ":" + hash.value);
    }
    add_image_digests(read.bom.root, describes);
    std::ranges::sort(describes);
    describes.erase(std::ranges::unique(describes).begin(), describes.end());
    input.boms.push_back({.format = read.format,
                          .document = document,
                          .components = read.bom.components.size(),
                          .is_complete = is_complete(read.bom),
                          .describes = std::move(describes)});
    for (const exchange::BomComponent& component : read.bom.components) {
        const std::string license = license_text(component);
        input.packages.push_back({.name = component.name,
                                  .version = component.version,
                                  .purl = component.purl,
                                  .license = license,
                                  .license_verdict = verdict_of(license, licenses)});
    }
}

}  // namespace

Status add_bom(std::string_view bytes, const LicenseList* licenses, Input& input) {
    const exchange::ReadBom read =
        MERLON_TRY(exchange::read_bom(bytes, packages::is_listed_license));
    add_read_bom(read, crypto::sha256(bytes).to_string(), {}, licenses, input);
    return {};
}

Status add_attestation(std::string_view bytes, const LicenseList* licenses, Input& input) {
    Arena arena;
    Interner interner;
    value::ValueDocument document =
        MERLON_TRY(text::read_json(bytes, arena, interner, {.max_depth = kMaxStatementDepth}));
    std::string payload(bytes);
    const bool is_envelope = document.root->find("payload") != nullptr;
    // DSSE, "Envelope": the payload is Base64 in either alphabet.
    if (is_envelope) {
        const std::string encoded = text_at(*document.root, "payload");
        const auto alphabet = encoded.find_first_of("-_") == std::string::npos
                                  ? text::Base64Alphabet::kStandard
                                  : text::Base64Alphabet::kUrl;
        payload = MERLON_TRY(text::decode_base64(encoded, alphabet));
        document = MERLON_TRY(
            text::read_json(payload, arena, interner, {.max_depth = kMaxStatementDepth}));
    }
    const Value& statement = *document.root;
    if (!text_at(statement, "_type").starts_with("https://in-toto.io/Statement/"))
        return Error{"this is no in-toto statement"};
    const std::string digest = crypto::sha256(bytes).to_string();
    const std::vector<std::string> subjects = subjects_of(statement);
    input.attestations.push_back(
        {.predicate_type = text_at(statement, "predicateType"),
         .document = digest,
         .subjects = subjects,
         .is_verified = false,
         .reason = is_envelope ? "its signature was not verified" : "it is not signed"});
    if (const auto read = exchange::read_bom(payload, packages::is_listed_license); read.ok())
        add_read_bom(read.value(), digest, subjects, licenses, input);
    return {};
}

}  // namespace merlon::gate
