#include "exchange/secret_masker.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "exchange/foreign_text.h"
#include "model/fingerprint.h"
#include "text/base64.h"

namespace merlon::exchange {
namespace {

constexpr std::size_t kHashDigits = 16;
constexpr std::string_view kBlanks = " \t";
// A line of a key is as secret as the key; shorter ones and those that only frame it are not.
constexpr std::size_t kLeastLineBytes = 20;
constexpr std::string_view kFrame = "-----";
// In Base64 shorter ones stand in much that is none.
constexpr std::size_t kLeastEncodedBytes = 8;
// Longer ones are requests and answers, and no keys: eight times their size is not to be kept.
constexpr std::size_t kMostEncodedBytes = std::size_t{16} << 10;

std::uint32_t beginning_of(std::string_view text) {
    std::uint32_t first = 0;
    std::memcpy(&first, text.data(), sizeof first);
    return first;
}

std::size_t two_bytes_of(std::string_view text) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[0])) << 8 |
           static_cast<unsigned char>(text[1]);
}

// As addresses have it (RFC 3986, section 2.1).
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string made;
    for (const char c : text) {
        const bool is_plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              c == '-' || c == '.' || c == '_' || c == '~';
        if (is_plain) {
            made += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        made += '%';
        made += kHex[byte >> 4];
        made += kHex[byte & 15];
    }
    return made;
}

// What stands in Base64 (RFC 4648) for the text, wherever it begins in what was encoded: of the
// signs at its ends those that hang on its neighbours, too, are left out.
std::vector<std::string> base64_encoded(std::string_view text) {
    std::vector<std::string> all;
    for (const auto alphabet : {text::Base64Alphabet::kStandard, text::Base64Alphabet::kUrl}) {
        for (std::size_t in_front = 0; in_front < 3; ++in_front) {
            const std::string encoded =
                text::encode_base64(std::string(in_front, '\0') + std::string(text), alphabet);
            const std::size_t begin = (in_front * 8 + 5) / 6;
            const std::size_t end = (in_front + text.size()) * 8 / 6;
            all.push_back(encoded.substr(begin, end - begin));
        }
    }
    return all;
}

// As pages have it, where commits are shown.
std::string html_encoded(std::string_view text) {
    std::string made;
    for (const char c : text) {
        switch (c) {
            case '&':
                made += "&amp;";
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '"':
                made += "&quot;";
                break;
            default:
                made += c;
        }
    }
    return made;
}

}  // namespace

std::optional<std::size_t> SecretMasker::add_whole(std::string_view secret,
                                                   std::string_view hashed) {
    if (secret.empty()) return std::nullopt;
    const std::size_t mask = masks_.size();
    if (!whole_.try_emplace(std::string(secret), mask).second) return std::nullopt;
    masks_.push_back("masked " + model::secret_id(secret_key_, hashed).substr(0, kHashDigits));
    return mask;
}

void SecretMasker::add_quoted(std::string_view secret) {
    for (const char quote : {'"', '\'', '`'}) {
        const std::string quoted = quote + std::string(secret) + quote;
        const std::optional<std::size_t> mask = add_whole(quoted, quoted);
        if (!mask) continue;
        add_part(quoted, *mask);
        add_part(html_encoded(quoted), *mask);
        // Within a string of source code.
        add_part('\\' + quoted.substr(0, quoted.size() - 1) + '\\' + quote, *mask);
    }
}

void SecretMasker::add(std::string_view secret) { add(secret, secret); }

void SecretMasker::add_source(std::string_view source) {
    std::string hashed;
    for (const std::string& line : lines_of(source)) {
        const std::size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
        const std::size_t end = line.find_last_not_of(kBlanks) + 1;  // 0 where there is none
        if (!hashed.empty()) hashed += '\n';
        if (begin < end) hashed.append(line, begin, end - begin);
    }
    add(source, hashed);
}

