#include "cli/database_store.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/thread_pool.h"
#include "cli/outputs.h"
#include "evidence/seconds.h"

namespace merlon::cli {
namespace {

constexpr std::size_t kShownProblems = 20;

void append_feed(const sca::FeedInfo& feed, std::string& out) {
    out += fmt::format("  {:<40} {:>9} records, {}, {}\n", feed.name, feed.records,
                       time_text(feed.taken_at_s), feed.licence);
    for (const sca::FeedCountName& count : sca::kFeedCountNames) {
        const std::uint32_t value = feed.*count.count;
        if (value == 0 || count.meaning.empty()) continue;
        out += fmt::format("  {:<40} {:>9} {}\n", "", value, count.meaning);
    }
}

// What stands at `path` must be no other program's file, and its feeds no larger ones.
Status may_replace(const std::string& path, const sca::DatabaseInfo& info,
                   std::span<const sca::FeedInfo> remembered, std::string& out) {
    if (!file_status(path, FollowLinks::kYes).ok()) return {};
    const auto before = sca::Database::open(path, sca::VersionKeys::kAny);
    const bool is_old = sca::is_of_another_version(path);
    if (!before.ok() && !is_old) {
        return Error{before.error().to_string() + "; --force replaces it"};
    }
    std::vector<sca::FeedInfo> feeds(remembered.begin(), remembered.end());
    if (before.ok()) {
        auto old = before.value().info();
        if (!old.ok() && !is_old) return {};  // a damaged one is what a build replaces
        if (old.ok()) feeds = std::move(old.value().feeds);
    }
    if (is_old) {
        out += path + ": another version of Merlon wrote it; it is built anew";
        out += feeds.empty() ? ", and whether a feed has shrunk since cannot be told\n" : "\n";
    }
    const auto shrunk = scan::shrunk_feeds(feeds, info.feeds);
    if (shrunk.empty()) return {};
    std::string message =
        "feeds have less than half of the records that they had; --force takes them all the same";
    for (const std::string& feed : shrunk) message += "\n  " + feed;
    return Error{std::move(message)};
}

}  // namespace

std::string time_text(std::int64_t seconds) { return format_rfc3339(evidence::at_second(seconds)); }

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

std::int64_t now_s(const Environment& environment) {
    return evidence::seconds_of(environment.clock->now());
}

Result<std::optional<crypto::SecretKey>> sign_key_of(const ParsedCommand& command) {
    if (!command.is_set("sign-key")) return std::optional<crypto::SecretKey>();
    const std::string& file = command.text("sign-key");
    const std::string text = MERLON_TRY(read_text_file(file));
    return std::optional(MERLON_TRY(parse_key<crypto::SecretKey>(text, file)));
}

unsigned threads_of(const ParsedCommand& command) {
    const std::int64_t wanted = command.integer("threads").value_or(0);
    return wanted > 0 ? static_cast<unsigned>(std::min<std::int64_t>(wanted, 256))
                      : available_cores();
}

std::string database_path(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("database")) return command.text("database");
    const std::string state = state_directory(environment);
    return state.empty() ? state : state + "/advisories.db";
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
    for (std::size_t i = 1; i < info.segments.size(); ++i) {
        const sca::SegmentInfo& segment = info.segments[i];
        out += fmt::format("segment {}: {}, {} bytes, {} records in place of {}\n", i,
                           time_text(segment.built_at_s), segment.bytes, segment.records,
                           segment.hidden);
    }
    out += "ecosystems:";
    for (const std::string& ecosystem : info.ecosystems) out += " " + ecosystem + ",";
    if (out.back() == ',') out.back() = '\n';
    if (out.back() == ':') out += " none\n";
    out += "feeds:\n";
    for (const sca::FeedInfo& feed : info.feeds) append_feed(feed, out);
}

Status store_database(const ParsedCommand& command, const Environment& environment,
                      std::string bytes, std::span<const sca::FeedInfo> remembered,
                      std::string& out) {
    const std::string path = database_path(command, environment);
    if (path.empty()) return Error{"where to? name a file with --database, or set HOME"};
    const auto database = MERLON_TRY(sca::Database::from_bytes(std::move(bytes)));
    const sca::DatabaseInfo info = MERLON_TRY(database.info());
    if (!command.is_set("force")) {
        if (Status allowed = may_replace(path, info, remembered, out); !allowed.ok())
            return allowed;
    }
    std::error_code code;  // what fails here, the write says
    std::filesystem::create_directories(parent_directory(path), code);
    if (Status written = write_file_atomically(path, database.bytes()); !written.ok()) {
        return written;
    }
    append_info(info, path, out);
    return {};
}

void tell_problems(const Environment& environment, std::span<const scan::FeedProblem> problems) {
    for (const scan::FeedProblem& problem :
         problems.first(std::min(problems.size(), kShownProblems))) {
        environment.write_error(fmt::format("merlon: {}: {}\n", problem.path, problem.what));
    }
    if (problems.size() > kShownProblems) {
        environment.write_error(
            fmt::format("merlon: and {} more\n", problems.size() - kShownProblems));
    }
}

}  // namespace merlon::cli
