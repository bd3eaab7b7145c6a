#include "exchange/masked_document.h"

#include <algorithm>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "model/fingerprint.h"
#include "text/json.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::size_t kHashDigits = 16;

struct Place {
    value::Span span;
    std::string text;
};

// Depth is bounded by the reader's limit.
void collect(const Value& at, const value::SpanTable& spans,
             std::span<const std::string_view> members, std::vector<Place>& found) {
    if (at.is_array()) {
        for (const Value& item : at.items()) collect(item, spans, members, found);
        return;
    }
    if (!at.is_object()) return;
    for (std::size_t i = 0; i < at.size(); ++i) {
        const Value& part = at.values()[i];
        const Value& key = at.keys()[i];
        const bool is_secret = part.is_string() && part.size() > 0 && key.is_string() &&
                               std::ranges::find(members, key.as_string()) != members.end();
        if (!is_secret) {
            collect(part, spans, members, found);
        } else if (const auto span = spans.value_span(&part)) {
            found.push_back({*span, std::string(part.as_string())});
        }
    }
}

}  // namespace

Result<std::string> masked_document(std::string_view bytes,
                                    std::span<const std::string_view> members,
                                    std::string_view secret_key) {
    Arena arena;
    Interner interner;
    // A name that stands twice in an object would hide the first one's text.
    const value::ValueDocument document = MERLON_TRY(text::read_json(
        bytes, arena, interner,
        {.duplicate_keys = text::DuplicateKeys::kRefuse, .spans = text::KeepSpans::kYes}));
    std::vector<Place> found;
    collect(*document.root, document.spans, members, found);
    std::ranges::sort(found, {}, [](const Place& place) { return place.span.begin; });
    std::string masked;
    std::size_t at = 0;
    for (const Place& place : found) {
        masked += bytes.substr(at, place.span.begin - at);
        masked +=
            "\"masked " + model::secret_id(secret_key, place.text).substr(0, kHashDigits) + "\"";
        at = place.span.end;
    }
    masked += bytes.substr(at);
    return masked;
}

}  // namespace merlon::exchange
