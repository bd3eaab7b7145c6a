#include "cli/findings_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/joined.h"
#include "cli/evidence_store.h"
#include "cli/moment.h"
#include "cli/outputs.h"
#include "cli/page_limit.h"
#include "evidence/findings.h"
#include "evidence/groups.h"
#include "evidence/seconds.h"
#include "evidence/streams.h"
#include "report/grid.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kDefaultFilter = "is:open";
constexpr std::int64_t kMaxPage = 10'000;
constexpr std::size_t kTitleCharacters = 60;

std::string day(std::int64_t seconds) { return format_date(evidence::at_second(seconds)); }
std::string moment(std::int64_t seconds) { return format_rfc3339(evidence::at_second(seconds)); }

std::string place_of(std::string_view path, std::uint32_t line) {
    return line == 0 ? std::string(path) : fmt::format("{}:{}", path, line);
}

std::string state_of(const evidence::FindingRow& row) {
    if (row.detection == evidence::Detection::kGone) return "closed";
    if (evidence::closes(row.verdict)) {
        std::string verdict(evidence::name(row.verdict));
        std::ranges::replace(verdict, '_', ' ');
        return verdict;
    }
    if (!row.suppressed_by.empty()) return "suppressed";
    std::string state = row.detection == evidence::Detection::kUnknown ? "open, unknown" : "open";
    if (row.is_proposed) state += ", proposed";
    return state;
}

// The first line, if it is short enough for a table.
std::string short_title(std::string_view title) {
    std::string line = text::to_printable(title.substr(0, title.find('\n')));
    if (text::count_code_points(line) <= kTitleCharacters) return line;
    std::size_t at = 0;
    for (std::size_t i = 0; i < kTitleCharacters - 1; ++i)
        at += text::decode_utf8(std::string_view(line).substr(at)).width;
    return line.substr(0, at) + "…";
}

void append_row(const evidence::FindingRow& row, text::JsonWriter& json) {
    json.key("id").integer(row.id).member("repository", row.scope).member("tool", row.tool);
    json.member("rule", row.rule).member("severity", model::name(row.severity));
    json.member("detection", evidence::name(row.detection));
    json.key("open").boolean(row.is_open);
    if (!row.suppressed_by.empty()) json.member("suppressedBy", row.suppressed_by);
    if (row.verdict != evidence::Verdict::kNone) {
        json.member("decision", evidence::name(row.verdict));
        json.member("expires", moment(row.expires_s));
    }
    if (row.is_proposed) json.key("proposed").boolean(true);
    json.member("title", row.title).member("path", row.path);
    if (row.line > 0) json.key("line").integer(row.line);
    if (!row.owner.empty()) json.member("owner", row.owner);
    json.member("firstSeen", moment(row.first_seen_s)).member("changed", moment(row.changed_s));
    if (row.maybe_moved_from > 0) json.key("maybeMovedFrom").integer(row.maybe_moved_from);
}

std::string page_as_json(const evidence::Page& page) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().key("count").integer(page.count);
    json.key("countIsExact").boolean(page.is_count_exact);
    json.key("findings").begin_array();
    for (const evidence::FindingRow& row : page.rows) {
        json.begin_object();
        append_row(row, json);
        json.end_object();
    }
    json.end_array();
    if (!page.next.empty()) json.member("next", page.next);
    json.end_object();
    return out + "\n";
}

std::string page_as_table(const evidence::Page& page) {
    std::vector<report::GridRow> rows;
    for (const evidence::FindingRow& row : page.rows) {
        rows.push_back({std::to_string(row.id), std::string(model::name(row.severity)),
                        state_of(row), day(row.first_seen_s), text::to_printable(row.rule),
                        text::to_printable(place_of(row.path, row.line)), short_title(row.title)});
    }
    std::string out;
    if (!rows.empty())
        report::draw_grid(report::GridStyle::kColumns,
                          {"ID", "SEVERITY", "STATE", "SINCE", "RULE", "PLACE", "TITLE"}, rows,
                          out);
    out += fmt::format("{}{} {}", page.is_count_exact ? "" : "at least ", page.count,
                       page.count == 1 && page.is_count_exact ? "finding" : "findings");
    if (!page.next.empty()) out += fmt::format("; the next page: --after {}", page.next);
    return out + "\n";
}

constexpr std::size_t kShownInGroup = 8;

