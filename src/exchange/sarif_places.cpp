#include "exchange/sarif_places.h"

#include <algorithm>
#include <utility>

#include "base/uri.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr int kMaxBaseDepth = 8;  // of bases that stand on bases

bool is_absolute(std::string_view uri) { return parse_uri(uri).scheme.has_value(); }

// Section 3.30: what is left out of a region has defaults. Columns here are of the last character.
model::TextRegion region_of(const Value& region, FieldReader& fields, OddValues& odd) {
    model::TextRegion made;
    for (const char* name : {"startLine", "endLine", "startColumn", "endColumn"}) {
        const auto number = integer_in(region, name, fields);
        if (number && *number < 1)
            odd.note(std::string(name) + " " + std::to_string(*number), "one that is not told");
    }
    made.start_line = line_number(integer_in(region, "startLine", fields));
    if (made.start_line == 0) return made;
    made.start_column = std::max(line_number(integer_in(region, "startColumn", fields)), 1U);
    made.end_line = std::max(line_number(integer_in(region, "endLine", fields)), made.start_line);
    const std::uint32_t behind = line_number(integer_in(region, "endColumn", fields));
    made.end_column = behind > 1 ? behind - 1 : 0;
    return made;
}

std::string number_text(const Value& owner, std::string_view name, FieldReader& fields) {
    const auto number = integer_in(owner, name, fields);
    return number ? std::to_string(*number) : std::string();
}

// Sections 3.30.10 and 3.30.12: where a region is by characters or bytes, as in a file of one line.
std::string offset_of(const Value& region, FieldReader& fields) {
    for (const std::string_view unit : {"char", "byte"}) {
        const std::string at = number_text(region, std::string(unit) + "Offset", fields);
        // Below zero: it is not told.
        if (at.empty() || at.starts_with('-')) continue;
        const std::string length = number_text(region, std::string(unit) + "Length", fields);
        return std::string(unit) + " " + at + (length.empty() ? "" : "+" + length);
    }
    return {};
}

// Section 3.32: a place in memory or in a binary.
std::string address_of(const Value& physical, FieldReader& fields) {
    const Value* const address = fields.object(physical, "address");
    if (address == nullptr) return {};
    if (std::string name = fields.text(*address, "fullyQualifiedName"); !name.empty()) return name;
    for (const std::string_view name : {"absoluteAddress", "relativeAddress", "offsetFromParent"}) {
        const std::string at = number_text(*address, name, fields);
        if (!at.empty() && !at.starts_with('-')) return "address " + at;
    }
    return fields.text(*address, "name");
}

// A region's text, with its first line's number.
void take_snippet(const Value& region, FieldReader& fields, model::Excerpt& excerpt) {
    const Value* const snippet = fields.object(region, "snippet");
    if (snippet == nullptr) return;
    std::vector<std::string> lines = lines_of(fields.text(*snippet, "text"));
    if (lines.empty()) return;
    excerpt.first_line = line_number(integer_in(region, "startLine", fields));
    excerpt.lines = std::move(lines);
}

}  // namespace

SarifPlaces::SarifPlaces(const Value& run, FieldReader& fields) {
    read_bases(run, fields);
    read_logical(run, fields);
    for (const Value& artifact : fields.items(run, "artifacts")) {
        const Value* const location =
            fields.is_object(artifact) ? fields.object(artifact, "location") : nullptr;
        artifact_paths_.push_back(location == nullptr ? std::string() : path_of(*location, fields));
    }
}

// Section 3.14.17.
void SarifPlaces::read_logical(const Value& run, FieldReader& fields) {
    for (const Value& one : fields.items(run, "logicalLocations"))
        logical_.push_back(fields.is_object(one) ? &one : nullptr);
}

const Value* SarifPlaces::logical_of(const Value& location, FieldReader& fields) const {
    const bool is_told =
        location.find("fullyQualifiedName") != nullptr || location.find("name") != nullptr;
    const auto index = is_told ? std::nullopt : integer_in(location, "index", fields);
    const bool is_listed =
        index && *index >= 0 && static_cast<std::size_t>(*index) < logical_.size();
    const Value* const listed = is_listed ? logical_[static_cast<std::size_t>(*index)] : nullptr;
    return listed == nullptr ? &location : listed;
}

