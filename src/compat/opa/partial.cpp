#include "compat/opa/partial.h"

#include <algorithm>

#include "compat/opa/table.h"
#include "compat/opa/watching.h"
#include "rego/syntax/format.h"
#include "rego/syntax/json.h"
#include "rego/syntax/walk.h"
#include "rego/watch/watcher.h"

namespace merlon::compat::opa {
namespace {

class Nobody : public rego::watch::EventListener {
  public:
    void heard(const rego::watch::Event& /*event*/) override {}
};

std::string without_line_breaks_around(std::string text) {
    const std::size_t begin = text.find_first_not_of('\n');
    if (begin == std::string::npos) return {};
    text = text.substr(begin, text.find_last_not_of('\n') + 1 - begin);
    std::string spaced;
    for (const char c : text) {
        if (c == '\t') {
            spaced += "  ";
        } else {
            spaced += c;
        }
    }
    return spaced;
}

struct Unifying {
    rego::compiler::NodeMaker maker;
    bool enter(rego::syntax::Term&) { return true; }
    bool enter(rego::syntax::Expression& expression) {
        if (rego::compiler::is_call_of(expression, "equal") && expression.terms.size() == 3) {
            expression.terms[0] =
                maker.operation({rego::compiler::kEquality}, expression.terms[0]->location);
        }
        return true;
    }
    bool enter(rego::syntax::With&) { return true; }
};

// Shows what is left.
class ResidueText {
  public:
    ResidueText(rego::syntax::RegoVersion version, Arena& arena, Interner& interner)
        : version_(version), arena_(arena), interner_(interner) {}

    std::string source(const rego::watch::Residue& residue);
    std::string table(const rego::watch::Residue& residue);
    // What could not be written.
    std::vector<ShownError> take_errors() { return std::move(errors_); }

  private:
    std::string query_text(rego::syntax::Body query) {
        return take(rego::syntax::format_made(query, arena_));
    }
    std::string module_text(rego::syntax::Module& module) {
        const bool is_old = version_ == rego::syntax::RegoVersion::kV0;
        return take(rego::syntax::format_made(
            module,
            is_old ? rego::syntax::RegoVersion::kV0CompatibleV1 : rego::syntax::RegoVersion::kV1,
            arena_, interner_));
    }
    std::string take(rego::syntax::Formatted made) {
        for (const auto& error : made.errors) {
            errors_.push_back(shown(error, ""));
            errors_.back().has_place = false;
        }
        return std::move(made.text);
    }

    rego::syntax::RegoVersion version_;
    Arena& arena_;
    Interner& interner_;
    std::vector<ShownError> errors_;
};

std::string ResidueText::source(const rego::watch::Residue& residue) {
    std::string text;
    for (std::size_t i = 0; i < residue.queries.size(); ++i) {
        text += "# Query " + std::to_string(i + 1) + "\n" + query_text(residue.queries[i]) + "\n";
    }
    for (std::size_t i = 0; i < residue.modules.size(); ++i) {
        text += "# Module " + std::to_string(i + 1) + "\n" + module_text(*residue.modules[i]);
    }
    return text;
}

std::string ResidueText::table(const rego::watch::Residue& residue) {
    std::vector<TableRow> rows;
    for (std::size_t i = 0; i < residue.queries.size(); ++i) {
        rows.push_back({"Query " + std::to_string(i + 1),
                        without_line_breaks_around(query_text(residue.queries[i]))});
    }
    for (std::size_t i = 0; i < residue.modules.size(); ++i) {
        rows.push_back({"Support " + std::to_string(i + 1),
                        without_line_breaks_around(module_text(*residue.modules[i]))});
    }
    return rows.empty() ? "undefined\n" : draw_table({}, rows, RowLines::kBetween);
}

// One asked evaluation, from its flags to its text.
class Partially {
  public:
    Partially(const ParsedCommand& command, Question& question, const CompileFlags& flags)
        : command_(command), question_(question), flags_(flags) {}

    PartialAnswer run(const rego::World& world, const Outside& outside);

  private:
    bool read_options();
    bool take(const Error& error);

