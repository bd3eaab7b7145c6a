#include "match/class_run.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "match/byte_frequency.h"
#include "match/engine.h"

namespace merlon::match {
namespace {

// Short runs stand everywhere, and of long ones the first bytes are enough.
constexpr std::size_t kMinLength = 8;
constexpr std::size_t kMaxLength = 64;
// The most of ordinary text's places at which a run may stand.
constexpr double kMostPlaces = 0.01;
// Working a run out costs instructions times length.
constexpr std::size_t kMaxInsts = 4096;

// All threads of the automaton, whatever the bytes.
class Threads {
  public:
    explicit Threads(const ProgramView& program) : program_(program) {
        seen_.reset(insts().size());
        is_told_.assign(insts().size(), false);
        follow(program.forward().anchored, Boundary::kHolds);
        passes_freely_ = matches_ || !reading_.empty();
        reading_.clear();
        seen_.clear();
        follow(program.forward().anchored, Boundary::kPasses);
    }

    // Whether a match may end here.
    bool matches() const { return matches_; }
    // Whether every way up to here passes a \b. Only of the begin.
    bool is_behind_boundary() const { return !passes_freely_; }

    // Goes over every byte that may stand here, and adds them to `bytes`, always the same ones: an
    // instruction's bytes are worked out once.
    void step(std::array<bool, 256>& bytes) {
        const std::vector<std::uint32_t> before = std::move(reading_);
        reading_.clear();
        seen_.clear();
        matches_ = false;
        for (const std::uint32_t index : before) {
            const Inst& inst = insts()[index];
            if (!is_told_[index]) {
                is_told_[index] = true;
                for (unsigned byte = 0; byte < 256; ++byte) {
                    if (step_inst(program_, inst, static_cast<std::uint8_t>(byte)) != kNowhere) {
                        bytes[byte] = true;
                    }
                }
            }
            if (inst.op != InstOp::kSparse) {
                follow(inst.out);
                continue;
            }
            for (const Transition& each :
                 program_.transitions().subspan(inst.arg, std::size_t{inst.low} + 1)) {
                follow(each.out);
            }
        }
    }

  private:
    // Whether the threads go on behind a \b.
    enum class Boundary : std::uint8_t { kHolds, kPasses };

    std::span<const Inst> insts() const { return program_.forward().insts; }

    void follow(std::uint32_t first, Boundary boundary = Boundary::kPasses) {
        stack_.assign(1, first);
        while (!stack_.empty()) {
            const std::uint32_t index = stack_.back();
            stack_.pop_back();
            if (!seen_.insert(index)) continue;
            const Inst& inst = insts()[index];
            switch (inst.op) {
                case InstOp::kFail:
                    break;
                case InstOp::kMatch:
                    matches_ = true;
                    break;
                case InstOp::kAlt:
                    stack_.push_back(inst.arg);
                    stack_.push_back(inst.out);
                    break;
                case InstOp::kAssert:  // may hold
                    if (boundary == Boundary::kPasses || (inst.arg & kAssertWordBoundary) == 0) {
                        stack_.push_back(inst.out);
                    }
                    break;
                case InstOp::kCapture:
                    stack_.push_back(inst.out);
                    break;
                default:
                    reading_.push_back(index);
            }
        }
    }

    const ProgramView& program_;
    InstSet seen_;
    std::vector<bool> is_told_;           // by instruction
    std::vector<std::uint32_t> reading_;  // instructions that read a byte
    std::vector<std::uint32_t> stack_;
    bool matches_ = false;
    bool passes_freely_ = false;
};

double frequency_of(const std::array<bool, 256>& bytes) {
    double sum = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (bytes[byte]) sum += byte_frequency(static_cast<std::uint8_t>(byte)) / 65536.0;
    }
    return std::min(sum, 1.0);
}

}  // namespace

std::optional<ClassRun> ClassRun::of(const ProgramView& program) {
    const Code& code = program.forward();
    if (program.min_length() < kMinLength || code.insts.size() > kMaxInsts ||
        code.anchored >= code.insts.size()) {
        return std::nullopt;
    }
    std::optional<ClassRun> best;
    double least = kMostPlaces;
    ClassRun run;
    Threads threads(program);
    run.begins_at_boundary_ = threads.is_behind_boundary();
    while (!threads.matches() && run.length_ < kMaxLength) {
        threads.step(run.has_);
        ++run.length_;
        if (run.length_ == 1) run.begins_ = run.has_;
        const double frequency = frequency_of(run.has_);
        // The class only grows: not even the longest run of so common bytes is rarer. The first
        // steps tell that of most expressions, and the later ones are where the threads are many.
        if (std::pow(frequency, static_cast<double>(kMaxLength)) >= least) break;
        const double places = std::pow(frequency, static_cast<double>(run.length_));
        if (run.length_ < kMinLength || places >= least) continue;
        least = places;
        best = run;
    }
    return best;
}

bool ClassRun::may_begin(std::string_view text, std::size_t at) const {
    const std::uint8_t first = byte_at(text, at);
    if (!begins_[first]) return false;
    const bool is_behind_word = at > 0 && is_word_byte(byte_at(text, at - 1));
    return !begins_at_boundary_ || is_behind_word != is_word_byte(first);
}

std::optional<std::size_t> ClassRun::find(std::string_view text, std::size_t from,
                                          std::size_t to) const {
    std::size_t begin = from;
    std::size_t checked = from;  // text[begin, checked) is of the class
    while (begin + length_ <= to) {
        std::size_t at = begin + length_;
        while (at > checked && has_[byte_at(text, at - 1)]) --at;
        if (at > checked) {
            checked = begin + length_;
            begin = at;
            continue;
        }
        if (may_begin(text, begin)) return begin;
        checked = begin + length_;
        ++begin;
    }
    return std::nullopt;
}

}  // namespace merlon::match
