#include "model/result_cache.h"

#include "crypto/digest.h"
#include "model/serialize.h"

namespace merlon::model {
namespace {

// Each part is led by its length, so that no two keys are the same text.
void add(crypto::Hasher& hasher, std::string_view part) {
    hasher.update(std::to_string(part.size())).update(":").update(part);
}

void add(crypto::Hasher& hasher, const FactsKey& key) {
    add(hasher, key.document_digest);
    add(hasher, std::to_string(key.kind));
    add(hasher, key.program_digest);
    add(hasher, key.dialect);
    add(hasher, key.limits);
}

crypto::Hasher hasher_of(std::string_view what) {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    add(hasher, what);
    add(hasher, std::to_string(kSerialVersion));
    return hasher;
}

std::string key_of(const FactsKey& key) {
    crypto::Hasher hasher = hasher_of("facts");
    add(hasher, key);
    return hasher.finish().to_string();
}

std::string key_of(std::span<const FactsKey> facts, std::string_view inputs) {
    crypto::Hasher hasher = hasher_of("report");
    add(hasher, std::to_string(facts.size()));
    for (const FactsKey& key : facts) add(hasher, key);
    add(hasher, inputs);
    return hasher.finish().to_string();
}

}  // namespace

std::optional<std::string> ResultCache::find_facts(const FactsKey& key) const {
    return files_.get(key_of(key));
}

void ResultCache::keep_facts(const FactsKey& key, std::string_view facts) {
    files_.put(key_of(key), facts);
}

std::optional<Report> ResultCache::find_report(std::span<const FactsKey> facts,
                                               std::string_view inputs) const {
    const std::optional<std::string> message = files_.get(key_of(facts, inputs));
    if (!message) return std::nullopt;
    Result<Report> report = deserialize_report(*message);
    if (!report.ok()) return std::nullopt;
    return std::move(report).value();
}

void ResultCache::keep_report(std::span<const FactsKey> facts, std::string_view inputs,
                              const Report& report, const Host& host) {
    if (host.touched()) return;
    files_.put(key_of(facts, inputs), serialize(report));
}

}  // namespace merlon::model
