#pragma once

// Rego's built-in functions: one table from name to function, and what a function gets and gives.
//
// The idea: a row says which kinds each operand may have ("sn": a string, then a number), so that
// the check and OPA's text for what does not fit ("operand 1 must be string but got number") are
// written once. A function sees operands of the right kinds only, and answers with a value, with
// "undefined", or with an error that Rego makes undefined unless strict errors were asked for.
//
// Thread-safe: the table is constant; a Context belongs to one evaluation.

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/cancel.h"
#include "base/hash.h"
#include "match/regex.h"
#include "rego/glob_pattern.h"
#include "rego/go_time.h"
#include "value/value.h"

namespace merlon::model {
class Host;
}

namespace merlon::rego {

// Where something stands in a policy; nowhere where nobody knows.
struct CallPlace {
    std::string_view file;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
};

// What an evaluation tells while it runs. Called from its thread.
class Listener {
  public:
    virtual ~Listener() = default;
    // print(…): one line, without its end.
    virtual void printed(std::string_view line) = 0;
    // The same with its place, for whoever shows it.
    virtual void printed_at(std::string_view line, const CallPlace& /*place*/) { printed(line); }
    // A test has come to this case: what stands behind its name.
    virtual void reached_case(const value::Value& path) = 0;
};

// The outside world as an evaluation may see it. What is absent is refused.
struct World {
    std::optional<std::int64_t> now_nanoseconds;
    std::uint64_t random_seed = 0;
    // What opa.runtime() says it is; empty: nothing. It says nothing of the environment.
    std::string_view opa_version;
    // Where the time zones' TZif files are; empty: UTC only.
    std::string zone_directory;
    Listener* listener = nullptr;  // null: nobody listens
    // Answers what only the outside knows ("http", "dns"); null: nothing. May be asked from the
    // threads that evaluate, one question after the other.
    model::Host* host = nullptr;
};

enum class ErrorKind : std::uint8_t {
    kType,      // eval_type_error
    kBuiltin,   // eval_builtin_error
    kConflict,  // eval_conflict_error
    kInternal,  // eval_internal_error
    kMerge,     // eval_with_merge_error
    kCancel,    // eval_cancel_error
    kLimit,     // a limit of ours was reached
};
// "eval_type_error", …
std::string_view code(ErrorKind kind);

class [[nodiscard]] Outcome {
  public:
    enum class State : std::uint8_t { kValue, kUndefined, kError };

    Outcome(const value::Value& made) : value_(made) {}
    static Outcome undefined() { return Outcome(State::kUndefined); }
    static Outcome error() { return Outcome(State::kError); }

    State state() const { return state_; }
    bool ok() const { return state_ == State::kValue; }
    const value::Value& value() const { return value_; }

  private:
    explicit Outcome(State state) : state_(state) {}
    value::Value value_;
    State state_ = State::kValue;
};

// What a built-in works with. The error of the last Outcome::error() stands here.
class Context {
  public:
    Context(value::Builder& values, const World& world_seen, const CancelToken* cancel_token)
        : builder(values), world(world_seen), cancel(cancel_token) {}

    value::Builder& builder;
    const World& world;
    const CancelToken* cancel;  // may be null
    // What one evaluation remembers: answers to requests.
    std::unordered_map<std::string, value::Value> remembered;

    Outcome type_error(std::string text) { return fail(ErrorKind::kType, std::move(text)); }
    Outcome error(std::string text) { return fail(ErrorKind::kBuiltin, std::move(text)); }
    Outcome fail(ErrorKind kind, std::string text) {
        kind_ = kind;
        text_ = std::move(text);
        return Outcome::error();
    }
    // "operand 1 must be string but got number"
    Outcome wrong_kind(std::size_t operand, const value::Value& got,
                       std::initializer_list<std::string_view> expected);
    // "operand 1 must be array of strings but got array containing number"
    Outcome wrong_element(std::size_t operand, const value::Value& composite,
                          const value::Value& got,
                          std::initializer_list<std::string_view> expected);
    // The value, or the error as a built-in error.
    Outcome take(Result<value::Value> result);

    // Where the call stands that is answered now; empty: nobody knows.
    std::function<CallPlace()> asked_place;
    CallPlace place() const { return asked_place ? asked_place() : CallPlace{}; }

    // What one evaluation may cost, for work inside of one built-in. The machine sets them.
    std::size_t memory_bytes_limit = SIZE_MAX;
    std::uint64_t steps_left = UINT64_MAX;
    // For whatever may take long: to be told the steps (elements, or some dozens of bytes) that
    // were made since it was told last. False where a limit is reached or the caller has cancelled;
    // that is the error then.
    bool spend(std::size_t steps);
    // Whether the value, written out, is a text that an evaluation may have; if not, that is the
    // error. Values are shared, texts are not.
    bool can_write(const value::Value& value);
    // Whether a text may be so large; if not, that is the error.
    bool is_text(std::size_t bytes);
    // The text, or an error where it is larger than texts may be.
    Outcome limited_string(std::string_view text);

