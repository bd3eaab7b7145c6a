#include "scan/finding_places.h"

#include <algorithm>
#include <utility>

#include "text/encoding.h"
#include "text/notebook.h"

namespace merlon::scan {
namespace {

constexpr std::uint64_t kMaxMarkBytes = 4;                      // of a byte order mark
constexpr std::size_t kMaxPointerBytes = std::size_t{8} << 20;  // of a file that is read as a tree
// In a file with more findings than these, places have no names: each name is held against each
// secret.
constexpr std::size_t kMaxNamedFindings = 1000;

// Of a source's encoding, where the document's bytes are not its own; else 0.
std::size_t unit_bytes_of(model::TextEncoding encoding) {
    switch (encoding) {
        case model::TextEncoding::kLatin1:
            return 1;
        case model::TextEncoding::kUtf16Le:
        case model::TextEncoding::kUtf16Be:
            return 2;
        case model::TextEncoding::kUtf32Le:
        case model::TextEncoding::kUtf32Be:
            return 4;
        default:
            return 0;
    }
}

}  // namespace

FindingPlaces::FindingPlaces(const model::Document& document, std::string_view path,
                             std::span<const secrets::SecretFinding> found)
    : document_(document),
      path_(path),
      found_(found),
      source_(document.source),
      begins_with_mark_(document.source.empty()
                            ? document.encoding == model::TextEncoding::kUtf8Bom &&
                                  document.first_offset == 0
                            : document.source.starts_with("\xEF\xBB\xBF")) {}

model::TextRegion FindingPlaces::region(const secrets::Fact& fact,
                                        const text::LineIndex& lines) const {
    const std::uint64_t end = std::max(fact.secret_end, fact.secret_begin + 1);
    const std::uint64_t last = std::min<std::uint64_t>(end - 1, document_.bytes.size());
    if (!document_.source.empty()) {
        const auto from = source_offset(fact.secret_begin, lines);
        const auto to = source_offset(last, lines);
        if (from && to) return region_between(source_, *from, *to, *to + 1);
    }
    model::TextRegion region = region_between(lines, fact.secret_begin, last, fact.secret_end);
    const auto column_shift = static_cast<std::uint32_t>(document_.first_column - 1);
    if (region.start_line == 1) region.start_column += column_shift;
    if (region.end_line == 1) region.end_column += column_shift;
    region.start_line += static_cast<std::uint32_t>(document_.first_line - 1);
    region.end_line += static_cast<std::uint32_t>(document_.first_line - 1);
    region.start_offset = document_.first_offset + in_source(fact.secret_begin);
    region.end_offset = document_.first_offset + in_source(fact.secret_end);
    return region;
}

std::string FindingPlaces::name(const secrets::Fact& fact, const text::LineIndex& lines) const {
    if (found_.size() > kMaxNamedFindings) return {};
    std::string place = plain_name(fact, lines);
    return tells_secret(place) ? std::string() : place;
}

std::string FindingPlaces::plain_name(const secrets::Fact& fact,
                                      const text::LineIndex& lines) const {
    if (const text::LineOrigin* line = line_at(fact.secret_begin, lines)) return line->name;
    const bool whole =
        document_.first_offset <= kMaxMarkBytes && document_.bytes.size() <= kMaxPointerBytes;
    if (!whole || !text::PointerIndex::fits(path_)) return {};
    if (!pointers_) pointers_ = text::PointerIndex::read(document_.bytes, path_);
    return pointers_->at(fact.secret_begin).value_or("");
}

bool FindingPlaces::tells_secret(std::string_view place) const {
    // RFC 6901, section 4: ~1 is a slash and ~0 a tilde.
    std::string plain(place);
    for (const auto& [escape, meant] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
        for (std::size_t at = 0; (at = plain.find(escape, at)) != std::string::npos; ++at) {
            plain.replace(at, 2, meant);
        }
    }
    return std::any_of(found_.begin(), found_.end(), [&](const secrets::SecretFinding& other) {
        return !other.secret.empty() && plain.find(other.secret) != std::string::npos;
    });
}

model::TextRegion FindingPlaces::region_between(const text::LineIndex& lines, std::uint64_t begin,
                                                std::uint64_t last, std::uint64_t end) const {
    const auto position = [&](std::uint64_t offset) {
        text::Position at = lines.position(offset);
        if (begins_with_mark_ && at.line == 1 && at.column > 1) --at.column;
        return at;
    };
    const text::Position first = position(begin);
    const text::Position final = position(last);
    return {first.line, first.column, final.line, final.column, begin, end};
}

// What of the file the text up to `offset` was made from. Findings come by rule, then place: it
// is counted on from the one before.
std::uint64_t FindingPlaces::in_source(std::uint64_t offset) const {
    const std::size_t unit_bytes = unit_bytes_of(document_.encoding);
    if (unit_bytes == 0) return offset;
    if (offset < counted_) counted_ = counted_in_source_ = 0;
    counted_in_source_ +=
        text::encoded_bytes(document_.bytes.substr(counted_, offset - counted_), unit_bytes);
    counted_ = offset;
    return counted_in_source_;
}

const text::LineOrigin* FindingPlaces::line_at(std::uint64_t offset,
                                               const text::LineIndex& lines) const {
    const std::uint32_t line = lines.line_of(offset);
    const bool known = line <= document_.line_origins.size();
    return known ? &document_.line_origins[line - 1] : nullptr;
}

std::optional<std::uint64_t> FindingPlaces::source_offset(std::uint64_t offset,
                                                          const text::LineIndex& lines) const {
    const text::LineOrigin* line = line_at(offset, lines);
    if (line == nullptr || line->source_offset == text::kNoSourceOffset) return std::nullopt;
    const std::uint64_t into = offset - lines.line_begin(lines.line_of(offset));
    if (!line->is_escaped) return line->source_offset + into;
    return text::json_source_offset(document_.source, line->source_offset, into);
}

}  // namespace merlon::scan
