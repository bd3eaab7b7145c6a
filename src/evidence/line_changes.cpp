#include "evidence/line_changes.h"

#include <algorithm>
#include <unordered_map>

namespace merlon::evidence {
namespace {

constexpr std::uint32_t kLeastWords = 2;  // "try:" and "}" may be anyone's
constexpr std::uint32_t kTabWidth = 8;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Bytes of other letters than ASCII's, too.
bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<signed char>(c) < 0;
}

}  // namespace

BareLines::BareLines(std::string_view text) {
    bare_.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        Line line{.begin = bare_.size()};
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
      is_taken_(now_.count() + 1),
      above_(then_.count() + 2),
      below_(then_.count() + 2, then_.count() + 1) {
    match_unique_lines();
    match_below(Reach::kBlock);
    match_above();
    match_below(Reach::kAll);
    for (std::uint32_t line = 1; line <= then_.count(); ++line)
        above_[line] = is_[line] != 0 ? line : above_[line - 1];
    for (std::uint32_t line = then_.count(); line > 0; --line)
        below_[line] = is_[line] != 0 ? line : below_[line + 1];
    is_.back() = now_.count() + 1;
}

void LineChanges::match_unique_lines() {
    struct Seen {
        std::uint32_t then = 0, now = 0;  // how often
        std::uint32_t line_then = 0, line_now = 0;
    };
    std::unordered_map<std::string_view, Seen> seen;
    for (std::uint32_t line = 1; line <= then_.count(); ++line) {
        if (then_.words(line) < kLeastWords) continue;
        Seen& one = seen[then_.at(line)];
        ++one.then;
        one.line_then = line;
    }
    for (std::uint32_t line = 1; line <= now_.count(); ++line) {
        const auto found = seen.find(now_.at(line));
        if (found == seen.end()) continue;
        ++found->second.now;
        found->second.line_now = line;
    }
    for (const auto& [text, one] : seen) {
        if (one.then != 1 || one.now != 1) continue;
        is_[one.line_then] = one.line_now;
        is_taken_[one.line_now] = true;
    }
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
        if (above == 0 || is_[line] != 0 || !are_equal(line, above + 1) || is_taken_[above + 1])
            continue;
        const std::uint32_t deep = then_.indentation(line).value_or(block + 1);
        if (reach == Reach::kBlock && (deep < block || (deep == block && is_in_body))) continue;
        is_in_body = is_in_body || (deep > block && then_.indentation(line));
        is_told_here = true;
        is_[line] = above + 1;
        is_taken_[above + 1] = true;
    }
}

void LineChanges::match_above() {
    // The least indentation between a line and that below it which leads to it.
    std::uint32_t least = UINT32_MAX;
    for (std::uint32_t line = then_.count(); line-- > 1;) {
        const std::uint32_t below = is_[line + 1];
        if (below == 0 || is_[line] != 0) {
            least = UINT32_MAX;
            continue;
        }
        if (const auto deep = then_.indentation(line + 1)) least = std::min(least, *deep);
        const bool is_in_block = then_.indentation(line).value_or(0) <= least;
        if (!is_in_block || !are_equal(line, below - 1) || is_taken_[below - 1]) continue;
        is_[line] = below - 1;
        is_taken_[below - 1] = true;
    }
}

double LineChanges::likeness() const {
    const auto filled = [](const BareLines& text) {
        std::uint32_t count = 0;
        for (std::uint32_t line = 1; line <= text.count(); ++line)
            count += text.at(line).empty() ? 0 : 1;
        return count;
    };
    std::uint32_t common = 0;
    for (std::uint32_t line = 1; line <= then_.count(); ++line)
        common += is_[line] != 0 && !then_.at(line).empty() ? 1 : 0;
    const std::uint32_t longer = std::max(filled(then_), filled(now_));
    return longer == 0 ? 0 : static_cast<double>(common) / longer;
}

// A line that nothing heads is told by the one above it.
bool LineChanges::is_with_head(std::uint32_t line) const {
    const std::uint32_t deep = then_.indentation(line).value_or(0);
    for (std::uint32_t above = line; above-- > 1;) {
        const std::optional<std::uint32_t> indentation = then_.indentation(above);
        if (is_[above] == 0 || is_[above] + (line - above) != is_[line]) return false;
        if (indentation && (*indentation < deep || deep == 0)) return true;
    }
    return true;
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
                    .went = below_[line] - above_[line] - 1};
}

}  // namespace merlon::evidence
