#pragma once

// What is wrong with modules, as OPA says it.
//
// The idea: OPA's compiler has stages, and the first one that finds something it cannot go on with
// is the last; ours look at several things at once. So each error has the stage that would find it,
// and those of stages that would not have come are dropped in the end.
//
// Thread-safe: values. Cost: a sort.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rego/syntax/tree.h"

namespace merlon::rego::compiler {

// What stands below a message.
struct ErrorDetails {
    std::vector<std::string> lines = {};
    std::string json = {};  // the same for programs, as OPA writes it; compact, empty: nothing
};

struct CompileError {
    std::string code;  // "rego_unsafe_var_error"
    std::string message;
    std::string file = {};  // empty: a query
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    ErrorDetails details = {};

    // "policy.rego:3: rego_type_error: …"; "row:column" where there is no file.
    std::string to_string() const;
};

// All of them, as OPA prints them: "2 errors occurred:\n…".
std::string to_string(const std::vector<CompileError>& errors);

inline constexpr std::string_view kCompileError = "rego_compile_error";
inline constexpr std::string_view kUnsafeError = "rego_unsafe_var_error";
inline constexpr std::string_view kTypeError = "rego_type_error";
inline constexpr std::string_view kRecursionError = "rego_recursion_error";

// In OPA's order.
enum class Stage : std::uint8_t {
    kNames,
    kUnusedImports,
    kOverrides,
    kImports,
    kLocals,
    kTemplates,
    kVoidCalls,
    kPrints,
    kAnnotations,
    kWith,
    kConflicts,
    kFunctions,
    kHeadSafety,
    kBodySafety,
    kRecursion,
    kTypes,
    kDeprecated,
    kLimits,  // ours
};

// Whether the stages behind the one that found it still come.
enum class Gravity : std::uint8_t { kFinal, kRecoverable };

// Gathers the errors of one file after the other.
class ErrorList {
  public:
    void set_file(std::string_view file) { file_ = file; }
    void set_stage(Stage stage) { stage_ = stage; }
    // What comes is of a query, which is of no interest where modules have errors.
    void begin_query() { is_query_ = true; }
    void begin_modules() { is_query_ = false; }

    void add(std::string_view code, const syntax::Location* location, std::string message,
             Gravity gravity = Gravity::kFinal);
    // At another stage than the one that was set.
    void add_at(Stage stage, std::string_view code, const syntax::Location* location,
                std::string message, Gravity gravity = Gravity::kFinal);
    // With the file that was set.
    void add(CompileError error, Gravity gravity);

    // Brings what was found of one rule into OPA's order, which tells where there are more than are
    // reported: `middle` and what was found behind it (its head) comes before what was found since
    // `first` (its body), and of each what is final before the rest.
    void order_rule(std::size_t first, std::size_t middle);

    bool empty() const { return found_.empty(); }
    std::size_t size() const { return found_.size(); }
    // Whether a stage found what ends the compilation.
    bool is_final() const { return is_final_; }

    // Those that OPA reports, in the order of files and places; where there are more than
    // `max_errors` (0: any number), the last one says so.
    std::vector<CompileError> take(std::size_t max_errors);

  private:
    struct Found {
        CompileError error;
        Stage stage;
        Gravity gravity;
        bool is_query;
    };

    std::string file_;
    Stage stage_ = Stage::kNames;
    bool is_query_ = false;
    bool is_final_ = false;
    std::vector<Found> found_;
};

}  // namespace merlon::rego::compiler
