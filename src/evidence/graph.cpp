#include "evidence/graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/hex.h"
#include "evidence/graph_facts.h"
#include "evidence/import.h"
#include "evidence/seconds.h"
#include "exchange/date_time.h"

namespace merlon::evidence {
namespace {

using exchange::Link;
using exchange::LinkEnd;

constexpr std::array<std::string_view, 16> kKinds{
    "repository", "ref",    "commit",   "pull request", "pipeline",   "run",
    "artifact",   "image",  "package",  "finding",      "deployment", "workload",
    "identity",   "secret", "decision", "incident"};
constexpr std::string_view kPackage = "package";
constexpr std::string_view kFindingKind = "finding";
constexpr std::size_t kFewestDigits = 7;

std::int64_t seconds_said(const std::string& moment) {
    const Result<Timestamp> read = exchange::parse_date_time(moment);
    return read.ok() ? seconds_of(read.value()) : 0;
}

std::string name_of(const LinkEnd& end) {
    return storable(end.kind == "repository" ? repository_name(end.name) : end.name);
}

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Whether it may be the beginning of a longer one.
bool is_short_digest(std::string_view kind, std::string_view name) {
    if (kind == "artifact" && name.starts_with("sha256:")) name.remove_prefix(7);
    return (kind == "artifact" || kind == "commit") && name.size() >= kFewestDigits &&
           name.size() <= 64 && is_hexadecimal(name);
}

class Tracer {
  public:
    Tracer(Database& database, const TraceRequest& request)
        : database_(database), request_(request) {}

    Result<Trace> run() {
        MERLON_TRY(find_start());
        MERLON_TRY(follow(TraceDirection::kForwards));
        MERLON_TRY(follow(TraceDirection::kBackwards));
        // Where a package leads to, the artifacts' commits are asked for as well.
        if (trace_.start.kind == kPackage || trace_.start.kind == kFindingKind)
            MERLON_TRY(follow_back_from_artifacts());
        if (!request_.to.empty()) keep_ways();
        return std::move(trace_);
    }

  private:
    Status find_start() {
        std::string name = request_.name;
        if (request_.kind == "repository") name = repository_name(name);
        if (request_.kind == "commit" || request_.kind == "artifact") name = lower_case(name);
        std::vector<std::string> found;
        const auto take = [&](Cells row) { found.emplace_back(text_of(row[0])); };
        MERLON_TRY(database_.each_row("SELECT name FROM node WHERE kind = $1 AND name = $2",
                                      {std::string_view(request_.kind), std::string_view(name)},
                                      take));
        if (found.empty()) {
            if (auto fact = MERLON_TRY(find_fact(database_, request_.kind, name))) {
                trace_.start = *std::move(fact);
                return {};
            }
        }
        // The beginning of a digest, or a package without its version: in the one that is known.
        std::string beginning;
        if (is_short_digest(request_.kind, name)) {
            const bool is_bare = request_.kind != "commit" && !name.starts_with("sha256:");
            beginning = (is_bare ? "sha256:" : "") + name;
        } else if (request_.kind == kPackage) {
            beginning = name + "@";
        }
        if (found.empty() && !beginning.empty()) {
            MERLON_TRY(database_.each_row(
                "SELECT name FROM node WHERE kind = $1 "
                "AND substr(name, 1, length(CAST($2 AS TEXT))) = $2 ORDER BY name LIMIT 6",
                {std::string_view(request_.kind), std::string_view(beginning)}, take));
        }
        if (found.empty())
            return Error{fmt::format(
                "the store knows no {} {}; 'merlon import' of bills of materials and provenance, "
                "and 'merlon gate', tell it of some",
                request_.kind, request_.name)};
        if (found.size() > 1) {
            std::string names;
            for (std::size_t i = 0; i < found.size() && i < 5; ++i) names += " " + found[i];
            return Error{fmt::format("several of kind {} fit {}: name one of them:{}",
                                     request_.kind, request_.name, names)};
        }
        trace_.start = {request_.kind, found[0]};
        return {};
    }

