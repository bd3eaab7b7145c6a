#include "compat/conftest/engine.h"

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "base/file.h"
#include "compat/conftest/config_builtins.h"
#include "compat/conftest/values.h"
#include "compat/opa/watching.h"
#include "model/engine.h"
#include "rego/go_json.h"
#include "rego/term.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::uint64_t kMaxCapabilitiesBytes = std::uint64_t{64} << 20;

bool is_ascii_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

// "deny", "deny_a", "deny_a_b1".
bool is_named(std::string_view rule, std::string_view word) {
    if (!rule.starts_with(word)) return false;
    rule.remove_prefix(word.size());
    while (!rule.empty()) {
        if (rule[0] != '_') return false;
        rule.remove_prefix(1);
        std::size_t end = 0;
        while (end < rule.size() && (is_ascii_letter(rule[end]) || is_digit(rule[end]))) ++end;
        if (end == 0) return false;
        rule.remove_prefix(end);
    }
    return true;
}
bool is_failure(std::string_view rule) {
    return is_named(rule, "deny") || is_named(rule, "violation");
}
bool is_warning(std::string_view rule) { return is_named(rule, "warn"); }

// What an exception names: "a" of deny_a, nothing of deny.
std::string_view without_word(std::string_view rule) {
    if (rule == "violation" || rule == "deny" || rule == "warn") return {};
    for (const std::string_view word : {"violation_", "deny_", "warn_"}) {
        if (rule.starts_with(word)) rule.remove_prefix(word.size());
    }
    return rule;
}

Status problem(std::string_view doing, std::span<const opa::ShownError> errors,
               std::string_view during) {
    if (errors.empty()) return {};
    return Error{std::string(doing) + opa::to_string(errors, during)};
}

// A rule `deny.x if …` says that data.main.deny.x is true, where a message was meant.
Status refuse_if_without_contains(std::span<const rego::compiler::SourceModule> modules) {
    for (const rego::compiler::SourceModule& source : modules) {
        for (const rego::syntax::Rule* rule : source.module->rules) {
            const rego::syntax::Head& head = *rule->head;
            if (!head.name.empty() || head.value == nullptr || head.reference.empty()) continue;
            const std::string_view name = head.reference[0]->text;
            const bool is_true = head.value->kind == rego::syntax::TermKind::kBoolean &&
                                 head.value->constant.as_boolean();
            if ((!is_failure(name) && !is_warning(name)) || !is_true) continue;
            return Error{"rule is using 'if' keyword without 'contains' keyword: rule in " +
                         source.file + " at line " + std::to_string(head.location->row)};
        }
    }
    return {};
}

std::vector<opa::ShownError> shown_errors(std::span<const rego::compiler::CompileError> errors) {
    std::vector<opa::ShownError> shown;
    for (const auto& error : errors) shown.push_back(opa::shown(error));
    return shown;
}

}  // namespace

rego::EvaluationError in_conftests_words(rego::EvaluationError error) {
    if (error.kind != rego::ErrorKind::kConflict) return error;
    if (error.message.starts_with("function ")) {
        error.message = "functions must not produce multiple outputs for same inputs";
    } else if (error.message.starts_with("rule ")) {
        error.message = "complete rules must not produce multiple outputs";
    }
    return error;
}

void PrintedLines::printed_at(std::string_view line, const rego::CallPlace& place) {
    lines.push_back(std::string(place.file) + ":" + std::to_string(place.row) + ": " +
                    std::string(line) + "\n");
}

void PrintedLines::reached_case(const Value& path) {
    std::vector<std::string> names;
    for (const Value& name : path.items()) {
        names.push_back(name.is_string() ? std::string(name.as_string()) : rego::json_text(name));
    }
    cases.push_back(std::move(names));
}

std::string namespace_of(const rego::syntax::Module& module) {
    std::string text = "data";
    for (const rego::syntax::Term* part : module.package->path.subspan(1)) {
        const std::string_view name = part->text;
        const bool is_name =
            !name.empty() && !is_digit(name[0]) && std::ranges::all_of(name, [](char c) {
                return is_ascii_letter(c) || is_digit(c) || c == '_';
            });
        if (is_name) {
            text += "." + std::string(name);
        } else {
            text += "[";
            rego::append_go_quoted(text, name);
            text += "]";
        }
    }
    if (const std::size_t at = text.find("data."); at != std::string::npos) text.erase(at, 5);
    return text;
}

