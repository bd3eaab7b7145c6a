#pragma once

// A report as JSON, seen as the Go structs that it was written from.
//
// The idea: templates of other scanners go by the fields of their structs, which are there even
// where the report leaves them out (omitempty), and are called otherwise (".Artifact.PURL"). A
// table says for each struct what its fields are called in the report, and what each holds; so a
// template sees a zero where nothing is written, as it does in Go, and an error where there is no
// such field. A front writes its report once, and templates read that.
//
// Not thread-safe: records are made when they are first asked for. They live as long as the
// JsonRecords, which borrow the report's tree. Cost: O(1) for a field, O(n) for a list.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "templates/template.h"
#include "templates/template_value.h"
#include "value/value.h"

namespace merlon::templates {

enum class FieldKind : std::uint8_t {
    kText,
    kInteger,
    kReal,
    kTruth,
    kTexts,       // a list of texts
    kStruct,      // with zeros where it is absent
    kPointer,     // to a struct, nil where it is absent
    kStructs,     // a list of structs
    kNamed,       // a map of structs by name, in which a name that is absent has zeros
    kNamedWords,  // a map of numbers by name, which are the positions of words in `type`
    kEmbedded,    // a struct whose fields stand in the same object, and are this one's too
    kAny,         // whatever is there: maps, and what Go has as an interface
};

struct RecordField {
    std::string_view name;  // Go's
    std::string_view key;   // the report's
    FieldKind kind = FieldKind::kText;
    std::string_view type = {};  // of structs; of words those, with blanks between
};

struct RecordType {
    std::string_view name;
    std::span<const RecordField> fields;
};

class JsonRecords {
  public:
    // `types` are all that the fields name.
    explicit JsonRecords(std::span<const RecordType> types) : types_(types) {}

    // A struct of that type; `tree` may be null, which is a zero.
    TemplateValue record(const value::Value* tree, std::string_view type);
    // A list of them.
    TemplateValue records(const value::Value* tree, std::string_view type);
    // A map of them.
    TemplateValue named_records(const value::Value* tree, std::string_view type);
    // A map of the words that its numbers stand for, as Go prints what has a String().
    static TemplateValue named_words(const value::Value* tree, std::string_view words);
    // JSON as Go's interface{} has it.
    static TemplateValue any(const value::Value& tree);

  private:
    class Record;
    const RecordType* type_named(std::string_view name) const;
    const RecordField* field_of(const RecordType& type, std::string_view name) const;
    TemplateValue field_value(const value::Value* tree, const RecordField& field);

    std::span<const RecordType> types_;
    std::map<std::pair<const value::Value*, const RecordType*>,
             std::unique_ptr<const TemplateRecord>>
        made_;
};

// What `.` is, of the report's tree.
using ReportRoot = std::function<TemplateValue(JsonRecords& records, const value::Value& tree)>;

// A JSON report by a template.
Result<std::string> render_report(const Template& shape, std::string_view report,
                                  std::span<const RecordType> types, const ReportRoot& root,
                                  Timestamp now);

}  // namespace merlon::templates
