#include "evidence/merge_write.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <unordered_map>

#include "base/thread_pool.h"
#include "evidence/detail.h"
#include "evidence/standing.h"
#include "evidence/word_index.h"
#include "evidence/words.h"

namespace merlon::evidence {
namespace {

// States of `finding.detection`.
constexpr std::int64_t kFindingUnknown = 1;
constexpr std::int64_t kFindingAbsent = 2;
constexpr std::size_t kWrittenAtOnce = 65'536;  // of what is new
constexpr std::size_t kWorthThread = 500;  // new findings, less of which one thread makes as soon

struct StoredSignature {
    Signature signature;
    std::int64_t finding = 0;
    auto operator<=>(const StoredSignature&) const = default;
};

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

class MergeWriter {
  public:
    MergeWriter(Database& database, const MergePlace& place, MergeDecision& decision,
                MergeCounts& counts)
        : database_(database), place_(place), decision_(decision), counts_(counts) {}

    Status write() {
        counts_.has_written = !decision_.new_ones.empty() || !decision_.changes.empty() ||
                              !decision_.back.empty() || !decision_.lost.empty() ||
                              !decision_.overlooked.empty();
        MERLON_TRY(number_new_ones());
        MERLON_TRY(write_new_ones());
        MERLON_TRY(stage_affected());
        MERLON_TRY(count_affected(-1));
        MERLON_TRY(write_changes());
        MERLON_TRY(write_states());
        MERLON_TRY(derive_findings());
        MERLON_TRY(count_affected(+1));
        count_new_ones();
        MERLON_TRY(write_counters());
        return derive_decisions();
    }

  private:
    Status number_new_ones() {
        if (decision_.new_ones.empty()) return {};
        const std::int64_t last = MERLON_TRY(database_.number(
            "INSERT INTO sequence (name, next) VALUES ('finding', $1) ON CONFLICT (name) "
            "DO UPDATE SET next = sequence.next + excluded.next RETURNING next",
            {number(decision_.new_ones.size())}, 0));
        std::int64_t next = last - number(decision_.new_ones.size());
        for (Change& one : decision_.new_ones) one.finding = ++next;
        return {};
    }

    using Fill = std::function<void(const Change& change, std::span<Cell> row)>;
    Status append(std::string_view table, std::span<const Column> columns,
                  std::span<const Change> changes, const Fill& fill) {
        auto at = changes.begin();
        return database_.append(table, columns, [&](std::span<Cell> row) {
            if (at == changes.end()) return false;
            fill(*at++, row);
            return true;
        });
    }

    // Some at a time: what is made of all of a huge document would be as long as the document.
    Status write_new_ones() {
        std::span<const Change> left = decision_.new_ones;
        while (!left.empty()) {
            const std::size_t count = std::min(left.size(), kWrittenAtOnce);
            MERLON_TRY(write_new_ones(left.first(count)));
            left = left.subspan(count);
        }
        return {};
    }

    // Words, signatures and details are made while the rows are written, which one thread does.
    Status write_new_ones(std::span<const Change> changes) {
        std::vector<FindingWords> words;
        std::vector<StoredSignature> signatures;
        std::vector<std::string> details;
        Status written;
        const bool are_many = changes.size() >= kWorthThread;
        ThreadPool(are_many ? available_cores() : 1).for_each(2, [&](std::size_t part, unsigned) {
            if (part == 0) {
                written = write_rows(changes);
                return;
            }
            words = new_words(changes);
            signatures = new_signatures(changes);
            details = new_details(changes);
        });
        MERLON_TRY(std::move(written));
        constexpr Column kDetail[] = {{"finding"}, {"body", ColumnType::kBytes}};
        auto detail = details.begin();
        MERLON_TRY(append("finding_detail", kDetail, changes,
                          [&](const Change& change, std::span<Cell> row) {
                              row[0] = change.finding;
                              row[1] = Bytes{*detail++};
                          }));
        MERLON_TRY(add_words(database_, std::move(words)));
        constexpr Column kSignature[] = {
            {"scope"}, {"algorithm"}, {"value", ColumnType::kBytes}, {"finding"}};
        auto at = signatures.begin();
        return database_.append("signature", kSignature, [&](std::span<Cell> row) {
            if (at == signatures.end()) return false;
            row[0] = place_.scope;
            fill_signature(*at++, row.subspan(1));
            return true;
        });
    }