    Result<std::vector<TracedEdge>> steps_from(const LinkEnd& node, TraceDirection direction) {
        const bool is_forwards = direction == TraceDirection::kForwards;
        std::vector<TracedEdge> steps;
        MERLON_TRY(database_.each_row(
            fmt::format(
                "SELECT s.kind, s.name, t.kind, t.name, e.relation, "
                "e.collector, d.digest, d.name, d.kind, e.analysis, e.observed, e.valid_from, "
                "e.valid_until, e.confidence FROM node n JOIN edge e ON e.{} = n.id "
                "JOIN node s ON s.id = e.source "
                "JOIN node t ON t.id = e.target JOIN document d ON d.id = e.document "
                "WHERE n.kind = $1 AND n.name = $2 "
                "ORDER BY e.observed DESC, s.kind, s.name, t.name, d.id",
                is_forwards ? "source" : "target"),
            {std::string_view(node.kind), std::string_view(node.name)}, [&](Cells row) {
                TracedEdge edge;
                edge.direction = direction;
                edge.from = {std::string(text_of(row[0])), std::string(text_of(row[1]))};
                edge.to = {std::string(text_of(row[2])), std::string(text_of(row[3]))};
                edge.relation = text_of(row[4]);
                edge.collector = text_of(row[5]);
                edge.document_digest = "sha256:" + to_hex(bytes_of(row[6]));
                edge.document_name = text_of(row[7]);
                edge.document_kind = text_of(row[8]);
                edge.analysis = integer_of(row[9]);
                edge.observed_s = integer_of(row[10]);
                edge.valid_from_s = integer_of(row[11]);
                edge.valid_until_s = integer_of(row[12]);
                edge.confidence = static_cast<exchange::Confidence>(integer_of(row[13]));
                steps.push_back(std::move(edge));
            }));
        const bool has_many =
            request_.to == kFindingKind || (node == trace_.start && node.kind == kPackage);
        std::ranges::move(
            MERLON_TRY(fact_edges(database_, node, direction,
                                  has_many ? FactScope::kWithFindings : FactScope::kFew)),
            std::back_inserter(steps));
        return steps;
    }

    Status follow(TraceDirection direction) {
        std::set<LinkEnd> seen{trace_.start};
        return follow_from({trace_.start}, direction, seen);
    }

    // What leads to too many to be met by chance: it is counted, unless it was asked for.
    bool is_side_road(const LinkEnd& end, TraceDirection direction) const {
        return direction == TraceDirection::kBackwards && end.kind == kPackage &&
               request_.to != kPackage && request_.to != kFindingKind;
    }

    Status follow_from(std::vector<LinkEnd> level, TraceDirection direction,
                       std::set<LinkEnd>& seen) {
        const bool is_forwards = direction == TraceDirection::kForwards;
        for (std::size_t depth = 1; !level.empty(); ++depth) {
            std::vector<LinkEnd> next;
            for (const LinkEnd& node : level) {
                for (TracedEdge& edge : MERLON_TRY(steps_from(node, direction))) {
                    const LinkEnd& end = is_forwards ? edge.to : edge.from;
                    if (is_side_road(end, direction)) {
                        ++trace_.packages;
                        continue;
                    }
                    if (trace_.edges.size() >= kMaxTracedEdges) {
                        trace_.is_cut = true;
                        return {};
                    }
                    if (seen.insert(end).second) next.push_back(end);
                    if (is_forwards && end.kind == "artifact") artifacts_.push_back(end);
                    edge.depth = depth;
                    trace_.edges.push_back(std::move(edge));
                }
            }
            level = std::move(next);
        }
        return {};
    }

    Status follow_back_from_artifacts() {
        std::set<LinkEnd> seen(artifacts_.begin(), artifacts_.end());
        seen.insert(trace_.start);
        const std::set<LinkEnd> start(artifacts_.begin(), artifacts_.end());
        const std::uint64_t before = trace_.packages;
        Status followed =
            follow_from({start.begin(), start.end()}, TraceDirection::kBackwards, seen);
        trace_.packages = before;  // the others of these artifacts are nobody's question
        return followed;
    }