rego::compiler::CompileOptions Policies::compile_options() const {
    return {.builtins = rego::compiler::KnownBuiltins(
                config_builtins(), capabilities_ ? &capabilities_->names() : nullptr),
            .prints = rego::compiler::Prints::kKept,
            .strictness = strictness_,
            .cancel = outside_.cancel};
}

Status Policies::restrict_to(const std::string& capabilities_file) {
    const auto text = opa::read_as_go(capabilities_file, kMaxCapabilitiesBytes);
    if (!text.ok()) return Error{"load capabilities: " + text.error().to_string()};
    const auto document =
        rego::read_go_json(text.value(), arena_, interner_, rego::JsonEnd::kFirst);
    if (!document.ok()) {
        return Error{"load capabilities: " + opa::unread(document.error(), "").to_string()};
    }
    auto read = opa::Capabilities::read(document.value());
    if (!read.ok()) return Error{"load capabilities: " + read.error().message};
    capabilities_ = std::move(read).value();
    return {};
}

Status Policies::load(const PolicyPaths& paths) {
    strictness_ = paths.strictness;
    rego::syntax::RegoVersion version = rego::syntax::RegoVersion::kV1;
    if (equal_without_case(paths.rego_version, "v0")) {
        version = rego::syntax::RegoVersion::kV0;
    } else if (!equal_without_case(paths.rego_version, "v1")) {
        return Error{"loading policies: invalid Rego version: " + paths.rego_version};
    }
    opa::Loader policies(arena_, interner_, version);
    policies.ignore({"*.json", "*.yaml", "*.yml"});
    for (const std::string& path : paths.policies) policies.load(path);
    MERLON_TRY(problem("loading policies: load: ", policies.errors(), " during loading"));
    modules_ = policies.modules();
    if (modules_.empty() && !paths.policies.empty()) {
        std::string list;
        for (const std::string& path : paths.policies) list += (list.empty() ? "" : " ") + path;
        return Error{"loading policies: no policies found in [" + list + "]"};
    }
    const auto compiled = rego::compiler::compile(modules_, {}, compile_options());
    MERLON_TRY(problem("loading policies: get compiler: ", shown_errors(compiled.errors), ""));
    const Status named = refuse_if_without_contains(modules_);
    if (!named.ok()) return Error{"loading policies: " + named.error().message};

    opa::Loader data(arena_, interner_, version);
    data.ignore({"*.rego", "*.tar.gz"});
    for (const std::string& path : paths.data) {
        // As conftest, which passes over what is no document, though it was named.
        std::error_code code;
        const auto extension = std::filesystem::path(path).extension();
        const bool is_document =
            extension == ".json" || extension == ".yaml" || extension == ".yml";
        if (is_document || !std::filesystem::is_regular_file(path, code)) data.load(path);
    }
    MERLON_TRY(problem("load documents: ", data.errors(), " during loading"));
    data_ = data.data();
    return {};
}

std::vector<std::string> Policies::namespaces() const {
    std::vector<std::string> names;
    for (const rego::compiler::SourceModule& source : modules_) {
        const std::string name = namespace_of(*source.module);
        const bool is_known = std::ranges::any_of(
            names, [&name](const std::string& known) { return equal_without_case(known, name); });
        if (!is_known) names.push_back(name);
    }
    return names;
}

Value Policies::data_for(const std::string& path) {
    std::error_code code;
    const std::filesystem::path file = std::filesystem::absolute(path, code).lexically_normal();
    const value::Builder::Entry names[] = {
        {values_.key("name"), values_.string(file.filename().string())},
        {values_.key("dir"), values_.string(file.parent_path().string())}};
    const auto with = [this](const Value* object, std::string_view name, const Value& member) {
        std::vector<value::Builder::Entry> entries;
        if (object != nullptr && object->is_object()) {
            for (std::size_t i = 0; i < object->size(); ++i) {
                entries.emplace_back(object->keys()[i], object->values()[i]);
            }
        }
        entries.emplace_back(values_.key(name), member);
        return values_.object(entries);
    };
    const Value conftest = with(data_.find("conftest"), "file", values_.object(names));
    return with(&data_, "conftest", conftest);
}

