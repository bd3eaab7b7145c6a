#include "exchange/masked_document.h"

#include <algorithm>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "exchange/field_reader.h"
#include "exchange/json_lines.h"
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
    Collector(const value::SpanTable& spans, const SecretMasker& masker, const CancelToken* cancel)
        : spans_(spans), masker_(masker), cancel_(cancel) {}

    bool is_interrupted() const { return cancel_ != nullptr && cancel_->cancelled(); }

    // Depth is bounded by the reader's limit.
    void collect(const Value& at) {
        if (is_interrupted()) return;
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
    const CancelToken* cancel_;
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

namespace {

// A name that stands twice in an object would hide the first one's text.
Result<value::ValueDocument> read_with_places(std::string_view bytes, Arena& arena,
                                              Interner& interner, const CancelToken* cancel) {
    return text::read_json(bytes, arena, interner,
                           {.duplicate_keys = text::DuplicateKeys::kRefuse,
                            .spans = text::KeepSpans::kYes,
                            .cancel = cancel});
}

Result<std::string> masked_value(std::string_view bytes, const FindSecrets& find,
                                 SecretMasker& masker, const CancelToken* cancel) {
    Arena arena;
    Interner interner;
    const value::ValueDocument document =
        MERLON_TRY(read_with_places(bytes, arena, interner, cancel));
    if (find) find(*document.root, masker);
    Collector collector(document.spans, masker, cancel);
    collector.collect(*document.root);
    if (collector.is_interrupted()) return reading_interrupted();
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

// Whether each line that is not empty is a value of its own, and there are several.
bool is_of_lines(std::string_view bytes) {
    std::size_t lines = 0;
    const Status read = each_json_line(bytes, [&](std::string_view line) {
        const std::size_t first = line.find_first_not_of(" \t\r");
        const bool is_whole = line[first] == '{' && line.find_last_of('}') != line.npos &&
                              line.find_last_not_of(" \t\r") == line.find_last_of('}');
        ++lines;
        return is_whole ? Status() : Status(Error{"part of a value"});
    });
    return read.ok() && lines > 1;
}

}  // namespace

Result<std::string> masked_document(std::string_view bytes, const FindSecrets& find,
                                    SecretMasker& masker, const CancelToken* cancel) {
    // JSON Lines of nothing.
    if (bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF") == std::string_view::npos)
        return std::string(bytes);
    if (!is_of_lines(bytes)) return masked_value(bytes, find, masker, cancel);
    // A secret of one line may stand in those in front of it.
    const auto look = [&](std::string_view line) -> Status {
        Arena arena;
        Interner interner;
        const value::ValueDocument document =
            MERLON_TRY(read_with_places(line, arena, interner, cancel));
        find(*document.root, masker);
        return {};
    };
    MERLON_TRY(each_json_line(bytes, look));
    std::string masked;
    const char* copied = bytes.data();
    const auto write = [&](std::string_view line) -> Status {
        masked.append(copied, line.data());
        masked += MERLON_TRY(masked_value(line, {}, masker, cancel));
        copied = line.data() + line.size();
        return {};
    };
    MERLON_TRY(each_json_line(bytes, write));
    return masked.append(copied, bytes.data() + bytes.size());
}

}  // namespace merlon::exchange
