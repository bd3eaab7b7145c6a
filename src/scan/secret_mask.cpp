#include "scan/secret_mask.h"

#include <algorithm>
#include <cstring>
#include <variant>

#include "crypto/digest.h"
#include "model/fingerprint.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

constexpr std::size_t kLeastBytes = 8;
constexpr std::size_t kSureBytes = 16;  // nobody calls a file so by chance
constexpr unsigned kHashBits = 24;

std::uint64_t first_number(std::string_view digest) {
    std::uint64_t number = 0;
    for (const char byte : digest.substr(0, sizeof(number))) {
        number = number << 8 | static_cast<std::uint8_t>(byte);
    }
    return number;
}

bool is_telling(std::string_view secret) {
    if (secret.size() >= kSureBytes) return true;
    const auto is_of_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-_./ ").find(c) != std::string_view::npos;
    };
    return secret.size() >= kLeastBytes && !std::ranges::all_of(secret, is_of_name);
}

}  // namespace

SecretMask::SecretMask(std::string_view key)
    : key_(key),
      multiplier_(first_number(crypto::hmac_sha256(key_, "mask multiplier")) | 1),
      offset_(first_number(crypto::hmac_sha256(key_, "mask offset"))) {}

std::uint64_t SecretMask::tag_of(std::string_view secret) const {
    return first_number(crypto::hmac_sha256(key_, std::string("mask tag").append(secret)));
}

std::uint32_t SecretMask::hash_of_begin(std::string_view text) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, text.data(), kLeastBytes);
    bits = (bits ^ offset_) * multiplier_;
    bits = (bits ^ bits >> 32) * multiplier_;
    return static_cast<std::uint32_t>(bits >> (64 - kHashBits));
}

SecretPrint SecretMask::print_of(std::string_view secret) const {
    if (!is_telling(secret) || secret.size() > UINT32_MAX) return {};
    return {static_cast<std::uint32_t>(secret.size()), hash_of_begin(secret), tag_of(secret)};
}

void SecretMask::add(const SecretPrint& print) {
    if (print.bytes == 0 || !tags_.insert(print.tag).second) return;
    may_begin_.set(print.begin % may_begin_.size());
    std::vector<std::uint32_t>& lengths = lengths_[print.begin];
    if (std::ranges::find(lengths, print.bytes) == lengths.end()) lengths.push_back(print.bytes);
}

void SecretMask::find_at(std::string_view text, std::size_t begin,
                         std::vector<std::pair<std::size_t, std::size_t>>& found) const {
    const std::string_view rest = text.substr(begin);
    const std::uint32_t hash = hash_of_begin(rest);
    if (!may_begin_.test(hash % may_begin_.size())) return;
    const auto lengths = lengths_.find(hash);
    if (lengths == lengths_.end()) return;
    for (const std::uint32_t length : lengths->second) {
        if (length <= rest.size() && tags_.contains(tag_of(rest.substr(0, length)))) {
            found.emplace_back(begin, begin + length);
        }
    }
}

bool SecretMask::is_in(std::string_view text) const {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t begin = 0; begin + kLeastBytes <= text.size() && found.empty(); ++begin) {
        find_at(text, begin, found);
    }
    return !found.empty();
}

std::string SecretMask::masked(std::string_view text) const {
    std::vector<std::pair<std::size_t, std::size_t>> found;  // begin, end
    for (std::size_t begin = 0; begin + kLeastBytes <= text.size(); ++begin) {
        find_at(text, begin, found);
    }
    if (found.empty()) return std::string(text);
    std::ranges::sort(found);
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < found.size();) {
        const std::size_t begin = found[i].first;
        std::size_t end = found[i].second;
        for (++i; i < found.size() && found[i].first < end; ++i) {
            end = std::max(end, found[i].second);
        }
        out.append(text.substr(at, begin - at));
        out += model::mask_secret(text.substr(begin, end - begin));
        at = end;
    }
    out.append(text.substr(at));
    return out;
}

void SecretMask::apply(std::string& text) const { text = masked(text); }

void SecretMask::apply(model::Location& location) const {
    const auto file = [this](model::FileLocation& at) {
        apply(at.path);
        for (std::string& member : at.members) apply(member);
    };
    if (auto* at = std::get_if<model::FileLocation>(&location)) file(*at);
    if (auto* at = std::get_if<model::LayerLocation>(&location)) file(at->file);
    if (auto* at = std::get_if<model::ObjectLocation>(&location)) {
        apply(at->object);
        apply(at->pointer);
    }
    if (auto* at = std::get_if<model::UrlLocation>(&location)) apply(at->url);
}

// What stands before the mark moves it.
void SecretMask::apply(model::Excerpt& excerpt) const {
    for (std::size_t i = 0; i < excerpt.lines.size(); ++i) {
        std::string& line = excerpt.lines[i];
        const bool has_mark =
            excerpt.first_line + i == excerpt.mark_line && excerpt.mark_start_column > 0;
        if (!has_mark) {
            apply(line);
            continue;
        }
        std::size_t mark = 0;
        for (std::uint32_t column = 1; column < excerpt.mark_start_column && mark < line.size();
             ++column) {
            mark += text::decode_utf8(std::string_view(line).substr(mark)).width;
        }
        const std::string before = masked(std::string_view(line).substr(0, mark));
        const auto columns = static_cast<std::uint32_t>(text::count_code_points(before)) + 1;
        excerpt.mark_end_column = excerpt.mark_end_column - excerpt.mark_start_column + columns;
        excerpt.mark_start_column = columns;
        line = before + masked(std::string_view(line).substr(mark));
    }
}

void SecretMask::apply_to_texts(model::Finding& finding) const {
    apply(finding.message);
    apply(finding.match);
    apply(finding.suppression_reason);
    apply(finding.excerpt);
    for (auto& [name, value] : finding.properties) apply(value);
}

void SecretMask::apply(model::Finding& finding) const {
    apply_to_texts(finding);
    apply(finding.location);
    for (model::Location& location : finding.also_at) apply(location);
    if (!finding.history) return;
    for (model::HistoryPlace& place : finding.history->places) {
        apply(place.location);
        apply(place.author);
        apply(place.email);
    }
    for (std::string& reference : finding.history->references) apply(reference);
}

void SecretMask::apply(model::Report& report) const {
    if (tags_.empty()) return;
    apply(report.analysis.ref);
    for (std::string& word : report.analysis.scope) apply(word);
    for (model::Finding& finding : report.findings) apply(finding);
    for (model::Gap& gap : report.coverage.gaps) {
        apply(gap.path);
        apply(gap.detail);
    }
    for (model::AcceptedGap& accepted : report.coverage.accepted) {
        apply(accepted.gap.path);
        apply(accepted.gap.detail);
    }
    for (std::string& notice : report.notices) apply(notice);
}

}  // namespace merlon::scan
