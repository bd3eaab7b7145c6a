#pragma once

// A Git object's type and bytes, and what reads objects.
//
// The idea: everything above the object database (tree diff, patches, walks, scans) asks an
// ObjectReader, so that it runs over a repository, or over a map in a test. Bytes are shared, with
// zero padding behind them (base/file.h): a Document can hold them without a copy.
//
// Readers are thread-safe: any number of threads. An absent object is told apart from a damaged
// one, because the first may be normal (a shallow or partial clone) and the second never is.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::text {
class ArchiveInput;
}

namespace merlon::connect::git {

// The numbers are those of pack entries (gitformat-pack, "Object types").
enum class ObjectType : std::uint8_t { kCommit = 1, kTree = 2, kBlob = 3, kTag = 4 };

// "commit", "tree", "blob", "tag".
std::string_view name(ObjectType type);
std::optional<ObjectType> parse_object_type(std::string_view text);

struct Object {
    ObjectType type = ObjectType::kBlob;
    FileBytes content;

    std::string_view bytes() const { return content.bytes; }
};

enum class ObjectFailure : std::uint8_t {
    kNone,
    kMissing,   // nowhere in the database
    kPromised,  // left out by a partial clone's filter: the remote has it
    kCorrupt,   // there, and damaged: the message says how
    kTooLarge,  // over the limit of bytes for one object
    kReadError  // the file system failed
};

// What Git hashes to name an object.
ObjectId hash_object(HashAlgorithm algorithm, ObjectType type, std::string_view bytes);

// A Result that knows what kind of failure it is.
template <typename T>
struct ObjectResult : Result<T> {
    ObjectResult(T value) : Result<T>(std::move(value)) {}
    ObjectResult(ObjectFailure kind, Error error) : Result<T>(std::move(error)), failure(kind) {}

    ObjectFailure failure = ObjectFailure::kNone;
};

class ObjectReader {
  public:
    ObjectReader() = default;
    ObjectReader(const ObjectReader&) = delete;
    ObjectReader& operator=(const ObjectReader&) = delete;
    virtual ~ObjectReader() = default;

    // The object's type and bytes. Errors name the id, what is wrong and what mends it.
    virtual ObjectResult<Object> read(const ObjectId& id) const = 0;
    // Its length in bytes, without inflating the whole of it where the format allows.
    virtual ObjectResult<std::uint64_t> size(const ObjectId& id) const = 0;
    // A blob piece by piece, for what is too large to be held; null where it is kept in a form that
    // only read() resolves. Not safe for two threads at once, other than this reader.
    virtual ObjectResult<std::unique_ptr<text::ArchiveInput>> open_stream(const ObjectId& id) const;
};

}  // namespace merlon::connect::git
