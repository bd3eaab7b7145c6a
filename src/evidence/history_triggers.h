#pragma once

// The triggers that keep what findings and presences were (0004_jobs.sql), in each database's
// words. Internal to the drivers.
//
// Thread-safe: constants.

#include <string_view>

// What is kept of a finding, and what counts as a change of it.
#define MERLON_PAST_COLUMNS                                                          \
    "stream, rule, severity, risk, detection, suppressed, open, path, line, title, " \
    "owner, changed, decision, verdict, expires, package"
#define MERLON_PAST_VALUES                                                               \
    "OLD.id, NEW.changed, OLD.stream, OLD.rule, OLD.severity, OLD.risk, OLD.detection, " \
    "OLD.suppressed, OLD.open, OLD.path, OLD.line, OLD.title, OLD.owner, OLD.changed, "  \
    "OLD.decision, OLD.verdict, OLD.expires, OLD.package"
// One that changes in the second in which it was first seen has no past.
#define MERLON_FINDING_CHANGED                                                              \
    "NEW.changed > OLD.first_seen AND (OLD.stream, OLD.rule, OLD.severity, OLD.risk, "      \
    "OLD.detection, OLD.suppressed, OLD.open, OLD.path, OLD.line, OLD.title, OLD.owner, "   \
    "OLD.decision, OLD.verdict, OLD.expires, OLD.package) <> (NEW.stream, NEW.rule, "       \
    "NEW.severity, NEW.risk, NEW.detection, NEW.suppressed, NEW.open, NEW.path, NEW.line, " \
    "NEW.title, NEW.owner, NEW.decision, NEW.verdict, NEW.expires, NEW.package)"
#define MERLON_KEEP_FINDING                                          \
    "INSERT INTO finding_past (finding, until, " MERLON_PAST_COLUMNS \
    ") VALUES (" MERLON_PAST_VALUES ") ON CONFLICT (finding, until) DO NOTHING; "
#define MERLON_KEEP_PRESENCE                                                     \
    "INSERT INTO presence_past (finding, stream, until, state, since_analysis) " \
    "SELECT OLD.finding, OLD.stream, a.received, OLD.state, OLD.since_analysis " \
    "FROM analysis a WHERE a.id = NEW.since_analysis "                           \
    "ON CONFLICT (finding, stream, until) DO NOTHING; "

namespace merlon::evidence {

inline constexpr std::string_view kSqliteFindingHistory =
    "CREATE TRIGGER finding_changes AFTER UPDATE ON finding WHEN " MERLON_FINDING_CHANGED
    " BEGIN " MERLON_KEEP_FINDING "END;";
inline constexpr std::string_view kSqlitePresenceHistory =
    "CREATE TRIGGER presence_changes AFTER UPDATE ON presence WHEN OLD.state <> NEW.state "
    "BEGIN " MERLON_KEEP_PRESENCE "END;";

inline constexpr std::string_view kPostgresFindingHistory =
    "CREATE FUNCTION keep_finding_past() RETURNS trigger LANGUAGE plpgsql AS $keep$ "
    "BEGIN " MERLON_KEEP_FINDING
    "RETURN NULL; END $keep$;"
    "CREATE TRIGGER finding_changes AFTER UPDATE ON finding FOR EACH ROW "
    "WHEN (" MERLON_FINDING_CHANGED ") EXECUTE FUNCTION keep_finding_past();";
inline constexpr std::string_view kPostgresPresenceHistory =
    "CREATE FUNCTION keep_presence_past() RETURNS trigger LANGUAGE plpgsql AS $keep$ "
    "BEGIN " MERLON_KEEP_PRESENCE
    "RETURN NULL; END $keep$;"
    "CREATE TRIGGER presence_changes AFTER UPDATE ON presence FOR EACH ROW "
    "WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION keep_presence_past();";

// The same for all rows of a statement at once (0007_snapshots.sql): a trigger for each row is most
// of what changing many takes. In such a function OLD and NEW are the tables of the rows.
inline constexpr std::string_view kPostgresHistoryByStatement =
    "DROP TRIGGER finding_changes ON finding;"
    "DROP TRIGGER presence_changes ON presence;"
    "CREATE OR REPLACE FUNCTION keep_finding_past() RETURNS trigger LANGUAGE plpgsql AS $keep$ "
    "#variable_conflict use_column\n"
    "BEGIN INSERT INTO finding_past (finding, until, " MERLON_PAST_COLUMNS
    ") SELECT " MERLON_PAST_VALUES
    " FROM rows_before old JOIN rows_after new ON NEW.id = OLD.id WHERE " MERLON_FINDING_CHANGED
    " ON CONFLICT (finding, until) DO NOTHING; RETURN NULL; END $keep$;"
    "CREATE TRIGGER finding_changes AFTER UPDATE ON finding REFERENCING OLD TABLE AS rows_before "
    "NEW TABLE AS rows_after FOR EACH STATEMENT EXECUTE FUNCTION keep_finding_past();"
    "CREATE OR REPLACE FUNCTION keep_presence_past() RETURNS trigger LANGUAGE plpgsql AS $keep$ "
    "#variable_conflict use_column\n"
    "BEGIN INSERT INTO presence_past (finding, stream, until, state, since_analysis) "
    "SELECT OLD.finding, OLD.stream, a.received, OLD.state, OLD.since_analysis "
    "FROM rows_before old JOIN rows_after new ON NEW.finding = OLD.finding "
    "AND NEW.stream = OLD.stream JOIN analysis a ON a.id = NEW.since_analysis "
    "WHERE OLD.state <> NEW.state ON CONFLICT (finding, stream, until) DO NOTHING; "
    "RETURN NULL; END $keep$;"
    "CREATE TRIGGER presence_changes AFTER UPDATE ON presence REFERENCING OLD TABLE AS "
    "rows_before NEW TABLE AS rows_after FOR EACH STATEMENT "
    "EXECUTE FUNCTION keep_presence_past();";

}  // namespace merlon::evidence

#undef MERLON_PAST_COLUMNS
#undef MERLON_PAST_VALUES
#undef MERLON_FINDING_CHANGED
#undef MERLON_KEEP_FINDING
#undef MERLON_KEEP_PRESENCE