    // Leaves the edges on ways from the start to something of the kind.
    void keep_ways() {
        std::set<LinkEnd> good;
        for (const TracedEdge& edge : trace_.edges)
            for (const LinkEnd& end : {edge.from, edge.to})
                if (end.kind == request_.to) good.insert(end);
        // From there back to the start, against the direction in which it was reached.
        std::set<std::size_t> kept;
        for (bool has_grown = true; has_grown;) {
            has_grown = false;
            for (std::size_t i = 0; i < trace_.edges.size(); ++i) {
                const TracedEdge& edge = trace_.edges[i];
                const bool is_forwards = edge.direction == TraceDirection::kForwards;
                const LinkEnd& far = is_forwards ? edge.to : edge.from;
                const LinkEnd& near = is_forwards ? edge.from : edge.to;
                if (kept.contains(i) || !good.contains(far)) continue;
                kept.insert(i);
                good.insert(near);
                has_grown = true;
            }
        }
        std::vector<TracedEdge> rest;
        for (const std::size_t i : kept) rest.push_back(std::move(trace_.edges[i]));
        trace_.edges = std::move(rest);
    }

    Database& database_;
    const TraceRequest& request_;
    std::vector<LinkEnd> artifacts_;
    Trace trace_;
};

}  // namespace

bool is_node_kind(std::string_view kind) { return std::ranges::find(kKinds, kind) != kKinds.end(); }

Result<std::uint64_t> write_links(Database& database, const LinkSource& source,
                                  std::span<const Link> links) {
    if (links.empty()) return std::uint64_t{0};
    using enum ColumnType;
    constexpr Column kColumns[] = {
        {"from_kind", kText},     {"from_name", kText},      {"relation", kText},
        {"to_kind", kText},       {"to_name", kText},        {"collector", kText},
        {"valid_from", kInteger}, {"valid_until", kInteger}, {"confidence", kInteger}};
    auto at = links.begin();
    std::string from, to, relation, collector;
    MERLON_TRY(database.stage("stage_link", kColumns, [&](std::span<Cell> row) {
        if (at == links.end()) return false;
        const Link& link = *at++;
        from = name_of(link.from);
        to = name_of(link.to);
        collector = storable(link.collector.empty() ? source.collector : link.collector);
        const std::initializer_list<Cell> cells = {std::string_view(link.from.kind),
                                                   std::string_view(from),
                                                   std::string_view(link.relation),
                                                   std::string_view(link.to.kind),
                                                   std::string_view(to),
                                                   std::string_view(collector),
                                                   seconds_said(link.valid_from),
                                                   seconds_said(link.valid_until),
                                                   static_cast<std::int64_t>(link.confidence)};
        std::ranges::copy(cells, row.begin());
        return true;
    }));
    MERLON_TRY(
        database.run("INSERT INTO node (kind, name) SELECT kind, name FROM ("
                     "SELECT from_kind AS kind, from_name AS name FROM stage_link UNION "
                     "SELECT to_kind, to_name FROM stage_link) n WHERE true "
                     "ON CONFLICT (kind, name) DO NOTHING"));
    return database.change(
        "INSERT INTO edge (source, relation, target, document, collector, analysis, observed, "
        "valid_from, valid_until, confidence) SELECT s.id, l.relation, t.id, $1, "
        "max(l.collector), $2, $3, max(l.valid_from), max(l.valid_until), min(l.confidence) "
        "FROM stage_link l JOIN node s ON s.kind = l.from_kind AND s.name = l.from_name "
        "JOIN node t ON t.kind = l.to_kind AND t.name = l.to_name WHERE true "
        "GROUP BY s.id, l.relation, t.id "
        "ON CONFLICT (source, relation, target, document) DO NOTHING",
        {source.document, source.analysis, seconds_of(source.observed)});
}

Result<Trace> trace(Database& database, const TraceRequest& request) {
    return Tracer(database, request).run();
}

}  // namespace merlon::evidence
