#include "exchange/masked_document.h"

#include <algorithm>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::exchange {
namespace {

using value::Value;

// Names of members are most often the format's own, so that a secret that is a word stays in them.
constexpr std::size_t kLeastInNames = 8;

struct Place {
    value::Span span;
    std::string text;  // that is to stand there
};

class Collector {
  public:
    Collector(const value::SpanTable& spans, const SecretMasker& masker)
        : spans_(spans), masker_(masker) {}

    // Depth is bounded by the reader's limit.
    void collect(const Value& at) {
        if (at.is_string()) {
            take(at, spans_.value_span(&at));
        } else if (at.is_array()) {
            for (const Value& item : at.items()) collect(item);
        } else if (at.is_object()) {
            for (std::size_t i = 0; i < at.size(); ++i) {
                const Value& key = at.keys()[i];
                if (key.is_string() && key.as_string().size() >= kLeastInNames)
                    take(key, spans_.key_span(&at.values()[i]));
                collect(at.values()[i]);
            }
        }
    }

    std::vector<Place> in_order() && {
        std::ranges::sort(found_, {}, [](const Place& place) { return place.span.begin; });
        return std::move(found_);
    }

  private:
    void take(const Value& text, const std::optional<value::Span>& span) {
        std::string masked(text.as_string());
        if (span && masker_.mask(masked)) found_.push_back({*span, std::move(masked)});
    }

    const value::SpanTable& spans_;
    const SecretMasker& masker_;
    std::vector<Place> found_;
};

}  // namespace

void add_members(const Value& at, std::span<const std::string_view> names, SecretMasker& masker) {
    if (at.is_array()) {
        for (const Value& item : at.items()) add_members(item, names, masker);
        return;
    }
    if (!at.is_object()) return;
    for (std::size_t i = 0; i < at.size(); ++i) {
        const Value& part = at.values()[i];
        const Value& key = at.keys()[i];
        const bool is_secret = part.is_string() && key.is_string() &&
                               std::ranges::find(names, key.as_string()) != names.end();
        if (is_secret)
            masker.add(part.as_string());
        else
            add_members(part, names, masker);
    }
}

Result<std::string> masked_document(std::string_view bytes, const FindSecrets& find,
                                    SecretMasker& masker) {
    Arena arena;
    Interner interner;
    // A name that stands twice in an object would hide the first one's text.
    const value::ValueDocument document = MERLON_TRY(text::read_json(
        bytes, arena, interner,
        {.duplicate_keys = text::DuplicateKeys::kRefuse, .spans = text::KeepSpans::kYes}));
    find(*document.root, masker);
    Collector collector(document.spans, masker);
    collector.collect(*document.root);
    std::string masked;
    std::size_t at = 0;
    for (const Place& place : std::move(collector).in_order()) {
        masked += bytes.substr(at, place.span.begin - at);
        text::append_json_string(masked, place.text, text::JsonEscapes::kMinimal);
        at = place.span.end;
    }
    masked += bytes.substr(at);
    return masked;
}

}  // namespace merlon::exchange
