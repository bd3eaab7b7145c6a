#include "compat/gitleaks/chunker.h"

#include <algorithm>

namespace merlon::compat::gitleaks {
namespace {

constexpr std::size_t kReadBytes = 100'000;
constexpr std::size_t kBufferBytes = 4'096;
constexpr std::size_t kPeekBytes = 25'000;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Whether `text` ends in two line ends with nothing but white space between and behind them.
bool ends_in_empty_line(std::string_view text) {
    int line_ends = 0;
    for (std::size_t i = text.size(); i-- > 0 && is_blank(text[i]);)
        if (text[i] == '\n' && ++line_ends == 2) return true;
    return false;
}

}  // namespace

std::size_t Chunker::read_at(std::size_t offset, std::size_t size) const {
    std::size_t available = content_.size() - offset;
    const std::size_t place = blocks_.offset + offset;
    if (blocks_.size != 0) available = std::min(available, blocks_.size - place % blocks_.size);
    if (blocks_.ends != nullptr) {
        const auto end = std::ranges::upper_bound(*blocks_.ends, place);
        if (end != blocks_.ends->end()) available = std::min(available, *end - place);
    }
    return std::min(size, available);
}

// Goes on from `end` to the next safe place to cut.
std::size_t Chunker::boundary(std::size_t begin, std::size_t end, EndMet& end_met) {
    if (ends_in_empty_line(content_.substr(begin, end - begin))) return end;
    const std::size_t limit = end + kPeekBytes;
    int line_ends = 0;
    for (;;) {
        const char last = content_[end - 1];
        if (last == '\n') {
            if (++line_ends == 2) return end;
        } else if (!is_blank(last)) {
            line_ends = 0;
        }
        if (end >= limit) return end;
        if (end == content_.size()) {
            end_met = EndMet::kBehind;
            return end;
        }
        if (end >= buffered_) buffered_ = end + read_at(end, kBufferBytes);
        ++end;
    }
}

void Chunker::slide_to(std::string_view content) {
    buffered_ = buffered_ > at_ ? buffered_ - at_ : 0;
    at_ = 0;
    content_ = content;
}

std::optional<Chunk> Chunker::next() {
    if (at_ >= content_.size()) return std::nullopt;
    const bool is_buffered = buffered_ > at_;
    const std::size_t read =
        is_buffered ? std::min(buffered_ - at_, kReadBytes) : read_at(at_, kReadBytes);
    if (buffered_ < at_ + read) buffered_ = at_ + read;
    Chunk chunk;
    if (!is_buffered && at_ + read == content_.size()) chunk.end_met = EndMet::kWithBytes;
    const std::size_t end = boundary(at_, at_ + read, chunk.end_met);
    chunk.text = content_.substr(at_, end - at_);
    chunk.read_bytes = read;
    chunk.first_line = lines_ + 1;
    lines_ += static_cast<std::size_t>(std::count(chunk.text.begin(), chunk.text.end(), '\n'));
    at_ = end;
    return chunk;
}

}  // namespace merlon::compat::gitleaks
