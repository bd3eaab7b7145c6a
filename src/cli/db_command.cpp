#include "cli/db_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/thread_pool.h"
#include "cli/outputs.h"
#include "crypto/digest.h"
#include "crypto/signature.h"
#include "scan/advisories.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::size_t kShownProblems = 20;

std::string time_text(std::int64_t seconds) {
    return format_rfc3339(Timestamp{seconds * kSecond_ns});
}

// Reproducible builds (reproducible-builds.org/specs/source-date-epoch): the time that is written
// in place of now.
Result<std::optional<std::int64_t>> source_date(const Environment& environment) {
    const auto text = environment.variable("SOURCE_DATE_EPOCH");
    if (!text.has_value() || text->empty()) return std::optional<std::int64_t>();
    std::int64_t seconds = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    // What a time in nanoseconds can hold.
    if (code != std::errc() || end != text->data() + text->size() || seconds < 0 ||
        seconds > 9'000'000'000) {
        return Error{"SOURCE_DATE_EPOCH is not a number of seconds: " + *text};
    }
    return std::optional(seconds);
}

template <typename Key>
Result<Key> parse_key(std::string text, std::string_view what) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.pop_back();
    }
    const auto raw = crypto::from_hex(text);
    Key key{};
    if (!raw.ok() || raw.value().size() != key.size()) {
        return Error{
            fmt::format("{} is not a key: expected {} hexadecimal digits", what, 2 * key.size())};
    }
    std::ranges::copy(raw.value(), key.begin());
    return key;
}

unsigned threads_of(const ParsedCommand& command) {
    const std::int64_t wanted = command.integer("threads").value_or(0);
    return wanted > 0 ? static_cast<unsigned>(std::min<std::int64_t>(wanted, 256))
                      : available_cores();
}

Result<scan::AdvisoryBuildRequest> request_of(const ParsedCommand& command,
                                              const Environment& environment) {
    scan::AdvisoryBuildRequest request;
    for (std::size_t i = 0; i < scan::kFeedKindCount; ++i) {
        const auto kind = static_cast<scan::FeedKind>(i);
        for (const std::string& path : command.list(scan::name(kind))) {
            request.sources.push_back({kind, path});
        }
    }
    if (request.sources.empty()) {
        return Error{
            "which feeds? 'merlon db build --osv DIR' reads OSV records; see 'merlon help "
            "db build'"};
    }
    request.taken_at_s = MERLON_TRY(source_date(environment));
    request.built_at_s =
        request.taken_at_s.value_or(environment.clock->now().nanoseconds / kSecond_ns);
    if (command.is_set("sign-key")) {
        const std::string& file = command.text("sign-key");
        const std::string text = MERLON_TRY(read_text_file(file));
        request.key = MERLON_TRY(parse_key<crypto::SecretKey>(text, file));
    }
    return request;
}

void append_feed(const sca::FeedInfo& feed, std::string& out) {
    out += fmt::format("  {:<40} {:>9} records, {}, {}\n", feed.name, feed.records,
                       time_text(feed.taken_at_s), feed.licence);
    const std::pair<std::uint32_t, std::string_view> counts[] = {
        {feed.unreadable, "files could not be read"},
        {feed.withdrawn, "records are withdrawn"},
        {feed.replaced, "records stood there twice; the last modified stays"},
        {feed.unknown_ecosystems, "entries are of ecosystems that are not known here"},
        {feed.without_versions, "entries have no versions that packages have (commits alone)"},
        {feed.mixed_events, "ranges have fixed and last_affected, which the schema forbids"},
    };
    for (const auto& [count, what] : counts) {
        if (count > 0) out += fmt::format("  {:<40} {:>9} {}\n", "", count, what);
    }
}

void append_info(const sca::DatabaseInfo& info, const std::string& path, std::string& out) {
    out += fmt::format(
        "{}: built {}, {} bytes, {}\n", path, time_text(info.built_at_s), info.file_bytes,
        info.signer.has_value()
            ? "signed by " + crypto::hex({reinterpret_cast<const char*>(info.signer->data()),
                                          info.signer->size()})
            : std::string("not signed"));
    out += fmt::format(
        "{} records of {} packages: {} entries, {} versions, {} alias classes, {} known threats\n",
        info.records, info.packages, info.affected, info.versions, info.classes, info.threats);
    out += "ecosystems:";
    for (const std::string& ecosystem : info.ecosystems) out += " " + ecosystem + ",";
    if (out.back() == ',') out.back() = '\n';
    if (out.back() == ':') out += " none\n";
    out += "feeds:\n";
    for (const sca::FeedInfo& feed : info.feeds) append_feed(feed, out);
}