    std::vector<FindingWords> new_words(std::span<const Change> changes) const {
        std::vector<FindingWords> words;
        words.reserve(changes.size());
        for (const Change& change : changes) {
            const Occurrence& one = *change.occurrence;
            words.push_back({change.finding,
                             words_of(one.finding->message, one.finding->rule_id, one.path),
                             risk_of(*one.finding)});
        }
        return words;
    }

    // In the order of the table, whose pages are then filled one after the other.
    std::vector<StoredSignature> new_signatures(std::span<const Change> changes) const {
        std::vector<StoredSignature> signatures;
        for (const Change& change : changes) {
            const Signatures& all = change.occurrence->signatures;
            for (const Signature& signature : all)
                if (is_looked_up(signature, all)) signatures.push_back({signature, change.finding});
        }
        std::ranges::sort(signatures);
        return signatures;
    }

    // A store of one file has room, and one writer who is waited for; a server's rows are larger.
    DetailPacker::For packed_for() const {
        return database_.row_locks() == RowLocks::kNo ? DetailPacker::For::kTime
                                                      : DetailPacker::For::kSpace;
    }

    std::vector<std::string> new_details(std::span<const Change> changes) const {
        DetailPacker packer(packed_for());
        std::vector<std::string> details;
        details.reserve(changes.size());
        std::string body;
        for (const Change& change : changes) {
            write_body(*change.occurrence, body);
            details.push_back(packer.pack(body));
        }
        return details;
    }

    Status write_rows(std::span<const Change> changes) {
        constexpr Column kFinding[] = {{"id"},      {"scope"},          {"family"},
                                       {"stream"},  {"rule"},           {"severity"},
                                       {"risk"},    {"detection"},      {"suppressed"},
                                       {"open"},    {"path"},           {"line"},
                                       {"title"},   {"owner"},          {"first_seen"},
                                       {"changed"}, {"first_analysis"}, {"maybe_moved_from"},
                                       {"package"}, {"version"},        {"component"}};
        std::string version, component;
        MERLON_TRY(
            append("finding", kFinding, changes, [&](const Change& change, std::span<Cell> row) {
                const Occurrence& one = *change.occurrence;
                const model::Finding& finding = *one.finding;
                const std::string_view suppressed = finding.suppressed_by;
                version = package_version_of(finding);
                component = component_of(finding);
                const std::initializer_list<Cell> cells = {
                    change.finding,
                    place_.scope,
                    one.family_id,
                    place_.stream,
                    std::string_view(finding.rule_id),
                    static_cast<std::int64_t>(finding.severity),
                    risk_of(finding),
                    std::int64_t{0},
                    suppressed,
                    std::int64_t{suppressed.empty() ? 1 : 0},
                    one.path_id,
                    std::int64_t{one.line},
                    std::string_view(finding.message),
                    std::string_view(),
                    place_.now_s,
                    place_.now_s,
                    place_.analysis,
                    change.maybe_from == 0 ? Cell() : Cell(change.maybe_from),
                    package_of(finding),
                    std::string_view(version),
                    std::string_view(component)};
                std::ranges::copy(cells, row.begin());
            }));
        constexpr Column kPresence[] = {{"finding"},        {"stream"},     {"state"},
                                        {"path"},           {"line"},       {"position"},
                                        {"print"},          {"signatures"}, {"first_analysis"},
                                        {"since_analysis"}, {"severity"},   {"suppressed"}};
        std::string signatures;
        return append("presence", kPresence, changes,
                      [&](const Change& change, std::span<Cell> row) {
                          const Occurrence& one = *change.occurrence;
                          signatures = packed(one.signatures);
                          const std::initializer_list<Cell> cells = {
                              change.finding,
                              place_.stream,
                              kPresent,
                              one.path_id,
                              std::int64_t{one.line},
                              std::int64_t{one.position},
                              Bytes{one.print_bytes()},
                              Bytes{signatures},
                              place_.analysis,
                              place_.analysis,
                              static_cast<std::int64_t>(one.finding->severity),
                              std::string_view(one.finding->suppressed_by)};
                          std::ranges::copy(cells, row.begin());
                      });
    }

