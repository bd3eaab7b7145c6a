#pragma once

// What a query is asked of: policies, data, input, the query itself and what its names mean, from
// the flags that eval, explain, bench and deps share.
//
// Not thread-safe. Everything that it hands out lives as long as it does.

#include <optional>
#include <string>
#include <vector>

#include "compat/opa/commands.h"
#include "compat/opa/load.h"

namespace merlon::compat::opa {

class Question {
  public:
    Question(const ParsedCommand& command, const Outside& outside)
        : command_(command), outside_(outside), loader_(arena_, interner_, version_of(command)) {}
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    // What flags and arguments contradict each other, by validateEvalParams of OPA; empty: none do.
    // Where that is looked at before the environment is, only words count.
    static std::string_view contradiction(const ParsedCommand& command);

    // Each step is false where something is wrong, which errors() then says.
    bool load_policies();
    bool read_input();
    bool read_query();
    const std::vector<ShownError>& errors() const { return errors_; }

    Loader& loader() { return loader_; }
    Arena& arena() { return arena_; }
    Interner& interner() { return interner_; }
    const std::optional<value::Value>& input() const { return input_; }
    const std::string& text() const { return text_; }  // of the query
    rego::syntax::Body body() const { return body_; }
    // The query for a compilation.
    rego::compiler::SourceQuery source(rego::compiler::QueryResult result) const {
        return {"eval", body_, result, context_};
    }

  private:
    bool read_context();
    bool take(const Error& error);

    const ParsedCommand& command_;
    const Outside& outside_;
    Arena arena_;
    Interner interner_;
    Loader loader_;
    std::optional<value::Value> input_;
    std::string text_;
    rego::syntax::Body body_;
    const rego::syntax::Module* context_ = nullptr;
    std::vector<ShownError> errors_;
};

}  // namespace merlon::compat::opa
