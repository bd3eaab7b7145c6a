#include "evidence/line_changes.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace merlon::evidence {
namespace {

constexpr std::uint32_t kLeastWords = 2;  // "try:" and "}" may be anyone's
constexpr std::uint32_t kTabWidth = 8;
constexpr std::uint32_t kLeastTelling = 7;  // lines in a row that stayed, for themselves

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Bytes of other letters than ASCII's, too.
bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<signed char>(c) < 0;
}

// Where something stands in both texts.
struct Seen {
    std::uint32_t then = 0, now = 0;  // how often
    std::uint32_t line_then = 0, line_now = 0;

    void note_then(std::uint32_t line) {
        ++then;
        line_then = line;
    }
    void note_now(std::uint32_t line) {
        ++now;
        line_now = line;
    }
    bool is_once_in_both() const { return then == 1 && now == 1; }
};

// By line, from 1: that which begins the outermost block which it is in; 0: none does.
std::vector<std::uint32_t> outermost_heads(const BareLines& text) {
    std::vector<std::uint32_t> heads(text.count() + 1);
    std::uint32_t head = 0;
    for (std::uint32_t line = 1; line <= text.count(); ++line) {
        // A brace alone does not name what it begins.
        if (text.indentation(line) == 0 && (text.words(line) > 0 || head == 0)) head = line;
        heads[line] = head;
    }
    return heads;
}

// By line, from 1: the nearest one above it that is less deep; 0: nothing heads it, or it is blank.
std::vector<std::uint32_t> block_heads(const BareLines& text) {
    std::vector<std::uint32_t> heads(text.count() + 1);
    std::vector<std::uint32_t> open;
    for (std::uint32_t line = 1; line <= text.count(); ++line) {
        const std::optional<std::uint32_t> deep = text.indentation(line);
        if (!deep) continue;
        while (!open.empty() && *text.indentation(open.back()) >= *deep) open.pop_back();
        heads[line] = open.empty() ? 0 : open.back();
        open.push_back(line);
    }
    return heads;
}

bool begins_as_in_many_files(std::string_view line) {
    static constexpr std::string_view kComments[] = {"#",  "//", "/*",   "*",
                                                     "--", ";",  "<!--", "\"\"\""};
    static constexpr std::string_view kImports[] = {"import",  "from",    "use",     "using",
                                                    "include", "require", "package", "namespace"};
    while (!line.empty() && is_blank(line[0])) line.remove_prefix(1);
    const auto begins = [&](std::string_view begin) { return line.starts_with(begin); };
    const std::string_view word =
        line.substr(0, std::ranges::find_if_not(line, is_of_word) - line.begin());
    return std::ranges::any_of(kComments, begins) ||
           std::ranges::find(kImports, word) != std::end(kImports);
}

}  // namespace

BareLines::BareLines(std::string_view text) {
    bare_.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        Line line{.begin = bare_.size(),
                  .is_common = begins_as_in_many_files(text.substr(0, length))};
        bool is_in_word = false;
        for (const char c : text.substr(0, length)) {
            const bool is_in_one = is_of_word(c);
            if (is_in_one && !is_in_word) ++line.words;
            is_in_word = is_in_one;
            if (!is_blank(c))
                bare_ += c;
            else if (bare_.size() == line.begin)
                line.indentation += c == '\t' ? kTabWidth - line.indentation % kTabWidth : 1;
        }
        line.end = bare_.size();
        lines_.push_back(line);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
}

std::string_view BareLines::at(std::uint32_t line) const {
    if (line == 0 || line > lines_.size()) return {};
    const Line& one = lines_[line - 1];
    return std::string_view(bare_).substr(one.begin, one.end - one.begin);
}

std::optional<std::uint32_t> BareLines::indentation(std::uint32_t line) const {
    if (at(line).empty()) return std::nullopt;
    return lines_[line - 1].indentation;
}

bool BareLines::has_at(std::uint32_t line, std::string_view code) const {
    if (line == 0 || line > lines_.size()) return false;
    const Line& one = lines_[line - 1];
    const std::size_t last = std::min(bare_.size(), one.end + code.size());
    const std::string_view from = std::string_view(bare_).substr(one.begin, last - one.begin);
    return !code.empty() && from.find(code) < one.end - one.begin;
}

LineChanges::LineChanges(std::string_view then, std::string_view now)
    : then_(then),
      now_(now),
      has_changed_(then != now),
      is_(then_.count() + 2),
      was_(now_.count() + 1),
      above_(then_.count() + 2),
      below_(then_.count() + 2, then_.count() + 1),
      heads_then_(block_heads(then_)),
      heads_now_(block_heads(now_)),
      together_from_(then_.count() + 1),
      may_be_anew_(then_.count() + 1) {
    match_unique_lines();
    match_below(Reach::kBlock);
    match_above();
    match_unique_in_blocks();
    match_below(Reach::kBlock);
    match_above();
    match_below(Reach::kAll);
    drop_what_nothing_tells();
    for (std::uint32_t line = 1; line <= then_.count(); ++line) {
        above_[line] = is_[line] != 0 ? line : above_[line - 1];
        const bool is_below_the_same = is_[line - 1] != 0 && is_[line - 1] + 1 == is_[line];
        together_from_[line] = is_below_the_same ? together_from_[line - 1] : line;
    }
    is_.back() = now_.count() + 1;
    for (std::uint32_t line = then_.count(); line > 0; --line)
        below_[line] = is_[line] != 0 ? line : below_[line + 1];
}

