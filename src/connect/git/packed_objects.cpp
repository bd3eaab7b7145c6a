// One object out of a pack: down its chain of deltas to a base, and up again.

#include <optional>

#include "connect/git/base_cache.h"
#include "connect/git/delta.h"
#include "connect/git/inflate.h"
#include "connect/git/object_database.h"

namespace merlon::connect::git {
namespace {

constexpr unsigned kMaxForeignBaseDepth = 8;    // bases that stand in another pack than their delta
constexpr std::size_t kMaxDeltaChain = 10'000;  // git makes at most 4,095

}  // namespace

// What stands below a delta: how far down it went, and the base where that ended.
struct ObjectDatabase::Descent {
    std::vector<Step> chain;
    std::optional<Object> base;         // from the cache, or inflated
    std::optional<ObjectId> elsewhere;  // the base stands outside of the pack
};

ObjectResult<Object> ObjectDatabase::read_packed(Place place, unsigned depth) const {
    const Pack& pack = *place.pack;
    Descent descent;
    std::optional<ObjectResult<Object>> failed;
    const auto fail = [&](ObjectFailure kind, Error error) {
        failed.emplace(kind, std::move(error));
    };
    const auto descend = [&](std::string_view bytes) {
        std::uint64_t at = place.offset;
        while (true) {
            descent.base = cache_->find({&pack, at});
            if (descent.base.has_value()) return;
            Result<PackEntry> entry = pack.entry_at(bytes, at);
            if (!entry.ok()) return fail(ObjectFailure::kCorrupt, std::move(entry).error());
            if (entry.value().size > options_.max_object_bytes) {
                return fail(ObjectFailure::kTooLarge,
                            Error{"has " + std::to_string(entry.value().size) +
                                  " bytes, over the limit for one object"});
            }
            if (entry.value().kind == PackEntry::Kind::kWhole) {
                Result<ContentBuffer> content =
                    inflate_exactly(pack.from(bytes, entry.value().data_at), entry.value().size);
                if (!content.ok()) {
                    return fail(ObjectFailure::kCorrupt, std::move(content).error());
                }
                descent.base = Object{entry.value().type, std::move(content).value().share()};
                if (!descent.chain.empty()) cache_->put({&pack, at}, *descent.base);
                return;
            }
            if (descent.chain.size() >= kMaxDeltaChain) {
                return fail(ObjectFailure::kCorrupt,
                            Error{"its deltas form a loop, or a chain of more than " +
                                  std::to_string(kMaxDeltaChain)});
            }
            descent.chain.push_back({at, entry.value()});
            if (entry.value().kind == PackEntry::Kind::kOffsetDelta) {
                at = entry.value().base_at;
                continue;
            }
            const auto position = pack.index().find(entry.value().base_id);
            if (!position.ok()) return fail(ObjectFailure::kReadError, position.error());
            if (!position.value().has_value()) {
                descent.elsewhere = entry.value().base_id;
                return;
            }
            const Result<std::uint64_t> offset = pack.index().offset_at(*position.value());
            if (!offset.ok()) return fail(ObjectFailure::kCorrupt, offset.error());
            at = offset.value();
        }
    };
    if (Status status = pack.guarded(descend); !status.ok()) {
        return {ObjectFailure::kReadError, std::move(status).error()};
    }
    if (failed.has_value()) return *std::move(failed);
    if (descent.elsewhere.has_value()) {
        if (depth >= kMaxForeignBaseDepth) {
            return {ObjectFailure::kCorrupt, Error{"its deltas form a loop over several packs"}};
        }
        ObjectResult<Object> base = read_at_depth(*descent.elsewhere, depth + 1);
        if (!base.ok()) {
            return {ObjectFailure::kCorrupt,
                    Error{"the base of its delta cannot be read: " + base.error().message}};
        }
        descent.base = std::move(base).value();
    }
    return resolve_chain(place, *std::move(descent.base), descent.chain);
}

ObjectResult<Object> ObjectDatabase::resolve_chain(Place place, Object base,
                                                   std::span<const Step> chain) const {
    const Pack& pack = *place.pack;
    std::optional<ObjectResult<Object>> failed;
    const auto climb = [&](std::string_view bytes) {
        for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
            const auto applied = [&]() -> Result<ContentBuffer> {
                const ContentBuffer delta = MERLON_TRY(
                    inflate_exactly(pack.from(bytes, step->entry.data_at), step->entry.size));
                const DeltaHeader header = MERLON_TRY(read_delta_header(delta.view()));
                if (header.result_size > options_.max_object_bytes) {
                    return Error{"its delta gives " + std::to_string(header.result_size) +
                                 " bytes, over the limit for one object"};
                }
                ContentBuffer result = MERLON_TRY(ContentBuffer::allocate(header.result_size));
                MERLON_TRY(apply_delta(base.bytes(), delta.view(), header, result.data()));
                return result;
            };
            Result<ContentBuffer> result = applied();
            if (!result.ok()) {
                failed.emplace(ObjectFailure::kCorrupt, std::move(result).error());
                return;
            }
            base.content = std::move(result).value().share();
            cache_->put({&pack, step->offset}, base);
        }
    };
    if (Status status = pack.guarded(climb); !status.ok()) {
        return {ObjectFailure::kReadError, std::move(status).error()};
    }
    if (failed.has_value()) return *std::move(failed);
    return base;
}

// A whole object's size stands in its header; a delta's at the start of the delta.
ObjectResult<std::uint64_t> ObjectDatabase::size_packed(Place place) const {
    Result<std::uint64_t> size = std::uint64_t{0};
    const auto read = [&](std::string_view bytes) {
        size = [&]() -> Result<std::uint64_t> {
            const PackEntry entry = MERLON_TRY(place.pack->entry_at(bytes, place.offset));
            if (entry.kind == PackEntry::Kind::kWhole) return entry.size;
            char head[2 * 10];  // two sizes of at most ten bytes
            const std::size_t given = MERLON_TRY(
                inflate_prefix(place.pack->from(bytes, entry.data_at), head, sizeof(head)));
            return MERLON_TRY(read_delta_header({head, given})).result_size;
        }();
    };
    if (Status status = place.pack->guarded(read); !status.ok()) {
        return {ObjectFailure::kReadError, std::move(status).error()};
    }
    if (!size.ok()) return {ObjectFailure::kCorrupt, std::move(size).error()};
    return size.value();
}

}  // namespace merlon::connect::git