std::string groups_as_table(const std::vector<evidence::FindingGroup>& groups, std::size_t limit) {
    std::vector<report::GridRow> rows;
    std::size_t findings = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const evidence::FindingGroup& group = groups[i];
        findings += group.findings.size();
        if (i >= limit) continue;
        std::string ids, tools;
        for (std::size_t k = 0; k < group.findings.size() && k < kShownInGroup; ++k)
            ids += (k > 0 ? " " : "") + std::to_string(group.findings[k].id);
        if (group.findings.size() > kShownInGroup) ids += " …";
        std::set<std::string> names;
        for (const evidence::FindingRow& row : group.findings) names.insert(row.tool);
        for (const std::string& name : names) tools += (tools.empty() ? "" : " ") + name;
        const evidence::FindingRow& worst = group.findings.front();
        rows.push_back({std::move(ids), std::string(model::name(worst.severity)), state_of(worst),
                        text::to_printable(tools), text::to_printable(worst.rule),
                        text::to_printable(place_of(worst.path, worst.line)),
                        short_title(group.because.empty() ? "" : group.because.front())});
    }
    std::string out;
    if (!rows.empty())
        report::draw_grid(report::GridStyle::kColumns,
                          {"IDS", "SEVERITY", "STATE", "TOOLS", "RULE", "PLACE", "BECAUSE"}, rows,
                          out);
    out += fmt::format("{} {} in {} {}", findings, findings == 1 ? "finding" : "findings",
                       groups.size(), groups.size() == 1 ? "group" : "groups");
    if (groups.size() > limit) out += fmt::format("; {} are shown (--limit)", limit);
    return out + "\n";
}

std::string groups_as_json(const std::vector<evidence::FindingGroup>& groups, std::size_t limit) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().key("count").integer(static_cast<std::int64_t>(groups.size()));
    json.key("groups").begin_array();
    for (std::size_t i = 0; i < std::min(groups.size(), limit); ++i) {
        json.begin_object().key("because").begin_array();
        for (const std::string& because : groups[i].because) json.string(because);
        json.end_array().key("findings").begin_array();
        for (const evidence::FindingRow& row : groups[i].findings) {
            json.begin_object();
            append_row(row, json);
            json.end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return out + "\n";
}

// The moment that --as-of names, where the store knows it.
Result<evidence::AsOf> as_of(const ParsedCommand& command, evidence::Store& store, Timestamp now) {
    if (!command.is_set("as-of")) return evidence::AsOf();
    const Timestamp moment = MERLON_TRY(parse_past_moment(command.text("as-of"), "--as-of", now));
    const Status known = evidence::check_moment(store.database(), moment, now);
    if (!known.ok()) return known.error();
    return evidence::AsOf(moment);
}

Result<std::string> list(const ParsedCommand& command, const Environment& environment,
                         bool is_json) {  // NOLINT: of this file
    std::string text = joined(command.arguments, " ");
    if (text.empty()) text = kDefaultFilter;
    evidence::PageRequest request;
    Result<evidence::Filter> filter = evidence::parse_filter(text);
    if (!filter.ok()) return std::move(filter).error();
    request.filter = std::move(filter).value();
    request.now = environment.clock->now();
    request.limit = MERLON_TRY(page_limit(command, kMaxPage));
    request.after = command.text("after");
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    request.as_of = MERLON_TRY(as_of(command, store, request.now));
    if (request.as_of) request.now = *request.as_of;
    if (command.is_set("group")) {
        if (command.is_set("after"))
            return Error{"--after: groups have no pages; --limit shows more"};
        if (request.as_of) return Error{"--as-of: groups are made of what is now"};
        const std::vector<evidence::FindingGroup> groups =
            MERLON_TRY(evidence::group_findings(store.database(), request));
        return is_json ? groups_as_json(groups, request.limit)
                       : groups_as_table(groups, request.limit);
    }
    const evidence::Page page = MERLON_TRY(evidence::list_findings(store.database(), request));
    if (is_json) return page_as_json(page);
    const std::int64_t stale =
        request.as_of ? 0
                      : MERLON_TRY(evidence::count_stale(store.database(), request.now,
                                                         evidence::kStaleDays * evidence::kDayS));
    if (stale == 0) return page_as_table(page);
    return page_as_table(page) +
           fmt::format(
               "{} {} last seen {} days ago or longer and {} findings open: 'merlon "
               "findings streams'\n",
               stale, stale == 1 ? "stream was" : "streams were", evidence::kStaleDays,
               stale == 1 ? "holds" : "hold");
}

void append_decision(const evidence::DecisionRow& decision, text::JsonWriter& json) {
    json.member("verdict", evidence::name(decision.verdict));
    json.member("state", evidence::name(decision.state));
    if (decision.justification != evidence::Justification::kNone)
        json.member("justification", evidence::name(decision.justification));
    json.member("reason", decision.reason).member("author", decision.author);
    if (!decision.approved_by.empty()) json.member("approvedBy", decision.approved_by);
    json.member("made", moment(decision.made_s));
    if (decision.verdict != evidence::Verdict::kNone)
        json.member("expires", moment(decision.expires_s));
    if (decision.ends == evidence::DecisionEnd::kWithFix) json.member("until", "fix");
    const evidence::DecisionTarget& target = decision.target;
    const std::pair<std::string_view, std::string_view> names[] = {{"repository", target.scope},
                                                                   {"tool", target.tool},
                                                                   {"rule", target.rule},
                                                                   {"package", target.package},
                                                                   {"version", target.version}};
    json.key("target").begin_object();
    if (target.finding != 0) json.key("finding").integer(target.finding);
    for (const auto& [name, text] : names)
        if (!text.empty()) json.member(name, text);
    json.end_object();
    if (!decision.origin.empty()) json.member("importedFrom", decision.origin);
    json.key("event").integer(decision.event);
}

// "false_positive until 2027-01-31, in force: a test file (ann, 2026-11-27, event 12)"
std::string decision_text(const evidence::DecisionRow& decision) {
    std::string text(evidence::name(decision.verdict));
    if (decision.verdict != evidence::Verdict::kNone) text += " until " + day(decision.expires_s);
    if (decision.ends == evidence::DecisionEnd::kWithFix) text += " or a fix";
    text += fmt::format(", {}", evidence::name(decision.state));
    if (decision.target.finding == 0) text += ", for " + evidence::to_string(decision.target);
    if (decision.justification != evidence::Justification::kNone)
        text += fmt::format(", {}", evidence::name(decision.justification));
    text += fmt::format(": {} ({}", decision.reason, decision.author);
    if (!decision.approved_by.empty()) text += ", approved by " + decision.approved_by;
    if (!decision.origin.empty()) text += ", imported from " + decision.origin;
    return text + fmt::format(", {}, event {})", day(decision.made_s), decision.event);
}

std::string story_as_json(const evidence::FindingStory& story) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object();
    append_row(story.row, json);
    json.key("presences").begin_array();
    for (const evidence::PresenceRow& presence : story.presences) {
        json.begin_object().member("ref", presence.ref).member("category", presence.category);
        json.member("state", presence.state);
        if (!presence.path.empty()) json.member("path", presence.path);
        if (presence.line > 0) json.key("line").integer(presence.line);
        json.member("first", moment(presence.first_s));
        if (!presence.first_revision.empty()) json.member("firstCommit", presence.first_revision);
        json.member("since", moment(presence.since_s));
        if (!presence.since_revision.empty()) json.member("sinceCommit", presence.since_revision);
        json.end_object();
    }
    json.end_array().key("decisions").begin_array();
    for (const evidence::DecisionRow& decision : story.decisions) {
        json.begin_object();
        append_decision(decision, json);
        json.end_object();
    }
    json.end_array();
    if (!story.document_digest.empty()) {
        json.member("document", story.document_digest);
        json.member("documentName", story.document_name);
    }
    if (!story.body.empty()) json.key("finding").raw(story.body);
    json.end_object();
    return out + "\n";
}

