#include "templates/json_record.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::templates {

using value::Value;

class JsonRecords::Record : public TemplateRecord {
  public:
    Record(JsonRecords& owner, const Value* tree, const RecordType& type)
        : owner_(owner), tree_(tree), type_(type) {}

    Result<TemplateValue> field(std::string_view name) const override {
        const RecordField* field = owner_.field_of(type_, name);
        if (field == nullptr)
            return Error{fmt::format("template: a {} has no field {}", type_.name, name)};
        return owner_.field_value(tree_, *field);
    }

    void write_json(text::JsonWriter& json) const override {
        if (tree_ == nullptr) {
            json.begin_object().end_object();
        } else {
            json.value(*tree_);
        }
    }

  private:
    JsonRecords& owner_;
    const Value* tree_;
    const RecordType& type_;
};

const RecordType* JsonRecords::type_named(std::string_view name) const {
    const auto found = std::ranges::find(types_, name, &RecordType::name);
    return found == types_.end() ? nullptr : &*found;
}

// Its own fields go before those of what is embedded in it.
const RecordField* JsonRecords::field_of(const RecordType& type, std::string_view name) const {
    const auto own = std::ranges::find(type.fields, name, &RecordField::name);
    if (own != type.fields.end()) return &*own;
    for (const RecordField& field : type.fields) {
        if (field.kind != FieldKind::kEmbedded) continue;
        const RecordType* embedded = type_named(field.type);
        if (embedded == nullptr) continue;
        if (const RecordField* inner = field_of(*embedded, name); inner != nullptr) return inner;
    }
    return nullptr;
}

TemplateValue JsonRecords::record(const Value* tree, std::string_view type) {
    const RecordType* known = type_named(type);
    MERLON_ASSERT(known != nullptr);
    std::unique_ptr<const TemplateRecord>& made = made_[{tree, known}];
    if (made == nullptr) made = std::make_unique<Record>(*this, tree, *known);
    return made.get();
}

TemplateValue JsonRecords::records(const Value* tree, std::string_view type) {
    TemplateList list;
    if (tree != nullptr && tree->is_array())
        for (const Value& item : tree->items()) list.push_back(record(&item, type));
    return list;
}

TemplateValue JsonRecords::named_records(const Value* tree, std::string_view type) {
    TemplateMap::Entries entries;
    if (tree != nullptr && tree->is_object())
        for (std::size_t i = 0; i < tree->size(); ++i)
            if (tree->keys()[i].is_string())
                entries.emplace(tree->keys()[i].as_string(), record(&tree->values()[i], type));
    return std::make_shared<TemplateMap>(std::move(entries), record(nullptr, type));
}

TemplateValue JsonRecords::named_words(const Value* tree, std::string_view words) {
    const auto word_of = [words](std::int64_t number) {
        std::string_view rest = words;
        for (; number > 0 && !rest.empty(); --number)
            rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
        return std::string(rest.substr(0, rest.find(' ')));
    };
    TemplateMap::Entries entries;
    if (tree != nullptr && tree->is_object())
        for (std::size_t i = 0; i < tree->size(); ++i)
            if (tree->keys()[i].is_string() && tree->values()[i].is_number())
                entries.emplace(tree->keys()[i].as_string(),
                                word_of(tree->values()[i].as_integer().value_or(0)));
    return std::make_shared<TemplateMap>(std::move(entries), word_of(0));
}

TemplateValue JsonRecords::any(const Value& tree) {
    if (tree.is_boolean()) return tree.as_boolean();
    if (tree.is_string()) return std::string(tree.as_string());
    if (tree.is_number()) {
        const auto whole = tree.as_integer();
        return whole ? TemplateValue(*whole) : TemplateValue(tree.as_double());
    }
    if (tree.is_array()) {
        TemplateList list;
        for (const Value& item : tree.items()) list.push_back(any(item));
        return list;
    }
    if (!tree.is_object()) return {};
    TemplateMap::Entries entries;
    for (std::size_t i = 0; i < tree.size(); ++i)
        if (tree.keys()[i].is_string())
            entries.emplace(tree.keys()[i].as_string(), any(tree.values()[i]));
    return std::make_shared<TemplateMap>(std::move(entries), TemplateValue());
}

TemplateValue JsonRecords::field_value(const Value* tree, const RecordField& field) {
    if (field.kind == FieldKind::kEmbedded) return record(tree, field.type);
    const Value* found = tree == nullptr ? nullptr : tree->find(field.key);
    if (found != nullptr && found->is_null()) found = nullptr;
    switch (field.kind) {
        case FieldKind::kText:
            return found != nullptr && found->is_string() ? std::string(found->as_string())
                                                          : std::string();
        case FieldKind::kInteger:
            return found != nullptr && found->is_number() ? found->as_integer().value_or(0)
                                                          : std::int64_t{0};
        case FieldKind::kReal:
            return found != nullptr && found->is_number() ? found->as_double() : 0.0;
        case FieldKind::kTruth:
            return found != nullptr && found->is_boolean() && found->as_boolean();
        case FieldKind::kTexts: {
            TemplateList list;
            if (found != nullptr && found->is_array())
                for (const Value& item : found->items()) list.push_back(any(item));
            return list;
        }
        case FieldKind::kStruct:
            return record(found, field.type);
        case FieldKind::kPointer:
            return found == nullptr ? TemplateValue() : record(found, field.type);
        case FieldKind::kStructs:
            return records(found, field.type);
        case FieldKind::kNamed:
            return named_records(found, field.type);
        case FieldKind::kNamedWords:
            return named_words(found, field.type);
        case FieldKind::kAny:
            return found == nullptr ? TemplateValue() : any(*found);
        case FieldKind::kEmbedded:
            break;
    }
    return {};
}

Result<std::string> render_report(const Template& shape, std::string_view report,
                                  std::span<const RecordType> types, const ReportRoot& root,
                                  Timestamp now) {
    Arena arena;
    Interner interner;
    const value::ValueDocument tree = MERLON_TRY(text::read_json(report, arena, interner));
    JsonRecords records(types);
    std::string out;
    MERLON_TRY(shape.render(root(records, *tree.root), now, out));
    return out;
}

}  // namespace merlon::templates
