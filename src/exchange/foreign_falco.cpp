// Falco's alerts as JSON Lines (json_output: true).
//
// The idea: alerts are events, and a thousand of them are one finding: the rule, and the workload
// that broke it. How often, from when to when, stays with it.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

// What Falco says where it does not know.
constexpr std::string_view kNotAvailable = "<NA>";

struct Workload {
    model::Severity severity = model::Severity::kInfo;
    std::string object, output, first, last;
    std::vector<std::string> tags;
    std::vector<LinkEnd> images;  // that run there: by digest, else by name
    std::uint64_t count = 0;
    bool is_workload = true;  // and no user of an account, say
};
using Key = std::pair<std::string, std::string>;  // rule and object

constexpr std::string_view kSystemCalls = "syscall";

// What an event is of: of older versions, which do not say it, the names of the fields do.
std::string source_of(const Value& alert, const Value* details, FieldReader& fields) {
    if (std::string said = fields.text(alert, "source"); !said.empty()) return said;
    if (details == nullptr) return std::string(kSystemCalls);
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPlugins{
        {{"ka.", "k8s_audit"},
         {"ct.", "aws_cloudtrail"},
         {"okta.", "okta"},
         {"github.", "github"}}};
    for (const Value& key : details->keys())
        for (const auto& [prefix, source] : kPlugins)
            if (key.is_string() && key.as_string().starts_with(prefix)) return std::string(source);
    return std::string(kSystemCalls);
}

// Whether a field of a plugin's event says who did it, or to what: "ka.target.name", "ct.user".
bool is_of_identity(std::string_view field) {
    constexpr std::array<std::string_view, 19> kWords{
        "user",    "username", "name",      "namespace", "resource",   "arn",     "target",
        "repo",    "org",      "bucket",    "account",   "actor",      "project", "email",
        "subject", "instance", "principal", "group",     "repository",
    };
    const std::string_view last = field.substr(field.rfind('.') + 1);
    return !field.starts_with("evt.") && std::ranges::find(kWords, last) != kWords.end();
}

// Of what no system call is, the host is where Falco runs: it is about who did it to what, else
// about what the alert says.
std::string object_of_plugin(const std::string& source, const Value& alert, const Value* details,
                             FieldReader& fields) {
    std::map<std::string, std::string> parts;
    if (details != nullptr)
        for (std::size_t i = 0; i < details->size(); ++i) {
            const std::string_view name = details->keys()[i].as_string();
            const Value& value = details->values()[i];
            if (!is_of_identity(name) || !value.is_string()) continue;
            std::string text(value.as_string());
            if (!text.empty() && text != kNotAvailable)
                parts.emplace(std::string(name), std::move(text));
        }
    std::string object = source;
    for (const auto& [name, text] : parts) object += " " + name + "=" + text;
    if (parts.empty()) object += " " + fields.text(alert, "output");
    return object;
}

// A pod, else a container, else the host; of an event of a plugin, what that is about.
std::string object_of(const Value& alert, FieldReader& fields) {
    const std::string host = fields.text(alert, "hostname");
    const Value* const details = fields.object(alert, "output_fields");
    const std::string source = source_of(alert, details, fields);
    if (source != kSystemCalls) return object_of_plugin(source, alert, details, fields);
    if (details == nullptr) return host;
    const auto detail = [&](std::string_view name) {
        std::string text = fields.text(*details, name);
        return text == kNotAvailable ? std::string() : text;
    };
    if (const std::string pod = detail("k8s.pod.name"); !pod.empty())
        return detail("k8s.ns.name") + "/pod/" + pod;
    const std::string container = detail("container.name");
    if (container.empty() || container == "host") return host;
    return host + "/container/" + container;
}

// What ran there when the alert was raised (supported fields of Falco, "container" and "k8s").
void note_image(const Value& alert, FieldReader& fields, Workload& one) {
    const Value* const details = fields.object(alert, "output_fields");
    if (details == nullptr) return;
    const auto detail = [&](std::string_view name) {
        std::string text = fields.text(*details, name);
        return text == kNotAvailable ? std::string() : text;
    };
    std::string digest = detail("container.image.digest");
    digest.erase(0, digest.find("sha256:") == std::string::npos ? 0 : digest.find("sha256:"));
    std::string called = detail("container.image.repository");
    if (const std::string tag = detail("container.image.tag"); !called.empty() && !tag.empty())
        called += ":" + tag;
    LinkEnd image =
        digest.starts_with("sha256:") ? LinkEnd{"artifact", digest} : LinkEnd{"image", called};
    if (!image.name.empty() && std::ranges::find(one.images, image) == one.images.end())
        one.images.push_back(std::move(image));
}

// The image runs as the workload, and the workload has raised the alert.
void add_links(const std::string& rule, const Workload& one, ForeignDraft& draft) {
    if (one.object.empty() || !one.is_workload) return;
    const LinkEnd workload{"workload", one.object};
    const auto add = [&](LinkEnd from, std::string_view relation, LinkEnd to) {
        draft.read().links.push_back({.from = std::move(from),
                                      .relation = std::string(relation),
                                      .to = std::move(to),
                                      .collector = "falco",
                                      .valid_from = one.first});
    };
    for (const LinkEnd& image : one.images) add(image, "runs as", workload);
    add(workload, "raised", {"incident", rule + " in " + one.object});
}

void read_alert(const Value& alert, FieldReader& fields, std::map<Key, Workload>& all) {
    const std::string rule = fields.required_text(alert, "rule");
    const std::string time = fields.text(alert, "time");
    std::string object = object_of(alert, fields);
    Workload& one = all[{rule, object}];
    one.object = std::move(object);
    one.is_workload =
        source_of(alert, fields.object(alert, "output_fields"), fields) == kSystemCalls;
    one.severity =
        std::max(one.severity,
                 severity_of_word(fields.text(alert, "priority")).value_or(model::Severity::kHigh));
    if (one.count++ == 0 || time < one.first) one.first = time;
    if (one.count == 1 || time >= one.last) {
        one.last = time;
        one.output = fields.text(alert, "output");
    }
    if (one.tags.empty()) one.tags = fields.texts(alert, "tags");
    note_image(alert, fields, one);
}

}  // namespace

// Complete: never. What did not happen again today is not mended.
ReadReports read_falco(const ForeignInput& input) {
    std::map<Key, Workload> all;
    MERLON_TRY(each_record(
        input, [&](const Value& record, FieldReader& fields) { read_alert(record, fields, all); }));
    ForeignDraft draft("falco");
    for (auto& [key, one] : all) {
        add_links(key.first, one, draft);
        draft.rule(key.first).severity = one.severity;
        model::Finding& finding = draft.add(key.first);
        finding.severity = one.severity;
        finding.message = std::move(one.output);
        if (finding.message.empty()) finding.message = key.first;
        finding.location = model::ObjectLocation{one.object, {}};
        finding.tags = std::move(one.tags);
        finding.properties["object"] = std::move(one.object);
        finding.properties["events"] = std::to_string(one.count);
        finding.properties["first-seen"] = std::move(one.first);
        finding.properties["last-seen"] = std::move(one.last);
    }
    draft.add_unstated("alerts are events: none today does not mean mended");
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
