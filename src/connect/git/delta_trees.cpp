#include "connect/git/delta_trees.h"

#include <libdeflate.h>

#include <algorithm>
#include <utility>

#include "connect/git/delta.h"
#include "connect/git/inflate.h"

namespace merlon::connect::git {

std::optional<BufferPool::Buffer> BufferPool::take(std::uint64_t size) {
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

void BufferPool::give_back(Buffer buffer) {
    if (buffer.bytes == nullptr || pooled_ + buffer.capacity > kMostBytes) return;
    pooled_ += buffer.capacity;
    free_.push_back(std::move(buffer));
}

void TreeReader::read(const PackPlan& plan, std::uint32_t root) {
    const auto work = [&](std::string_view bytes) { read_tree(plan, root, bytes); };
    if (Status status = plan.pack->guarded(work); !status.ok()) {
        report.problems.push_back(
            {plan.number(root), ObjectFailure::kReadError, status.error().to_string()});
    }
}

void TreeReader::add_problem(const PackPlan& plan, std::uint32_t rank, ObjectFailure failure,
                             const std::string& message) {
    if (plan.wanted[rank]) report.problems.push_back({plan.number(rank), failure, message});
}

void TreeReader::read_alone(std::uint32_t number, const ObjectId& id,
                            const std::function<bool(std::uint32_t, ObjectType)>& wanted) {
    const ObjectResult<Object> object = database_.read_original(id);
    if (!object.ok()) {
        report.problems.push_back({number, object.failure, object.error().message});
    } else if (wanted(number, object.value().type)) {
        accept({.number = number, .type = object.value().type, .bytes = object.value().bytes()});
    }
}

void TreeReader::accept(const BulkObject& object) {
    const auto kind = static_cast<std::size_t>(object.type);
    ++report.objects[kind];
    report.bytes[kind] += object.bytes.size();
    visit_(worker_, object);
}

void TreeReader::read_tree(const PackPlan& plan, std::uint32_t root, std::string_view bytes) {
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

void TreeReader::visit(const PackPlan& plan, const Frame& frame, const Frame* base) {
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

void TreeReader::keep(const PackPlan& plan, Frame frame) {
    const std::uint32_t below = plan.weights[frame.rank] - (plan.wanted[frame.rank] ? 1 : 0);
    if (below != 0) {
        stack_.push_back(std::move(frame));
    } else {
        pool_.give_back(std::move(frame.content));
    }
}

bool TreeReader::make(const PackPlan& plan, std::uint32_t rank, const BufferPool::Buffer* base,
                      std::string_view bytes, BufferPool::Buffer& content) {
    std::optional<Failed> failed = make_or_fail(plan, rank, base, bytes, content);
    if (!failed.has_value()) return true;
    add_problem(plan, rank, failed->failure, failed->message);
    std::vector<std::uint32_t> below(plan.children_of(rank).begin(), plan.children_of(rank).end());
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

std::optional<TreeReader::Failed> TreeReader::make_or_fail(const PackPlan& plan, std::uint32_t rank,
                                                           const BufferPool::Buffer* base,
                                                           std::string_view bytes,
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
    if (data_at >= end) return Failed{ObjectFailure::kCorrupt, "its packed bytes are cut short"};
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

std::optional<TreeReader::Failed> TreeReader::make_room(std::uint64_t size,
                                                        BufferPool::Buffer& content) {
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

std::optional<TreeReader::Failed> TreeReader::inflate(std::string_view packed, std::uint64_t size,
                                                      BufferPool::Buffer& content) {
    if (Status possible = can_inflate(packed, size); !possible.ok()) {
        return Failed{ObjectFailure::kCorrupt, possible.error().message};
    }
    if (std::optional<Failed> failed = make_room(size, content)) return failed;
    const Result<std::size_t> taken = inflate_exactly(packed, content.bytes.get(), content.size);
    if (!taken.ok()) return Failed{ObjectFailure::kCorrupt, taken.error().message};
    return std::nullopt;
}

}  // namespace merlon::connect::git
