#include "compat/opa/question.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxInputBytes = std::uint64_t{1} << 30;

}  // namespace

bool Question::take(const Error& error) {
    errors_.push_back({.message = error.to_string()});
    return false;
}

std::string_view Question::contradiction(const ParsedCommand& command) {
    const auto is_said = [&command](std::string_view flag) {
        return command.takes(flag) && command.is_set(flag) &&
               command.source(flag) == ValueSource::kFlag;
    };
    const std::size_t queries = command.arguments.size();
    if (queries > 0 && is_said("stdin")) {
        return "specify query argument or --stdin but not both";
    }
    if (queries == 0 && !is_said("stdin")) return "specify query argument or --stdin";
    if (queries > 1) return "specify at most one query argument";
    if (is_said("stdin") && is_said("stdin-input")) {
        return "specify --stdin or --stdin-input but not both";
    }
    if (is_said("stdin-input") && is_said("input")) {
        return "specify --stdin-input or --input but not both";
    }
    return {};
}

bool Question::load_policies() {
    load_data(command_, outside_, loader_);
    errors_.clear();
    for (const ShownError& one : loader_.errors()) {
        if (one.parts.empty()) {
            errors_.push_back(one);
        } else {
            errors_.insert(errors_.end(), one.parts.begin(), one.parts.end());
        }
    }
    return errors_.empty();
}

bool Question::read_input() {
    const bool is_piped = command_.takes("stdin-input") && command_.is_set("stdin-input");
    if (!is_piped && command_.text("input").empty()) return true;
    std::string file;
    if (!is_piped) {
        auto cleaned = clean_path(command_.text("input"));
        if (!cleaned.ok()) return take(cleaned.error());
        file = std::move(cleaned).value();
    }
    const auto text = is_piped ? outside_.read_input() : read_as_go(file, kMaxInputBytes);
    if (!text.ok()) return take(text.error());
    const auto read = loader_.read_input(text.value(), file);
    if (!read.ok()) return take(read.error());
    input_ = read.value();
    return true;
}

// What --package and --import say of the names in the query.
bool Question::read_context() {
    if (!command_.takes("package")) return true;
    const std::vector<std::string>& imports = command_.list("import");
    if (!command_.is_set("package") && imports.empty()) return true;
    const std::string package = command_.text("package");
    std::string text = "package " + (package.empty() ? "__query" : package);
    for (const std::string& import : imports) text += "\nimport " + import;
    rego::syntax::ParseOptions options;
    options.version = version_of(command_);
    const auto parsed = rego::syntax::parse_module(text, arena_, interner_, options);
    for (const rego::syntax::SyntaxError& error : parsed.errors) {
        errors_.push_back(shown(error, ""));
        // The imports are a text of their own.
        if (errors_.back().row > 1) --errors_.back().row;
    }
    context_ = parsed.module;
    return errors_.empty();
}

bool Question::read_query() {
    if (!read_context()) return false;
    if (command_.takes("stdin") && command_.is_set("stdin")) {
        const auto text = outside_.read_input();
        if (!text.ok()) return take(text.error());
        text_ = text.value();
    } else {
        text_ = command_.arguments[0];
    }
    if (text_.empty()) {
        errors_.push_back({.message = "cannot evaluate empty query"});
        return false;
    }
    rego::syntax::ParseOptions options;
    options.version = version_of(command_);
    options.rules = rego::syntax::ReadRules::kNo;
    const auto parsed = rego::syntax::parse_query(text_, arena_, interner_, options);
    for (const rego::syntax::SyntaxError& error : parsed.errors) {
        errors_.push_back(shown(error, ""));
    }
    if (!errors_.empty()) return false;
    if (parsed.body.empty()) {
        errors_.push_back(
            {.message = "empty query cannot be compiled", .code = "rego_compile_error"});
        return false;
    }
    body_ = parsed.body;
    return true;
}

}  // namespace merlon::compat::opa