void SecretMasker::add(std::string_view secret, std::string_view hashed) {
    const std::optional<std::size_t> added = add_whole(secret, hashed);
    if (!added) return;
    const std::size_t mask = *added;
    add_part(std::string(secret), mask);
    if (secret.size() <= kMostEncodedBytes) add_part(percent_encoded(secret), mask);
    if (secret.size() >= kLeastEncodedBytes && secret.size() <= kMostEncodedBytes)
        for (std::string& encoded : base64_encoded(secret)) add_part(std::move(encoded), mask);
    if (secret.size() <= kMostEncodedBytes) add_part(html_encoded(secret), mask);
    if (!secret.contains('\n')) return;
    for (std::string& line : lines_of(secret))
        if (line.size() >= kLeastLineBytes && !line.starts_with(kFrame))
            add_part(std::move(line), mask);
}

void SecretMasker::add_part(std::string text, std::size_t mask) {
    if (text.size() < kLeastBytes) return;
    may_begin_[two_bytes_of(text)] = true;
    Parts& alike = parts_[beginning_of(text)];
    alike.try_emplace(std::move(text), mask);
}

// All between a part that the text begins with and the text begin with that part as well: either
// the last one in front of the text is the longest, or the longest is one of what both begin with.
const SecretMasker::Parts::value_type* SecretMasker::longest_at(std::string_view text) const {
    if (text.size() < kLeastBytes || !may_begin_[two_bytes_of(text)]) return nullptr;
    const auto found = parts_.find(beginning_of(text));
    if (found == parts_.end()) return nullptr;
    const Parts& alike = found->second;
    while (text.size() >= kLeastBytes) {
        auto last = alike.upper_bound(text);
        if (last == alike.begin()) return nullptr;
        --last;
        const std::string_view part = last->first;
        if (text.starts_with(part)) return &*last;
        const auto differ = std::ranges::mismatch(text, part);
        text = text.substr(0, static_cast<std::size_t>(differ.in1 - text.begin()));
    }
    return nullptr;
}

bool SecretMasker::mask(std::string& text) const {
    if (const auto found = whole_.find(text); found != whole_.end()) {
        text = masks_[found->second];
        return true;
    }
    std::string masked;
    std::size_t copied = 0;  // up to here
    bool is_changed = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto* const part = longest_at(std::string_view(text).substr(at));
        if (part == nullptr) continue;
        masked.append(text, copied, at - copied).append(masks_[part->second]);
        // Another one may begin inside of it and end behind it.
        std::size_t end = at + part->first.size();
        for (std::size_t inside = at + 1; inside < end; ++inside) {
            const auto* const other = longest_at(std::string_view(text).substr(inside));
            if (other != nullptr) end = std::max(end, inside + other->first.size());
        }
        copied = end;
        at = end - 1;
        is_changed = true;
    }
    if (is_changed) text = masked.append(text, copied);
    return is_changed;
}

void SecretMasker::mask(std::vector<std::string>& texts) const {
    for (std::string& text : texts) mask(text);
}

void SecretMasker::mask(model::Location& location) const {
    if (auto* const file = std::get_if<model::FileLocation>(&location)) {
        mask(file->path);
        mask(file->members);
    } else if (auto* const object = std::get_if<model::ObjectLocation>(&location)) {
        mask(object->object);
    } else if (auto* const address = std::get_if<model::UrlLocation>(&location)) {
        mask(address->url);
    }
}

void SecretMasker::mask(ReadReport& report, const CancelToken* cancel) const {
    if (is_empty()) return;
    for (model::Rule& rule : report.report.rules)
        for (std::string* text : {&rule.name, &rule.description, &rule.fix}) mask(*text);
    for (model::Finding& finding : report.report.findings) {
        if (cancel != nullptr && cancel->cancelled()) return;
        for (std::string* text :
             {&finding.message, &finding.match, &finding.secret, &finding.suppression_reason})
            mask(*text);
        mask(finding.excerpt.lines);
        mask(finding.tags);
        mask(finding.location);
        for (model::Location& place : finding.also_at) mask(place);
        for (auto& [name, text] : finding.properties) mask(text);
        for (model::Fingerprint& print : finding.fingerprints) mask(print.value);
    }
    for (model::Gap& gap : report.report.coverage.gaps) {
        mask(gap.path);
        mask(gap.detail);
    }
    mask(report.report.notices);
}

}  // namespace merlon::exchange