    // Whether a limit was reached or the caller has cancelled: what has no text of its own then.
    bool is_spent() const { return kind_ == ErrorKind::kLimit || kind_ == ErrorKind::kCancel; }
    ErrorKind error_kind() const { return kind_; }
    const std::string& error_text() const { return text_; }

    // The expression, compiled once; null after error().
    const match::Regex* regex(std::string_view pattern);
    // The glob that was kept under this name; null: none.
    const GlobPattern* known_glob(std::string_view key) const;
    const GlobPattern* keep_glob(std::string_view key, GlobPattern glob);
    // The zone of this name, read from its file once; null after error().
    const Zone* zone(std::string_view name);

    // As for a new evaluation.
    void reset();

    // Empty, for what one built-in puts together before it becomes a value; its memory is kept from
    // call to call. Nothing that the built-in calls may take it as well.
    std::vector<value::Value>& value_list() {
        value_list_.clear();
        return value_list_;
    }
    std::string& text_buffer() {
        text_buffer_.clear();
        return text_buffer_;
    }

    // The same, of places that an expression has found.
    std::vector<match::Span>& spans() {
        spans_.clear();
        return spans_;
    }
    // The same, of texts that stand for others, and of paths into a document.
    using TextPairs = std::vector<std::pair<std::string_view, std::string_view>>;
    TextPairs& text_pairs() {
        text_pairs_.clear();
        return text_pairs_;
    }
    struct PathMemory {
        std::vector<value::Value> path;
        std::vector<value::Value> from;
        std::vector<value::Builder::Entry> entries;
    };
    PathMemory& path_memory() { return path_memory_; }

    value::Value string(std::string_view text) { return builder.string(text); }
    value::Value boolean(bool truth) { return builder.boolean(truth); }  // NOLINT: a value
    value::Value integer(std::int64_t number) { return builder.integer(number); }

  private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return hash_bytes(text); }
    };
    template <typename Kept>
    using ByText = std::unordered_map<std::string, Kept, TextHash, std::equal_to<>>;

    ByText<std::shared_ptr<const match::Regex>> expressions_;
    ByText<GlobPattern> globs_;
    ByText<Zone> zones_;

    std::vector<value::Value> value_list_;
    std::string text_buffer_;
    std::vector<match::Span> spans_;
    TextPairs text_pairs_;
    PathMemory path_memory_;
    ErrorKind kind_ = ErrorKind::kBuiltin;
    std::string text_;
    std::uint64_t steps_unchecked_ = 0;
};

using Operands = std::span<const value::Value>;
using BuiltinFunction = Outcome (*)(Context& context, Operands operands);

// Letters of `operands`: s string, n number, i a 64-bit integer as it is written, b boolean, a
// array, o object, t set, v any value; c array or set, d set or array (as OPA's texts order them),
// e object, set or array, w set or number, l array, object, set or string, k string or array.
struct Builtin {
    std::string_view name;
    std::string_view operands;
    BuiltinFunction function;
};

// Null where there is none of that name.
const Builtin* find_builtin(std::string_view name);
// Checks the operands and calls.
Outcome call(const Builtin& builtin, Context& context, Operands operands);

// "string", "number", …: OPA's names.
std::string_view kind_name(const value::Value& value);

// The element at a key, index or of a set; null where there is none.
const value::Value* element_of(const value::Value& container, const value::Value& key);

// The groups, and all of them.
std::span<const Builtin> basic_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> collection_builtins();
std::span<const Builtin> object_builtins();
std::span<const Builtin> encoding_builtins();
std::span<const Builtin> pattern_builtins();
std::span<const Builtin> unit_builtins();
std::span<const Builtin> network_builtins();
std::span<const Builtin> http_builtins();
std::span<const Builtin> time_builtins();
std::span<const Builtin> crypto_builtins();
std::span<const Builtin> token_builtins();
std::span<const Builtin> aws_builtins();
std::span<const Builtin> graphql_builtins();
std::span<const Builtin> language_builtins();
std::span<const Builtin> schema_builtins();
std::span<const Builtin> x509_builtins();
std::array<std::span<const Builtin>, 17> all_builtins();

// Whether the object describes a request as http.send takes it; false after an error of operand 1.
bool check_request(Context& context, const value::Value& request);

}  // namespace merlon::rego
