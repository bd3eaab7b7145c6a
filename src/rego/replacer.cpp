#include "rego/replacer.h"

#include <algorithm>
#include <iterator>

#include "rego/term.h"

namespace merlon::rego {
namespace {

// In a step of the limits.
constexpr std::size_t kBytesOfReplacing = 16;
constexpr std::size_t kBytesOfComparing = 16;

}  // namespace

Replacer::Replacer(std::span<Pair> pairs) {
    std::size_t kept = 0;
    for (const Pair& pair : pairs) {
        if (pair.first.empty()) {
            nothing_ = pair.second;
        } else if (kept == 0 || !pair.first.starts_with(pairs[kept - 1].first)) {
            begins_[static_cast<unsigned char>(pair.first[0])] = true;
            pairs[kept++] = pair;
        }
    }
    pairs_ = pairs.first(kept);
}

bool Replacer::run(Context& context, std::string_view text, std::string& out) const {
    std::size_t from = 0;      // what is not in `out` yet
    bool after_empty = false;  // where nothing was replaced, the others have their turn
    for (std::size_t at = 0; at <= text.size();) {
        const bool takes_nothing = nothing_ && !after_empty;
        const Found looked = takes_nothing ? Found() : find(text.substr(at));
        const Pair* const found = looked.pair;
        after_empty = takes_nothing;
        if (!takes_nothing && found == nullptr) {
            ++at;
            if (!context.spend(looked.compared_bytes / kBytesOfComparing)) return false;
            continue;
        }
        const std::string_view by = takes_nothing ? *nothing_ : found->second;
        if (!context.spend(1 + (at - from + by.size()) / kBytesOfReplacing)) return false;
        out += text.substr(from, at - from);
        out += by;
        if (!takes_nothing) at += found->first.size();
        from = at;
        if (out.size() > kMaxTextBytes) {
            static_cast<void>(context.fail(ErrorKind::kLimit, "text is too large"));
            return false;
        }
    }
    if (!context.spend(1 + (text.size() - from) / kBytesOfReplacing)) return false;
    out += text.substr(from);
    return true;
}

Replacer::Found Replacer::find(std::string_view text) const {
    if (text.empty() || !begins_[static_cast<unsigned char>(text[0])]) return {};
    const auto behind = std::ranges::upper_bound(pairs_, text, {}, &Pair::first);
    const auto compared = [text](const Pair& pair) {
        const auto end = std::ranges::mismatch(text, pair.first).in1;
        return static_cast<std::size_t>(end - text.begin());
    };
    Found found;
    if (behind != pairs_.end()) found.compared_bytes = compared(*behind);
    if (behind == pairs_.begin()) return found;
    const Pair& before = *std::prev(behind);
    const std::size_t same = compared(before);
    found.compared_bytes += same;
    if (same == before.first.size()) found.pair = &before;
    return found;
}

}  // namespace merlon::rego
