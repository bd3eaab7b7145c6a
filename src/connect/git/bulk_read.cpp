#include "connect/git/bulk_read.h"

#include <libdeflate.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/delta.h"
#include "connect/git/inflate.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kNone = kNoObject;

// The entries of one pack in the order of their offsets ("ranks"), and who is whose base.
struct PackPlan {
    const Pack* pack = nullptr;
    std::uint32_t first_number = 0;
    std::vector<std::uint64_t> offsets;    // by rank; one more at the end: where the entries end
    std::vector<std::uint32_t> positions;  // by rank: place in the index
    std::vector<std::uint32_t> bases;      // by rank: rank of the base, or kNone
    std::vector<std::uint32_t> child_begin;
    std::vector<std::uint32_t> children;  // of rank r: [child_begin[r], child_begin[r + 1])
    std::vector<ObjectType> types;
    std::vector<bool> wanted;
    std::vector<std::uint32_t> weights;    // how many of the wanted stand here and below
    std::vector<std::uint32_t> roots;      // whole objects, and deltas whose base is elsewhere
    std::vector<std::uint32_t> checksums;  // by position; empty: not compared
    std::vector<std::pair<std::uint32_t, std::string>> broken;  // rank, what is wrong

    std::uint32_t count() const { return static_cast<std::uint32_t>(positions.size()); }
    std::uint32_t number(std::uint32_t rank) const { return first_number + positions[rank]; }
    std::span<const std::uint32_t> children_of(std::uint32_t rank) const {
        return std::span(children).subspan(child_begin[rank],
                                           child_begin[rank + 1] - child_begin[rank]);
    }
};

class Planner {
  public:
    Planner(const ObjectCatalog& catalog, PackPlan& plan)
        : catalog_(catalog), pack_(*plan.pack), plan_(plan) {}

    Status make(const std::function<bool(std::uint32_t, ObjectType)>& wanted, bool checksums) {
        MERLON_TRY(order());
        if (checksums) plan_.checksums = MERLON_TRY(pack_.index().checksums());
        const auto read = [&](std::string_view bytes) { find_bases(bytes); };
        MERLON_TRY(pack_.guarded(read));
        link_children();
        const std::vector<std::uint32_t> downwards = order_downwards();
        choose(downwards, wanted);
        return {};
    }

  private:
    Status order() {
        const std::vector<std::uint64_t> offsets = MERLON_TRY(pack_.index().offsets());
        plan_.positions = pack_.positions_by_offset(offsets);
        plan_.offsets.reserve(offsets.size() + 1);
        for (const std::uint32_t position : plan_.positions) {
            plan_.offsets.push_back(offsets[position]);
        }
        plan_.offsets.push_back(pack_.entries_end());
        return {};
    }

    std::uint32_t rank_at(std::uint64_t offset) const {
        const auto end = plan_.offsets.end() - 1;
        const auto found = std::lower_bound(plan_.offsets.begin(), end, offset);
        if (found == end || *found != offset) return kNone;
        return static_cast<std::uint32_t>(found - plan_.offsets.begin());
    }

    void break_off(std::uint32_t rank, std::string what) {
        plan_.broken.emplace_back(rank, std::move(what));
    }

    void find_bases(std::string_view bytes) {
        const std::uint32_t count = plan_.count();
        plan_.bases.assign(count, kNone);
        plan_.types.assign(count, ObjectType::kBlob);
        for (std::uint32_t rank = 0; rank < count; ++rank) {
            Result<PackEntry> entry = pack_.entry_at(bytes, plan_.offsets[rank]);
            if (!entry.ok()) {
                break_off(rank, std::move(entry).error().message);
                continue;
            }
            switch (entry.value().kind) {
                case PackEntry::Kind::kWhole:
                    plan_.types[rank] = entry.value().type;
                    plan_.roots.push_back(rank);
                    break;
                case PackEntry::Kind::kOffsetDelta:
                    plan_.bases[rank] = rank_at(entry.value().base_at);
                    if (plan_.bases[rank] == kNone) {
                        break_off(rank, "the base of its delta is no object of the pack");
                    }
                    break;
                case PackEntry::Kind::kReferenceDelta:
                    link_reference(rank, entry.value().base_id);
                    break;
            }
        }
    }

