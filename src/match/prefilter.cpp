#include "match/prefilter.h"

#include <algorithm>
#include <cstring>

namespace merlon::match {
namespace {

// A longer string is looked for by an algorithm that is linear in the worst case.
constexpr std::size_t kLong = 32;

// How common a byte is in the texts that we see, roughly: the smaller, the better to look for.
unsigned commonness(unsigned char byte) {
    static constexpr std::string_view kByFrequency =
        " etaoinsrlhdcu\nmpfg_.,y0w1\"b-()v/2k=:35>4'<687;9x{}A[]TS*#EIC+RNjDqLOPMzF$BU&@HV%G\t";
    const std::size_t rank = kByFrequency.find(static_cast<char>(byte));
    return rank == std::string_view::npos ? 0 : static_cast<unsigned>(kByFrequency.size() - rank);
}

}  // namespace

Prefilter::Prefilter(std::vector<std::string> literals) {
    if (literals.size() != 1 || literals.front().empty()) return;
    string_ = std::move(literals.front());
    kind_ = string_.size() == 1 ? Kind::kBytes : Kind::kString;
    for (std::size_t i = 1; i < string_.size(); ++i) {
        if (commonness(static_cast<unsigned char>(string_[i])) <
            commonness(static_cast<unsigned char>(string_[rare_]))) {
            rare_ = i;
        }
    }
}

std::size_t Prefilter::find(std::string_view text, std::size_t from, std::size_t to) const {
    // Where the last string that begins before `to` would end.
    const std::size_t behind = std::min(text.size(), to + string_.size() - 1);
    if (from >= behind) return std::string_view::npos;
    if (string_.size() > kLong) {
        const void* hit = memmem(text.data() + from, behind - from, string_.data(), string_.size());
        if (hit == nullptr) return std::string_view::npos;
        return static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    }
    while (from + string_.size() <= behind) {
        const std::size_t first = from + rare_;
        const std::size_t last = behind - (string_.size() - rare_) + 1;
        const void* hit = std::memchr(text.data() + first, string_[rare_], last - first);
        if (hit == nullptr) return std::string_view::npos;
        from = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) - rare_;
        if (text.compare(from, string_.size(), string_) == 0) return from;
        ++from;
    }
    return std::string_view::npos;
}

}  // namespace merlon::match
