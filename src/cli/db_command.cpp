#include "cli/db_command.h"

#include <fmt/core.h>

#include <vector>

#include "base/file.h"
#include "base/thread_pool.h"
#include "cli/database_store.h"
#include "cli/outputs.h"
#include "crypto/digest.h"
#include "crypto/signature.h"
#include "sca/record_walk.h"
#include "scan/advisories.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

constexpr std::size_t kPrintedBytes = std::size_t{1} << 20;  // at once, of an export

Result<scan::AdvisoryBuildRequest> request_of(const ParsedCommand& command,
                                              const Environment& environment) {
    scan::AdvisoryBuildRequest request;
    for (std::size_t i = 0; i < scan::kFeedKindCount; ++i) {
        const auto kind = static_cast<scan::FeedKind>(i);
        for (const std::string& path : command.list(scan::name(kind))) {
            request.sources.push_back({kind, path, ""});
        }
    }
    if (request.sources.empty()) {
        return Error{
            "which feeds? 'merlon db build --osv DIR' reads OSV records; see 'merlon help "
            "db build'"};
    }
    request.taken_at_s = MERLON_TRY(source_date(environment));
    request.built_at_s = request.taken_at_s.value_or(now_s(environment));
    request.key = MERLON_TRY(sign_key_of(command));
    return request;
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
        for (const sca::FeedCountName& count : sca::kFeedCountNames) {
            json.key(count.name).integer(feed.*count.count);
        }
        json.end_object();
    }
    json.end_array().key("segments").begin_array();
    for (const sca::SegmentInfo& segment : info.segments) {
        json.begin_object().member("built", time_text(segment.built_at_s));
        json.key("bytes").integer(number(segment.bytes)).key("records").integer(segment.records);
        json.key("hidden").integer(segment.hidden).end_object();
    }
    json.end_array().key("sections").begin_object();
    for (const sca::SectionInfo& section : info.sections) {
        json.key(section.name).integer(number(section.bytes));
    }
    json.end_object().end_object();
    out += '\n';
}

Status build(const ParsedCommand& command, const Environment& environment, std::string& out,
             std::vector<scan::FeedProblem>& problems) {
    const scan::AdvisoryBuildRequest request = MERLON_TRY(request_of(command, environment));
    ThreadPool pool(threads_of(command));
    scan::AdvisoryBuild made = MERLON_TRY(scan::build_advisories(request, pool));
    problems = std::move(made.problems);
    return store_database(command, environment, std::move(made.bytes), {}, out);
}

Result<sca::Database> open_database(const ParsedCommand& command, const Environment& environment) {
    const std::string path = database_path(command, environment);
    if (!file_status(path, FollowLinks::kYes).ok()) {
        return Error{"there is no advisory database at " + path +
                     "; 'merlon db update' or 'merlon db build' makes one"};
    }
    return sca::Database::open(path);
}

}  // namespace

int run_db_build(const ParsedCommand& command, const Environment& environment) {
    std::string out;
    std::vector<scan::FeedProblem> problems;
    const Status built = build(command, environment, out, problems);
    tell_problems(environment, problems);
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
        std::string lines;
        for (sca::RecordWalk walk(reader); !walk.at_end() && code == kClean; walk.next()) {
            lines += walk.json();
            lines += '\n';
            if (lines.size() < kPrintedBytes) continue;
            code = print(environment, lines);
            lines.clear();
        }
        if (code == kClean) code = print(environment, lines);
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
