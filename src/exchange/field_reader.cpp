#include "exchange/field_reader.h"

#include "base/arena.h"
#include "base/interner.h"
#include "text/position.h"
#include "text/yaml.h"

namespace merlon::exchange {
namespace {

using value::Value;

Result<value::ValueDocument> read_document(std::string_view bytes, RecordSyntax syntax,
                                           text::KeepSpans spans, const CancelToken* cancel,
                                           Arena& arena, Interner& interner) {
    if (syntax == RecordSyntax::kJson) {
        // A reader that takes the last and one that takes the first would see two documents.
        return text::read_json(bytes, arena, interner,
                               {.duplicate_keys = text::DuplicateKeys::kRefuse,
                                .spans = spans,
                                .max_depth = kMaxRecordDepth,
                                .cancel = cancel});
    }
    auto documents =
        text::read_yaml(bytes, arena, interner, {.spans = spans, .max_depth = kMaxRecordDepth});
    if (!documents.ok()) return std::move(documents).error();
    if (documents.value().size() != 1) {
        return Error{"expected one YAML document, found " +
                     std::to_string(documents.value().size())};
    }
    return std::move(documents.value().front());
}

}  // namespace

void FieldReader::fail(std::string problem, const Value* at) {
    if (problem_.has_value()) return;
    problem_ = std::move(problem);
    place_ = at;
}

const Value* FieldReader::find(const Value& object, std::string_view key) const {
    return is_interrupted() ? nullptr : object.find(key);
}

std::string FieldReader::text_of(const Value& value) {
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_number()) return value.number_text();
    if (!value.is_null()) fail("expected a text", &value);
    return {};
}

std::string FieldReader::text(const Value& object, std::string_view key) {
    const Value* const found = find(object, key);
    if (found == nullptr || found->is_null()) return {};
    if (!found->is_string() && !found->is_number()) {
        fail("expected a text as " + std::string(key), found);
        return {};
    }
    return text_of(*found);
}

std::string FieldReader::required_text(const Value& object, std::string_view key) {
    std::string found = text(object, key);
    if (found.empty()) fail("no " + std::string(key), &object);
    return found;
}

std::span<const Value> FieldReader::items(const Value& object, std::string_view key) {
    const Value* const found = find(object, key);
    if (found == nullptr || found->is_null()) return {};
    if (!found->is_array()) {
        fail("expected a list as " + std::string(key), found);
        return {};
    }
    return found->items();
}

std::vector<std::string> FieldReader::texts(const Value& object, std::string_view key) {
    std::vector<std::string> all;
    for (const Value& item : items(object, key)) all.push_back(text_of(item));
    return all;
}

const Value* FieldReader::object(const Value& parent, std::string_view key) {
    const Value* const found = find(parent, key);
    if (found == nullptr || found->is_null()) return nullptr;
    if (found->is_object()) return found;
    fail("expected an object as " + std::string(key), found);
    return nullptr;
}

bool FieldReader::is_object(const Value& value) {
    if (is_interrupted()) return false;
    if (value.is_object()) return true;
    fail("expected an object", &value);
    return false;
}

Error reading_interrupted() { return Error{"interrupted; nothing of it was taken"}; }

Status read_fields(std::string_view bytes, RecordSyntax syntax,
                   const std::function<void(const Value& root, FieldReader& fields)>& read,
                   const CancelToken* cancel) {
    {
        Arena arena;
        Interner interner;
        const auto document =
            read_document(bytes, syntax, text::KeepSpans::kNo, cancel, arena, interner);
        FieldReader fields(cancel);
        if (document.ok()) read(*document.value().root, fields);
        if (fields.is_interrupted()) return reading_interrupted();
        if (!document.ok()) return document.error();
        if (!fields.problem().has_value()) return {};
    }
    // Once more, for the place.
    Arena arena;
    Interner interner;
    const auto document =
        read_document(bytes, syntax, text::KeepSpans::kYes, cancel, arena, interner);
    FieldReader fields(cancel);
    if (document.ok()) read(*document.value().root, fields);
    if (fields.is_interrupted()) return reading_interrupted();
    if (!document.ok()) return document.error();
    Error error{fields.problem().value_or("not the expected record")};
    if (fields.place() != nullptr) {
        if (const auto span = document.value().spans.value_span(fields.place())) {
            const text::Position at = text::LineIndex(bytes).position(span->begin);
            error.offset = span->begin;
            error.line = at.line;
            error.column = at.column;
        }
    }
    return error;
}

}  // namespace merlon::exchange