    static void fill_signature(const StoredSignature& stored, std::span<Cell> row) {
        row[0] = static_cast<std::int64_t>(stored.signature.algorithm);
        row[1] = Bytes{stored.signature.bytes()};
        row[2] = stored.finding;
    }

    // Findings that were there before and whose rows change.
    Status stage_affected() {
        Ids affected = decision_.lost;
        affected.insert(affected.end(), decision_.back.begin(), decision_.back.end());
        affected.insert(affected.end(), decision_.overlooked.begin(), decision_.overlooked.end());
        for (const Change& change : decision_.changes) affected.push_back(change.finding);
        std::ranges::sort(affected);
        affected.erase(std::unique(affected.begin(), affected.end()), affected.end());
        has_affected_ = !affected.empty();
        return stage_ids(database_, "stage_affected", affected);
    }

    // What the counters lose before, and win after, rows change; and what became of them.
    Status count_affected(std::int64_t sign) {
        if (!has_affected_) return {};
        std::uint64_t absent = 0, unknown = 0;
        MERLON_TRY(database_.each_row(
            "SELECT f.severity, f.open, f.detection, count(*) FROM stage_affected a "
            "CROSS JOIN finding f WHERE f.id = a.finding GROUP BY f.severity, f.open, f.detection",
            {}, [&](Cells row) {
                const std::int64_t n = integer_of(row[3]);
                counters_[{integer_of(row[0]), integer_of(row[1])}] += sign * n;
                if (integer_of(row[2]) == kFindingAbsent) absent += static_cast<std::uint64_t>(n);
                if (integer_of(row[2]) == kFindingUnknown) unknown += static_cast<std::uint64_t>(n);
            }));
        // What was absent is affected only because it is back.
        (sign < 0 ? counts_.reopened : counts_.closed) = absent;
        if (sign > 0) counts_.unknown = unknown;
        return {};
    }

    void count_new_ones() {
        for (const Change& change : decision_.new_ones) {
            const model::Finding& finding = *change.occurrence->finding;
            const bool is_open = finding.suppressed_by.empty();
            ++counters_[{static_cast<std::int64_t>(finding.severity), is_open ? 1 : 0}];
        }
    }

    Status write_counters() {
        for (const auto& [key, n] : counters_) {
            if (n == 0) continue;
            MERLON_TRY(database_.run(
                "INSERT INTO counter (scope, severity, open, n) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT (scope, severity, open) DO UPDATE SET n = counter.n + excluded.n",
                {place_.scope, key.first, key.second, n}));
        }
        return {};
    }

