#include "cli/trace_command.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "evidence/graph.h"
#include "evidence/seconds.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kKinds =
    "repository, ref, commit, pull-request, pipeline, run, artifact, image, package, finding, "
    "deployment, workload, identity, secret, decision or incident";

// "pull-request" is one word of a command line.
std::string kind_of(const std::string& word) {
    return word == "pull-request" ? "pull request" : word;
}

std::string when(std::int64_t seconds) { return format_rfc3339(evidence::at_second(seconds)); }

void append_end(std::string_view key, const exchange::LinkEnd& end, text::JsonWriter& json) {
    json.key(key).begin_object().member("kind", end.kind).member("name", end.name).end_object();
}

std::string trace_as_json(const evidence::Trace& trace) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object();
    append_end("start", trace.start, json);
    json.key("edges").begin_array();
    for (const evidence::TracedEdge& edge : trace.edges) {
        const bool is_forwards = edge.direction == evidence::TraceDirection::kForwards;
        json.begin_object().member("direction", is_forwards ? "forwards" : "backwards");
        json.key("depth").integer(static_cast<std::int64_t>(edge.depth));
        append_end("from", edge.from, json);
        json.member("relation", edge.relation);
        append_end("to", edge.to, json);
        if (!edge.document_digest.empty()) json.member("document", edge.document_digest);
        json.member("documentName", edge.document_name);
        json.member("documentKind", edge.document_kind).member("collector", edge.collector);
        if (edge.analysis > 0) json.key("analysis").integer(edge.analysis);
        json.member("observed", when(edge.observed_s));
        if (edge.valid_from_s > 0) json.member("validFrom", when(edge.valid_from_s));
        if (edge.valid_until_s > 0) json.member("validUntil", when(edge.valid_until_s));
        json.member("confidence", exchange::name(edge.confidence)).end_object();
    }
    json.end_array().key("packagesNotShown").integer(static_cast<std::int64_t>(trace.packages));
    json.key("isCut").boolean(trace.is_cut).end_object();
    return out + "\n";
}

// Of one step that many documents tell of.
constexpr std::size_t kShownDocuments = 3;

bool is_one_step(const evidence::TracedEdge& left, const evidence::TracedEdge& right) {
    return left.direction == right.direction && left.depth == right.depth &&
           left.from == right.from && left.relation == right.relation && left.to == right.to;
}

std::string indent_of(const evidence::TracedEdge& edge) { return std::string(edge.depth * 2, ' '); }

void append_step(const evidence::TracedEdge& edge, std::string& out) {
    const bool is_forwards = edge.direction == evidence::TraceDirection::kForwards;
    const exchange::LinkEnd& end = is_forwards ? edge.to : edge.from;
    out += text::to_printable(fmt::format(
               "{}{} {} {} {}", indent_of(edge), is_forwards ? "->" : "<-", end.kind, end.name,
               is_forwards ? "(" + edge.from.kind + " " + edge.relation + " it)"
                           : "(" + edge.relation + " the " + edge.to.kind + ")")) +
           "\n";
}

// The document that says so.
void append_evidence(const evidence::TracedEdge& edge, std::string& out) {
    std::string because = fmt::format(
        "{}   {} by {}, {}, taken in {}", indent_of(edge), exchange::name(edge.confidence),
        edge.collector.empty() ? "nobody named" : edge.collector,
        edge.document_name.empty() ? edge.document_kind : edge.document_name,
        when(edge.observed_s));
    if (edge.valid_from_s > 0) because += ", of " + when(edge.valid_from_s);
    if (edge.valid_until_s > 0) because += ", until " + when(edge.valid_until_s);
    if (!edge.document_digest.empty()) because += " (" + edge.document_digest.substr(0, 19) + "…)";
    out += text::to_printable(because) + "\n";
}

std::string trace_as_text(const evidence::Trace& trace) {
    std::string out = text::to_printable(trace.start.kind + " " + trace.start.name) + "\n";
    // A step once, however many documents tell of it.
    for (auto edge = trace.edges.begin(); edge != trace.edges.end(); ++edge) {
        const auto is_same = [&](const evidence::TracedEdge& other) {
            return is_one_step(*edge, other);
        };
        if (std::ranges::any_of(trace.edges.begin(), edge, is_same)) continue;
        append_step(*edge, out);
        std::size_t documents = 0;
        for (auto other = edge; other != trace.edges.end(); ++other)
            if (is_same(*other) && ++documents <= kShownDocuments) append_evidence(*other, out);
        if (documents > kShownDocuments)
            out += fmt::format("{}   and {} more: --format json has them\n", indent_of(*edge),
                               documents - kShownDocuments);
    }
    if (trace.edges.empty()) out += "  nothing is known of where it comes from or went\n";
    if (trace.packages > 0)
        out += fmt::format("  {} packages are in it: --to package shows them\n", trace.packages);
    if (trace.is_cut)
        out += fmt::format("  there are more than {} edges: name a kind with --to\n",
                           evidence::kMaxTracedEdges);
    return out;
}

}  // namespace

int run_trace(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    if (command.arguments.size() != 2)
        return fail(environment,
                    fmt::format("trace what? merlon trace KIND NAME; a kind is {}", kKinds));
    const evidence::TraceRequest request{.kind = kind_of(command.arguments[0]),
                                         .name = command.arguments[1],
                                         .to = kind_of(command.text("to"))};
    if (!evidence::is_node_kind(request.kind))
        return fail(environment, fmt::format("'{}' is no kind: {}", request.kind, kKinds));
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Result<evidence::Trace> trace = evidence::trace(store.value().database(), request);
    if (!trace.ok()) return fail(environment, trace.error().to_string());
    const int code = print(
        environment, *json_asked ? trace_as_json(trace.value()) : trace_as_text(trace.value()));
    return code == kClean && trace.value().is_cut ? kIncomplete : code;
}

}  // namespace merlon::cli