    void link_reference(std::uint32_t rank, const ObjectId& base) {
        const auto position = pack_.index().find(base);
        if (position.ok() && position.value().has_value()) {
            const Result<std::uint64_t> offset = pack_.index().offset_at(*position.value());
            plan_.bases[rank] = offset.ok() ? rank_at(offset.value()) : kNone;
            if (plan_.bases[rank] == kNone) break_off(rank, "the base of its delta has no place");
            return;
        }
        const ObjectResult<Object> foreign = catalog_.database().read_original(base);
        if (!foreign.ok()) {
            break_off(rank, "the base of its delta cannot be read: " + foreign.error().message);
            return;
        }
        plan_.types[rank] = foreign.value().type;
        plan_.roots.push_back(rank);
    }

    void link_children() {
        const std::uint32_t count = plan_.count();
        plan_.child_begin.assign(count + 1, 0);
        for (const std::uint32_t base : plan_.bases) {
            if (base != kNone) ++plan_.child_begin[base + 1];
        }
        for (std::uint32_t rank = 0; rank < count; ++rank) {
            plan_.child_begin[rank + 1] += plan_.child_begin[rank];
        }
        plan_.children.resize(plan_.child_begin[count]);
        std::vector<std::uint32_t> next(plan_.child_begin.begin(), plan_.child_begin.end() - 1);
        for (std::uint32_t rank = 0; rank < count; ++rank) {
            if (plan_.bases[rank] != kNone) plan_.children[next[plan_.bases[rank]]++] = rank;
        }
    }

    // Every base before its deltas. What is on a loop of deltas, or hangs from a broken entry, is
    // reached from no root.
    std::vector<std::uint32_t> order_downwards() {
        std::vector<std::uint32_t> order = plan_.roots;
        order.reserve(plan_.count());
        for (std::size_t i = 0; i < order.size(); ++i) {
            for (const std::uint32_t child : plan_.children_of(order[i])) {
                plan_.types[child] = plan_.types[order[i]];
                order.push_back(child);
            }
        }
        if (order.size() + plan_.broken.size() < plan_.count()) {
            std::vector<bool> told(plan_.count(), false);
            for (const std::uint32_t rank : order) told[rank] = true;
            for (const auto& [rank, what] : plan_.broken) told[rank] = true;
            for (std::uint32_t rank = 0; rank < plan_.count(); ++rank) {
                if (!told[rank]) {
                    break_off(rank, "its deltas form a loop, or end at a damaged base");
                }
            }
        }
        return order;
    }

    void choose(const std::vector<std::uint32_t>& downwards,
                const std::function<bool(std::uint32_t, ObjectType)>& wanted) {
        plan_.wanted.assign(plan_.count(), false);
        plan_.weights.assign(plan_.count(), 0);
        for (std::uint32_t rank = 0; rank < plan_.count(); ++rank) {
            const std::uint32_t number = plan_.number(rank);
            plan_.wanted[rank] =
                catalog_.is_first_copy(number) && wanted(number, plan_.types[rank]);
        }
        for (auto rank = downwards.rbegin(); rank != downwards.rend(); ++rank) {
            plan_.weights[*rank] += plan_.wanted[*rank] ? 1 : 0;
            const std::uint32_t base = plan_.bases[*rank];
            if (base != kNone) plan_.weights[base] += plan_.weights[*rank];
        }
        std::erase_if(plan_.roots, [&](std::uint32_t rank) { return plan_.weights[rank] == 0; });
        // The heaviest branch last: see the header.
        for (std::uint32_t rank = 0; rank < plan_.count(); ++rank) {
            const auto begin = plan_.children.begin() + plan_.child_begin[rank];
            const auto end = plan_.children.begin() + plan_.child_begin[rank + 1];
            if (end - begin < 2) continue;
            const auto heaviest = std::max_element(begin, end, [&](auto left, auto right) {
                return plan_.weights[left] < plan_.weights[right];
            });
            std::rotate(heaviest, heaviest + 1, end);
        }
    }