    Status write_changes() {
        if (decision_.changes.empty()) return {};
        count_moves();
        MERLON_TRY(stage_changes());
        MERLON_TRY(database_.run(
            "INSERT INTO presence (finding, stream, state, path, line, position, print, "
            "signatures, first_analysis, since_analysis, severity, suppressed) "
            "SELECT finding, $1, 0, path, line, position, print, "
            "signatures, $2, $2, severity, suppressed FROM stage_change WHERE true ON CONFLICT "
            "(finding, stream) DO "
            "UPDATE "
            "SET since_analysis = CASE WHEN presence.state = 0 THEN presence.since_analysis ELSE "
            "excluded.since_analysis END, state = 0, path = excluded.path, line = excluded.line, "
            "position = excluded.position, print = excluded.print, "
            "signatures = excluded.signatures, severity = excluded.severity, "
            "suppressed = excluded.suppressed",
            {place_.stream, place_.analysis}));
        MERLON_TRY(write_signatures());
        const std::int64_t is_default = place_.is_default_ref ? 1 : 0;
        MERLON_TRY(
            database_.run("UPDATE finding_detail SET body = s.body FROM stage_change s, finding f "
                          "WHERE finding_detail.finding = s.finding AND f.id = s.finding AND " +
                              shows_itself_so("f"),
                          {is_default, place_.stream}));
        MERLON_TRY(change_words());
        return database_.run(
            "UPDATE finding SET stream = $2, rule = s.rule, severity = s.severity, risk = s.risk, "
            "suppressed = s.suppressed, path = s.path, line = s.line, title = s.title, "
            "package = s.package, version = s.version, component = s.component, "
            "changed = $3 FROM stage_change s WHERE finding.id = s.finding AND " +
                shows_itself_so("finding"),
            {is_default, place_.stream, place_.now_s});
    }

    // A finding shows itself as its own stream sees it, or the default ref. As another one does,
    // `s`, where it is gone from there, and where none of them is the default ref and the other
    // takes it for worse: no branch hides what others have by a comment of its own.
    static std::string shows_itself_so(std::string_view finding) {
        return fmt::format(
            "($1 = 1 OR {0}.stream = $2 OR {0}.detection = 2 OR (CASE WHEN {0}.suppressed = '' "
            "THEN s.suppressed = '' AND s.risk > {0}.risk ELSE s.suppressed = '' END AND NOT "
            "EXISTS "
            "(SELECT 1 FROM stream o JOIN scope c ON c.id = o.scope WHERE o.id = {0}.stream "
            "AND o.ref = c.default_ref)))",
            finding);
    }

    // Before the rows change: what was put in is known from them alone.
    Status change_words() {
        std::vector<FindingWords> gone, added;
        MERLON_TRY(database_.each_row(
            "SELECT f.id, f.title, f.rule, o.name, s.title, s.rule, n.name, f.risk, s.risk "
            "FROM stage_change s "
            "CROSS JOIN finding f CROSS JOIN path o CROSS JOIN path n WHERE f.id = s.finding "
            "AND o.id = f.path AND n.id = s.path AND (f.title <> s.title OR f.rule <> s.rule "
            "OR f.path <> s.path OR f.risk <> s.risk) AND " +
                shows_itself_so("f"),
            {std::int64_t{place_.is_default_ref ? 1 : 0}, place_.stream}, [&](Cells row) {
                std::string old = words_of(text_of(row[1]), text_of(row[2]), text_of(row[3]));
                std::string now = words_of(text_of(row[4]), text_of(row[5]), text_of(row[6]));
                const std::int64_t old_risk = integer_of(row[7]), risk = integer_of(row[8]);
                if (old == now && old_risk == risk) return;
                gone.push_back({integer_of(row[0]), std::move(old), old_risk});
                added.push_back({integer_of(row[0]), std::move(now), risk});
            }));
        MERLON_TRY(remove_words(database_, std::move(gone)));
        return add_words(database_, std::move(added));
    }

    void count_moves() {
        std::unordered_map<std::int64_t, const KnownView*> here;
        for (const KnownView& known : decision_.known)
            if (known.stream == place_.stream) here.emplace(known.finding, &known);
        for (const Change& change : decision_.changes) {
            const auto found = here.find(change.finding);
            if (found == here.end()) continue;
            const Occurrence& one = *change.occurrence;
            const bool stays =
                found->second->path == one.path_id && found->second->line == one.line;
            ++(stays ? counts_.changed : counts_.moved);
        }
    }

