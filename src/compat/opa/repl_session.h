#pragma once

// What is said in a conversation about policies: rules, imports and packages are kept, queries are
// answered.
//
// The idea: OPA's shell, word for word but for its help. A line that does not parse waits for more,
// until an empty line ends it. `x := 1` and `x = 1` define x, where it is no document yet. What
// packages below `repl.input` say is the input document.
//
// Standard: OPA 1.22.2, `opa run`. Not thread-safe. Cost: each statement compiles everything.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/results.h"
#include "compat/opa/seen_world.h"
#include "compat/opa/trace.h"
#include "rego/machine.h"
#include "rego/syntax/statements.h"

namespace merlon::compat::opa {

class ReplSession {
  public:
    ReplSession(const ParsedCommand& command, const Outside& outside, Loader& loader, Arena& arena,
                Interner& interner)
        : command_(command),
          outside_(outside),
          loader_(loader),
          arena_(arena),
          interner_(interner) {}

    // The input document where no package of the conversation says it.
    void set_input(std::optional<value::Value> input) { given_input_ = std::move(input); }
    // Takes one line; false where it ends the conversation.
    bool take(std::string_view line);
    // What is left of a statement that was not finished.
    void finish();
    // More lines of a statement are waited for; an empty one ends it.
    bool is_within_statement() const { return has_pending_; }
    std::string take_output() { return std::exchange(out_, {}); }

  private:
    // What was said in one package.
    struct Said {
        rego::syntax::Package* package = nullptr;
        std::vector<rego::syntax::Import*> imports;
        std::vector<rego::syntax::Rule*> rules;
    };
    // Makes modules of packages; they live as long as it does.
    struct Modules;

    enum class Word : std::uint8_t { kNone, kTaken, kEnd };
    // The commands (repl_words.cpp).
    Word word(std::string_view line);
    void set_trace(const std::vector<std::string>& operands);
    void show(const std::vector<std::string>& operands);
    void unset(const std::vector<std::string>& operands);
    void unset_package(const std::vector<std::string>& operands);
    void set_unknowns(const std::vector<std::string>& operands);
    void set_limit(const std::vector<std::string>& operands);
    void dump(const std::vector<std::string>& operands);
    // Both say what is wrong, and are false.
    bool refuse(const std::string& message) {
        out_ += message + "\n";
        return false;
    }
    bool fail(std::span<const ShownError> errors) { return refuse(to_string(errors)); }

    void read(const std::string& text);
    // These are false where something is wrong with a statement, which ends its line.
    bool statement(const rego::syntax::Statement& statement);
    bool define(rego::syntax::Rule& rule);
    bool query(rego::syntax::Body body);
    void import(rego::syntax::Import& import);
    void enter(rego::syntax::Package& package);
    bool is_known(const rego::syntax::Term& term, const Modules& modules);
    bool drop_rules(rego::syntax::Terms reference);
    bool answer(rego::syntax::Body body, const Modules& modules,
                const std::optional<value::Value>& input);
    bool answer_partially(rego::syntax::Body body, const Modules& modules,
                          const std::optional<value::Value>& input);
    // The input document, which is of the machine that has found it.
    struct FoundInput {
        std::unique_ptr<const rego::Program> program;
        std::unique_ptr<rego::Machine> machine;
        std::optional<value::Value> value;
    };
    bool find_input(const Modules& modules, FoundInput& input);
    std::string trace_of(SeenWorld& seen, std::span<const rego::compiler::SourceQuery> queries,
                         const Modules& modules, const std::optional<value::Value>& input,
                         Extras& extras);
    bool compiles(const Modules& modules);
    bool still_compiles();
    rego::syntax::ParseOptions parse_options() const;
    rego::compiler::CompileOptions compile_options();
    rego::MachineOptions machine_options();
    Said* current();
    void begin_default_package();

    const ParsedCommand& command_;
    const Outside& outside_;
    Loader& loader_;
    Arena& arena_;
    Interner& interner_;
    std::optional<value::Value> given_input_;
    std::map<std::string, Said> packages_;
    std::string current_;  // of packages_; empty: none was begun
    std::vector<const rego::syntax::Term*> unknowns_;
    std::string format_ = "pretty";
    std::size_t max_cell_ = 80;
    Explain explain_ = Explain::kOff;
    bool has_strict_errors_ = false;
    bool shows_metrics_ = false;
    bool shows_profile_ = false;
    std::string pending_;
    bool has_pending_ = false;
    std::string out_;
};

}  // namespace merlon::compat::opa