void LineChanges::match_unique_lines() {
    std::unordered_map<std::string_view, Seen> seen;
    for (std::uint32_t line = 1; line <= then_.count(); ++line) {
        if (then_.words(line) < kLeastWords) continue;
        seen[then_.at(line)].note_then(line);
    }
    for (std::uint32_t line = 1; line <= now_.count(); ++line) {
        const auto found = seen.find(now_.at(line));
        if (found != seen.end()) found->second.note_now(line);
    }
    for (const auto& [text, one] : seen)
        if (one.is_once_in_both()) take(one.line_then, one.line_now);
}

void LineChanges::match_unique_in_blocks() {
    // By now's lines: what heads the block, the nearest lines that stayed, and the text.
    using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::string_view>;
    std::map<Place, Seen> seen;
    const auto nearest_below = [](std::uint32_t count, const auto& there) {
        std::vector<std::uint32_t> below(count + 2);
        for (std::uint32_t line = count; line > 0; --line)
            below[line] = there(line) != 0 ? there(line) : below[line + 1];
        return below;
    };
    const auto below_then = nearest_below(then_.count(), [&](std::uint32_t l) { return is_[l]; });
    const auto below_now =
        nearest_below(now_.count(), [&](std::uint32_t l) { return was_[l] != 0 ? l : 0; });
    std::uint32_t above = 0;
    for (std::uint32_t line = 1; line <= then_.count(); ++line) {
        if (is_[line] != 0) above = is_[line];
        const std::uint32_t head = is_[heads_then_[line]];
        if (is_[line] != 0 || head == 0 || then_.words(line) < kLeastWords) continue;
        seen[{head, above, below_then[line], then_.at(line)}].note_then(line);
    }
    above = 0;
    for (std::uint32_t line = 1; line <= now_.count(); ++line) {
        if (was_[line] != 0) above = line;
        if (was_[line] != 0) continue;
        const auto found = seen.find({heads_now_[line], above, below_now[line], now_.at(line)});
        if (found != seen.end()) found->second.note_now(line);
    }
    for (const auto& [place, one] : seen)
        if (one.is_once_in_both()) take(one.line_then, one.line_now);
}

void LineChanges::take(std::uint32_t then, std::uint32_t now) {
    is_[then] = now;
    was_[now] = then;
}

bool LineChanges::are_equal(std::uint32_t then, std::uint32_t now) const {
    return now > 0 && now <= now_.count() && then_.at(then) == now_.at(now);
}

void LineChanges::match_below(Reach reach) {
    std::uint32_t block = 0;  // how deep the line is that tells of those below it
    bool is_in_body = false, is_told_here = false;
    for (std::uint32_t line = 2; line <= then_.count(); ++line) {
        const std::uint32_t above = is_[line - 1];
        if (!is_told_here) {
            block = then_.indentation(line - 1).value_or(block);
            is_in_body = false;
        }
        is_told_here = false;
        if (above == 0 || is_[line] != 0 || !are_equal(line, above + 1) || was_[above + 1] != 0)
            continue;
        const std::uint32_t deep = then_.indentation(line).value_or(block + 1);
        if (reach == Reach::kBlock && (deep < block || (deep == block && is_in_body))) continue;
        is_in_body = is_in_body || (deep > block && then_.indentation(line));
        is_told_here = true;
        take(line, above + 1);
    }
}

void LineChanges::match_above() {
    // The least indentation between a line and that below it which leads to it.
    std::uint32_t least = UINT32_MAX;
    for (std::uint32_t line = then_.count(); line-- > 1;) {
        const std::uint32_t below = is_[line + 1];
        const bool leads_on =
            is_[line] == 0 || (!then_.indentation(line) && is_[line] + 1 == below);
        if (below == 0 || !leads_on) {
            least = UINT32_MAX;
            continue;
        }
        if (const auto deep = then_.indentation(line + 1)) least = std::min(least, *deep);
        if (is_[line] != 0) continue;
        const bool is_in_block = then_.indentation(line).value_or(0) <= least;
        if (!is_in_block || !are_equal(line, below - 1) || was_[below - 1] != 0) continue;
        take(line, below - 1);
    }
}

