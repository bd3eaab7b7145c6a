#pragma once

// Reads the fields of one Value into plain structs, as the readers of foreign records do.
//
// The idea: a reader asks for what it needs, field by field, and looks once at the end whether all
// of it had the expected shape. The first field that had not is kept, by its address, so that the
// document is read a second time with spans only where there is an error to place.
//
// An interrupted reader finds nothing any more: whoever goes through a list of 100,000 records is
// at its end at once, and read_fields() fails.
//
// What is absent or null is empty. Numbers are taken as texts, as they were written: YAML makes a
// number of an unquoted "1.10". Not thread-safe; one record each. Cost: a look-up for each field.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::exchange {

class FieldReader {
  public:
    // `cancel` may be null.
    explicit FieldReader(const CancelToken* cancel = nullptr) : cancel_(cancel) {}

    // The text at `key`; empty where there is none.
    std::string text(const value::Value& object, std::string_view key);
    // The same, and a problem where it is absent or empty.
    std::string required_text(const value::Value& object, std::string_view key);
    std::vector<std::string> texts(const value::Value& object, std::string_view key);
    // The elements of the array at `key`.
    std::span<const value::Value> items(const value::Value& object, std::string_view key);
    // The object at `key`, or null.
    const value::Value* object(const value::Value& parent, std::string_view key);
    // Whether `value` is an object, and the reading goes on; a problem named "expected an object"
    // where it is none.
    bool is_object(const value::Value& value);
    std::string text_of(const value::Value& value);
    void fail(std::string problem, const value::Value* at);
    // Says of the problem what it is in; there has to be one.
    void within(const std::string& record) { problem_ = record + ": " + *problem_; }

    const std::optional<std::string>& problem() const { return problem_; }
    const value::Value* place() const { return place_; }
    bool is_interrupted() const { return cancel_ != nullptr && cancel_->cancelled(); }
    const CancelToken* cancel() const { return cancel_; }

  private:
    // What stands at `key`; null also once the reading is interrupted.
    const value::Value* find(const value::Value& object, std::string_view key) const;

    const CancelToken* cancel_;
    std::optional<std::string> problem_;
    const value::Value* place_ = nullptr;
};

inline constexpr std::size_t kMaxRecordDepth = 64;

enum class RecordSyntax : std::uint8_t { kJson, kYaml };

// Reads `bytes` and calls `read` with the root. Fails with line and column, with the syntax's error
// or with the first problem that `read` met, and once `cancel` is set, which may be null: what
// `read` has made is to be thrown away then.
Status read_fields(std::string_view bytes, RecordSyntax syntax,
                   const std::function<void(const value::Value& root, FieldReader& fields)>& read,
                   const CancelToken* cancel = nullptr);

// Of reading that was interrupted.
Error reading_interrupted();

}  // namespace merlon::exchange
