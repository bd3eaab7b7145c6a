#include "exchange/sarif_weakness.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kTaxonomy = "CWE";
constexpr std::string_view kCwe = "cwe-";
constexpr std::size_t kMostDigits = 6;

std::string_view text_in(const Value& object, std::string_view key) {
    const Value* const found = object.is_object() ? object.find(key) : nullptr;
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

std::span<const Value> items_in(const Value& object, std::string_view key) {
    const Value* const found = object.is_object() ? object.find(key) : nullptr;
    return found != nullptr && found->is_array() ? found->items() : std::span<const Value>();
}

const Value* at_index(std::span<const Value> all, const Value& reference) {
    const Value* const index = reference.is_object() ? reference.find("index") : nullptr;
    const auto number = index != nullptr && index->is_number() ? index->as_integer() : std::nullopt;
    const bool is_one = number && *number >= 0 && static_cast<std::size_t>(*number) < all.size();
    return is_one ? &all[static_cast<std::size_t>(*number)] : nullptr;
}

const Value* with_guid(std::span<const Value> all, std::string_view guid) {
    const auto found = std::ranges::find_if(
        all, [guid](const Value& one) { return !guid.empty() && text_in(one, "guid") == guid; });
    return found == all.end() ? nullptr : &*found;
}

// Digits to the end, or to what no number goes on with.
std::string numbered(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == 0 || end > kMostDigits) return {};
    const std::string_view rest = text.substr(end);
    if (!rest.empty() && rest.front() != ':' && rest.front() != ' ' && rest.front() != '/')
        return {};
    std::string_view digits = text.substr(0, end);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits == "0" ? std::string() : "CWE-" + std::string(digits);
}

class Reader {
  public:
    explicit Reader(const Value& run) : taxonomies_(items_in(run, "taxonomies")) {}

    // A descriptor reference (section 3.52) to a taxon of the CWE; empty: it is none.
    std::string weakness_of(const Value& reference) const {
        const Value* const named =
            reference.is_object() ? reference.find("toolComponent") : nullptr;
        const Value* taxonomy = nullptr;
        std::string_view name;
        if (named != nullptr && named->is_object()) {
            name = text_in(*named, "name");
            taxonomy = at_index(taxonomies_, *named);
            if (taxonomy == nullptr) taxonomy = with_guid(taxonomies_, text_in(*named, "guid"));
            if (name.empty() && taxonomy != nullptr) name = text_in(*taxonomy, "name");
        }
        const std::string_view id = id_of(reference, taxonomy);
        const bool is_cwe = equal_without_case(name, kTaxonomy);
        return is_cwe || lower_case(id).starts_with(kCwe) ? cwe_in_tag(id) : std::string();
    }

  private:
    static std::string_view id_of(const Value& reference, const Value* taxonomy) {
        if (const std::string_view id = text_in(reference, "id"); !id.empty()) return id;
        if (taxonomy == nullptr) return {};
        const auto taxa = items_in(*taxonomy, "taxa");
        const Value* taxon = at_index(taxa, reference);
        if (taxon == nullptr) taxon = with_guid(taxa, text_in(reference, "guid"));
        return taxon == nullptr ? std::string_view() : text_in(*taxon, "id");
    }

    std::span<const Value> taxonomies_;
};

// Sections 3.53.3: that two have nothing in common, or cannot be compared, is no relation.
bool is_related(const Value& relationship) {
    const auto kinds = items_in(relationship, "kinds");
    return kinds.empty() || std::ranges::any_of(kinds, [](const Value& kind) {
               const std::string_view text = kind.is_string() ? kind.as_string() : "";
               return text != "disjoint" && text != "incomparable";
           });
}

}  // namespace

std::string cwe_in_tag(std::string_view tag) {
    constexpr std::string_view kExternal = "external/cwe/";
    const std::string lower = lower_case(tag);
    std::string_view rest = lower;
    if (rest.starts_with(kExternal)) rest.remove_prefix(kExternal.size());
    if (rest.starts_with(kCwe)) return numbered(rest.substr(kCwe.size()));
    // A number alone is one where the taxonomy says of what.
    return rest.size() == tag.size() && !rest.empty() && std::ranges::all_of(rest, is_digit)
               ? numbered(rest)
               : std::string();
}

std::vector<std::string> sarif_weaknesses(const Value& owner, const Value& run) {
    std::vector<std::string> all;
    const auto take = [&all](std::string cwe) {
        if (!cwe.empty() && std::ranges::find(all, cwe) == all.end()) all.push_back(std::move(cwe));
    };
    const Value* const properties = owner.is_object() ? owner.find("properties") : nullptr;
    if (properties != nullptr)
        for (const Value& tag : items_in(*properties, "tags"))
            if (tag.is_string() && lower_case(tag.as_string()).contains(kCwe))
                take(cwe_in_tag(tag.as_string()));
    const Reader reader(run);
    for (const Value& relationship : items_in(owner, "relationships")) {
        const Value* const target =
            relationship.is_object() ? relationship.find("target") : nullptr;
        if (target != nullptr && is_related(relationship)) take(reader.weakness_of(*target));
    }
    for (const Value& taxon : items_in(owner, "taxa")) take(reader.weakness_of(taxon));
    return all;
}

}  // namespace merlon::exchange