rego::World Policies::world(opa::SeenWorld& seen, rego::Listener* listener) const {
    rego::World world = seen.next_run(outside_);
    world.listener = listener;
    world.opa_version = {};  // as conftest, which tells policies nothing of itself
    return world;
}

Result<NamespaceRules> NamespaceRules::compile(Policies& policies, std::string name_space,
                                               BuiltinErrorsShown shown, Tracing tracing) {
    NamespaceRules made(policies, std::move(name_space));
    made.shown_ = shown;
    for (const rego::compiler::SourceModule& source : policies.modules()) {
        if (namespace_of(*source.module) != made.name_space_) continue;
        for (const rego::syntax::Rule* rule : source.module->rules) {
            const std::string name(rule->head->name);
            if (!is_failure(name) && !is_warning(name)) continue;
            ++made.rule_count_;
            if (std::ranges::find(made.rules_, name, &Rule::name) != made.rules_.end()) continue;
            const std::string package = "data." + made.name_space_ + ".";
            made.rules_.push_back(
                {name, is_failure(name),
                 package + "exception[_][_] == \"" + std::string(without_word(name)) + "\"",
                 package + name});
        }
    }
    std::vector<rego::compiler::SourceQuery> queries;
    for (const Rule& rule : made.rules_) {
        for (const std::string& text : {rule.exception_query, rule.query}) {
            const auto query =
                rego::syntax::parse_query(text, policies.arena(), policies.interner(), {});
            if (!query.errors.empty()) return Error{query.errors[0].to_string("")};
            queries.push_back({text, query.body, rego::compiler::QueryResult::kBindingsAndValues});
        }
    }
    auto compiled =
        rego::compiler::compile(policies.modules(), queries, policies.compile_options());
    if (compiled.program == nullptr) {
        // conftest asks one after the other, and ends at the first that is wrong.
        for (std::size_t i = 0; i < queries.size(); ++i) {
            const auto one = rego::compiler::compile(
                policies.modules(), std::span(queries).subspan(i, 1), policies.compile_options());
            if (one.program != nullptr) continue;
            return Error{(i % 2 == 0 ? "query exception: " : "query rule: ") +
                         ("evaluating policy: " + opa::to_string(shown_errors(one.errors)))};
        }
        return Error{opa::to_string(shown_errors(compiled.errors))};
    }
    made.program_ = std::move(compiled.program);
    for (std::size_t i = 0; i < queries.size() && tracing == Tracing::kOn; ++i) {
        made.libraries_.push_back(std::make_unique<rego::watch::Library>(
            rego::compiler::prepare(opa::in_order_of_files(policies.modules()),
                                    std::span(queries).subspan(i, 1), policies.compile_options())));
    }
    return made;
}

Result<RuleResult> NamespaceRules::result_of(const Value& said, const std::string& query) {
    if (said.is_string()) {
        return RuleResult{.message = std::string(said.as_string()), .query = query};
    }
    const Value* const message = said.find("msg");
    if (message == nullptr || !message->is_string()) {
        return Error{"new result: \"msg\" field must be present and a string"};
    }
    RuleResult result{.message = std::string(message->as_string()), .query = query};
    for (std::size_t i = 0; i < said.size(); ++i) {
        const std::string_view name = said.keys()[i].as_string();
        if (name != "msg" && name != "_loc") {
            result.metadata.emplace_back(name, copied(said.values()[i], policies_->values()));
        }
    }
    const Value* const place = said.find("_loc");
    const Value* const file = place == nullptr ? nullptr : place->find("file");
    const Value* const line = place == nullptr ? nullptr : place->find("line");
    ResultPlace found;
    if (file != nullptr && file->is_string()) found.file = file->as_string();
    if (line != nullptr && line->is_number()) found.line = line->number_text();
    if (!found.file.empty() || !found.line.empty()) result.place = found;
    return result;
}