std::string story_as_text(const evidence::FindingStory& story) {
    const evidence::FindingRow& row = story.row;
    std::string out = fmt::format("{}  {}  {}\n", row.id, model::name(row.severity), state_of(row));
    const auto line = [&out](std::string_view name, std::string_view text) {
        if (!text.empty()) out += fmt::format("  {:<12} {}\n", name, text::to_printable(text));
    };
    line("title", row.title);
    line("rule", fmt::format("{} of {}", row.rule, row.tool));
    line("place", place_of(row.path, row.line));
    line("repository", row.scope);
    line("owner", row.owner);
    line("suppressed", row.suppressed_by);
    line("first seen", moment(row.first_seen_s));
    if (row.maybe_moved_from > 0)
        line("maybe", fmt::format("moved from {}, which is not certain", row.maybe_moved_from));
    for (const evidence::PresenceRow& presence : story.presences) {
        std::string text = fmt::format("{} since {}", presence.state, moment(presence.since_s));
        if (!presence.since_revision.empty()) text += " (" + presence.since_revision + ")";
        if (!presence.path.empty())
            text += fmt::format(", at {}", place_of(presence.path, presence.line));
        if (!presence.category.empty()) text += fmt::format(", category {}", presence.category);
        line(presence.ref.empty() ? "seen" : "in " + presence.ref, text);
    }
    for (const evidence::DecisionRow& decision : story.decisions)
        line("decision", decision_text(decision));
    if (!story.document_digest.empty())
        line("document", fmt::format("{} {}", story.document_name, story.document_digest));
    return out;
}

}  // namespace

int run_findings_list(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const Result<std::string> out = list(command, environment, *json_asked);
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

int run_findings_show(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    std::int64_t id = 0;
    const std::string argument = command.arguments.empty() ? "" : command.arguments[0];
    const char* const end = argument.data() + argument.size();
    if (argument.empty() || std::from_chars(argument.data(), end, id).ptr != end)
        return fail(environment, "which finding? merlon findings show ID");
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Timestamp now = environment.clock->now();
    const Result<evidence::AsOf> moment = as_of(command, store.value(), now);
    if (!moment.ok()) return fail(environment, moment.error().to_string());
    const auto story = evidence::show_finding(store.value().database(), id,
                                              moment.value().value_or(now), moment.value());
    if (!story.ok()) return fail(environment, story.error().to_string());
    if (!story.value())
        return fail(environment,
                    fmt::format("there {} no finding {} in the store{}",
                                moment.value() ? "was" : "is", id, moment.value() ? " then" : ""));
    return print(environment,
                 *json_asked ? story_as_json(*story.value()) : story_as_text(*story.value()));
}

}  // namespace merlon::cli