void append_json(const sca::DatabaseInfo& info, const std::string& path, std::string& out) {
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    text::JsonWriter json(out, "  ");
    json.begin_object().member("path", path).member("built", time_text(info.built_at_s));
    json.key("bytes").integer(number(info.file_bytes));
    json.key("records").integer(info.records).key("packages").integer(info.packages);
    json.key("affected").integer(info.affected).key("versions").integer(info.versions);
    json.key("aliasClasses").integer(info.classes).key("threats").integer(info.threats);
    if (info.signer.has_value()) {
        json.member("signer", crypto::hex({reinterpret_cast<const char*>(info.signer->data()),
                                           info.signer->size()}));
    }
    json.key("ecosystems").begin_array();
    for (const std::string& ecosystem : info.ecosystems) json.string(ecosystem);
    json.end_array().key("feeds").begin_array();
    for (const sca::FeedInfo& feed : info.feeds) {
        json.begin_object().member("name", feed.name).member("licence", feed.licence);
        json.member("digest", feed.digest).member("taken", time_text(feed.taken_at_s));
        json.key("records").integer(feed.records).key("withdrawn").integer(feed.withdrawn);
        json.key("unreadable").integer(feed.unreadable).key("replaced").integer(feed.replaced);
        json.key("unknownEcosystems").integer(feed.unknown_ecosystems);
        json.key("withoutVersions").integer(feed.without_versions);
        json.key("mixedEvents").integer(feed.mixed_events).end_object();
    }
    json.end_array().key("sections").begin_object();
    for (const sca::SectionInfo& section : info.sections) {
        json.key(section.name).integer(number(section.bytes));
    }
    json.end_object().end_object();
    out += '\n';
}

// What stands at `path` must be no other program's file, and its feeds no larger ones.
Status may_replace(const std::string& path, const sca::DatabaseInfo& info) {
    if (!file_status(path, FollowLinks::kYes).ok()) return {};
    const auto before = sca::Database::open(path);
    if (!before.ok()) {
        return Error{before.error().to_string() + "; --force replaces it"};
    }
    const auto old = before.value().info();
    if (!old.ok()) return {};  // a damaged one is what a build replaces
    const auto shrunk = scan::shrunk_feeds(old.value(), info);
    if (shrunk.empty()) return {};
    std::string message =
        "feeds have less than half of the records that they had; --force takes them all the same";
    for (const std::string& feed : shrunk) message += "\n  " + feed;
    return Error{std::move(message)};
}

Status build(const ParsedCommand& command, const Environment& environment, std::string& out,
             std::vector<scan::FeedProblem>& problems) {
    const scan::AdvisoryBuildRequest request = MERLON_TRY(request_of(command, environment));
    ThreadPool pool(threads_of(command));
    scan::AdvisoryBuild made = MERLON_TRY(scan::build_advisories(request, pool));
    problems = std::move(made.problems);
    const std::string path = database_path(command, environment);
    if (path.empty()) return Error{"where to? name a file with --database, or set HOME"};
    const auto database = MERLON_TRY(sca::Database::from_bytes(std::move(made.bytes)));
    const sca::DatabaseInfo info = MERLON_TRY(database.info());
    if (!command.is_set("force")) {
        if (Status allowed = may_replace(path, info); !allowed.ok()) return allowed;
    }
    std::error_code code;  // what fails here, the write says
    std::filesystem::create_directories(parent_directory(path), code);
    if (Status written = write_file_atomically(path, database.bytes()); !written.ok()) {
        return written;
    }
    append_info(info, path, out);
    return {};
}

Result<sca::Database> open_database(const ParsedCommand& command, const Environment& environment) {
    const std::string path = database_path(command, environment);
    if (!file_status(path, FollowLinks::kYes).ok()) {
        return Error{"there is no advisory database at " + path + "; 'merlon db build' makes one"};
    }
    return sca::Database::open(path);
}

}  // namespace

std::string database_path(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("database")) return command.text("database");
    const std::string state = state_directory(environment);
    return state.empty() ? state : state + "/advisories.db";
}