// Whether the blocks that it was in and is in stayed both, each by itself.
bool LineChanges::has_changed_block(std::uint32_t line) const {
    std::uint32_t then = heads_then_[line], now = heads_now_[is_[line]];
    while (then != 0 && is_[then] == 0) then = heads_then_[then];
    while (now != 0 && was_[now] == 0) now = heads_now_[now];
    if (then == 0 || now == 0) return false;
    for (std::uint32_t around = now; around != 0; around = heads_now_[around])
        if (around == is_[then]) return false;
    for (std::uint32_t around = then; around != 0; around = heads_then_[around])
        if (around == was_[now]) return false;
    return true;
}

// Outermost blocks that begin as they did, or have half of the longer one in common: by the lines
// that begin them.
std::set<LineChanges::LinePair> LineChanges::blocks_alike(
    const std::vector<std::uint32_t>& outermost_then,
    const std::vector<std::uint32_t>& outermost_now) const {
    std::vector<std::uint32_t> size_then(then_.count() + 1), size_now(now_.count() + 1);
    std::map<LinePair, std::uint32_t> common;
    for (std::uint32_t line = 1; line <= then_.count(); ++line) {
        if (!then_.tells(line)) continue;
        ++size_then[outermost_then[line]];
        if (is_[line] != 0) ++common[{outermost_then[line], outermost_now[is_[line]]}];
    }
    for (std::uint32_t line = 1; line <= now_.count(); ++line)
        size_now[outermost_now[line]] += now_.tells(line) ? 1 : 0;
    std::set<LinePair> alike;
    for (const auto& [heads, count] : common) {
        const auto& [then, now] = heads;
        if (then_.at(then) == now_.at(now) || 2 * count >= std::max(size_then[then], size_now[now]))
            alike.insert(heads);
    }
    return alike;
}

void LineChanges::drop_what_nothing_tells() {
    const std::vector<std::uint32_t> outermost_then = outermost_heads(then_);
    const std::vector<std::uint32_t> outermost_now = outermost_heads(now_);
    const std::set<LinePair> alike = blocks_alike(outermost_then, outermost_now);
    std::vector<std::uint32_t> untold;
    for (std::uint32_t first = 1, next = 0; first <= then_.count(); first = next) {
        next = first + 1;
        if (is_[first] == 0) continue;
        while (next <= then_.count() && is_[next] == is_[next - 1] + 1) ++next;
        std::uint32_t filled = 0;
        bool is_told = false;
        for (std::uint32_t line = first; line < next; ++line) {
            filled += then_.at(line).empty() ? 0 : 1;
            const std::uint32_t then = outermost_then[line], now = outermost_now[is_[line]];
            is_told = is_told || then == line || now == is_[line] || alike.contains({then, now});
        }
        if (filled >= kLeastTelling) continue;
        const std::size_t before = untold.size();
        std::vector<std::uint32_t> blanks;  // which go with the others
        for (std::uint32_t line = first; line < next; ++line) {
            const bool heads_next = line + 1 < next && heads_then_[line + 1] == line;
            if (then_.at(line).empty())
                blanks.push_back(line);
            else if (!is_told || (!heads_next && has_changed_block(line)))
                untold.push_back(line);
        }
        if (untold.size() > before) untold.insert(untold.end(), blanks.begin(), blanks.end());
    }
    for (const std::uint32_t line : untold) {
        was_[is_[line]] = 0;
        is_[line] = 0;
        may_be_anew_[line] = true;
    }
}

double LineChanges::likeness() const {
    const auto telling = [](const BareLines& text) {
        std::uint32_t count = 0;
        for (std::uint32_t line = 1; line <= text.count(); ++line)
            count += text.tells(line) ? 1 : 0;
        return count;
    };
    std::uint32_t common = 0;
    for (std::uint32_t line = 1; line <= then_.count(); ++line)
        common += is_[line] != 0 && then_.tells(line) ? 1 : 0;
    const std::uint32_t longer = std::max(telling(then_), telling(now_));
    return longer == 0 ? 0 : static_cast<double>(common) / longer;
}

// A line that nothing heads is told by the one above it.
bool LineChanges::is_with_head(std::uint32_t line) const {
    std::uint32_t head = heads_then_[line];
    if (then_.indentation(line).value_or(0) == 0)
        for (head = line - 1; head > 0 && then_.at(head).empty();) --head;
    return together_from_[line] <= std::max(head, 1U);
}

std::optional<LinesNow> LineChanges::of(std::uint32_t line) const {
    if (line == 0 || line > then_.count()) return std::nullopt;
    if (is_[line] != 0)
        return LinesNow{.first = is_[line],
                        .end = is_[line] + 1,
                        .is_unchanged = true,
                        .is_with_head = is_with_head(line)};
    const std::uint32_t first = is_[above_[line]] + 1;
    return LinesNow{.first = first,
                    .end = std::max(first, is_[below_[line]]),
                    .may_be_anew = may_be_anew_[line],
                    .went = below_[line] - above_[line] - 1};
}

}  // namespace merlon::evidence
