#include "connect/git/object_database.h"

#include <algorithm>

#include "connect/git/base_cache.h"
#include "connect/git/blob_stream.h"
#include "connect/git/loose_object.h"

namespace merlon::connect::git {
namespace {

constexpr unsigned kMaxReplacementDepth = 5;  // as in git

}  // namespace

ObjectDatabase::ObjectDatabase(HashAlgorithm algorithm, const DatabaseOptions& options)
    : options_(options),
      folders_(algorithm),
      cache_(std::make_unique<BaseCache>(options.base_cache_bytes)) {}

ObjectDatabase::~ObjectDatabase() = default;

Result<std::unique_ptr<ObjectDatabase>> ObjectDatabase::open(const std::string& objects,
                                                             HashAlgorithm algorithm,
                                                             const DatabaseOptions& options) {
    const FileResult<FileStatus> status = file_status(objects, FollowLinks::kYes);
    if (!status.ok() || status.result.value().kind != FileKind::kDirectory) {
        Error error{"is no folder, and a repository's objects stand in it"};
        error.file = objects;
        return error;
    }
    std::unique_ptr<ObjectDatabase> database(new ObjectDatabase(algorithm, options));
    for (const std::string& folder : options.first_folders) database->folders_.open(folder);
    database->folders_.open(objects);
    return database;
}

void ObjectDatabase::set_replacements(std::unordered_map<ObjectId, ObjectId> replacements) {
    replacements_ = std::move(replacements);
}

Result<bool> ObjectDatabase::any_place(const ObjectId& id, const PlaceUse& use) const {
    bool second_look = false;
    for (const ObjectFolders::Indexed& indexed : folders_.indexed()) {
        const Result<std::optional<MultiPackIndex::Entry>> entry = indexed.index.find(id);
        if (!entry.ok()) {
            second_look = true;
        } else if (entry.value().has_value()) {
            const Pack* pack = indexed.packs[entry.value()->pack];
            if (pack != nullptr && use(Place{pack, entry.value()->offset})) return true;
            second_look = true;
        }
    }
    const auto look_in = [&](const Pack& pack) -> Result<bool> {
        const auto position = MERLON_TRY(pack.index().find(id));
        if (!position.has_value()) return false;
        const std::uint64_t offset = MERLON_TRY(pack.index().offset_at(*position));
        return use(Place{&pack, offset});
    };
    std::optional<Error> first_error;
    const auto try_pack = [&](const Pack& pack) {
        Result<bool> used = look_in(pack);
        if (used.ok()) return used.value();
        if (!first_error.has_value()) first_error = std::move(used).error();
        return false;
    };
    for (const Pack* pack : folders_.single_packs()) {
        if (try_pack(*pack)) return true;
    }
    if (second_look) {
        for (const std::unique_ptr<Pack>& pack : packs()) {
            if (try_pack(*pack)) return true;
        }
    }
    if (first_error.has_value()) return *std::move(first_error);
    return false;
}

bool ObjectDatabase::any_place_since(const ObjectId& id, const PlaceUse& use) const {
    return std::ranges::any_of(packs_since(), [&](const Pack* pack) {
        const auto position = pack->index().find(id);
        if (!position.ok() || !position.value()) return false;
        const Result<std::uint64_t> offset = pack->index().offset_at(*position.value());
        return offset.ok() && use(Place{pack, offset.value()});
    });
}

ObjectId ObjectDatabase::replaced(const ObjectId& id) const {
    ObjectId current = id;
    for (unsigned depth = 0; depth < kMaxReplacementDepth; ++depth) {
        const auto found = replacements_.find(current);
        if (found == replacements_.end()) break;
        current = found->second;
    }
    return current;
}

ObjectResult<Object> ObjectDatabase::absent(const ObjectId& id) const {
    if (partial_clone_ || has_promisor_pack()) {
        return {ObjectFailure::kPromised,
                Error{"object " + id.hex() +
                      " was left out by a partial clone; fetch it, or clone without --filter"}};
    }
    return {
        ObjectFailure::kMissing,
        Error{"object " + id.hex() +
              " is not in the repository; fetch it again, or clone anew ('git fsck' tells more)"}};
}

bool ObjectDatabase::contains(const ObjectId& id) const {
    const Result<bool> packed = any_place(id, [](Place) { return true; });
    if (packed.ok() && packed.value()) return true;
    return std::ranges::any_of(
               folders(),
               [&](const std::string& folder) { return path_exists(loose_path(folder, id)); }) ||
           any_place_since(id, [](Place) { return true; });
}

ObjectResult<Object> ObjectDatabase::read(const ObjectId& id) const {
    return replacements_.empty() ? read_original(id) : read_original(replaced(id));
}

ObjectResult<Object> ObjectDatabase::read_original(const ObjectId& id) const {
    return read_at_depth(id, 0);
}

ObjectResult<Object> ObjectDatabase::read_at_depth(const ObjectId& id, unsigned depth) const {
    std::optional<ObjectResult<Object>> answer;
    const Result<bool> packed = any_place(id, [&](Place place) {
        answer = read_packed(place, depth);
        return answer->ok();
    });
    if (answer.has_value() && answer->ok()) return *std::move(answer);
    std::optional<ObjectResult<Object>> loose = read_loose(id);
    if (loose.has_value() && loose->ok()) return *std::move(loose);
    std::optional<ObjectResult<Object>> late;
    if (any_place_since(id, [&](Place place) {
            late = read_packed(place, depth);
            return late->ok();
        })) {
        return *std::move(late);
    }
    if (!answer.has_value() && loose.has_value()) return *std::move(loose);
    if (!answer.has_value()) answer = std::move(late);
    if (answer.has_value()) {
        Error error = std::move(*answer).error();
        error.message = "object " + id.hex() + ": " + error.message;
        return {answer->failure, std::move(error)};
    }
    if (!packed.ok()) return {ObjectFailure::kReadError, packed.error()};
    return absent(id);
}

std::optional<ObjectResult<Object>> ObjectDatabase::read_loose(const ObjectId& id) const {
    std::optional<ObjectResult<Object>> first_failure;
    for (const std::string& folder : folders()) {
        std::optional<ObjectResult<Object>> read =
            read_loose_object(loose_path(folder, id), id, options_.max_object_bytes);
        if (!read.has_value()) continue;
        if (read->ok() || read->failure == ObjectFailure::kTooLarge) return read;
        if (!first_failure.has_value()) first_failure = std::move(read);
    }
    return first_failure;
}

ObjectResult<std::unique_ptr<text::ArchiveInput>> ObjectDatabase::open_stream(
    const ObjectId& asked) const {
    const ObjectId id = replacements_.empty() ? asked : replaced(asked);
    std::optional<StreamPlace> found;
    const auto take = [&](Place place) {
        const auto look = [&](std::string_view bytes) {
            const Result<PackEntry> entry = place.pack->entry_at(bytes, place.offset);
            if (!entry.ok() || entry.value().kind != PackEntry::Kind::kWhole ||
                entry.value().type != ObjectType::kBlob) {
                return;
            }
            found = {place.pack->path(), entry.value().data_at, 0, entry.value().size};
        };
        // Streams open the file anew: a pack that is gone serves only who has it mapped.
        return place.pack->guarded(look).ok() && found.has_value() && path_exists(found->path);
    };
    const Result<bool> packed = any_place(id, take);
    if (!packed.ok()) return {ObjectFailure::kReadError, packed.error()};
    if (!packed.value()) found.reset();
    for (const std::string& folder : folders()) {
        if (found.has_value()) break;
        std::string path = loose_path(folder, id);
        const std::optional<LooseHead> head = read_loose_head(path);
        if (head && head->type == ObjectType::kBlob) {
            found = {std::move(path), 0, head->bytes, head->size};
        }
    }
    if (!found.has_value()) any_place_since(id, take);
    // Whoever reads it as a whole learns what is wrong with it.
    if (!found.has_value()) return std::unique_ptr<text::ArchiveInput>();
    const std::string path = found->path;
    Result<std::unique_ptr<BlobStream>> stream = BlobStream::open(*std::move(found));
    if (!stream.ok() && !path_exists(path)) return std::unique_ptr<text::ArchiveInput>();
    if (!stream.ok()) return {ObjectFailure::kCorrupt, std::move(stream).error()};
    return std::unique_ptr<text::ArchiveInput>(std::move(stream).value());
}

ObjectResult<std::uint64_t> ObjectDatabase::size(const ObjectId& id) const {
    return size_at_depth(replacements_.empty() ? id : replaced(id), 0);
}

ObjectResult<std::uint64_t> ObjectDatabase::size_at_depth(const ObjectId& id,
                                                          unsigned depth) const {
    std::optional<ObjectResult<std::uint64_t>> answer;
    const auto take = [&](Place place) {
        answer = size_packed(place);
        return answer->ok();
    };
    const Result<bool> packed = any_place(id, take);
    if (answer.has_value() && answer->ok()) return *std::move(answer);
    if (!packed.ok()) return {ObjectFailure::kReadError, packed.error()};
    for (const std::string& folder : folders()) {
        const std::optional<LooseHead> head = read_loose_head(loose_path(folder, id));
        if (head) return head->size;
    }
    if (any_place_since(id, take)) return *std::move(answer);
    ObjectResult<Object> object = read_at_depth(id, depth);
    if (!object.ok()) return {object.failure, std::move(object).error()};
    return object.value().bytes().size();
}

}  // namespace merlon::connect::git