    const ObjectCatalog& catalog_;
    const Pack& pack_;
    PackPlan& plan_;
};

// Memory that goes from object to object, so that the system is rarely asked for it.
class BufferPool {
  public:
    struct Buffer {
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
        std::size_t size = 0;

        std::string_view view() const { return {bytes.get(), size}; }
    };

    // Room for `size` bytes, with zeros behind; empty where there is no memory.
    std::optional<Buffer> take(std::uint64_t size) {
        const std::size_t needed = static_cast<std::size_t>(size) + kReadPadding;
        Buffer buffer;
        for (std::size_t i = free_.size(); i-- > 0;) {
            if (free_[i].capacity < needed) continue;
            buffer = std::move(free_[i]);
            free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
            pooled_ -= buffer.capacity;
            break;
        }
        if (buffer.bytes == nullptr) {
            buffer.capacity = std::max(needed + needed / 4, kLeastBytes);
            buffer.bytes.reset(new (std::nothrow) char[buffer.capacity]);
            if (buffer.bytes == nullptr) return std::nullopt;
        }
        buffer.size = static_cast<std::size_t>(size);
        std::fill_n(buffer.bytes.get() + buffer.size, kReadPadding, '\0');
        return buffer;
    }

    void give_back(Buffer buffer) {
        if (buffer.bytes == nullptr || pooled_ + buffer.capacity > kMostBytes) return;
        pooled_ += buffer.capacity;
        free_.push_back(std::move(buffer));
    }

  private:
    static constexpr std::size_t kLeastBytes = std::size_t{64} << 10;
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
    std::vector<Buffer> free_;
    std::size_t pooled_ = 0;
};

// One worker: resolves one tree of deltas after the other.
class TreeReader {
  public:
    TreeReader(const ObjectDatabase& database, unsigned worker,
               const std::function<void(unsigned, const BulkObject&)>& visit)
        : database_(database), worker_(worker), visit_(visit) {}

    BulkReport report;

    void read(const PackPlan& plan, std::uint32_t root) {
        const auto work = [&](std::string_view bytes) { read_tree(plan, root, bytes); };
        if (Status status = plan.pack->guarded(work); !status.ok()) {
            report.problems.push_back(
                {plan.number(root), ObjectFailure::kReadError, status.error().to_string()});
        }
    }

    void add_problem(const PackPlan& plan, std::uint32_t rank, ObjectFailure failure,
                     const std::string& message) {
        if (plan.wanted[rank]) report.problems.push_back({plan.number(rank), failure, message});
    }

    // Through the database, as one object.
    void read_alone(std::uint32_t number, const ObjectId& id,
                    const std::function<bool(std::uint32_t, ObjectType)>& wanted) {
        const ObjectResult<Object> object = database_.read_original(id);
        if (!object.ok()) {
            report.problems.push_back({number, object.failure, object.error().message});
        } else if (wanted(number, object.value().type)) {
            accept(
                {.number = number, .type = object.value().type, .bytes = object.value().bytes()});
        }
    }

    void accept(const BulkObject& object) {
        const auto kind = static_cast<std::size_t>(object.type);
        ++report.objects[kind];
        report.bytes[kind] += object.bytes.size();
        visit_(worker_, object);
    }

  private:
    struct Frame {
        std::uint32_t rank = 0;
        std::uint32_t next = 0;  // of its children
        BufferPool::Buffer content;
    };
    struct Failed {
        ObjectFailure failure;
        std::string message;
    };

