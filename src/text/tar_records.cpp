#include "text/tar_records.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace merlon::text {
namespace {

constexpr std::string_view kSparseOffset = "GNU.sparse.offset";
constexpr std::string_view kSparseBytes = "GNU.sparse.numbytes";
constexpr std::string_view kSparseMap = "GNU.sparse.map";
constexpr std::string_view kTexts[] = {"path", "linkpath", "uname", "gname"};
constexpr std::string_view kNumericKeys[] = {"uid", "gid", "size"};
constexpr std::string_view kTimes[] = {"atime", "ctime", "mtime"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Seconds with or without a fraction.
bool is_time(std::string_view text) {
    const std::size_t point = text.find('.');
    const std::string_view fraction =
        point == text.npos ? std::string_view() : text.substr(point + 1);
    return parse_decimal(text.substr(0, point)) && std::ranges::all_of(fraction, is_digit);
}

// NUL has no place in a name, and in those of records.
bool is_valid(std::string_view key, std::string_view value) {
    const bool is_text = std::ranges::find(kTexts, key) != std::end(kTexts);
    return !key.empty() && (is_text ? value : key).find('\0') == std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool TarRecords::add(std::string_view body) {
    constexpr std::int64_t kLeastBytes = 5;  // "5 k=\n"
    // Those of the header before do not go on in this one.
    sparse_map_.clear();
    sparse_numbers_ = 0;
    bool is_sound = true;
    while (is_sound && !body.empty()) {
        const std::size_t blank = body.find(' ');
        const auto bytes = parse_decimal(body.substr(0, blank));
        is_sound = blank != body.npos && bytes && *bytes >= kLeastBytes &&
                   *bytes <= static_cast<std::int64_t>(body.size()) &&
                   static_cast<std::size_t>(*bytes) > blank + 1;
        if (!is_sound) break;
        const auto end = static_cast<std::size_t>(*bytes);
        const std::string_view record = body.substr(blank + 1, end - blank - 2);
        const std::size_t equals = record.find('=');
        is_sound = body[end - 1] == '\n' && equals != record.npos &&
                   add_record(record.substr(0, equals), record.substr(equals + 1));
        body.remove_prefix(end);
    }
    if (sparse_numbers_ > 0) records_[std::string(kSparseMap)] = sparse_map_;
    return is_sound;
}

bool TarRecords::add_record(std::string_view key, std::string_view value) {
    if (!is_valid(key, value)) return false;
    if (key != kSparseOffset && key != kSparseBytes) {
        records_.insert_or_assign(std::string(key), std::string(value));
        return true;
    }
    const bool is_length = sparse_numbers_ % 2 == 1;
    if (is_length != (key == kSparseBytes) || value.find(',') != value.npos) return false;
    if (sparse_numbers_ > 0) sparse_map_ += ',';
    sparse_map_ += value;
    ++sparse_numbers_;
    return true;
}

std::string_view TarRecords::at(std::string_view key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? std::string_view() : found->second;
}

std::optional<std::int64_t> TarRecords::number(std::string_view key) const {
    return parse_decimal(at(key));
}

bool TarRecords::has_sound_values() const {
    const auto is_sound = [this](std::string_view key, auto is_right) {
        return at(key).empty() || is_right(at(key));
    };
    return std::ranges::all_of(kNumericKeys,
                               [&](auto key) { return is_sound(key, parse_decimal); }) &&
           std::ranges::all_of(kTimes, [&](auto key) { return is_sound(key, is_time); });
}

}  // namespace merlon::text