// Section 3.14.14: a base is an address, or a part below another base; the root may stay unsaid.
void SarifPlaces::read_bases(const Value& run, FieldReader& fields) {
    const Value* const table = fields.object(run, "originalUriBaseIds");
    if (table == nullptr) return;
    for (const Value& key : table->keys()) {
        Base base{std::string(key.as_string()), {}, {}};
        std::string name = base.name;
        for (int depth = 0; depth < kMaxBaseDepth && !name.empty(); ++depth) {
            const Value* const entry = table->find(name);
            if (entry == nullptr || !entry->is_object()) break;
            const std::string uri = fields.text(*entry, "uri");
            if (is_absolute(uri)) {
                base.absolute = uri;
                break;
            }
            base.relative = uri + base.relative;
            name = fields.text(*entry, "uriBaseId");
        }
        bases_.push_back(std::move(base));
    }
}

const SarifPlaces::Base* SarifPlaces::find_base(std::string_view name) const {
    const auto found = std::ranges::find(bases_, name, &Base::name);
    return found == bases_.end() ? nullptr : &*found;
}

// An address of the machine that ran the tool: what of it lies below a root that the run names.
std::string SarifPlaces::below_a_base(std::string_view address) const {
    std::size_t longest = 0;
    for (const Base& base : bases_) {
        if (!base.absolute.empty() && address.starts_with(base.absolute))
            longest = std::max(longest, base.absolute.size());
    }
    if (longest > 0) return tidy_path(percent_decode(address.substr(longest)));
    const UriParts parts = parse_uri(address);
    if (parts.scheme != "file") return std::string(address);
    return tidy_path(percent_decode(parts.path));
}

std::string SarifPlaces::path_of(const Value& artifact_location, FieldReader& fields) const {
    const std::string uri = fields.text(artifact_location, "uri");
    if (uri.empty()) {
        const auto index = integer_in(artifact_location, "index", fields);
        const bool is_listed =
            index && *index >= 0 && static_cast<std::size_t>(*index) < artifact_paths_.size();
        return is_listed ? artifact_paths_[static_cast<std::size_t>(*index)] : std::string();
    }
    if (uri.contains(':') && is_absolute(uri)) return below_a_base(uri);
    const Base* const base = find_base(fields.text(artifact_location, "uriBaseId"));
    return tidy_path(percent_decode(base == nullptr ? uri : base->relative + uri));
}

SarifPlaces::Place SarifPlaces::place_of(const Value& location, FieldReader& fields,
                                         OddValues& odd) const {
    Place place;
    for (const Value& item : fields.items(location, "logicalLocations")) {
        if (!fields.is_object(item) || !place.object.empty()) continue;
        const Value& logical = *logical_of(item, fields);
        place.object = fields.text(logical, "fullyQualifiedName");
        if (place.symbol.empty()) place.symbol = fields.text(logical, "name");
    }
    const Value* const physical = fields.object(location, "physicalLocation");
    const Value* const artifact =
        physical == nullptr ? nullptr : fields.object(*physical, "artifactLocation");
    const std::string path = artifact == nullptr ? std::string() : path_of(*artifact, fields);
    const std::string address = physical == nullptr ? "" : address_of(*physical, fields);
    if (path.empty()) {
        if (place.object.empty()) place.object = std::exchange(place.symbol, {});
        place.is_known = !place.object.empty() || !address.empty();
        if (place.is_known)
            place.location =
                model::ObjectLocation{place.object.empty() ? address : place.object, {}};
        if (!place.object.empty()) place.offset = address;
        return place;
    }
    place.offset = address;
    place.is_known = true;
    model::FileLocation file{.path = path};
    if (const Value* region = fields.object(*physical, "region")) {
        file.region = region_of(*region, fields, odd);
        take_snippet(*region, fields, place.excerpt);
        if (file.region.start_line == 0 && place.offset.empty())
            place.offset = offset_of(*region, fields);
    }
    // Section 3.29.5: the region with some lines around it, which say more.
    if (const Value* context = fields.object(*physical, "contextRegion"))
        take_snippet(*context, fields, place.excerpt);
    place.excerpt.mark_line = file.region.start_line;
    place.excerpt.mark_start_column = file.region.start_column;
    place.excerpt.mark_end_column = file.region.end_column;
    place.location = std::move(file);
    return place;
}

}  // namespace merlon::exchange