    void read_tree(const PackPlan& plan, std::uint32_t root, std::string_view bytes) {
        Frame frame{root, 0, {}};
        if (!make(plan, root, nullptr, bytes, frame.content)) return;
        visit(plan, frame, nullptr);
        keep(plan, std::move(frame));
        while (!stack_.empty()) {
            Frame& top = stack_.back();
            const std::span<const std::uint32_t> children = plan.children_of(top.rank);
            while (top.next < children.size() && plan.weights[children[top.next]] == 0) ++top.next;
            if (top.next == children.size()) {
                pool_.give_back(std::move(top.content));
                stack_.pop_back();
                continue;
            }
            const std::uint32_t rank = children[top.next++];
            Frame child{rank, 0, {}};
            const bool made = make(plan, rank, &top.content, bytes, child.content);
            if (made) visit(plan, child, &top);
            if (top.next == children.size()) {
                pool_.give_back(std::move(top.content));
                stack_.pop_back();
            }
            if (made) keep(plan, std::move(child));
        }
    }

    void visit(const PackPlan& plan, const Frame& frame, const Frame* base) {
        if (!plan.wanted[frame.rank]) return;
        BulkObject object{.number = plan.number(frame.rank),
                          .type = plan.types[frame.rank],
                          .bytes = frame.content.view()};
        if (base != nullptr) {
            object.base = plan.number(base->rank);
            object.base_bytes = base->content.view();
        }
        accept(object);
    }

    // For those that hang from it.
    void keep(const PackPlan& plan, Frame frame) {
        const std::uint32_t below = plan.weights[frame.rank] - (plan.wanted[frame.rank] ? 1 : 0);
        if (below != 0) {
            stack_.push_back(std::move(frame));
        } else {
            pool_.give_back(std::move(frame.content));
        }
    }

    // The bytes of `rank`, from its base where it is a delta. Where that fails, all that hang from
    // it are problems too.
    bool make(const PackPlan& plan, std::uint32_t rank, const BufferPool::Buffer* base,
              std::string_view bytes, BufferPool::Buffer& content) {
        std::optional<Failed> failed = make_or_fail(plan, rank, base, bytes, content);
        if (!failed.has_value()) return true;
        add_problem(plan, rank, failed->failure, failed->message);
        std::vector<std::uint32_t> below(plan.children_of(rank).begin(),
                                         plan.children_of(rank).end());
        while (!below.empty()) {
            const std::uint32_t lost = below.back();
            below.pop_back();
            add_problem(plan, lost, failed->failure,
                        "the base of its delta cannot be read: " + failed->message);
            const auto children = plan.children_of(lost);
            below.insert(below.end(), children.begin(), children.end());
        }
        return false;
    }

    std::optional<Failed> make_or_fail(const PackPlan& plan, std::uint32_t rank,
                                       const BufferPool::Buffer* base, std::string_view bytes,
                                       BufferPool::Buffer& content) {
        const auto corrupt = [](const Error& error) {
            return Failed{ObjectFailure::kCorrupt, error.message};
        };
        const std::uint64_t begin = plan.offsets[rank];
        const std::uint64_t end = plan.offsets[rank + 1];
        if (end <= begin || end > bytes.size()) {
            return Failed{ObjectFailure::kCorrupt, "two entries of the index have one place"};
        }
        if (!plan.checksums.empty() && libdeflate_crc32(0, bytes.data() + begin, end - begin) !=
                                           plan.checksums[plan.positions[rank]]) {
            return Failed{ObjectFailure::kCorrupt,
                          "its packed bytes do not have the CRC-32 that the index says"};
        }
        const Result<PackEntry> entry = plan.pack->entry_at(bytes, begin);
        if (!entry.ok()) return corrupt(entry.error());
        const std::uint64_t data_at = entry.value().data_at;
        if (data_at >= end)
            return Failed{ObjectFailure::kCorrupt, "its packed bytes are cut short"};
        const std::string_view packed = bytes.substr(data_at, end - data_at);
        if (entry.value().kind == PackEntry::Kind::kWhole) {
            return inflate(packed, entry.value().size, content);
        }
        if (std::optional<Failed> failed = inflate(packed, entry.value().size, delta_)) {
            return failed;
        }
        FileBytes foreign;
        std::string_view base_bytes;
        if (base != nullptr) {
            base_bytes = base->view();
        } else {
            const ObjectResult<Object> read = database_.read_original(entry.value().base_id);
            if (!read.ok()) return Failed{ObjectFailure::kCorrupt, read.error().message};
            foreign = read.value().content;
            base_bytes = foreign.bytes;
        }
        const Result<DeltaHeader> header = read_delta_header(delta_.view());
        if (!header.ok()) return corrupt(header.error());
        if (std::optional<Failed> failed = make_room(header.value().result_size, content)) {
            return failed;
        }
        const Status applied =
            apply_delta(base_bytes, delta_.view(), header.value(), content.bytes.get());
        if (!applied.ok()) return corrupt(applied.error());
        return std::nullopt;
    }

