#include "rego/glob_pattern.h"

#include <algorithm>
#include <optional>

#include "base/recycled.h"
#include "text/utf8.h"

namespace merlon::rego {

class GlobCompiler {
  public:
    GlobCompiler(std::string_view glob, std::u32string_view separators) : glob_(glob) {
        made_.separators_ = separators;
    }

    Result<GlobPattern> run() {
        for (std::optional<char32_t> c = read(); c; c = read()) {
            switch (*c) {
                case '*':
                    add(take('*') ? Kind::kSuper : Kind::kStar);
                    break;
                case '?':
                    add(Kind::kOne);
                    break;
                case '[':
                    MERLON_TRY(add_class());
                    break;
                case '{':
                    groups_.push_back({.branch = here(), .jumps = {}});
                    add(Kind::kBranch);
                    break;
                case '\\':
                    c = read();
                    if (!c) return wrong("trailing backslash");
                    add(Kind::kCharacter).point = *c;
                    break;
                case '}':
                    if (!end_group()) add(Kind::kCharacter).point = *c;
                    break;
                case ',':
                    if (!end_alternative()) add(Kind::kCharacter).point = *c;
                    break;
                default:
                    add(Kind::kCharacter).point = *c;
                    break;
            }
        }
        if (at_ < glob_.size()) return wrong("invalid UTF-8 sequence");
        if (!groups_.empty()) return wrong("unclosed `{`");
        add(Kind::kEnd);
        return std::move(made_);
    }

  private:
    using Step = GlobPattern::Step;
    using Kind = Step::Kind;

    struct Group {
        std::uint32_t branch;  // to the next alternative
        std::vector<std::uint32_t> jumps;
    };

    Error wrong(std::string_view reason) const {
        return Error{"glob: syntax error at " + std::to_string(at_) + ": " + std::string(reason)};
    }

    std::uint32_t here() const { return static_cast<std::uint32_t>(made_.steps_.size()); }
    Step& add(Kind kind) { return made_.steps_.emplace_back(Step{.kind = kind}); }

    // Nothing at the end and at a wrong byte.
    std::optional<char32_t> read() {
        if (at_ == glob_.size()) return std::nullopt;
        const text::CodePoint point = text::decode_utf8(glob_.substr(at_));
        if (!point.valid) return std::nullopt;
        at_ += point.width;
        return point.value;
    }
    bool take(char c) {
        const bool is_there = at_ < glob_.size() && glob_[at_] == c;
        at_ += is_there ? 1 : 0;
        return is_there;
    }

    bool end_alternative() {
        if (groups_.empty()) return false;
        groups_.back().jumps.push_back(here());
        add(Kind::kJump);
        made_.steps_[groups_.back().branch].target = here();
        groups_.back().branch = here();
        add(Kind::kBranch);
        return true;
    }

    // The last alternative has no other one behind it: its branch only goes on.
    bool end_group() {
        if (groups_.empty()) return false;
        const Group group = std::move(groups_.back());
        groups_.pop_back();
        made_.steps_[group.branch] = {.kind = Kind::kJump, .target = group.branch + 1};
        for (const std::uint32_t jump : group.jumps) made_.steps_[jump].target = here();
        return true;
    }

    // "[" is behind: one range "a-c", or a list, in which only "\" and "]" have a meaning.
    Status add_class() {
        constexpr std::string_view kEnds = "unexpected end of input";
        Step step{.kind = take('!') ? Kind::kNotClass : Kind::kClass};
        step.first = static_cast<std::uint32_t>(made_.ranges_.size());
        const std::size_t begin = at_;
        const auto first = read();
        if (!first) return wrong(kEnds);
        if (take('-')) {
            const auto last = read();
            const auto close = last ? read() : std::nullopt;
            if (!close) return wrong(kEnds);
            if (*close != ']') return wrong("expected close range character");
            if (*last < *first) return wrong("range hi character is less than lo");
            made_.ranges_.push_back({*first, *last});
        } else {
            at_ = begin;
            for (std::optional<char32_t> c = read();; c = read()) {
                if (!c) return wrong(kEnds);
                if (*c == ']') break;
                if (*c == '\\') c = read();
                if (!c) return wrong(kEnds);
                made_.ranges_.push_back({*c, *c});
            }
        }
        step.last = static_cast<std::uint32_t>(made_.ranges_.size());
        if (step.first == step.last) return wrong("could not parse range");
        made_.steps_.push_back(step);
        return {};
    }

    std::string_view glob_;
    std::size_t at_ = 0;
    std::vector<Group> groups_;
    GlobPattern made_;
};

// The places that are open, each once.
class GlobPattern::Walk {
  public:
    explicit Walk(const std::vector<Step>& steps) : steps_(steps), seen_(steps.size()) {}

    // The place, and those that it leads to without a character.
    void open(std::uint32_t place) {
        waiting_.push_back(place);
        while (!waiting_.empty()) {
            const std::uint32_t at = waiting_.back();
            waiting_.pop_back();
            if (seen_[at] == round_) continue;
            seen_[at] = round_;
            const Step& step = steps_[at];
            switch (step.kind) {
                case Step::Kind::kJump:
                    waiting_.push_back(step.target);
                    break;
                case Step::Kind::kBranch:
                    waiting_.push_back(step.target);
                    waiting_.push_back(at + 1);
                    break;
                case Step::Kind::kStar:
                case Step::Kind::kSuper:
                    waiting_.push_back(at + 1);
                    [[fallthrough]];
                default:
                    next_.push_back(at);
            }
        }
    }

    // What was opened is what is open now.
    const RecycledVector<std::uint32_t>& advance() {
        open_.swap(next_);
        next_.clear();
        ++round_;
        return open_;
    }

  private:
    const std::vector<Step>& steps_;
    RecycledVector<std::size_t> seen_;  // in which round
    std::size_t round_ = 1;
    RecycledVector<std::uint32_t> open_;
    RecycledVector<std::uint32_t> next_;
    RecycledVector<std::uint32_t> waiting_;
};

bool GlobPattern::takes(const Step& step, char32_t point, bool is_valid) const {  // NOLINT: a fact
    switch (step.kind) {
        case Step::Kind::kCharacter:
            return is_valid && step.point == point;
        case Step::Kind::kOne:
        case Step::Kind::kStar:
            return separators_.find(point) == std::u32string::npos;
        case Step::Kind::kSuper:
            return true;
        case Step::Kind::kClass:
        case Step::Kind::kNotClass: {
            const auto holds = [point](const Range& range) {
                return range.first <= point && point <= range.last;
            };
            const bool is_in =
                std::any_of(ranges_.begin() + step.first, ranges_.begin() + step.last, holds);
            return is_in == (step.kind == Step::Kind::kClass);
        }
        default:
            return false;
    }
}

Result<GlobPattern> GlobPattern::compile(std::string_view glob, std::u32string_view separators) {
    return GlobCompiler(glob, separators).run();
}

bool GlobPattern::matches(std::string_view text) const {
    Walk walk(steps_);
    walk.open(0);
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        text.remove_prefix(point.width);
        const RecycledVector<std::uint32_t>& open = walk.advance();
        if (open.empty()) return false;
        for (const std::uint32_t place : open) {
            const Step& step = steps_[place];
            if (!takes(step, point.value, point.valid)) continue;
            const bool stays = step.kind == Step::Kind::kStar || step.kind == Step::Kind::kSuper;
            walk.open(stays ? place : place + 1);
        }
    }
    return std::ranges::any_of(walk.advance(), [this](std::uint32_t place) {
        return steps_[place].kind == Step::Kind::kEnd;
    });
}

}  // namespace merlon::rego