    Status stage_changes() {
        using enum ColumnType;
        constexpr Column kColumns[] = {
            {"finding", kInteger},  {"path", kInteger},     {"line", kInteger},
            {"position", kInteger}, {"print", kBytes},      {"signatures", kBytes},
            {"rule", kText},        {"severity", kInteger}, {"risk", kInteger},
            {"suppressed", kText},  {"title", kText},       {"package", kText},
            {"version", kText},     {"component", kText},   {"body", kBytes}};
        auto at = decision_.changes.begin();
        std::string signatures, version, component, text, body;
        DetailPacker packer(packed_for());
        return database_.stage("stage_change", kColumns, [&](std::span<Cell> row) {
            if (at == decision_.changes.end()) return false;
            const Occurrence& one = *at->occurrence;
            const model::Finding& finding = *one.finding;
            signatures = packed(one.signatures);
            version = package_version_of(finding);
            component = component_of(finding);
            write_body(one, text);
            body = packer.pack(text);
            const std::initializer_list<Cell> cells = {at->finding,
                                                       one.path_id,
                                                       std::int64_t{one.line},
                                                       std::int64_t{one.position},
                                                       Bytes{one.print_bytes()},
                                                       Bytes{signatures},
                                                       std::string_view(finding.rule_id),
                                                       static_cast<std::int64_t>(finding.severity),
                                                       risk_of(finding),
                                                       std::string_view(finding.suppressed_by),
                                                       std::string_view(finding.message),
                                                       package_of(finding),
                                                       std::string_view(version),
                                                       std::string_view(component),
                                                       Bytes{body}};
            std::ranges::copy(cells, row.begin());
            ++at;
            return true;
        });
    }

    // A finding has the signatures of all its presences, and no others: an old one would lead to it
    // what now stands in its old place.
    Status write_signatures() {
        std::unordered_map<std::int64_t, std::vector<const KnownView*>> views;
        for (const KnownView& known : decision_.known) views[known.finding].push_back(&known);
        std::vector<StoredSignature> gone, added;
        for (const Change& change : decision_.changes) {
            const Signatures& now = change.occurrence->signatures;
            // Of this presence until now, and of the others. One that the exact pass met has none
            // here, and had those of its print, which stay.
            Signatures old, others, there;  // there: rows that the two have
            for (const KnownView* view : views[change.finding]) {
                Signatures& list = view->stream == place_.stream ? old : others;
                list.insert(list.end(), view->signatures.begin(), view->signatures.end());
                std::ranges::copy_if(
                    view->signatures, std::back_inserter(there),
                    [&](const Signature& one) { return is_looked_up(one, view->signatures); });
            }
            const auto is_in = [](const Signatures& list, const Signature& signature) {
                return std::ranges::find(list, signature) != list.end();
            };
            for (const Signature& one : now)
                if (is_looked_up(one, now) && !is_in(there, one))
                    added.push_back({one, change.finding});
            for (const Signature& one : old)
                if (!is_in(now, one) && !is_in(others, one)) gone.push_back({one, change.finding});
        }
        constexpr Column kKey[] = {
            {"scope"}, {"algorithm"}, {"value", ColumnType::kBytes}, {"finding"}};
        auto at = gone.begin();
        MERLON_TRY(database_.remove("signature", kKey, [&](std::span<Cell> row) {
            if (at == gone.end()) return false;
            row[0] = place_.scope;
            fill_signature(*at++, row.subspan(1));
            return true;
        }));
        MERLON_TRY(stage_signatures("stage_added", added));
        return database_.run(
            "INSERT INTO signature (scope, algorithm, value, finding) "
            "SELECT DISTINCT $1, a.algorithm, a.value, a.finding FROM stage_added a "
            "WHERE NOT EXISTS (SELECT 1 FROM signature g WHERE g.scope = $1 AND "
            "g.algorithm = a.algorithm AND g.value = a.value AND g.finding = a.finding)",
            {place_.scope});
    }

    Status stage_signatures(std::string_view table, const std::vector<StoredSignature>& rows) {
        constexpr Column kColumns[] = {{"algorithm", ColumnType::kInteger},
                                       {"value", ColumnType::kBytes},
                                       {"finding", ColumnType::kInteger}};
        auto at = rows.begin();
        return database_.stage(table, kColumns, [&](std::span<Cell> row) {
            if (at == rows.end()) return false;
            fill_signature(*at++, row);
            return true;
        });
    }

