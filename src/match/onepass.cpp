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
        row_of(program_.forward().anchored);
        for (std::size_t i = 0; i < begins_.size(); ++i) {
            if (!make_node(i)) return std::nullopt;
            const std::size_t actions = begins_.size() * one_pass_.width_;
            if (actions * sizeof(Action) > max_bytes_ || actions > Action::kMaxRow) {
                return std::nullopt;
            }
        }
        return std::move(one_pass_);
    }

  private:
    struct Way {
        std::uint32_t inst;
        std::uint32_t slots = 0;
        std::uint32_t asserts = 0;
    };

    std::size_t row_of(std::uint32_t inst) {
        const auto [at, added] = rows_.emplace(inst, begins_.size() * one_pass_.width_);
        if (added) begins_.push_back(inst);
        return at->second;
    }

    // All ways from the begin of a node to a byte or a match: no instruction may be reached twice.
    bool make_node(std::size_t index) {
        row_ = index * one_pass_.width_;
        one_pass_.actions_.resize(row_ + one_pass_.width_);
        seen_.reset(program_.forward().insts.size());
        ways_.assign(1, {begins_[index]});
        while (!ways_.empty()) {
            Way way = ways_.back();
            ways_.pop_back();
            if (!seen_.insert(way.inst)) return false;
            const Inst& inst = program_.forward().insts[way.inst];
            switch (inst.op) {
                case InstOp::kFail:
                    break;
                case InstOp::kMatch:
                    if (!set(program_.class_count(), {0, way.slots, way.asserts})) return false;
                    break;
                case InstOp::kAlt:
                    ways_.push_back({inst.arg, way.slots, way.asserts});
                    ways_.push_back({inst.out, way.slots, way.asserts});
                    break;
                case InstOp::kCapture:
                    if (inst.arg >= 2) way.slots |= 1u << (inst.arg - 2);
                    ways_.push_back({inst.out, way.slots, way.asserts});
                    break;
                case InstOp::kAssert:
                    way.asserts |= inst.arg;
                    ways_.push_back({inst.out, way.slots, way.asserts});
                    break;
                default:
                    if (!set_bytes(inst, way)) return false;
            }
        }
        return true;
    }

    bool set_bytes(const Inst& inst, const Way& way) {
        int last_class = -1;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const int byte_class = program_.classes()[byte];
            if (byte_class == last_class) continue;
            last_class = byte_class;
            const std::uint32_t out = step_inst(program_, inst, static_cast<std::uint8_t>(byte));
            if (out == kNowhere) continue;
            const Action action(row_of(out), way.slots, way.asserts);
            if (!set(static_cast<std::uint32_t>(byte_class), action)) return false;
        }
        return true;
    }

    bool set(std::uint32_t unit, const Action& action) {
        Action& old = one_pass_.actions_[row_ + unit];
        if (!old.is_none()) return false;
        old = action;
        return true;
    }

    const ProgramView& program_;
    std::size_t max_bytes_;
    OnePass one_pass_;
    std::unordered_map<std::uint32_t, std::size_t> rows_;  // of nodes, by the first instruction
    std::vector<std::uint32_t> begins_;                    // of nodes
    std::size_t row_ = 0;                                  // of the node that is being made
    InstSet seen_;
    std::vector<Way> ways_;
};

std::optional<OnePass> OnePass::make(const ProgramView& program, std::size_t max_bytes) {
    return Maker(program, max_bytes).make();
}

[[gnu::always_inline]] inline bool OnePass::apply(const Action& action, std::string_view text,
                                                  std::size_t at,
                                                  std::span<std::size_t> slots) const {
    if (action.is_none()) return false;
    const std::uint32_t asserts = action.asserts();
    if (asserts != 0 && (asserts & ~assertions_at(text, at)) != 0) return false;
    for (std::uint32_t left = action.slots(); left != 0; left &= left - 1) {
        const auto slot = static_cast<std::size_t>(std::countr_zero(left)) + 2;
        if (slot < slots.size()) slots[slot] = at;
    }
    return true;
}

bool OnePass::match_exactly(const ProgramView& program, const SearchInput& input,
                            std::span<std::size_t> slots) const {
    const std::uint8_t* const classes = program.classes().data();
    const Action* const actions = actions_.data();
    std::size_t row = 0;
    for (std::size_t at = input.from; at < input.to; ++at) {
        const Action action = actions[row + classes[byte_at(input.text, at)]];
        if (!action.is_plain() && !apply(action, input.text, at, slots)) return false;
        row = action.row();
    }
    if (!apply(actions[row + width_ - 1], input.text, input.to, slots)) return false;
    if (slots.size() > 0) slots[0] = input.from;
    if (slots.size() > 1) slots[1] = input.to;
    return true;
}

}  // namespace merlon::match