int run_db_build(const ParsedCommand& command, const Environment& environment) {
    std::string out;
    std::vector<scan::FeedProblem> problems;
    const Status built = build(command, environment, out, problems);
    for (std::size_t i = 0; i < std::min(problems.size(), kShownProblems); ++i) {
        environment.write_error(
            fmt::format("merlon: {}: {}\n", problems[i].path, problems[i].what));
    }
    if (problems.size() > kShownProblems) {
        environment.write_error(
            fmt::format("merlon: and {} more\n", problems.size() - kShownProblems));
    }
    if (!built.ok()) return fail(environment, built.error().to_string());
    if (const int code = print(environment, out); code != kClean) return code;
    if (problems.empty()) return kClean;
    return fail(environment,
                fmt::format("{} of the feeds' files could not be read; the database is written and "
                            "says so",
                            problems.size()));
}

int run_db_info(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const auto database = open_database(command, environment);
    if (!database.ok()) return fail(environment, database.error().to_string());
    const auto info = database.value().info();
    if (!info.ok()) return fail(environment, info.error().to_string());
    std::string out;
    const std::string path = database_path(command, environment);
    *json_asked ? append_json(info.value(), path, out) : append_info(info.value(), path, out);
    return print(environment, out);
}

int run_db_verify(const ParsedCommand& command, const Environment& environment) {
    const auto database = open_database(command, environment);
    if (!database.ok()) return fail(environment, database.error().to_string());
    if (const Status verified = database.value().verify(); !verified.ok()) {
        return fail(environment, verified.error().to_string());
    }
    const auto signer = database.value().signer();
    if (command.is_set("public-key")) {
        const auto wanted =
            parse_key<crypto::PublicKey>(command.text("public-key"), "--public-key");
        if (!wanted.ok()) return fail(environment, wanted.error().to_string());
        if (!signer.has_value()) return fail(environment, "the database is not signed");
        if (*signer != wanted.value()) {
            return fail(environment, "the database is signed by another key");
        }
    }
    return print(environment, signer.has_value()
                                  ? "every page is as it was written, and the signature is right\n"
                                  : "every page is as it was written; it is not signed\n");
}

int run_db_export(const ParsedCommand& command, const Environment& environment) {
    const auto database = open_database(command, environment);
    if (!database.ok()) return fail(environment, database.error().to_string());
    int code = kClean;
    const Status read = database.value().read([&](const sca::DatabaseReader& reader) {
        const std::uint32_t frames =
            (reader.record_count() + sca::kRecordsPerFrame - 1) / sca::kRecordsPerFrame;
        for (std::uint32_t frame = 0; frame < frames && code == kClean; ++frame) {
            std::string lines;
            for (const std::string& record : reader.frame_json(frame)) lines += record + "\n";
            code = print(environment, lines);
        }
    });
    return read.ok() ? code : fail(environment, read.error().to_string());
}

int run_db_diff(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    if (command.arguments.size() != 2) {
        return fail(environment, "which databases? merlon db diff OLD NEW");
    }
    const auto before = sca::Database::open(command.arguments[0]);
    if (!before.ok()) return fail(environment, before.error().to_string());
    const auto after = sca::Database::open(command.arguments[1]);
    if (!after.ok()) return fail(environment, after.error().to_string());
    const auto found = scan::compare_databases(before.value(), after.value());
    if (!found.ok()) return fail(environment, found.error().to_string());
    const std::pair<std::string_view, const std::vector<std::string>*> lists[] = {
        {"added", &found.value().added},
        {"removed", &found.value().removed},
        {"changed", &found.value().changed},
    };
    std::string out;
    bool differs = false;
    text::JsonWriter json(out, "  ");
    if (*json_asked) json.begin_object();
    for (const auto& [word, ids] : lists) {
        differs = differs || !ids->empty();
        if (*json_asked) json.key(word).begin_array();
        for (const std::string& id : *ids) {
            if (*json_asked) {
                json.string(id);
            } else {
                out += fmt::format("{:<8} {}\n", word, id);
            }
        }
        if (*json_asked) json.end_array();
    }
    if (*json_asked) json.end_object();
    if (*json_asked) out += '\n';
    const int code = print(environment, out);
    return code == kClean && differs ? kFindings : code;
}

}  // namespace merlon::cli
