#include "gate/store_base.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/shell.h"
#include "evidence/event_log.h"
#include "evidence/history.h"
#include "exchange/foreign_report.h"
#include "gate/fields.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using evidence::Cell;
using evidence::Cells;
using evidence::integer_of;
using evidence::text_of;

constexpr std::string_view kBranchNames = "refs/heads/";
constexpr std::size_t kShownDigits = 12;

struct HeadStream {
    std::int64_t id = 0;
    std::string tool, category, below;
    std::string format;  // of its last document
};

struct BaseAnalysis {
    std::int64_t head_stream = 0;
    std::int64_t stream = 0, analysis = 0, received = 0;
};

std::string called(const HeadStream& stream) {
    return stream.category.empty() ? stream.tool
                                   : fmt::format("{} ({})", stream.tool, stream.category);
}

// In SQL, whether analysis a is of the commit of that parameter: one of them may be cut short.
std::string is_of_commit(std::string_view parameter) {
    return fmt::format(
        "length(a.revision) >= 7 "
        "AND (substr(CAST({0} AS TEXT), 1, length(a.revision)) = lower(a.revision) "
        "OR substr(lower(a.revision), 1, length(CAST({0} AS TEXT))) = {0})",
        parameter);
}

class BaseFinder {
  public:
    BaseFinder(evidence::Database& database, Input& input) : database_(database), input_(input) {}

    Status run() {
        const std::string ref = other_name_of_ref(input_.ref);
        const std::string target = other_name_of_ref(input_.target);
        if (input_.target.empty())
            input_.base_unknown_because.emplace_back(
                "nobody says which branch it goes to: name it with --target");
        else if (input_.target == input_.ref || target == input_.ref)
            input_.base_unknown_because.emplace_back("the branch is its own target");
        else if (input_.base_commit.empty())
            input_.base_unknown_because.emplace_back(
                "nobody says from which commit it branched: run this in a clone that has its "
                "history (fetch-depth: 0), or name the commit with --merge-base; the store needs "
                "that commit's reports, each imported with --commit");
        if (input_.base_unknown_because.empty()) {
            MERLON_TRY(read_head());
            history_since_ = MERLON_TRY(evidence::history_since(database_));
            for (const HeadStream& stream : head_) MERLON_TRY(find(stream, ref, target));
            MERLON_TRY(expect_analyses_of_base(target));
        }
        input_.has_base = input_.base_unknown_because.empty() && !found_.empty();
        return write();
    }

  private:
    Status read_head() {
        const std::string ref = other_name_of_ref(input_.ref);
        return database_.each_row(
            "SELECT t.id, t.tool, t.category, t.below, d.kind FROM stream t "
            "JOIN analysis a ON a.id = t.last_analysis JOIN document d ON d.id = a.document "
            "AND d.kind <> 'retirement' WHERE t.scope = (SELECT id FROM scope WHERE name = $1) AND "
            "t.ref IN ($2, $3) "
            "ORDER BY t.id",
            {std::string_view(input_.repository), std::string_view(input_.ref),
             std::string_view(ref)},
            [&](Cells row) {
                head_.push_back({.id = integer_of(row[0]),
                                 .tool = std::string(text_of(row[1])),
                                 .category = std::string(text_of(row[2])),
                                 .below = std::string(text_of(row[3])),
                                 .format = std::string(text_of(row[4]))});
            });
    }

