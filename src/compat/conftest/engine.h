#pragma once

// Policies as conftest runs them: rules named deny, violation and warn, and what excepts files from
// them.
//
// The idea: the policies are compiled once with all questions that files will be asked: for each
// rule of each namespace its value, and whether an exception names it. A file is then a run of the
// machine for each question.
//
// Facts of conftest 0.71.1. Not thread-safe. Cost: a run of the machine for each rule and file.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "compat/conftest/results.h"
#include "compat/opa/capabilities.h"
#include "compat/opa/load.h"
#include "compat/opa/run.h"
#include "compat/opa/seen_world.h"
#include "model/engine.h"
#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/watch/watcher.h"

namespace merlon::compat::conftest {

// What prints, by the listener's thread.
class PrintedLines : public rego::Listener {
  public:
    void printed(std::string_view line) override { printed_at(line, {}); }
    void printed_at(std::string_view line, const rego::CallPlace& place) override;
    void reached_case(const value::Value& path) override;

    std::vector<std::string> lines;
    std::vector<std::vector<std::string>> cases;  // of tests
};

// Conflicts as OPA 1.21.1 tells them, which conftest 0.71.1 is built with.
rego::EvaluationError in_conftests_words(rego::EvaluationError error);

struct PolicyPaths {
    std::vector<std::string> policies;
    std::vector<std::string> data;
    std::string rego_version = "v1";
    rego::compiler::Strictness strictness = rego::compiler::Strictness::kUsual;
};

enum class BuiltinErrorsShown : unsigned char { kNo, kYes };
enum class Tracing : unsigned char { kOff, kOn };

// The modules and data of a run. Errors have conftest's text.
class Policies {
  public:
    Policies(const opa::Outside& outside, model::Host& host) : outside_(outside) {
        outside_.host = &host;
    }

    // Before the policies: they may call only what a file of capabilities lists.
    Status restrict_to(const std::string& capabilities_file);
    Status load(const PolicyPaths& paths);

    // In the order of the modules.
    std::vector<std::string> namespaces() const;
    const std::vector<rego::compiler::SourceModule>& modules() const { return modules_; }
    value::Value data() const { return data_; }
    // The data with data.conftest.file, which names this file.
    value::Value data_for(const std::string& path);
    // For one run of what `seen` is the outside of.
    rego::World world(opa::SeenWorld& seen, rego::Listener* listener) const;
    // With the built-ins that conftest adds.
    rego::compiler::CompileOptions compile_options() const;
    Arena& arena() { return arena_; }
    Interner& interner() { return interner_; }
    value::Builder& values() { return values_; }
    const opa::Outside& outside() const { return outside_; }

  private:
    opa::Outside outside_;
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    std::vector<rego::compiler::SourceModule> modules_;
    value::Value data_;
    std::optional<opa::Capabilities> capabilities_;
    rego::compiler::Strictness strictness_ = rego::compiler::Strictness::kUsual;
};

// "a.b" of `package a.b`.
std::string namespace_of(const rego::syntax::Module& module);

// The rules of one namespace, compiled.
class NamespaceRules {
  public:
    // `policies` has to outlive it.
    static Result<NamespaceRules> compile(Policies& policies, std::string name_space,
                                          BuiltinErrorsShown shown, Tracing tracing);

    // What the rules say of a value, which stands for the file.
    Result<CheckResult> check(const std::string& path, const value::Value& value);
    const std::string& name_space() const { return name_space_; }

  private:
    struct Rule {
        std::string name;
        bool is_failure = false;
        std::string exception_query;
        std::string query;
    };
    NamespaceRules(Policies& policies, std::string name_space)
        : policies_(&policies), name_space_(std::move(name_space)) {}
    Result<std::vector<RuleResult>> ask(std::size_t plan, const std::string& query,
                                        const value::Value& value, const value::Value& data,
                                        CheckResult& result);
    void trace(std::size_t plan, const value::Value& value, const value::Value& data,
               opa::SeenWorld& seen, TracedQuery& into);
    Result<RuleResult> result_of(const value::Value& said, const std::string& query);

    Policies* policies_;
    std::string name_space_;
    BuiltinErrorsShown shown_ = BuiltinErrorsShown::kNo;
    std::vector<Rule> rules_;
    std::size_t rule_count_ = 0;  // with those of one name
    std::unique_ptr<const rego::Program> program_;
    // With Tracing::kOn: each question by itself, so that its names have conftest's numbers.
    std::vector<std::unique_ptr<rego::watch::Library>> libraries_;
};

}  // namespace merlon::compat::conftest
