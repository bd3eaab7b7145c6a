#include "connect/git/lines.h"

#include <algorithm>
#include <cstring>

namespace merlon::connect::git {

namespace {

// So many bytes are compared at once; a word's comparison is one instruction.
constexpr std::size_t kBlock = 256;
constexpr std::size_t kWord = 8;

}  // namespace

std::size_t equal_at_begin(std::string_view left, std::string_view right) {
    const std::size_t most = std::min(left.size(), right.size());
    std::size_t equal = 0;
    while (most - equal >= kBlock &&
           std::memcmp(left.data() + equal, right.data() + equal, kBlock) == 0) {
        equal += kBlock;
    }
    while (most - equal >= kWord &&
           std::memcmp(left.data() + equal, right.data() + equal, kWord) == 0) {
        equal += kWord;
    }
    while (equal < most && left[equal] == right[equal]) ++equal;
    return equal;
}

std::size_t equal_at_end(std::string_view left, std::string_view right) {
    const std::size_t most = std::min(left.size(), right.size());
    const auto from_end = [](std::string_view text, std::size_t bytes) {
        return text.data() + (text.size() - bytes);
    };
    std::size_t equal = 0;
    while (most - equal >= kBlock && std::memcmp(from_end(left, equal + kBlock),
                                                 from_end(right, equal + kBlock), kBlock) == 0) {
        equal += kBlock;
    }
    while (most - equal >= kWord &&
           std::memcmp(from_end(left, equal + kWord), from_end(right, equal + kWord), kWord) == 0) {
        equal += kWord;
    }
    while (equal < most && *from_end(left, equal + 1) == *from_end(right, equal + 1)) ++equal;
    return equal;
}

Lines::Lines(std::string_view text) : text_(text) {
    begins_.reserve(text.size() / 32 + 2);
    begins_.push_back(0);
    read(0, text.size());
}

Lines::Lines(std::string_view text, const Lines& like) : text_(text) {
    begins_.reserve(std::max<std::size_t>(text.size() / 32, like.count()) + 2);
    // A line feed stands before each begin but the last, which is the text's end.
    const std::size_t equal = equal_at_begin(text, like.text_);
    const auto behind = std::upper_bound(like.begins_.begin(), like.begins_.end() - 1, equal);
    begins_.assign(like.begins_.begin(), behind);
    if (begins_.empty()) begins_.push_back(0);
    const std::size_t from = begins_.back();
    const std::size_t tail = equal_at_end(text.substr(from), like.text_.substr(from));
    const std::size_t at = read(from, text.size() - tail + 1);
    if (at >= text.size()) return;
    const std::size_t there = at + like.text_.size() - text.size();
    for (auto next = std::upper_bound(like.begins_.begin(), like.begins_.end(), there);
         next != like.begins_.end(); ++next) {
        begins_.push_back(static_cast<std::uint32_t>(*next + text.size() - like.text_.size()));
    }
}

std::size_t Lines::read(std::size_t from, std::size_t until) {
    const char* const data = text_.data();
    const std::size_t end = std::min(until, text_.size());
    std::size_t at = from;
    std::size_t count = begins_.size();
    while (at < end) {
        // Room for the shortest lines at first would be ten times too much.
        begins_.resize(count + (end - at) / 32 + 8);
        std::uint32_t* const begins = begins_.data();
        for (const std::size_t room = begins_.size(); count < room && at < end; ++count) {
            const void* feed = std::memchr(data + at, '\n', text_.size() - at);
            at = feed == nullptr
                     ? text_.size()
                     : static_cast<std::size_t>(static_cast<const char*>(feed) - data) + 1;
            begins[count] = static_cast<std::uint32_t>(at);
        }
    }
    begins_.resize(count);
    return at;
}

std::uint32_t Lines::lines_at_begin(std::size_t bytes) const {
    const auto behind = std::upper_bound(begins_.begin(), begins_.end(), bytes);
    return static_cast<std::uint32_t>(behind - begins_.begin()) - 1;
}

std::uint32_t Lines::lines_at_end(std::size_t bytes) const {
    const auto first = std::lower_bound(begins_.begin(), begins_.end(), text_.size() - bytes);
    return static_cast<std::uint32_t>(begins_.end() - first) - 1;
}

// Where both texts have so many whole lines of the equal bytes, these are the same ones: the texts
// may differ only in what goes on behind such a line, or before it, without a line feed.
EqualEnds equal_ends(const Lines& left, const Lines& right) {
    EqualEnds ends;
    const std::size_t begin = equal_at_begin(left.text(), right.text());
    ends.first = std::min(left.lines_at_begin(begin), right.lines_at_begin(begin));
    const std::size_t end = equal_at_end(left.text(), right.text());
    ends.last = std::min({left.lines_at_end(end), right.lines_at_end(end),
                          left.count() - ends.first, right.count() - ends.first});
    return ends;
}

}  // namespace merlon::connect::git
