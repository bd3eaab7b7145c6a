#include "secrets/manifest.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/arena.h"
#include "base/interner.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/yaml.h"
#include "value/value.h"

namespace merlon::secrets {
namespace {

using value::Value;
using Field = ManifestValue::Field;

constexpr std::size_t kLeastBytes = 8;
constexpr std::string_view kKind = "Secret";

// Whether the `Secret` at `at` is the value of a key `kind`.
bool is_kind(std::string_view text, std::size_t at) {
    std::string_view before = text.substr(0, at);
    const auto strip = [&before](std::string_view what) {
        before = before.substr(0, before.find_last_not_of(what) + 1);
    };
    strip(" \t\"'");
    if (!before.ends_with(':')) return false;
    strip(" \t\"':");
    return before.ends_with("kind");
}

bool has_secret(std::string_view text) {
    for (std::size_t at = text.find(kKind); at != std::string_view::npos;
         at = text.find(kKind, at + kKind.size())) {
        if (is_kind(text, at)) return true;
    }
    return false;
}

bool is_public(std::string_view plain) {
    return plain.starts_with("-----BEGIN CERTIFICATE") || plain.starts_with("-----BEGIN PUBLIC") ||
           plain.starts_with("ssh-");
}

class Finder {
  public:
    Finder(const value::SpanTable& spans, std::string_view text, std::uint64_t shift,
           std::vector<ManifestValue>& values)
        : spans_(spans), text_(text), shift_(shift), values_(values) {}

    void look_at(const Value& value) {
        if (value.is_array()) {
            for (const Value& item : value.items()) look_at(item);
        }
        if (!value.is_object()) return;
        const Value* kind = find(value, "kind");
        if (kind != nullptr && kind->is_string() && kind->as_string() == kKind) {
            take(find(value, "data"), Field::kData);
            take(find(value, "stringData"), Field::kStringData);
        } else if (const Value* items = find(value, "items")) {
            if (items->is_array()) look_at(*items);
        }
    }

  private:
    static const Value* find(const Value& object, std::string_view key) {
        const auto keys = object.keys();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (keys[i].is_string() && keys[i].as_string() == key) return &object.values()[i];
        }
        return nullptr;
    }

    void take(const Value* entries, Field field) {
        if (entries == nullptr || !entries->is_object()) return;
        for (const Value& value : entries->values()) {
            if (value.is_string()) take_value(value, field);
        }
    }

    void take_value(const Value& value, Field field) {
        const std::optional<value::Span> span = spans_.value_span(&value);
        if (!span || span->end <= span->begin || span->end > text_.size()) return;
        const std::optional<value::Span> content = content_of(*span);
        if (!content) return;
        ManifestValue found{field, content->begin, content->end, std::string(value.as_string())};
        while (found.plain.ends_with('\n')) found.plain.pop_back();
        if (field == Field::kData) {
            // In a block it may stand in lines, which Go's decoder passes over.
            std::erase_if(found.plain, [](char c) { return c == '\n' || c == '\r'; });
            Result<std::string> plain =
                text::decode_base64(found.plain, text::Base64Alphabet::kStandard);
            if (!plain.ok()) return;
            found.plain = std::move(plain).value();
        }
        // What has lines is a file of its own, into which the decoding passes look.
        if (found.plain.size() < kLeastBytes || is_public(found.plain) ||
            found.plain.find('\n') != std::string::npos) {
            return;
        }
        found.begin += shift_;
        found.end += shift_;
        values_.push_back(std::move(found));
    }

    // Of a scalar, what is its text: without tag, anchor, quotes or the header of a block.
    std::optional<value::Span> content_of(value::Span span) const {
        const auto skip_to = [&](std::string_view mark) {
            span.begin = std::min<std::uint64_t>(text_.find_first_of(mark, span.begin), span.end);
        };
        const auto skip_blanks = [&] {
            span.begin =
                std::min<std::uint64_t>(text_.find_first_not_of(" \t\r\n", span.begin), span.end);
        };
        while (span.begin < span.end && (text_[span.begin] == '!' || text_[span.begin] == '&')) {
            skip_to(" \t\r\n");
            skip_blanks();
        }
        if (span.begin >= span.end || text_[span.begin] == '*') return std::nullopt;
        const char first = text_[span.begin];
        if (first == '|' || first == '>') {
            skip_to("\n");
            skip_blanks();
            while (span.end > span.begin &&
                   (text_[span.end - 1] == '\n' || text_[span.end - 1] == ' ' ||
                    text_[span.end - 1] == '\r')) {
                --span.end;
            }
        } else if ((first == '"' || first == '\'') && span.end - span.begin >= 2) {
            ++span.begin;
            --span.end;
        }
        if (span.end <= span.begin) return std::nullopt;
        return span;
    }

