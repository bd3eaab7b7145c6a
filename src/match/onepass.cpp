#include "match/onepass.h"

#include <array>
#include <bit>
#include <unordered_map>

namespace merlon::match {

class OnePass::Maker {
  public:
    Maker(const ProgramView& program, std::size_t max_bytes)
        : program_(program), max_bytes_(max_bytes) {
        one_pass_.width_ = program.class_count() + 1;
    }

    std::optional<OnePass> make() {
        // Slots 0 and 1 are known before; the others need a bit each.
        if (program_.group_count() > kMaxGroups) return std::nullopt;
        node_of(program_.forward().anchored);
        for (std::size_t i = 0; i < begins_.size(); ++i) {
            if (!make_node(i)) return std::nullopt;
            if (begins_.size() * one_pass_.width_ * sizeof(Action) > max_bytes_) {
                return std::nullopt;
            }
        }
        return std::move(one_pass_);
    }

  private:
    struct Way {
        std::uint32_t inst;
        Action action;
    };

    std::uint32_t node_of(std::uint32_t inst) {
        const auto [at, added] =
            nodes_.emplace(inst, static_cast<std::uint32_t>(begins_.size() + 1));
        if (added) begins_.push_back(inst);
        return at->second;
    }

    // All ways from the begin of a node to a byte or a match: no instruction may be reached twice.
    bool make_node(std::size_t index) {
        one_pass_.actions_.resize((index + 1) * one_pass_.width_);
        seen_.reset(program_.forward().insts.size());
        ways_.assign(1, {begins_[index], {}});
        while (!ways_.empty()) {
            Way way = ways_.back();
            ways_.pop_back();
            if (!seen_.insert(way.inst)) return false;
            const Inst& inst = program_.forward().insts[way.inst];
            switch (inst.op) {
                case InstOp::kFail:
                    break;
                case InstOp::kMatch:
                    way.action.node = 1;
                    if (!set(index, program_.class_count(), way.action)) return false;
                    break;
                case InstOp::kAlt:
                    ways_.push_back({inst.arg, way.action});
                    ways_.push_back({inst.out, way.action});
                    break;
                case InstOp::kCapture:
                    if (inst.arg >= 2) way.action.slots |= 1u << (inst.arg - 2);
                    ways_.push_back({inst.out, way.action});
                    break;
                case InstOp::kAssert:
                    way.action.asserts |= inst.arg;
                    ways_.push_back({inst.out, way.action});
                    break;
                default:
                    if (!set_bytes(index, inst, way.action)) return false;
            }
        }
        return true;
    }

    bool set_bytes(std::size_t index, const Inst& inst, Action action) {
        int last_class = -1;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const int byte_class = program_.classes()[byte];
            if (byte_class == last_class) continue;
            last_class = byte_class;
            const std::uint32_t out = step_inst(program_, inst, static_cast<std::uint8_t>(byte));
            if (out == kNowhere) continue;
            action.node = node_of(out);
            if (!set(index, static_cast<std::uint32_t>(byte_class), action)) return false;
        }
        return true;
    }

    bool set(std::size_t index, std::uint32_t unit, const Action& action) {
        Action& old = one_pass_.actions_[index * one_pass_.width_ + unit];
        if (old.node != 0) return false;
        old = action;
        return true;
    }

    const ProgramView& program_;
    std::size_t max_bytes_;
    OnePass one_pass_;
    std::unordered_map<std::uint32_t, std::uint32_t> nodes_;
    std::vector<std::uint32_t> begins_;
    InstSet seen_;
    std::vector<Way> ways_;
};

std::optional<OnePass> OnePass::make(const ProgramView& program, std::size_t max_bytes) {
    return Maker(program, max_bytes).make();
}

bool OnePass::apply(const Action& action, std::string_view text, std::size_t at,
                    std::span<std::size_t> slots) const {
    if (action.node == 0) return false;
    if (action.asserts != 0 && (action.asserts & ~assertions_at(text, at)) != 0) return false;
    for (std::uint32_t left = action.slots; left != 0; left &= left - 1) {
        const auto slot = static_cast<std::size_t>(std::countr_zero(left)) + 2;
        if (slot < slots.size()) slots[slot] = at;
    }
    return true;
}

bool OnePass::match_exactly(const ProgramView& program, const SearchInput& input,
                            std::span<std::size_t> slots) const {
    const std::uint8_t* classes = program.classes().data();
    std::size_t node = 0;
    for (std::size_t at = input.from; at < input.to; ++at) {
        const Action& action = actions_[node * width_ + classes[byte_at(input.text, at)]];
        const bool is_plain = action.node != 0 && (action.asserts | action.slots) == 0;
        if (!is_plain && !apply(action, input.text, at, slots)) return false;
        node = action.node - 1;
    }
    const Action& action = actions_[node * width_ + width_ - 1];
    if (!apply(action, input.text, input.to, slots)) return false;
    if (slots.size() > 0) slots[0] = input.from;
    if (slots.size() > 1) slots[1] = input.to;
    return true;
}

}  // namespace merlon::match
