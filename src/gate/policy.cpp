#include "gate/policy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/arena.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "gate/fields.h"
#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::array<std::string_view, 4> kStatusNames = {"pass", "excepted", "fail", "unknown"};
constexpr std::string_view kRule = "conditions";
constexpr std::size_t kMaxModules = 1'000;

std::string document_of(const std::vector<PolicyModule>& modules) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("schema", "merlon-gate-policy").key("version").integer(1);
    json.key("modules").begin_array();
    for (const PolicyModule& module : modules) {
        json.begin_object().member("name", module.name);
        json.key("library").boolean(module.role == PolicyModule::Role::kLibrary);
        json.member("text", module.text).end_object();
    }
    json.end_array().end_object();
    return out;
}

bool has_conditions(const rego::syntax::Module& module) {
    return std::ranges::any_of(module.rules, [](const rego::syntax::Rule* rule) {
        const rego::syntax::Head& head = *rule->head;
        return head.name == kRule || (!head.reference.empty() && head.reference[0]->text == kRule);
    });
}

// data.merlon.gates["severity"].conditions, quoted throughout.
std::string query_of(const rego::syntax::Module& module) {
    std::string query = "data";
    for (const rego::syntax::Term* part : module.package->path.subspan(1)) {
        query += '[';
        rego::append_go_quoted(query, part->text);
        query += ']';
    }
    return query + '.' + std::string(kRule);
}

Condition unknown(std::string id, std::string reason) {
    return {.id = std::move(id),
            .title = "the policy can be asked",
            .status = ConditionStatus::kUnknown,
            .reason = std::move(reason),
            .evidence = {},
            .fix = "mend the policy, or what it reads",
            .approvers = {},
            .is_of_broken_policy = true};
}

// "pass", "fail" and "unknown" are what a policy may say; exceptions are not its business.
Condition condition_of(const Value& said, const std::string& module) {
    const std::string status = said.is_object() ? text_at(said, "status") : std::string();
    const bool is_known = status == "pass" || status == "fail" || status == "unknown";
    if (!is_known || text_at(said, "id").empty()) {
        return unknown(module, fmt::format("'conditions' of {} holds something without id and "
                                           "status (pass, fail, unknown): {}",
                                           module, rego::json_text(said).substr(0, 200)));
    }
    Condition made{.id = text_at(said, "id"),
                   .title = text_at(said, "title"),
                   .status = ConditionStatus::kPass,
                   .reason = text_at(said, "reason"),
                   .evidence = {},
                   .fix = text_at(said, "fix"),
                   .approvers = {}};
    if (status != "pass")
        made.status = status == "fail" ? ConditionStatus::kFail : ConditionStatus::kUnknown;
    if (const Value* all = said.find("evidence"); all != nullptr && all->is_array()) {
        for (const Value& one : all->items()) {
            if (one.is_string())
                made.evidence.push_back({.text = std::string(one.as_string()), .document = {}});
            else
                made.evidence.push_back({.text = text_at(one, "text"),
                                         .document = text_at(one, "document"),
                                         .key = text_at(one, "key")});
        }
    }
    if (const Value* all = said.find("approvers"); all != nullptr && all->is_array()) {
        for (const Value& one : all->items())
            if (one.is_string()) made.approvers.emplace_back(one.as_string());
    }
    return made;
}

}  // namespace

std::string_view name(ConditionStatus status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

// What the program points into stays where it is.
struct Policy::Compiled {
    Arena arena;
    Interner interner;
    std::vector<std::string> asked;  // the module of each query
    std::unique_ptr<const rego::Program> program;
};

Policy::Policy() : compiled_(std::make_unique<Compiled>()) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

Result<Policy> Policy::compile(std::vector<PolicyModule> modules) {
    Policy policy;
    policy.modules_ = std::move(modules);
    policy.document_ = document_of(policy.modules_);
    policy.digest_ = crypto::sha256(policy.document_).to_string();
    Compiled& compiled = *policy.compiled_;
    std::vector<rego::compiler::SourceModule> sources;
    std::vector<rego::compiler::SourceQuery> queries;
    for (const PolicyModule& module : policy.modules_) {
        const auto parsed =
            rego::syntax::parse_module(module.text, compiled.arena, compiled.interner);
        if (parsed.module == nullptr)
            return Error{rego::syntax::to_string(parsed.errors, module.name)};
        sources.push_back({module.name, parsed.module});
        if (module.role == PolicyModule::Role::kLibrary) continue;
        if (!has_conditions(*parsed.module)) {
            return Error{fmt::format(
                "{}: a gate's policy has a rule 'conditions', a set of objects with id, title and "
                "status; this one has none",
                module.name)};
        }
        const auto query =
            rego::syntax::parse_query(query_of(*parsed.module), compiled.arena, compiled.interner);
        if (!query.errors.empty()) return Error{query.errors[0].to_string(module.name)};
        queries.push_back(
            {module.name, query.body, rego::compiler::QueryResult::kBindingsAndValues});
        compiled.asked.push_back(module.name);
    }
    auto made = rego::compiler::compile(sources, queries);
    if (made.program == nullptr) {
        std::string text = "the policy has errors:";
        for (const rego::compiler::CompileError& error : made.errors)
            text += fmt::format("\n{}:{}: {}", error.file, error.row, error.message);
        return Error{std::move(text)};
    }
    compiled.program = std::move(made.program);
    return policy;
}

Result<Policy> Policy::read(std::string_view document) {
    Arena arena;
    Interner interner;
    const value::ValueDocument read = MERLON_TRY(text::read_json(document, arena, interner));
    const Value* const list = read.root->find("modules");
    if (text_at(*read.root, "schema") != "merlon-gate-policy" || list == nullptr ||
        !list->is_array() || list->size() > kMaxModules) {
        return Error{"this is no policy of a gate"};
    }
    std::vector<PolicyModule> modules;
    for (const Value& one : list->items()) {
        const Value* const library = one.find("library");
        const bool is_library =
            library != nullptr && library->is_boolean() && library->as_boolean();
        modules.push_back(
            {.name = text_at(one, "name"),
             .text = text_at(one, "text"),
             .role = is_library ? PolicyModule::Role::kLibrary : PolicyModule::Role::kConditions});
    }
    return compile(std::move(modules));
}

std::vector<Condition> Policy::conditions(const Value& input, const CancelToken* cancel) const {
    rego::MachineOptions options;
    options.cancel = cancel;
    options.builtin_errors = rego::BuiltinErrors::kStrict;
    options.limits.instructions = kMaxInstructions;
    rego::Machine machine(*compiled_->program, options);
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const Value data = values.object({});
    std::vector<Condition> all;
    for (std::size_t plan = 0; plan < compiled_->asked.size(); ++plan) {
        if (cancel != nullptr && cancel->cancelled()) break;
        const std::string& module = compiled_->asked[plan];
        const rego::Evaluation& answer = machine.run(static_cast<std::uint32_t>(plan), input, data);
        const std::size_t before = all.size();
        if (answer.error) {
            all.push_back(unknown(module, answer.error->to_string()));
            continue;
        }
        for (const Value& one : answer.results) {
            // A result is [bindings, [value]].
            const Value said = rego::to_json(one.items()[1].items()[0], values);
            if (!said.is_array()) continue;
            for (const Value& element : said.items()) all.push_back(condition_of(element, module));
        }
        if (all.size() == before)
            all.push_back(unknown(module, "the policy " + module + " said nothing"));
    }
    if (all.empty()) all.push_back(unknown("policy", "the gate has no conditions"));
    std::ranges::stable_sort(all, {}, &Condition::id);
    return all;
}

}  // namespace merlon::gate