    Status write_states() {
        if (!decision_.back.empty()) {
            MERLON_TRY(stage_ids(database_, "stage_back", decision_.back));
            MERLON_TRY(database_.run(
                "UPDATE presence SET state = 0, since_analysis = $2 WHERE stream = $1 "
                "AND finding IN (SELECT finding FROM stage_back)",
                {place_.stream, place_.analysis}));
        }
        MERLON_TRY(write_lost(decision_.overlooked, MergePlace::Says::kIncomplete));
        return write_lost(decision_.lost, place_.says_of_missing);
    }

    Status write_lost(const Ids& lost, MergePlace::Says says) {
        if (lost.empty()) return {};
        MERLON_TRY(stage_ids(database_, "stage_lost", lost));
        using Says = MergePlace::Says;
        // From which states to which. A run of another configuration leaves unknown what it does
        // not have; the next complete one of that same configuration closes it.
        const auto move = [&](std::int64_t to, std::string_view from) {
            return database_.run(
                fmt::format("UPDATE presence SET state = $3, since_analysis = $2 WHERE stream = $1 "
                            "AND state IN ({}) AND finding IN (SELECT finding FROM stage_lost)",
                            from),
                {place_.stream, place_.analysis, to});
        };
        switch (says) {
            case Says::kGone:
                return move(kAbsent, "0, 2, 3");
            case Says::kReconfigured:
                return move(kReconfigured, "0, 2");
            case Says::kIncomplete:
                break;
        }
        return move(kNotSeen, "0");
    }

    // Detection is that of the best presence; what is there or unknown is open, unless somebody
    // suppressed it or decided otherwise.
    Status derive_findings() {
        if (!has_affected_) return {};
        return database_.run(
            "UPDATE finding SET detection = d.detection, changed = $1, open = " +
                open_expression("d.detection", "finding.verdict") +
                " FROM (SELECT p.finding AS finding, MIN(CASE p.state WHEN 0 THEN 0 WHEN 1 THEN 2 "
                "ELSE 1 END) AS detection FROM stage_affected a CROSS JOIN presence p "
                "WHERE p.finding = a.finding GROUP BY p.finding) d WHERE finding.id = d.finding",
            {place_.now_s});
    }

    // What was decided about a rule or a package holds for what comes later, too.
    Status derive_decisions() {
        const std::int64_t some = MERLON_TRY(database_.number(
            "SELECT 1 FROM decision WHERE finding = 0 AND current = 1 AND verdict > 0 LIMIT 1", {},
            0));
        if (some == 0) return {};
        Ids ids;
        for (const auto* changes : {&decision_.new_ones, &decision_.changes})
            for (const Change& change : *changes) ids.push_back(change.finding);
        if (ids.empty()) return {};
        MERLON_TRY(stage_ids(database_, "stage_standing", ids));
        const Result<StandingChange> derived =
            derive_standing(database_, "stage_standing", place_.now_s);
        return derived.ok() ? Status() : Status(derived.error());
    }

    Database& database_;
    const MergePlace& place_;
    MergeDecision& decision_;
    MergeCounts& counts_;
    bool has_affected_ = false;
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counters_;
};

}  // namespace

Status stage_ids(Database& database, std::string_view table, const Ids& ids) {
    constexpr Column kColumns[] = {{"finding", ColumnType::kInteger}};
    auto at = ids.begin();
    return database.stage(table, kColumns, [&](std::span<Cell> row) {
        if (at == ids.end()) return false;
        row[0] = *at++;
        return true;
    });
}

Status write_merge(Database& database, const MergePlace& place, MergeDecision& decision,
                   MergeCounts& counts) {
    return MergeWriter(database, place, decision, counts).write();
}

}  // namespace merlon::evidence
