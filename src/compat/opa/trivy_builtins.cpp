#include "compat/opa/trivy_builtins.h"

#include <algorithm>
#include <array>

#include "compat/opa/shell_commands.h"
#include "rego/go_address.h"
#include "rego/go_format.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

using rego::Context;
using rego::Operands;
using rego::Outcome;
using value::Value;

const Value* member(const Value& object, std::string_view name) {
    return object.is_object() ? object.find(name) : nullptr;
}

constexpr int kMaxParents = 256;

// What a finding says about the place of its cause; `message` is absent for the place's parents.
Value result_of(Context& context, const Value* message, const Value& cause, int depth) {
    struct Field {
        std::string_view name;
        std::string_view other_name;  // of Docker's instructions
        Value absent;
    };
    const Value nothing = context.string("");
    const Field fields[] = {
        {"startline", "StartLine", context.integer(0)},
        {"endline", "EndLine", context.integer(0)},
        {"sourceprefix", "", nothing},
        {"filepath", "Path", nothing},
        {"explicit", "", context.boolean(false)},
        {"managed", "", context.boolean(true)},
        {"fskey", "", nothing},
        {"resource", "", nothing},
    };
    const Value* const metadata = member(cause, "__defsec_metadata");
    const Value& place = metadata == nullptr ? cause : *metadata;
    std::vector<value::Builder::Entry> entries;
    for (const Field& field : fields) {
        const Value* found = member(place, field.other_name);
        if (found == nullptr) found = member(place, field.name);
        entries.emplace_back(context.builder.key(field.name),
                             found == nullptr ? field.absent : *found);
    }
    const Value* const parent = depth < kMaxParents ? member(place, "parent") : nullptr;
    entries.emplace_back(
        context.builder.key("parent"),
        parent == nullptr ? Value() : result_of(context, nullptr, *parent, depth + 1));
    if (message != nullptr) entries.emplace_back(context.builder.key("msg"), *message);
    return context.builder.object(entries);
}

Outcome new_result(Context& context, Operands operands) {
    return result_of(context, operands.data(), operands[1], 0);
}

Outcome is_managed(Context& context, Operands operands) {
    return *result_of(context, nullptr, operands[0], 0).find("managed");
}

Outcome parse_commands(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    if (!context.spend(text.size())) return Outcome::error();
    const auto commands = shell_commands(text);
    if (!commands.ok()) {
        return context.error("parse command sequence error: " + commands.error().message);
    }
    std::vector<Value> lists;
    for (const ShellCommand& command : commands.value()) {
        std::vector<Value> words;
        for (const std::string& word : command) words.push_back(context.string(word));
        lists.push_back(context.builder.array(words));
    }
    return context.builder.array(lists);
}

// "*", "internet", "any": what providers write for every address.
bool is_everything(std::string_view text) {
    const std::string lower(rego::go_lower(text));
    return lower == "*" || lower == "internet" || lower == "any";
}

Outcome count_addresses(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    constexpr std::string_view kMost = "18446744073709551615";
    if (is_everything(text)) return context.take(context.builder.number(kMost));
    const auto network = rego::read_ip_network(text);
    if (!network) return context.integer(rego::is_ip_address(text) ? 1 : 0);
    const int power = network->bits - network->prefix;
    if (power >= 63) return context.take(context.builder.number(kMost));
    return context.integer(std::int64_t{1} << power);
}

// Loopback, link-local, private and shared addresses (RFC 1918, 3927, 4193, 4291, 6598).
bool is_private(std::string_view octets) {
    constexpr auto kBlocks = std::to_array<std::string_view>(
        {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
         "::1/128", "fe80::/10", "fc00::/7", "100.64.0.0/10"});
    return std::ranges::any_of(kBlocks, [octets](std::string_view block) {
        const auto network = rego::read_ip_network(block);
        if (!network || network->first.size() != octets.size()) return false;
        return network->first <= octets && octets <= network->last;
    });
}

Outcome is_public(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    if (is_everything(text)) return context.boolean(true);
    if (text.find('-') != std::string_view::npos) {
        // Trivy takes the text of each end for an address's octets, and such are never private.
        return context.boolean(std::ranges::count(text, '-') == 1);
    }
    const bool is_network = text.find('/') != std::string_view::npos;
    const auto network = rego::read_ip_network(
        is_network ? std::string(text)
                   : std::string(text) + (text.find(':') == text.npos ? "/32" : "/128"));
    if (!network) return context.boolean(false);
    return context.boolean(!is_private(network->address) || !is_private(network->last));
}

// What a user's script may hold that is secret: forms that providers publish, and passwords that
// are written out.
struct SecretForm {
    std::string_view description;
    std::string_view expression;
};
constexpr auto kSecretForms = std::to_array<SecretForm>({
    {"Check for AWS Access Key Id",
     R"((?:A3T[A-Z0-9]|A(?:KIA|SIA|ROA|IDA|GPA|IPA|NPA|NVA))[A-Z0-9]{16})"},
    {"Check for AWS Secret Access Key", R"((?i)aws_secre.+[=:]\s*[a-z0-9/+=]{40})"},
    {"Check for new Github Token", R"(gh[oprsu]_\w{30,255})"},
    {"Private Asymetric Key", R"(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----)"},
    {"Slack", R"(xox[abprs]-[0-9A-Za-z]{10,48})"},
    {"Password literal text", R"((?im)password\s?[:=]\s?"?[^\s?${].)"},
    {"Google API key", R"(AIza[0-9A-Za-z_-]{35})"},
    {"Stripe API key", R"((?:r|s)k_live_[0-9A-Za-z]{24})"},
    {"Twilio API key", R"(SK[0-9a-f]{32})"},
    {"OpenAI Secret Key", R"(sk-(?:proj-)?[0-9A-Za-z]{32,})"},
});

Outcome scan_string(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    std::string_view description;
    for (const SecretForm& form : kSecretForms) {
        if (!context.spend(1 + text.size() / 16)) return Outcome::error();
        const match::Regex* const expression = context.regex(form.expression);
        if (expression == nullptr) return Outcome::error();
        if (!expression->is_match(text)) continue;
        description = form.description;
        break;
    }
    const value::Builder::Entry entries[] = {
        {context.builder.key("transgressionFound"), context.boolean(!description.empty())},
        {context.builder.key("description"), context.string(description)},
    };
    return context.builder.object(entries);
}

constexpr rego::compiler::ExtraBuiltin kBuiltins[] = {
    {{"result.new", "string; any", "any"}, {"result.new", "sv", new_result}},
    {{"isManaged", "any", "boolean"}, {"isManaged", "v", is_managed}},
    {{"sh.parse_commands", "string", "array[array[string]]"},
     {"sh.parse_commands", "s", parse_commands}},
    {{"cidr.count_addresses", "string", "number"}, {"cidr.count_addresses", "s", count_addresses}},
    {{"cidr.is_public", "string", "boolean"}, {"cidr.is_public", "s", is_public}},
    {{"squealer.scan_string", "string", "object<description: string, transgressionFound: boolean>"},
     {"squealer.scan_string", "s", scan_string}},
};

}  // namespace

std::span<const rego::compiler::ExtraBuiltin> trivy_builtins() { return kBuiltins; }

}  // namespace merlon::compat::opa
