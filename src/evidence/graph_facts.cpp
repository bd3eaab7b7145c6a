#include "evidence/graph_facts.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/signature.h"
#include "evidence/standing.h"

namespace merlon::evidence {
namespace {

using exchange::Confidence;
using exchange::LinkEnd;

constexpr std::size_t kFewestSecretDigits = 7;

// Of a finding f that a document has told of: its tool, the document, when.
constexpr std::string_view kTold =
    "m.tool, d.digest, d.name, d.kind, a.id, a.received FROM finding f "
    "JOIN family m ON m.id = f.family JOIN analysis a ON a.id = f.first_analysis "
    "JOIN document d ON d.id = a.document ";

std::optional<std::int64_t> number_in(const std::string& name) {
    std::int64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    if (name.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return number;
}

LinkEnd finding_end(Cells row, std::size_t at) {
    return {"finding", std::to_string(integer_of(row[at]))};
}

// The six columns of kTold, from `at` on.
TracedEdge told_edge(Cells row, std::size_t at) {
    TracedEdge edge;
    edge.collector = text_of(row[at]);
    edge.document_digest = "sha256:" + to_hex(bytes_of(row[at + 1]));
    edge.document_name = text_of(row[at + 2]);
    edge.document_kind = text_of(row[at + 3]);
    edge.analysis = integer_of(row[at + 4]);
    edge.observed_s = integer_of(row[at + 5]);
    return edge;
}

class FactReader {
  public:
    FactReader(Database& database, const LinkEnd& node, TraceDirection direction, FactScope scope)
        : database_(database), node_(node), direction_(direction), scope_(scope) {}

    Result<std::vector<TracedEdge>> read() {
        const bool is_forwards = direction_ == TraceDirection::kForwards;
        const bool has_many = scope_ == FactScope::kWithFindings;
        if (node_.kind == "finding") {
            if (const auto id = number_in(node_.name)) {
                if (is_forwards) {
                    MERLON_TRY(package_of(*id));
                    MERLON_TRY(decisions_about(*id));
                } else {
                    MERLON_TRY(origin_of(*id));
                    MERLON_TRY(secret_of(*id));
                }
            }
        } else if (node_.kind == "decision" && !is_forwards) {
            if (const auto event = number_in(node_.name)) {
                MERLON_TRY(people_of(*event));
                MERLON_TRY(findings_under(*event));
            }
        } else if (node_.kind == "identity" && is_forwards) {
            MERLON_TRY(decisions_by_person());
        } else if (node_.kind == "secret" && is_forwards) {
            MERLON_TRY(findings_with_secret());
        } else if (node_.kind == "commit" && is_forwards && has_many) {
            MERLON_TRY(findings_of_commit());
        } else if (node_.kind == "package" && !is_forwards && has_many) {
            MERLON_TRY(findings_in_package());
        }
        for (TracedEdge& edge : edges_) edge.direction = direction_;
        return std::move(edges_);
    }

  private:
    void add(TracedEdge edge, LinkEnd from, std::string_view relation, LinkEnd to) {
        edge.from = std::move(from);
        edge.relation = relation;
        edge.to = std::move(to);
        edges_.push_back(std::move(edge));
    }

    // --- findings ---

    Status package_of(std::int64_t id) {
        return database_.each_row(
            fmt::format("SELECT f.package, f.version, {} WHERE f.id = $1 AND f.package <> ''",
                        kTold),
            {id}, [&](Cells row) {
                std::string package(text_of(row[0]));
                if (const auto version = text_of(row[1]); !version.empty())
                    package += "@" + std::string(version);
                add(told_edge(row, 2), node_, "is in", {"package", std::move(package)});
            });
    }

    // The commits at which branches first had it; where nobody named one, the repository.
    Status origin_of(std::int64_t id) {
        std::size_t before = edges_.size();
        MERLON_TRY(database_.each_row(
            "SELECT a.revision, m.tool, d.digest, d.name, d.kind, a.id, a.received "
            "FROM presence r JOIN finding f ON f.id = r.finding JOIN family m ON m.id = f.family "
            "JOIN analysis a ON a.id = r.first_analysis JOIN document d ON d.id = a.document "
            "WHERE r.finding = $1 AND a.revision <> '' ORDER BY a.id",
            {id}, [&](Cells row) {
                add(told_edge(row, 1), {"commit", std::string(text_of(row[0]))}, "first showed",
                    node_);
            }));
        if (edges_.size() > before) return {};
        return database_.each_row(
            fmt::format("SELECT c.name, {} JOIN scope c ON c.id = f.scope WHERE f.id = $1", kTold),
            {id}, [&](Cells row) {
                add(told_edge(row, 1), {"repository", std::string(text_of(row[0]))}, "has", node_);
            });
    }

    Status secret_of(std::int64_t id) {
        return database_.each_row(
            fmt::format("SELECT g.value, {} JOIN signature g ON g.scope = f.scope "
                        "AND g.algorithm = $2 AND g.finding = f.id WHERE f.id = $1 "
                        "AND f.package = '' AND f.component = ''",
                        kTold),
            {id, static_cast<std::int64_t>(Algorithm::kSecret)}, [&](Cells row) {
                add(told_edge(row, 1), {"secret", to_hex(bytes_of(row[0]))}, "was found as", node_);
            });
    }

    Status findings_with_secret() {
        const Result<std::string> print = crypto::from_hex(node_.name);
        if (!print.ok()) return {};
        return database_.each_row(
            fmt::format("SELECT f.id, {} JOIN signature g ON g.scope = f.scope "
                        "AND g.algorithm = $1 AND g.value = $2 AND g.finding = f.id "
                        "WHERE f.package = '' AND f.component = '' ORDER BY f.id",
                        kTold),
            {static_cast<std::int64_t>(Algorithm::kSecret), Bytes{print.value()}},
            [&](Cells row) { add(told_edge(row, 1), node_, "was found as", finding_end(row, 0)); });
    }

    Status findings_of_commit() {
        return database_.each_row(
            "SELECT DISTINCT f.id, m.tool, d.digest, d.name, d.kind, a.id, a.received "
            "FROM analysis a JOIN presence r ON r.stream = a.stream AND r.first_analysis = a.id "
            "JOIN finding f ON f.id = r.finding JOIN family m ON m.id = f.family "
            "JOIN document d ON d.id = a.document WHERE a.revision = $1 ORDER BY f.id",
            {std::string_view(node_.name)},
            [&](Cells row) { add(told_edge(row, 1), node_, "first showed", finding_end(row, 0)); });
    }

    Status findings_in_package() {
        const std::size_t slash = node_.name.rfind('/');
        const std::size_t at = node_.name.rfind('@');
        const bool has_version =
            at != std::string::npos && (slash == std::string::npos || at > slash + 1);
        const std::string package = node_.name.substr(0, has_version ? at : std::string::npos);
        const std::string version = has_version ? node_.name.substr(at + 1) : "";
        return database_.each_row(
            fmt::format("SELECT f.id, {} WHERE f.package = $1 AND $2 IN ('', f.version) "
                        "ORDER BY f.id",
                        kTold),
            {std::string_view(package), std::string_view(version)},
            [&](Cells row) { add(told_edge(row, 1), finding_end(row, 0), "is in", node_); });
    }

    // --- decisions ---

    // Three columns of an event, from `at` on: its number, its kind, its time.
    static TracedEdge event_edge(Cells row, std::size_t at) {
        TracedEdge edge;
        edge.document_name = fmt::format("event {} of the audit log", integer_of(row[at]));
        edge.document_kind = text_of(row[at + 1]);
        edge.observed_s = integer_of(row[at + 2]) / 1000;
        edge.valid_from_s = integer_of(row[at + 3]);
        edge.valid_until_s = integer_of(row[at + 4]);
        edge.confidence = Confidence::kRecorded;
        return edge;
    }

    Status decisions_about(std::int64_t id) {
        constexpr Column kColumns[] = {{"finding"}};
        bool is_given = false;
        MERLON_TRY(database_.stage("stage_traced", kColumns, [&](std::span<Cell> row) {
            if (std::exchange(is_given, true)) return false;
            row[0] = id;
            return true;
        }));
        return database_.each_row(
            fmt::format("SELECT DISTINCT q.event, e.kind, e.at_ms, q.made, q.expires, q.author "
                        "FROM ({}) q JOIN event e ON e.seq = q.event ORDER BY q.event",
                        decisions_query("stage_traced",
                                        "d.event AS event, d.made AS made, d.expires AS expires, "
                                        "d.author AS author",
                                        "true")),
            {}, [&](Cells row) {
                TracedEdge edge = event_edge(row, 0);
                edge.collector = text_of(row[5]);
                add(std::move(edge), node_, "was decided by",
                    {"decision", std::to_string(integer_of(row[0]))});
            });
    }

    Status people_of(std::int64_t event) {
        return database_.each_row(
            "SELECT DISTINCT d.event, e.kind, e.at_ms, d.made, d.expires, d.author, d.approved_by "
            "FROM decision d JOIN event e ON e.seq = d.event WHERE d.event = $1",
            {event}, [&](Cells row) {
                const std::pair<std::string_view, std::string_view> people[] = {
                    {text_of(row[5]), "made"}, {text_of(row[6]), "approved"}};
                for (const auto& [person, relation] : people)
                    if (!person.empty())
                        add(event_edge(row, 0), {"identity", std::string(person)}, relation, node_);
            });
    }

    // Those that it names, and those that it stands for now.
    Status findings_under(std::int64_t event) {
        return database_.each_row(
            "SELECT d.event, e.kind, e.at_ms, d.made, d.expires, d.author, d.finding "
            "FROM decision d JOIN event e ON e.seq = d.event WHERE d.event = $1 AND d.finding > 0 "
            "UNION SELECT d.event, e.kind, e.at_ms, d.made, d.expires, d.author, f.id "
            "FROM finding f JOIN decision d ON d.id = f.decision JOIN event e ON e.seq = d.event "
            "WHERE f.expires > 0 AND d.event = $1 AND d.finding = 0 ORDER BY 7",
            {event}, [&](Cells row) {
                TracedEdge edge = event_edge(row, 0);
                edge.collector = text_of(row[5]);
                add(std::move(edge), finding_end(row, 6), "was decided by", node_);
            });
    }

    Status decisions_by_person() {
        return database_.each_row(
            "SELECT DISTINCT d.event, e.kind, e.at_ms, d.made, d.expires, "
            "CASE WHEN d.author = $1 THEN 'made' ELSE 'approved' END "
            "FROM decision d JOIN event e ON e.seq = d.event "
            "WHERE d.author = $1 OR d.approved_by = $1 ORDER BY d.event",
            {std::string_view(node_.name)}, [&](Cells row) {
                add(event_edge(row, 0), node_, text_of(row[5]),
                    {"decision", std::to_string(integer_of(row[0]))});
            });
    }

    Database& database_;
    const LinkEnd& node_;
    TraceDirection direction_;
    FactScope scope_;
    std::vector<TracedEdge> edges_;
};

Result<std::optional<LinkEnd>> find_secret(Database& database, const std::string& name) {
    std::vector<std::string> prints;
    const bool is_hex = name.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (name.size() < kFewestSecretDigits || name.size() > 2 * kSignatureBytes || !is_hex)
        return Error{
            fmt::format("'{}' is no secret's print; expected at least {} of its digits, as "
                        "'merlon trace finding ID' shows them",
                        name, kFewestSecretDigits)};
    const std::size_t rest = 2 * kSignatureBytes - name.size();
    const std::string low = MERLON_TRY(crypto::from_hex(name + std::string(rest, '0')));
    const std::string high = MERLON_TRY(crypto::from_hex(name + std::string(rest, 'f')));
    MERLON_TRY(
        database.each_row("SELECT DISTINCT g.value FROM scope s JOIN signature g ON g.scope = s.id "
                          "AND g.algorithm = $1 AND g.value >= $2 AND g.value <= $3 JOIN finding f "
                          "ON f.id = g.finding WHERE f.package = '' AND f.component = '' LIMIT 2",
                          {static_cast<std::int64_t>(Algorithm::kSecret), Bytes{low}, Bytes{high}},
                          [&](Cells row) { prints.push_back(to_hex(bytes_of(row[0]))); }));
    if (prints.size() > 1)
        return Error{fmt::format("several secrets begin with {}: write more of it", name)};
    if (prints.empty()) return std::optional<LinkEnd>();
    return std::optional(LinkEnd{"secret", prints[0]});
}

}  // namespace

Result<std::optional<LinkEnd>> find_fact(Database& database, const std::string& kind,
                                         const std::string& name) {
    if (kind == "secret") return find_secret(database, name);
    std::int64_t found = 0;
    if (kind == "identity") {
        found = MERLON_TRY(
            database.number("SELECT count(*) FROM decision WHERE author = $1 OR approved_by = $1",
                            {std::string_view(name)}, 0));
    } else if (const auto id = number_in(name); id && (kind == "finding" || kind == "decision")) {
        found = MERLON_TRY(database.number(kind == "finding"
                                               ? "SELECT count(*) FROM finding WHERE id = $1"
                                               : "SELECT count(*) FROM decision WHERE event = $1",
                                           {*id}, 0));
    }
    if (found == 0) return std::optional<LinkEnd>();
    return std::optional(LinkEnd{kind, name});
}

Result<std::vector<TracedEdge>> fact_edges(Database& database, const LinkEnd& node,
                                           TraceDirection direction, FactScope scope) {
    return FactReader(database, node, direction, scope).read();
}

}  // namespace merlon::evidence