    const value::SpanTable& spans_;
    std::string_view text_;
    std::uint64_t shift_;
    std::vector<ManifestValue>& values_;
};

void read_document(std::string_view document, std::uint64_t shift, const CancelToken* cancel,
                   std::vector<ManifestValue>& values) {
    const auto is_stopped = [cancel] { return cancel != nullptr && cancel->cancelled(); };
    if (is_stopped() || document.size() > kMaxManifestBytes) return;
    Arena arena;
    Interner interner;
    const std::size_t first = document.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && (document[first] == '{' || document[first] == '[')) {
        text::JsonOptions options;
        options.spans = text::KeepSpans::kYes;
        options.cancel = cancel;
        const auto json = text::read_json(document, arena, interner, options);
        if (json.ok()) {
            Finder(json.value().spans, document, shift, values).look_at(*json.value().root);
            return;
        }
        if (is_stopped()) return;
    }
    text::YamlOptions options;
    options.spans = text::KeepSpans::kYes;
    options.duplicate_keys = text::DuplicateKeys::kLastWins;
    const auto yaml = text::read_yaml(document, arena, interner, options);
    if (!yaml.ok()) return;
    for (const value::ValueDocument& part : yaml.value()) {
        Finder(part.spans, document, shift, values).look_at(*part.root);
    }
}

// The begin of each item of a list in block style, after the first: those at its own indentation.
std::string item_mark(std::string_view document) {
    const std::size_t dash = document.find("\n- ");
    const std::size_t indented = document.find("\n  - ");
    if (indented < dash) return "\n  - ";
    return dash == std::string_view::npos ? std::string() : "\n- ";
}

// Behind the last item keys of the list itself may follow.
std::string_view without_outer_keys(std::string_view item) {
    for (std::size_t at = item.find('\n'); at != std::string_view::npos;
         at = item.find('\n', at + 1)) {
        if (at + 1 < item.size() && std::isalpha(static_cast<unsigned char>(item[at + 1])) != 0) {
            return item.substr(0, at + 1);
        }
    }
    return item;
}

// What `kubectl get secrets --all-namespaces --output yaml` writes is one document of any size: a
// large one is read item by item.
void read_parts(std::string_view document, std::uint64_t shift, const CancelToken* cancel,
                std::vector<ManifestValue>& values) {
    const std::string mark =
        document.size() > kMaxManifestBytes ? item_mark(document) : std::string();
    if (mark.empty()) return read_document(document, shift, cancel, values);
    for (std::size_t begin = 0; begin < document.size();) {
        const std::size_t next = document.find(mark, begin);
        const std::size_t end = next == std::string_view::npos ? document.size() : next + 1;
        const std::string_view item = without_outer_keys(document.substr(begin, end - begin));
        if (has_secret(item)) read_document(item, shift + begin, cancel, values);
        begin = end;
    }
}

}  // namespace

std::vector<ManifestValue> kubernetes_secret_values(std::string_view text,
                                                    const CancelToken* cancel) {
    std::vector<ManifestValue> values;
    if (!has_secret(text)) return values;
    // Document by document, so that one that is no YAML hides no other.
    constexpr std::string_view kMark = "\n---";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t mark = text.find(kMark, begin);
        const std::size_t end = mark == std::string_view::npos ? text.size() : mark + 1;
        const std::string_view document = text.substr(begin, end - begin);
        if (has_secret(document)) read_parts(document, begin, cancel, values);
        begin = end;
    }
    std::sort(values.begin(), values.end(),
              [](const ManifestValue& a, const ManifestValue& b) { return a.begin < b.begin; });
    return values;
}

}  // namespace merlon::secrets
