#include "secrets/manifest.h"

#include <algorithm>
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
        ManifestValue found{field, span->begin, span->end, std::string(value.as_string())};
        const char first = text_[found.begin];
        if (first == '"' || first == '\'') {
            ++found.begin;
            --found.end;
        }
        if (found.end <= found.begin || first == '|' || first == '>' || first == '&' ||
            first == '*' || first == '!') {
            return;
        }
        if (field == Field::kData) {
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

    const value::SpanTable& spans_;
    std::string_view text_;
    std::uint64_t shift_;
    std::vector<ManifestValue>& values_;
};

void read_document(std::string_view document, std::uint64_t shift,
                   std::vector<ManifestValue>& values) {
    if (document.size() > kMaxManifestBytes) return;
    Arena arena;
    Interner interner;
    const std::size_t first = document.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && (document[first] == '{' || document[first] == '[')) {
        text::JsonOptions options;
        options.spans = text::KeepSpans::kYes;
        const auto json = text::read_json(document, arena, interner, options);
        if (json.ok()) {
            Finder(json.value().spans, document, shift, values).look_at(*json.value().root);
            return;
        }
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

}  // namespace

std::vector<ManifestValue> kubernetes_secret_values(std::string_view text) {
    std::vector<ManifestValue> values;
    if (!has_secret(text)) return values;
    // Document by document, so that one that is no YAML hides no other.
    constexpr std::string_view kMark = "\n---";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t mark = text.find(kMark, begin);
        const std::size_t end = mark == std::string_view::npos ? text.size() : mark + 1;
        const std::string_view document = text.substr(begin, end - begin);
        if (has_secret(document)) read_document(document, begin, values);
        begin = end;
    }
    std::sort(values.begin(), values.end(),
              [](const ManifestValue& a, const ManifestValue& b) { return a.begin < b.begin; });
    return values;
}

}  // namespace merlon::secrets
