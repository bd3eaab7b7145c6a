#include <algorithm>

#include "rego/builtins.h"
#include "rego/go_json.h"
#include "rego/go_url.h"
#include "rego/syntax/json.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "rego/yaml_text.h"
#include "templates/template.h"
#include "text/json.h"

// Texts that are programs or addresses: Rego modules, templates, YAML, URIs (OPA: parse.go,
// template.go, encoding.go, uri.go).

namespace merlon::rego {
namespace {

using value::Value;

Outcome parse_module(Context& context, Operands operands) {
    // OPA counts both operands as the first.
    if (!operands[1].is_string()) return context.wrong_kind(1, operands[1], {"string"});
    Arena& arena = context.builder.arena();
    Interner& interner = context.builder.interner();
    const auto parsed = syntax::parse_module(operands[1].as_string(), arena, interner);
    const std::string file(operands[0].as_string());
    if (parsed.module == nullptr || !parsed.errors.empty()) {
        std::string text = syntax::to_string(parsed.errors, file);
        // What is no list of errors, in OPA, has no number of them.
        constexpr std::string_view kOne = "1 error occurred: ";
        if (text.ends_with("empty module") && text.starts_with(kOne)) text.erase(0, kOne.size());
        if (file.empty() && text.starts_with("rego_parse_error: empty")) text.insert(0, "0:0: ");
        return context.error(text);
    }
    const std::string text = syntax::to_json(*parsed.module, {.file = file});
    auto document = text::read_json(text, arena, interner);
    if (!document.ok()) return context.error(document.error().message);
    return *document.value().root;
}

// The compiler puts what is known in the place of a rule's calls: those that are left stand in a
// query.
Outcome metadata_chain(Context& context, Operands /*operands*/) {
    return context.error(
        "the rego.metadata.chain function must only be called within the scope of a rule");
}
Outcome metadata_rule(Context& context, Operands /*operands*/) {
    return context.error(
        "the rego.metadata.rule function must only be called within the scope of a rule");
}

// The template language's values; sets have become arrays.
templates::TemplateValue template_value(const Value& value) {
    if (value.is_boolean()) return value.as_boolean();
    if (value.is_number()) return templates::TemplateNumber{value.number_text()};
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_array()) {
        templates::TemplateList list;
        for (const Value& item : value.items()) list.push_back(template_value(item));
        return list;
    }
    if (!value.is_object()) return {};
    templates::TemplateMap::Entries entries;
    for (std::size_t i = 0; i < value.size(); ++i) {
        entries.emplace(value.keys()[i].as_string(), template_value(value.values()[i]));
    }
    return std::make_shared<templates::TemplateMap>(std::move(entries), templates::TemplateValue());
}

// What one node of a template takes, in instructions of the machine.
constexpr std::uint64_t kStepCost = 32;

Outcome render_template(Context& context, Operands operands) {
    if (!context.can_write(operands[1])) return Outcome::error();
    // OPA reads the text of the term as JSON, which sets and other keys than texts are not.
    if (const auto wrong = go_json_error(term_text(operands[1]), JsonReader::kWhole)) {
        return context.error(*wrong);
    }
    const auto parsed =
        templates::Template::parse(operands[0].as_string(), {}, templates::CommonFunctions::kGo);
    if (!parsed.ok()) return context.error(parsed.error().message);
    const Value variables = to_json(operands[1], context.builder);
    std::string out;
    bool may_go_on = true;
    const Status rendered = parsed.value().render(
        template_value(variables), {}, out, templates::kMaxTemplateSteps, [&](std::uint64_t steps) {
            return may_go_on = context.spend(steps * kStepCost) && context.is_text(out.size());
        });
    if (!may_go_on) return Outcome::error();
    if (!rendered.ok()) return context.error(rendered.error().message);
    constexpr std::string_view kNothing = "<no value>";
    for (std::size_t at = out.find(kNothing); at != std::string::npos;
         at = out.find(kNothing, at)) {
        out.replace(at, kNothing.size(), "<undefined>");
    }
    return context.limited_string(out);
}

Outcome yaml_marshal(Context& context, Operands operands) {
    if (!context.can_write(operands[0])) return Outcome::error();
    const Value tree = to_json(operands[0], context.builder);
    // OPA reads its own JSON as YAML on the way.
    if (const std::string_view reason = why_not_yaml(tree); !reason.empty()) {
        return context.error("yaml: " + std::string(reason));
    }
    return context.limited_string(yaml_text(tree));
}

Outcome uri_parse(Context& context, Operands operands) {
    const auto url = parse_url(operands[0].as_string());
    if (!url.ok()) return context.error(url.error().message);
    const GoUrl& parsed = url.value();
    const std::string& raw_path = parsed.raw_path.empty() ? parsed.path : parsed.raw_path;
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, text] :
         {std::pair("scheme", &parsed.scheme), std::pair("hostname", &parsed.host),
          std::pair("port", &parsed.port), std::pair("path", &parsed.path),
          std::pair("raw_path", &raw_path), std::pair("raw_query", &parsed.raw_query),
          std::pair("fragment", &parsed.fragment)}) {
        if (!text->empty()) entries.emplace_back(context.string(name), context.string(*text));
    }
    return context.builder.object(entries);
}

Outcome uri_is_valid(Context& context, Operands operands) {
    return context.boolean(operands[0].is_string() && operands[0].size() > 0 &&
                           parse_url(operands[0].as_string()).ok());
}

// A line for each way to choose one of the values of each operand.
bool print_choices(Context& context, std::span<const Value> operands, const std::string& line) {
    if (!context.spend(1 + line.size() / 16)) return false;
    if (operands.empty()) {
        context.world.listener->printed_at(line, context.place());
        return true;
    }
    const auto print_with = [&](const std::string& text) {
        return print_choices(context, operands.subspan(1), line.empty() ? text : line + " " + text);
    };
    if (!operands[0].is_set() || operands[0].size() == 0) return print_with("<undefined>");
    return std::ranges::all_of(operands[0].items(), [&](const Value& one) {
        return print_with(one.is_string() ? std::string(one.as_string()) : term_text(one));
    });
}

Outcome print_line(Context& context, Operands operands) {
    if (context.world.listener == nullptr) return context.boolean(true);
    if (!context.can_write(operands[0])) return Outcome::error();
    if (!print_choices(context, operands[0].items(), "")) return Outcome::error();
    return context.boolean(true);
}

Outcome reach_case(Context& context, Operands operands) {
    if (context.world.listener != nullptr) context.world.listener->reached_case(operands[0]);
    return context.boolean(true);
}

constexpr Builtin kLanguageBuiltins[] = {
    {"internal.print", "a", print_line},       {"internal.test_case", "a", reach_case},
    {"rego.parse_module", "sv", parse_module}, {"strings.render_template", "so", render_template},
    {"yaml.marshal", "v", yaml_marshal},       {"uri.parse", "s", uri_parse},
    {"uri.is_valid", "v", uri_is_valid},       {"rego.metadata.chain", "", metadata_chain},
    {"rego.metadata.rule", "", metadata_rule},
};

}  // namespace

std::span<const Builtin> language_builtins() { return kLanguageBuiltins; }

}  // namespace merlon::rego
