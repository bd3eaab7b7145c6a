#include "connect/git/pack_plan.h"

#include <algorithm>

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kNone = kNoObject;

class Planner {
  public:
    Planner(const ObjectCatalog& catalog, PackPlan& plan)
        : catalog_(catalog), pack_(*plan.pack), plan_(plan) {}

    Status make(const std::function<bool(std::uint32_t, ObjectType)>& wanted,
                BulkOptions::Checksums checksums) {
        MERLON_TRY(order());
        if (checksums == BulkOptions::Checksums::kCompare)
            plan_.checksums = MERLON_TRY(pack_.index().checksums());
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

}  // namespace

Result<PackPlan> plan_pack(const ObjectCatalog& catalog, const Pack& pack,
                           std::uint32_t first_number,
                           const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                           BulkOptions::Checksums checksums) {
    PackPlan plan;
    plan.pack = &pack;
    plan.first_number = first_number;
    MERLON_TRY(Planner(catalog, plan).make(wanted, checksums));
    return plan;
}

}  // namespace merlon::connect::git