Result<std::vector<RuleResult>> NamespaceRules::ask(std::size_t plan, const std::string& query,
                                                    const Value& value, const Value& data,
                                                    CheckResult& result) {
    PrintedLines printed;
    opa::SeenWorld seen(policies_->outside());
    rego::MachineOptions options;
    options.cancel = policies_->outside().cancel;
    options.world = policies_->world(seen, &printed);
    if (shown_ == BuiltinErrorsShown::kYes) options.builtin_errors = rego::BuiltinErrors::kStrict;
    rego::Machine machine(*program_, options);
    const rego::Evaluation& evaluation = machine.run(static_cast<std::uint32_t>(plan), value, data);
    if (evaluation.error) {
        const rego::EvaluationError error = in_conftests_words(*evaluation.error);
        const bool is_builtin =
            shown_ == BuiltinErrorsShown::kYes &&
            (error.kind == rego::ErrorKind::kBuiltin || error.kind == rego::ErrorKind::kType);
        return Error{(is_builtin ? "built-in error: " : "evaluating policy: ") + error.to_string()};
    }
    std::ranges::move(printed.lines, std::back_inserter(result.prints));
    std::vector<RuleResult> results;
    for (const Value& one : evaluation.results) {
        // A result is [bindings, [value]].
        const Value said = rego::to_json(one.items()[1].items()[0], policies_->values());
        if (!said.is_array() || said.size() == 0) {
            results.emplace_back();
            continue;
        }
        for (const Value& element : said.items()) {
            if (!element.is_string() && !element.is_object()) continue;
            results.push_back(MERLON_TRY(result_of(element, query)));
        }
    }
    if (!libraries_.empty()) {
        TracedQuery traced{query, std::ranges::all_of(results, &RuleResult::has_passed), {}};
        trace(plan, value, data, seen, traced);
        result.traced.push_back(std::move(traced));
    }
    return results;
}

void NamespaceRules::trace(std::size_t plan, const Value& value, const Value& data,
                           opa::SeenWorld& seen, TracedQuery& into) {
    opa::TraceRecorder recorder(opa::Explain::kDebug, opa::Variables::kHidden);
    rego::watch::WatchOptions options;
    options.cancel = policies_->outside().cancel;
    options.world = policies_->world(seen, nullptr);
    options.unifications = rego::watch::Unifications::kTold;
    rego::watch::Watcher watcher(*libraries_[plan], recorder, options);
    opa::EventText text(watcher);
    recorder.attach(&text);
    const auto error = watcher.run(0, value, data);
    into.trace = recorder.finish({}, opa::Places::kHidden);
    // The machine had no error, so that this one is the trace's own: it took too long.
    if (error) into.trace += error->to_string() + "\n";
}

Result<CheckResult> NamespaceRules::check(const std::string& path, const Value& value) {
    CheckResult result{.file = path, .name_space = name_space_};
    const Value data = policies_->data_for(path);
    std::size_t successes = 0;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const Rule& rule = rules_[i];
        auto excepted = ask(2 * i, rule.exception_query, value, data, result);
        if (!excepted.ok()) return Error{"query exception: " + excepted.error().message};
        std::erase_if(excepted.value(), [](const RuleResult& one) { return !one.has_passed(); });
        for (RuleResult& one : excepted.value()) one = {.message = rule.exception_query};
        auto said = ask(2 * i + 1, rule.query, value, data, result);
        if (!said.ok()) return Error{"query rule: " + said.error().message};
        for (RuleResult& one : said.value()) {
            // Exceptions are counted already.
            if (!excepted.value().empty()) break;
            if (one.has_passed()) {
                ++successes;
            } else {
                (rule.is_failure ? result.failures : result.warnings).push_back(std::move(one));
            }
        }
        std::ranges::move(excepted.value(), std::back_inserter(result.exceptions));
    }
    // Rules of one name are one query, so that what they did not say is counted here.
    const std::size_t counted =
        result.failures.size() + result.warnings.size() + result.exceptions.size() + successes;
    result.successes = successes + (counted < rule_count_ ? rule_count_ - counted : 0);
    return result;
}

}  // namespace merlon::compat::conftest
