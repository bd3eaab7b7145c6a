#include "rego/compiler/test_rules.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "rego/compiler/variables.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

constexpr std::string_view kTest = "test_";
constexpr std::string_view kSkippedTest = "todo_test_";

bool is_name(const Term& term) {
    return term.kind == TermKind::kVariable || term.kind == TermKind::kString;
}

// How many parts of the head's reference are the test's name; 0: the rule is none.
std::size_t name_size(const syntax::Head& head) {
    for (std::size_t i = 0; i < head.reference.size(); ++i) {
        const Term& part = *head.reference[i];
        if (i > 0 && !syntax::is_ground(part)) return 0;
        if (is_name(part) &&
            (part.text.starts_with(kTest) || part.text.starts_with(kSkippedTest))) {
            return i + 1;
        }
    }
    return 0;
}

class Preparer {
  public:
    Preparer(Arena& arena, Interner& interner)
        : arena_(arena), interner_(interner), maker_(arena, interner) {}

    TestModules prepare(std::span<const SourceModule> modules) {
        TestModules made;
        for (const SourceModule& source : modules) {
            auto* const module = arena_.make<syntax::Module>(*source.module);
            std::vector<syntax::Rule*> rules;
            std::map<const syntax::Rule*, const syntax::Rule*> prepared;
            for (syntax::Rule* rule : module->rules) {
                const std::size_t size = name_size(*rule->head);
                rules.push_back(size == 0 ? rule : prepare(*rule, size, source, made.tests));
                if (size > 0) prepared[rule] = rules.back();
            }
            module->rules = syntax::keep_pointers(rules, arena_);
            module->annotations = redirect(module->annotations, prepared);
            made.modules.push_back({source.file, module});
        }
        return made;
    }

  private:
    // What is said of a rule is said of what has been made of it.
    std::span<syntax::Annotations*> redirect(
        std::span<syntax::Annotations* const> written,
        const std::map<const syntax::Rule*, const syntax::Rule*>& prepared) {
        std::vector<syntax::Annotations*> made(written.begin(), written.end());
        for (syntax::Annotations*& one : made) {
            const auto found = prepared.find(one->rule);
            if (found == prepared.end()) continue;
            one = arena_.make<syntax::Annotations>(*one);
            one->rule = found->second;
        }
        return syntax::keep_pointers(made, arena_);
    }

    syntax::Rule* prepare(const syntax::Rule& written, std::size_t size, const SourceModule& source,
                          std::vector<TestRule>& tests) {
        auto* const rule = arena_.make<syntax::Rule>(written);
        rule->head = arena_.make<syntax::Head>(*written.head);
        const Terms reference = rule->head->reference;
        const bool is_skipped = !reference[size - 1]->text.starts_with(kTest);
        const Terms package = source.module->package->path;
        if (!is_skipped) {
            const std::string path = path_text(package, reference.first(size));
            if (const int count = counts_[path]++; count > 0) rename(*rule->head, size, count);
            if (reference.size() > size) say_case(*rule, size);
        }
        const Terms name = rule->head->reference.first(size);
        // A key that is a collection is computed, whatever is in it.
        const bool is_dynamic = std::ranges::any_of(reference.subspan(1), [](const Term* part) {
            return !syntax::is_ground(*part) || part->kind == TermKind::kArray ||
                   part->kind == TermKind::kObject || part->kind == TermKind::kSet;
        });
        // `p[x] = y` of v0 keeps its key apart.
        const bool has_key = rule->head->key != nullptr;
        tests.push_back({.package = syntax::to_text(package),
                         .name = syntax::to_text(name),
                         .path = path_text(package, name),
                         .file = source.file,
                         .location = written.location,
                         .is_skipped = is_skipped,
                         .has_cases = has_key ? rule->head->value != nullptr : is_dynamic,
                         .is_function = !rule->head->arguments.empty()});
        return rule;
    }

    // "data.a.test_x": what stands behind the package as strings.
    std::string path_text(Terms package, Terms name) {
        std::vector<Term*> path(package.begin(), package.end());
        for (Term* part : name) {
            const bool is_first = part->kind == TermKind::kVariable;
            path.push_back(is_first ? maker_.string(part->text, part->location) : part);
        }
        return syntax::to_text(syntax::keep_pointers(path, arena_));
    }

    void rename(syntax::Head& head, std::size_t size, int count) {
        std::array<char, 16> number{};
        std::snprintf(number.data(), number.size(), "#%02d", count);
        std::vector<Term*> reference(head.reference.begin(), head.reference.end());
        const Term& last = *reference[size - 1];
        const std::string_view name = interner_.intern(std::string(last.text) + number.data());
        reference[size - 1] = last.kind == TermKind::kVariable
                                  ? maker_.variable(name, last.location)
                                  : maker_.string(name, last.location);
        head.reference = syntax::keep_pointers(reference, arena_);
        if (size == 1 && !head.name.empty()) head.name = reference[0]->text;
    }

    // internal.test_case([…]) behind the expressions that the case's name needs first.
    void say_case(syntax::Rule& rule, std::size_t size) {
        const bool has_own = std::ranges::any_of(rule.body, [](const Expression* one) {
            return is_call_of(*one, "internal.test_case");
        });
        if (has_own) return;
        const Terms parts = syntax::copy(rule.head->reference.subspan(size), arena_);
        Names names;
        VariableCollector(names, kSkipOperators).terms(parts);
        std::size_t at = 0;
        for (const std::string_view name : names) {
            for (std::size_t i = 0; i < rule.body.size(); ++i) {
                Names used;
                VariableCollector(used, kSkipOperators).expression(*rule.body[i]);
                if (!used.contains(name)) continue;
                at = std::max(at, i + 1);
                break;
            }
        }
        // It stands nowhere: what is wrong with the name's parts is told where others use them.
        Term* const list = maker_.composite(TermKind::kArray, parts, nullptr);
        Expression* const call = maker_.expression(
            ExpressionKind::kCall, {maker_.operation({"internal", "test_case"}, nullptr), list},
            nullptr);
        std::vector<Expression*> body(rule.body.begin(), rule.body.end());
        body.insert(body.begin() + static_cast<std::ptrdiff_t>(at), call);
        for (std::size_t i = 0; i < body.size(); ++i) {
            if (body[i]->index == i) continue;
            body[i] = arena_.make<Expression>(*body[i]);
            body[i]->index = static_cast<std::uint32_t>(i);
        }
        rule.body = syntax::keep_pointers(body, arena_);
    }

    Arena& arena_;
    Interner& interner_;
    NodeMaker maker_;
    std::map<std::string, int> counts_;
};

}  // namespace

TestModules prepare_tests(std::span<const SourceModule> modules, Arena& arena, Interner& interner) {
    return Preparer(arena, interner).prepare(modules);
}

}  // namespace merlon::rego::compiler
