#include "connect/git/object.h"

#include "crypto/digest.h"
#include "text/archive.h"

namespace merlon::connect::git {

std::string_view name(ObjectType type) {
    switch (type) {
        case ObjectType::kCommit:
            return "commit";
        case ObjectType::kTree:
            return "tree";
        case ObjectType::kBlob:
            return "blob";
        case ObjectType::kTag:
            return "tag";
    }
    return "unknown";
}

std::optional<ObjectType> parse_object_type(std::string_view text) {
    for (const auto type :
         {ObjectType::kCommit, ObjectType::kTree, ObjectType::kBlob, ObjectType::kTag}) {
        if (name(type) == text) return type;
    }
    return std::nullopt;
}

ObjectId hash_object(HashAlgorithm algorithm, ObjectType type, std::string_view bytes) {
    crypto::Hasher hasher(algorithm == HashAlgorithm::kSha1 ? crypto::DigestAlgorithm::kSha1
                                                            : crypto::DigestAlgorithm::kSha256);
    std::string head(name(type));
    head += ' ';
    head += std::to_string(bytes.size());
    head += '\0';
    const crypto::Digest digest = hasher.update(head).update(bytes).finish();
    return ObjectId::from_bytes(algorithm, digest.bytes().data());
}

ObjectResult<std::unique_ptr<text::ArchiveInput>> ObjectReader::open_stream(
    const ObjectId& /*id*/) const {
    return std::unique_ptr<text::ArchiveInput>();
}

}  // namespace merlon::connect::git
