#include "evidence/graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/hex.h"
#include "evidence/import.h"
#include "evidence/seconds.h"
#include "exchange/date_time.h"

namespace merlon::evidence {
namespace {

using exchange::Link;
using exchange::LinkEnd;

constexpr std::array<std::string_view, 6> kKinds{"repository", "commit",  "artifact",
                                                 "image",      "package", "deployment"};
constexpr std::string_view kPackage = "package";
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
        const std::int64_t start = MERLON_TRY(find_start());
        MERLON_TRY(follow(start, TraceDirection::kForwards));
        MERLON_TRY(follow(start, TraceDirection::kBackwards));
        // Where a package leads to, the artifacts' commits are asked for as well.
        if (trace_.start.kind == kPackage) MERLON_TRY(follow_back_from_artifacts());
        if (!request_.to.empty()) keep_ways();
        return std::move(trace_);
    }

  private:
    struct Step {
        TracedEdge edge;
        std::int64_t from = 0, to = 0;
    };

    Result<std::int64_t> find_start() {
        std::string name = request_.name;
        if (request_.kind == "repository") name = repository_name(name);
        if (request_.kind == "commit" || request_.kind == "artifact") name = lower_case(name);
        std::vector<std::pair<std::int64_t, std::string>> found;
        const auto take = [&](Cells row) {
            found.emplace_back(integer_of(row[0]), text_of(row[1]));
        };
        MERLON_TRY(database_.each_row("SELECT id, name FROM node WHERE kind = $1 AND name = $2",
                                      {std::string_view(request_.kind), std::string_view(name)},
                                      take));
        // The beginning of a digest, or a package without its version: in the one that is known.
        std::string beginning;
        if (is_short_digest(request_.kind, name)) {
            const bool is_bare = request_.kind == "artifact" && !name.starts_with("sha256:");
            beginning = (is_bare ? "sha256:" : "") + name;
        } else if (request_.kind == kPackage) {
            beginning = name + "@";
        }
        if (found.empty() && !beginning.empty()) {
            MERLON_TRY(database_.each_row(
                "SELECT id, name FROM node WHERE kind = $1 "
                "AND substr(name, 1, length(CAST($2 AS TEXT))) = $2 ORDER BY name LIMIT 6",
                {std::string_view(request_.kind), std::string_view(beginning)}, take));
        }
        if (found.empty())
            return Error{fmt::format(
                "the store knows no {} {}; 'merlon import' of bills of materials and provenance, "
                "and 'merlon gate deploy', tell it of some",
                request_.kind, request_.name)};
        if (found.size() > 1) {
            std::string names;
            for (std::size_t i = 0; i < found.size() && i < 5; ++i) names += " " + found[i].second;
            return Error{fmt::format("several of kind {} fit {}: name one of them:{}",
                                     request_.kind, request_.name, names)};
        }
        trace_.start = {request_.kind, found[0].second};
        return found[0].first;
    }

    Result<std::vector<Step>> steps_from(std::int64_t node, TraceDirection direction) {
        const bool is_forwards = direction == TraceDirection::kForwards;
        std::vector<Step> steps;
        MERLON_TRY(database_.each_row(
            fmt::format(
                "SELECT e.source, e.target, s.kind, s.name, t.kind, t.name, e.relation, "
                "e.collector, d.digest, d.name, d.kind, e.analysis, e.observed, e.valid_from, "
                "e.valid_until, e.confidence FROM edge e JOIN node s ON s.id = e.source "
                "JOIN node t ON t.id = e.target JOIN document d ON d.id = e.document "
                "WHERE e.{} = $1 ORDER BY e.observed DESC, s.kind, s.name, t.name, d.id",
                is_forwards ? "source" : "target"),
            {node}, [&](Cells row) {
                Step step;
                step.from = integer_of(row[0]);
                step.to = integer_of(row[1]);
                TracedEdge& edge = step.edge;
                edge.direction = direction;
                edge.from = {std::string(text_of(row[2])), std::string(text_of(row[3]))};
                edge.to = {std::string(text_of(row[4])), std::string(text_of(row[5]))};
                edge.relation = text_of(row[6]);
                edge.collector = text_of(row[7]);
                edge.document_digest = "sha256:" + to_hex(bytes_of(row[8]));
                edge.document_name = text_of(row[9]);
                edge.document_kind = text_of(row[10]);
                edge.analysis = integer_of(row[11]);
                edge.observed_s = integer_of(row[12]);
                edge.valid_from_s = integer_of(row[13]);
                edge.valid_until_s = integer_of(row[14]);
                edge.confidence = static_cast<exchange::Confidence>(integer_of(row[15]));
                steps.push_back(std::move(step));
            }));
        return steps;
    }

    Status follow(std::int64_t start, TraceDirection direction) {
        std::set<std::int64_t> seen{start};
        return follow_from({start}, direction, seen);
    }

    Status follow_from(std::vector<std::int64_t> level, TraceDirection direction,
                       std::set<std::int64_t>& seen) {
        const bool is_forwards = direction == TraceDirection::kForwards;
        for (std::size_t depth = 1; !level.empty(); ++depth) {
            std::vector<std::int64_t> next;
            for (const std::int64_t node : level) {
                for (Step& step : MERLON_TRY(steps_from(node, direction))) {
                    const LinkEnd& end = is_forwards ? step.edge.to : step.edge.from;
                    if (!is_forwards && end.kind == kPackage && request_.to != kPackage) {
                        ++trace_.packages;
                        continue;
                    }
                    if (trace_.edges.size() >= kMaxTracedEdges) {
                        trace_.is_cut = true;
                        return {};
                    }
                    const std::int64_t there = is_forwards ? step.to : step.from;
                    if (seen.insert(there).second) next.push_back(there);
                    if (is_forwards && end.kind == "artifact") artifacts_.push_back(there);
                    step.edge.depth = depth;
                    trace_.edges.push_back(std::move(step.edge));
                }
            }
            level = std::move(next);
        }
        return {};
    }

    Status follow_back_from_artifacts() {
        std::set<std::int64_t> seen(artifacts_.begin(), artifacts_.end());
        const std::vector<std::int64_t> start(seen.begin(), seen.end());
        const std::uint64_t before = trace_.packages;
        Status followed = follow_from(start, TraceDirection::kBackwards, seen);
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
    std::vector<std::int64_t> artifacts_;
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