    std::optional<Failed> make_room(std::uint64_t size, BufferPool::Buffer& content) {
        if (size > database_.options().max_object_bytes) {
            return Failed{ObjectFailure::kTooLarge,
                          "has " + std::to_string(size) + " bytes, over the limit for one object"};
        }
        pool_.give_back(std::move(content));
        std::optional<BufferPool::Buffer> room = pool_.take(size);
        if (!room.has_value()) {
            return Failed{ObjectFailure::kTooLarge,
                          "needs " + std::to_string(size) + " bytes of memory"};
        }
        content = *std::move(room);
        return std::nullopt;
    }

    std::optional<Failed> inflate(std::string_view packed, std::uint64_t size,
                                  BufferPool::Buffer& content) {
        if (Status possible = can_inflate(packed, size); !possible.ok()) {
            return Failed{ObjectFailure::kCorrupt, possible.error().message};
        }
        if (std::optional<Failed> failed = make_room(size, content)) return failed;
        const Result<std::size_t> taken =
            inflate_exactly(packed, content.bytes.get(), content.size);
        if (!taken.ok()) return Failed{ObjectFailure::kCorrupt, taken.error().message};
        return std::nullopt;
    }

    const ObjectDatabase& database_;
    unsigned worker_;
    const std::function<void(unsigned, const BulkObject&)>& visit_;
    BufferPool pool_;
    BufferPool::Buffer delta_;
    std::vector<Frame> stack_;
};

using Readers = std::vector<std::unique_ptr<TreeReader>>;

Readers make_readers(const ObjectDatabase& database, unsigned count,
                     const std::function<void(unsigned, const BulkObject&)>& visit) {
    Readers readers;
    for (unsigned worker = 0; worker < count; ++worker) {
        readers.push_back(std::make_unique<TreeReader>(database, worker, visit));
    }
    return readers;
}

void add_reports(const Readers& readers, BulkReport& whole) {
    for (const std::unique_ptr<TreeReader>& reader : readers) {
        for (std::size_t kind = 0; kind < whole.objects.size(); ++kind) {
            whole.objects[kind] += reader->report.objects[kind];
            whole.bytes[kind] += reader->report.bytes[kind];
        }
        whole.problems.insert(whole.problems.end(), reader->report.problems.begin(),
                              reader->report.problems.end());
    }
    std::ranges::sort(whole.problems, {}, &BulkProblem::number);
}

}  // namespace

ObjectCatalog ObjectCatalog::of(const ObjectDatabase& database) {
    ObjectCatalog catalog;
    catalog.database_ = &database;
    catalog.loose_ = database.loose_objects();
    for (const std::unique_ptr<Pack>& pack : database.packs()) {
        catalog.packs_.push_back(pack.get());
    }
    std::ranges::copy(database.packs_since(), std::back_inserter(catalog.packs_));
    std::uint32_t number = 0;
    for (const Pack* pack : catalog.packs_) {
        catalog.begins_.push_back(number);
        number += pack->index().count();
    }
    catalog.loose_begin_ = number;
    if (catalog.packs_.size() < 2 && (catalog.loose_.empty() || catalog.packs_.empty())) {
        return catalog;
    }
    catalog.second_copy_.assign(catalog.count(), false);
    for (std::uint32_t copy = catalog.begins_.size() < 2 ? number : catalog.begins_[1];
         copy < catalog.count(); ++copy) {
        const Result<ObjectId> id = catalog.id_of(copy);
        if (id.ok() && catalog.find(id.value()) != copy) catalog.second_copy_[copy] = true;
    }
    return catalog;
}