    const ParsedCommand& command_;
    Question& question_;
    const CompileFlags& flags_;
    rego::watch::PartialOptions options_;
    PartialAnswer answer_;
};

bool Partially::take(const Error& error) {
    answer_.errors.push_back({.message = error.to_string()});
    return false;
}

bool Partially::read_options() {
    Arena& arena = question_.arena();
    Interner& interner = question_.interner();
    std::vector<std::string> unknowns = command_.list("unknowns");
    if (unknowns.empty()) unknowns.emplace_back("input");
    for (const std::string& text : unknowns) {
        const auto term = rego::syntax::parse_term(text, arena, interner);
        if (!term.ok()) return take(term.error());
        const rego::syntax::TermKind kind = term.value()->kind;
        if (kind != rego::syntax::TermKind::kVariable &&
            kind != rego::syntax::TermKind::kReference) {
            return take(Error{"illegal unknown: " + text});
        }
        options_.unknowns.push_back(term.value());
    }
    for (const std::string& text : command_.list("disable-inlining")) {
        const auto reference = rego::syntax::parse_reference(text, arena, interner);
        if (!reference.ok()) {
            // OPA has the parser's own errors here.
            rego::syntax::ParseOptions options;
            options.rules = rego::syntax::ReadRules::kNo;
            const auto parsed = rego::syntax::parse_query(text, arena, interner, options);
            for (const auto& error : parsed.errors) answer_.errors.push_back(shown(error, ""));
            return answer_.errors.empty() ? take(reference.error()) : false;
        }
        options_.not_inlined.push_back(reference.value());
    }
    if (command_.is_set("shallow-inlining")) {
        options_.inlining = rego::watch::PartialOptions::Inline::kShallow;
    }
    if (command_.is_set("nondeterminstic-builtins")) {
        options_.chance = rego::watch::PartialOptions::Chance::kCalled;
    }
    return true;
}

PartialAnswer Partially::run(const rego::World& world, const Outside& outside) {
    if (!read_options()) return std::move(answer_);
    const auto modules = in_order_of_files(question_.loader().modules());
    const rego::compiler::SourceQuery queries[] = {
        question_.source(rego::compiler::QueryResult::kBindings)};
    const auto options = flags_.options(rego::compiler::Prints::kKept, outside, question_.loader());
    // What is wrong is about the query as it was written: `x == 1` binds no x.
    auto prepared = rego::compiler::prepare(modules, queries, options);
    if (prepared.errors.empty()) {
        unify_equalities(question_.body(), question_.arena(), question_.interner());
        prepared = rego::compiler::prepare(modules, queries, options);
    }
    for (const rego::compiler::CompileError& error : prepared.errors) {
        answer_.errors.push_back(shown(error));
    }
    if (!answer_.errors.empty()) return std::move(answer_);
    rego::watch::Library library(std::move(prepared));
    rego::watch::WatchOptions watching;
    watching.world = world;
    watching.cancel = outside.cancel;
    if (command_.is_set("strict-builtin-errors")) {
        watching.builtin_errors = rego::BuiltinErrors::kStrict;
    }
    if (command_.is_set("disable-indexing")) watching.indexing = rego::watch::Indexing::kOff;
    Nobody nobody;
    rego::watch::Watcher watcher(library, nobody, watching);
    const rego::watch::Residue residue =
        watcher.run_partially(0, question_.input(), question_.loader().data(), options_);
    if (residue.error) {
        answer_.errors.push_back(shown(*residue.error, question_.body()));
        answer_.errors.back().stack = watcher.stack();
        return std::move(answer_);
    }
    return residue_text(command_.text("format"), residue, version_of(command_), question_.arena(),
                        question_.interner());
}

}  // namespace

PartialAnswer residue_text(std::string_view format, const rego::watch::Residue& residue,
                           rego::syntax::RegoVersion version, Arena& arena, Interner& interner) {
    ResidueText writer(version, arena, interner);
    PartialAnswer answer;
    if (format == "source") {
        answer.text = writer.source(residue);
    } else if (format == "pretty") {
        answer.text = writer.table(residue);
    } else {
        answer.text = rego::syntax::to_json(residue.queries, residue.modules) + "\n";
    }
    answer.errors = writer.take_errors();
    return answer;
}

void unify_equalities(rego::syntax::Body query, Arena& arena, Interner& interner) {
    Unifying unifying{rego::compiler::NodeMaker(arena, interner)};
    rego::syntax::walk(query, unifying);
}

PartialAnswer answer_partially(const ParsedCommand& command, Question& question,
                               const CompileFlags& flags, const rego::World& world,
                               const Outside& outside) {
    return Partially(command, question, flags).run(world, outside);
}

}  // namespace merlon::compat::opa