    // On the target branch, or the repository's own: a release branch comes from there.
    Status find(const HeadStream& head, const std::string& ref, const std::string& target) {
        bool is_there = false, is_complete = false;
        BaseAnalysis base{.head_stream = head.id};
        MERLON_TRY(database_.each_row(
            "SELECT a.id, a.stream, a.received, a.complete FROM stream h JOIN scope c "
            "ON c.id = h.scope JOIN stream u ON u.scope = h.scope AND u.tool = h.tool "
            "AND u.category = h.category AND u.below = h.below JOIN analysis a ON a.stream = u.id "
            "WHERE h.id = $1 AND u.ref NOT IN ($2, $3) AND (u.ref IN ($4, $5) "
            "OR u.ref = c.default_ref) AND " +
                is_of_commit("$6") + " ORDER BY a.complete DESC, a.id DESC LIMIT 1",
            {head.id, std::string_view(input_.ref), std::string_view(ref),
             std::string_view(input_.target), std::string_view(target),
             std::string_view(input_.base_commit)},
            [&](Cells row) {
                is_there = true;
                base.analysis = integer_of(row[0]);
                base.stream = integer_of(row[1]);
                base.received = integer_of(row[2]);
                is_complete = integer_of(row[3]) == 1;
            }));
        const std::string commit = input_.base_commit.substr(0, kShownDigits);
        if (!is_there) {
            const std::int64_t nameless = MERLON_TRY(count_without_commit(head));
            const std::string why = nameless == 0
                                        ? ""
                                        : fmt::format(
                                              " ({} of its imports for {} had no --commit: nothing "
                                              "says of which one they are)",
                                              nameless, input_.target);
            because(fmt::format("{} has no analysis of the merge base {}{}: {}", called(head),
                                commit, why, MERLON_TRY(how_to_import(head))));
        } else if (!is_complete) {
            because(
                fmt::format("the analysis of the merge base {} by {} was not complete: run it "
                            "again, whole, and {}",
                            commit, called(head), MERLON_TRY(how_to_import(head))));
        } else if (base.received < history_since_) {
            because(
                fmt::format("the analysis of the merge base {} by {} is from before the store "
                            "kept history: {}",
                            commit, called(head), MERLON_TRY(how_to_import(head))));
        } else {
            found_.push_back(base);
        }
        return {};
    }

    // A tool that looked at the base and not at the head, or not in that category, leaves open what
    // the change brings.
    Status expect_analyses_of_base(const std::string& target) {
        return database_.each_row(
            "SELECT DISTINCT u.tool, u.category FROM stream u JOIN scope c ON c.id = u.scope "
            "JOIN analysis l ON l.id = u.last_analysis JOIN document d ON d.id = l.document "
            "AND d.kind <> 'retirement' JOIN analysis a ON a.stream = u.id WHERE c.name = $1 "
            "AND u.ref IN ($2, $3) AND " +
                is_of_commit("$4") + " ORDER BY u.tool, u.category",
            {std::string_view(input_.repository), std::string_view(input_.target),
             std::string_view(target), std::string_view(input_.base_commit)},
            [&](Cells row) {
                const std::string_view tool = text_of(row[0]);
                const std::string_view category = steady_category(tool, text_of(row[1]));
                bool has_tool = false, has_it = false;
                for (const HeadStream& head : head_) {
                    has_tool = has_tool || head.tool == tool;
                    has_it = has_it || (head.tool == tool &&
                                        steady_category(tool, head.category) == category);
                }
                if (has_it) return;
                const std::string engine = engine_of(tool, category);
                std::string name = !has_tool         ? std::string(tool)
                                   : !engine.empty() ? engine
                                                     : analysis_name(tool, category);
                if (std::ranges::find(input_.expected, name) == input_.expected.end())
                    input_.expected.push_back(std::move(name));
            });
    }

    // Analyses by the same tool on the target branch that say of no commit.
    Result<std::int64_t> count_without_commit(const HeadStream& head) {
        return database_.number(
            "SELECT count(*) FROM stream h JOIN stream u ON u.scope = h.scope AND u.tool = h.tool "
            "AND u.category = h.category AND u.below = h.below JOIN analysis a ON a.stream = u.id "
            "WHERE h.id = $1 AND u.ref IN ($2, $3) AND a.revision = ''",
            {head.id, std::string_view(input_.target),
             std::string_view(other_name_of_ref(input_.target))},
            0);
    }

    // The category that was told when the head was imported: the report's own stands behind it in
    // the stream's name.
    Result<std::string> category_told(const HeadStream& head) {
        std::string told;
        MERLON_TRY(database_.each_row(
            "SELECT body FROM event WHERE kind = $1 AND body LIKE $2 ORDER BY seq DESC LIMIT 1",
            {evidence::event_kind::kImport,
             std::string_view(fmt::format("%\"stream\":{},%", head.id))},
            [&](Cells row) {
                Arena arena;
                Interner interner;
                const auto body = text::read_json(text_of(row[0]), arena, interner);
                const value::Value* const runs =
                    body.ok() ? body.value().root->find("runs") : nullptr;
                if (runs == nullptr || !runs->is_array()) return;
                for (const value::Value& run : runs->items()) {
                    const value::Value* const stream = run.find("stream");
                    if (stream != nullptr && stream->as_integer() == head.id)
                        told = text_at(run, "categoryTold");
                }
            }));
        return told;
    }

