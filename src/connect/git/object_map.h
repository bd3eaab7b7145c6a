#pragma once

// Objects in a map, for tests: put() gives the id that git would give.
//
// Not thread-safe while objects are put.

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "connect/git/object.h"
#include "connect/git/tree.h"
#include "crypto/digest.h"

namespace merlon::connect::git {

class ObjectMap : public ObjectReader {
  public:
    ObjectId put(ObjectType type, std::string_view bytes) {
        std::string text(name(type));
        text += " " + std::to_string(bytes.size());
        text.push_back('\0');
        text += bytes;
        const crypto::Digest digest = crypto::digest(crypto::DigestAlgorithm::kSha1, text);
        const ObjectId id = ObjectId::from_bytes(HashAlgorithm::kSha1, digest.bytes().data());
        objects_[id] = {type, padded_copy(bytes)};
        return id;
    }

    ObjectId blob(std::string_view bytes) { return put(ObjectType::kBlob, bytes); }

    // Entries in the order that they are to have.
    struct Entry {
        std::string_view mode;
        std::string_view name;
        ObjectId id;
    };
    ObjectId tree(const std::vector<Entry>& entries) {
        std::string bytes;
        for (const Entry& entry : entries) {
            bytes.append(entry.mode).append(" ").append(entry.name).push_back('\0');
            bytes.append(entry.id.bytes());
        }
        return put(ObjectType::kTree, bytes);
    }

    void forget(const ObjectId& id) { objects_.erase(id); }

    ObjectResult<Object> read(const ObjectId& id) const override {
        const auto found = objects_.find(id);
        if (found == objects_.end())
            return {ObjectFailure::kMissing, Error{"object " + id.hex() + " is missing"}};
        return Object{found->second};
    }
    ObjectResult<std::uint64_t> size(const ObjectId& id) const override {
        ObjectResult<Object> object = read(id);
        if (!object.ok()) return {object.failure, std::move(object).error()};
        return std::uint64_t{object.value().bytes().size()};
    }

  private:
    std::unordered_map<ObjectId, Object> objects_;
};

}  // namespace merlon::connect::git