std::optional<std::uint32_t> ObjectCatalog::find(const ObjectId& id) const {
    for (std::size_t i = 0; i < packs_.size(); ++i) {
        const Result<std::optional<std::uint32_t>> position = packs_[i]->index().find(id);
        if (position.ok() && position.value().has_value()) return begins_[i] + *position.value();
    }
    const auto found = std::ranges::lower_bound(loose_, id);
    if (found == loose_.end() || *found != id) return std::nullopt;
    return loose_begin_ + static_cast<std::uint32_t>(found - loose_.begin());
}

Result<ObjectId> ObjectCatalog::id_of(std::uint32_t number) const {
    MERLON_ASSERT(number < count());
    if (number >= loose_begin_) return loose_[number - loose_begin_];
    // Packs without objects have the begin of the pack behind them.
    const auto behind = std::ranges::upper_bound(begins_, number);
    const auto pack = static_cast<std::size_t>(behind - begins_.begin()) - 1;
    return packs_[pack]->index().id_at(number - begins_[pack]);
}

bool ObjectCatalog::is_first_copy(std::uint32_t number) const {
    return second_copy_.empty() || !second_copy_[number];
}

BulkReport read_all(const ObjectCatalog& catalog,
                    const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                    const BulkOptions& options,
                    const std::function<void(unsigned worker, const BulkObject& object)>& visit) {
    const ObjectDatabase& database = catalog.database();
    ThreadPool pool(options.threads);
    Readers readers = make_readers(database, pool.size(), visit);
    const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->cancelled(); };
    BulkReport whole;
    for (std::size_t i = 0; i < catalog.packs().size() && !cancelled(); ++i) {
        PackPlan plan;
        plan.pack = catalog.packs()[i];
        plan.first_number = catalog.pack_begin(i);
        const Status made =
            Planner(catalog, plan)
                .make(wanted, options.checksums == BulkOptions::Checksums::kCompare);
        if (!made.ok()) {
            if (plan.pack->index().count() != 0) {
                whole.problems.push_back(
                    {plan.first_number, ObjectFailure::kReadError, made.error().to_string()});
            }
            continue;
        }
        for (const auto& [rank, what] : plan.broken) {
            readers[0]->add_problem(plan, rank, ObjectFailure::kCorrupt, what);
        }
        pool.for_each(plan.roots.size(), [&](std::size_t root, unsigned worker) {
            if (!cancelled()) readers[worker]->read(plan, plan.roots[root]);
        });
    }
    pool.for_each(catalog.loose().size(), [&](std::size_t i, unsigned worker) {
        const std::uint32_t number = catalog.loose_begin() + static_cast<std::uint32_t>(i);
        if (cancelled() || !catalog.is_first_copy(number)) return;
        readers[worker]->read_alone(number, catalog.loose()[i], wanted);
    });
    add_reports(readers, whole);
    whole.cancelled = cancelled();
    return whole;
}

BulkReport read_some(const ObjectCatalog& catalog, const std::vector<std::uint32_t>& numbers,
                     const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                     const BulkOptions& options,
                     const std::function<void(unsigned worker, const BulkObject& object)>& visit) {
    ThreadPool pool(options.threads);
    Readers readers = make_readers(catalog.database(), pool.size(), visit);
    const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->cancelled(); };
    pool.for_each(numbers.size(), [&](std::size_t i, unsigned worker) {
        if (cancelled()) return;
        if (const auto id = catalog.id_of(numbers[i]); id.ok()) {
            readers[worker]->read_alone(numbers[i], id.value(), wanted);
        } else {
            readers[worker]->report.problems.push_back(
                {numbers[i], ObjectFailure::kReadError, id.error().to_string()});
        }
    });
    BulkReport whole;
    add_reports(readers, whole);
    whole.cancelled = cancelled();
    return whole;
}

}  // namespace merlon::connect::git