    // The whole command, but for the report's name and where the store is.
    Result<std::string> how_to_import(const HeadStream& head) {
        std::string text = fmt::format(
            "check that commit out, let {} look at it, and import its report into this store: "
            "merlon import --repository {} --ref {} --commit {}",
            head.tool, shell_word(input_.repository), shell_word(input_.target),
            input_.base_commit);
        if (const std::string told = MERLON_TRY(category_told(head)); !told.empty())
            text += fmt::format(" --category {}", shell_word(told));
        // A list without findings does not say whose it is.
        const auto formats = exchange::foreign_formats();
        if (std::ranges::find(formats, head.format, &exchange::ForeignFormat::name) !=
            formats.end())
            text += fmt::format(" --from {}", head.format);
        else if (head.format == "mapped")
            text += " --mapping FILE";
        return text + " REPORT";
    }

    void because(std::string reason) { input_.base_unknown_because.push_back(std::move(reason)); }

    Status write() {
        constexpr evidence::Column kBase[] = {{"stream"}, {"analysis"}, {"received"}};
        auto at = found_.begin();
        MERLON_TRY(database_.stage("stage_base", kBase, [&](std::span<Cell> row) {
            if (at == found_.end()) return false;
            row[0] = at->stream;
            row[1] = at->analysis;
            row[2] = (at++)->received;
            return true;
        }));
        constexpr evidence::Column kCovered[] = {{"stream"}};
        at = found_.begin();
        return database_.stage("stage_covered", kCovered, [&](std::span<Cell> row) {
            if (at == found_.end()) return false;
            row[0] = (at++)->head_stream;
            return true;
        });
    }

    evidence::Database& database_;
    Input& input_;
    std::int64_t history_since_ = 0;
    std::vector<HeadStream> head_;
    std::vector<BaseAnalysis> found_;
};

}  // namespace

std::string other_name_of_ref(const std::string& ref) {
    return ref.starts_with(kBranchNames) ? ref.substr(kBranchNames.size())
                                         : std::string(kBranchNames) + ref;
}

Status stage_base(evidence::Database& database, Input& input) {
    return BaseFinder(database, input).run();
}

// Of the versions that a presence has had the one that the analysis left: the latest that is not
// younger. One that ended in the second of the analysis without being its own may have been written
// over (evidence/history_triggers.h), so that it proves nothing.
std::string base_expression() {
    return "coalesce((SELECT min(CASE v.state WHEN 0 THEN 0 WHEN 1 THEN 2 ELSE 1 END) FROM "
           "(SELECT CASE WHEN q.since_analysis <= b.analysis THEN q.state ELSE coalesce("
           "(SELECT CASE WHEN k.since_analysis = b.analysis OR k.until > b.received THEN k.state "
           "ELSE 2 END FROM presence_past k WHERE k.finding = q.finding AND k.stream = q.stream "
           "AND k.since_analysis <= b.analysis ORDER BY k.since_analysis DESC LIMIT 1), 2) END "
           "AS state FROM stage_base b JOIN presence q ON q.stream = b.stream "
           "WHERE q.finding = f.id AND q.first_analysis <= b.analysis) v), 2)";
}

namespace {

// Of the presences of f in the base: `what` of each, where {0} is what its own stream, or the
// repository's first branch, showed of f then, else what the stream says today.
std::string told_in_base(std::string_view aggregate, std::string_view column) {
    return fmt::format(
        "(SELECT {0} FROM (SELECT CASE WHEN q.stream = f.stream OR u.ref = c.default_ref "
        "THEN coalesce((SELECT k.{1} FROM finding_past k WHERE k.finding = f.id "
        "AND k.until > b.received ORDER BY k.until LIMIT 1), f.{1}) "
        "WHEN q.severity >= 0 THEN q.{1} ELSE f.{1} END AS told "
        "FROM stage_base b JOIN presence q ON q.stream = b.stream JOIN stream u "
        "ON u.id = q.stream JOIN scope c ON c.id = u.scope "
        "WHERE q.finding = f.id AND q.first_analysis <= b.analysis) w)",
        aggregate, column);
}

}  // namespace

std::string base_severity_expression() {
    return told_in_base("coalesce(max(w.told), -1)", "severity");
}

std::string base_suppressed_expression() {
    return told_in_base("coalesce(min(CASE WHEN w.told = '' THEN 0 ELSE 1 END), 0)", "suppressed");
}

}  // namespace merlon::gate
