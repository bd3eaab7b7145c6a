// `merlon db update`: fetches what has changed, builds the database of it, and says of stored bills
// of materials what is new.

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/file_lock.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/configuration.h"
#include "cli/database_store.h"
#include "cli/db_command.h"
#include "cli/embedded_feeds.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "cli/rematch.h"
#include "sca/database_writer.h"
#include "scan/advisory_update.h"
#include "scan/feed_list.h"
#include "scan/feed_update.h"
#include "scan/rescan.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxListBytes = std::uint64_t{4} << 20;

Result<std::vector<scan::Feed>> feeds_of(const ParsedCommand& command) {
    std::vector<scan::Feed> feeds;
    const std::vector<std::string>& sources = command.list("source");
    for (std::size_t i = 0; i < sources.size(); ++i) {
        feeds.push_back(MERLON_TRY(scan::parse_feed_source(sources[i], i + 1)));
    }
    if (command.is_set("feeds")) {
        const std::string& file = command.text("feeds");
        const std::string text = MERLON_TRY(read_text_file(file, kMaxListBytes));
        auto listed = MERLON_TRY(scan::parse_feed_list(text, file));
        std::move(listed.begin(), listed.end(), std::back_inserter(feeds));
    } else if (feeds.empty()) {
        feeds = MERLON_TRY(scan::parse_feed_list(embedded_feeds(), "merlon's own list of feeds"));
    }
    for (const std::string& wanted : command.list("only")) {
        if (std::ranges::find(feeds, wanted, &scan::Feed::name) == feeds.end()) {
            return Error{"no feed is called '" + wanted + "'; --list shows which there are"};
        }
    }
    return feeds;
}

net::HttpSettings settings_of(const ParsedCommand& command, const Environment& environment) {
    net::HttpSettings settings;
    settings.trust.file = environment.variable("SSL_CERT_FILE").value_or("");
    settings.trust.directory = environment.variable("SSL_CERT_DIR").value_or("");
    if (command.is_set("ca-file")) settings.trust.additional_file = command.text("ca-file");
    settings.variable = environment.variable;
    settings.user_agent = "merlon/" MERLON_VERSION;
    settings.clock = environment.clock;
    settings.cancel = environment.cancel;
    if (const auto seconds = command.integer("idle-timeout"); seconds.has_value()) {
        settings.timeouts.idle = std::chrono::seconds(*seconds);
        settings.timeouts.connect = std::chrono::seconds(*seconds);
    }
    return settings;
}

int list_feeds(const Environment& environment, const std::vector<scan::Feed>& feeds) {
    std::string out;
    for (const scan::Feed& feed : feeds) {
        out += fmt::format("{} ({}), licence: {}\n", feed.name, scan::name(feed.kind),
                           feed.licence.empty() ? "not stated" : feed.licence);
        if (!feed.page.empty()) out += fmt::format("    documented at {}\n", feed.page);
        if (!feed.latest.empty()) out += fmt::format("    newest named by {}\n", feed.latest);
        for (const std::string& address : feed.addresses) {
            out += fmt::format("    {}\n", net::without_credentials(address));
        }
    }
    return print(environment, out);
}

constexpr std::size_t kShownBoms = 3;

void append_rescan(const scan::Rescan& rescan, std::string& out) {
    out += fmt::format("{} bills of materials ({} read), {} packages, {} unknown components\n",
                       rescan.boms, rescan.boms_read, rescan.packages, rescan.unknowns);
    for (const scan::RescanChange& change : rescan.changes) {
        const bool is_found = change.news == scan::RescanNews::kFound;
        out += fmt::format("{} {} {}", is_found ? "new " : "gone", change.ids.front(), change.purl);
        if (!change.severity.empty()) out += ", " + change.severity;
        if (change.is_malicious) out += ", malicious";
        if (change.is_known_exploited) out += ", known to be exploited";
        if (!change.fixed.empty()) out += ", fixed in " + change.fixed;
        out += fmt::format(", in {}:", change.boms.size());
        for (std::size_t i = 0; i < std::min(change.boms.size(), kShownBoms); ++i) {
            out += " " + change.boms[i];
        }
        out += change.boms.size() > kShownBoms ? " …\n" : "\n";
    }
    if (rescan.changes.empty()) out += "nothing new of them\n";
}

void append_rescan_json(const scan::Rescan& rescan, std::string& out) {
    const auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    text::JsonWriter json(out, "  ");
    json.begin_object().key("boms").integer(number(rescan.boms));
    json.key("bomsRead").integer(number(rescan.boms_read));
    json.key("packages").integer(number(rescan.packages));
    json.key("unknownComponents").integer(number(rescan.unknowns)).key("changes").begin_array();
    for (const scan::RescanChange& change : rescan.changes) {
        json.begin_object();
        json.member("news", change.news == scan::RescanNews::kFound ? "found" : "gone");
        json.member("purl", change.purl).member("severity", change.severity);
        json.member("fixed", change.fixed).key("malicious").boolean(change.is_malicious);
        json.key("knownExploited").boolean(change.is_known_exploited);
        json.key("ids").begin_array();
        for (const std::string& id : change.ids) json.string(id);
        json.end_array().key("boms").begin_array();
        for (const std::string& bom : change.boms) json.string(bom);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    out += '\n';
}

// What the database that is there was built of: beside it, so that a rebuilt one is told apart.
struct BuiltMark {
    std::string path;

    // Of the file at `database` as it is now.
    static std::string text(const std::string& fingerprint, const std::string& database) {
        const auto status = file_status(database, FollowLinks::kYes);
        if (fingerprint.empty() || !status.ok()) return {};
        return fmt::format("{} {} {}\n", fingerprint, status.result.value().size,
                           status.result.value().modified_ns);
    }
    bool is(const std::string& wanted) const {
        const auto text = read_text_file(path, 4096);
        return !wanted.empty() && text.ok() && text.value() == wanted;
    }
};

class Update {
  public:
    Update(const ParsedCommand& command, const Environment& environment)
        : command_(command),
          environment_(environment),
          path_(database_path(command, environment)),
          folder_(path_ + ".feeds"),
          blocks_(folder_ + "/blocks"),
          mark_{folder_ + "/built"} {}

    int run() {
        const std::optional<bool> json_asked = wants_json(command_, environment_);
        if (!json_asked.has_value()) return kIncomplete;
        is_json_ = *json_asked;
        const Status done = work();
        tell_problems(environment_, problems_);
        if (!done.ok()) return fail(environment_, done.error().to_string());
        if (const int code = print(environment_, is_json_ ? json_ : out_); code != kClean) {
            return code;
        }
        if (problems_.empty()) return has_news_ ? kFindings : kClean;
        return fail(environment_, fmt::format("{} problem{}; what could be read is in the answer",
                                              problems_.size(), problems_.size() == 1 ? "" : "s"));
    }

  private:
    Status work() {
        if (path_.empty()) return Error{"where to? name a file with --database, or set HOME"};
        const std::vector<scan::Feed> feeds = MERLON_TRY(feeds_of(command_));
        key_ = MERLON_TRY(sign_key_of(command_));
        MERLON_TRY(find_store());
        if (command_.is_set("rescan")) {
            configuration_ = MERLON_TRY(find_configuration(command_, "."));
        }
        const auto date = MERLON_TRY(source_date(environment_));
        std::error_code code;  // what fails here, the lock says
        std::filesystem::create_directories(folder_, code);
        const FileLock lock = MERLON_TRY(FileLock::take(folder_ + "/lock"));
        net::HttpClient client(settings_of(command_, environment_));
        scan::FeedUpdateRequest request;
        request.feeds = feeds;
        request.folder = folder_;
        request.only = command_.list("only");
        if (command_.is_set("mirror")) request.mirror = command_.text("mirror");
        request.client = command_.is_set("offline") ? nullptr : &client;
        request.now_s = date.value_or(now_s(environment_));
        request.tell = [this](const std::string& line) { out_ += line + "\n"; };
        scan::FeedUpdate update = MERLON_TRY(scan::update_feeds(request));
        if (!update.sources.empty() && !command_.is_set("no-sandbox")) {
            // What was fetched is read without a network: a hole in a reader has nowhere to go.
            std::vector<std::string> places{parent_directory(path_), folder_};
            if (!store_place_.empty()) {
                MERLON_TRY(open_store());  // a server's is behind the network
                places.push_back(parent_directory(behind_links(store_place_)));
            }
            apply_sandbox({.writable_paths = std::move(places)});
        }
        if (Status finished = scan::finish_feeds(update, environment_.cancel); !finished.ok()) {
            return finished;
        }
        problems_ = std::move(update.problems);
        if (update.sources.empty()) {
            return Error{"there is nothing to build from; the database stays as it was"};
        }
        std::string fingerprint = std::move(update.fingerprint);
        // Another program may read the same files in another way.
        if (!fingerprint.empty()) fingerprint += " " + cli::build();
        if (!fingerprint.empty() && key_.has_value()) {
            const auto signer = MERLON_TRY(crypto::public_key_of(*key_));
            fingerprint +=
                " " + crypto::hex({reinterpret_cast<const char*>(signer.data()), signer.size()});
        }
        if (!command_.is_set("compact") && mark_.is(BuiltMark::text(fingerprint, path_))) {
            Status renewed = renew(request.now_s, request.client != nullptr && problems_.empty());
            if (renewed.ok()) return finish(fingerprint);
            // What is there is damaged, or another version's: built anew.
        }
        if (Status built = build(update.sources, date, request.now_s); !built.ok()) return built;
        return finish(problems_.empty() ? fingerprint : "");
    }

    Status finish(const std::string& fingerprint) {
        if (Status marked = mark(fingerprint); !marked.ok()) return marked;
        if (command_.is_set("rescan")) MERLON_TRY(rescan());
        return rematch();
    }

    // The bills of the store that was named, or of the default one where there is one.
    Status rematch() {
        if (store_place_.empty()) return {};
        if (!store_) MERLON_TRY(open_store());
        const Rematch done =
            MERLON_TRY(rematch_bills(store_->database(), {.advisories = path_,
                                                          .actor = actor_of(environment_),
                                                          .clock = environment_.clock,
                                                          .cancel = environment_.cancel}));
        if (done.bills > 0) out_ += "in " + store_place_ + ":\n" + done.lines;
        return {};
    }

    Status open_store() {
        store_ = MERLON_TRY(evidence::Store::open({.place = store_place_,
                                                   .access = evidence::Access::kWrite,
                                                   .command = "merlon db update"}));
        return {};
    }

    // Before anything is fetched, so that a mistyped name costs nothing.
    Status find_store() {
        const Result<std::string> place = cli::store_place(command_, environment_);
        if (!command_.is_set("store")) {
            if (place.ok() && check_store_is_there(place.value()).ok())
                store_place_ = place.value();
            return {};
        }
        store_place_ = MERLON_TRY(Result<std::string>(place));
        return check_store_is_there(store_place_);
    }

    Status rescan() {
        const auto database = MERLON_TRY(sca::Database::open(path_));
        std::error_code code;
        const std::string folder =
            std::filesystem::canonical(command_.text("rescan"), code).string();
        if (code) return Error{command_.text("rescan") + ": " + code.message()};
        scan::RescanRequest request;
        request.folder = folder;
        request.index_path = folder_ + "/rescan-" + crypto::sha256(folder).hex().substr(0, 16);
        request.database = &database;
        request.cancel = environment_.cancel;
        ThreadPool pool(threads_of(command_));
        scan::Rescan found = MERLON_TRY(scan::rescan(request, pool));
        std::move(found.problems.begin(), found.problems.end(), std::back_inserter(problems_));
        accept_unread(std::move(found.unread));
        has_news_ = std::ranges::any_of(found.changes, [](const scan::RescanChange& change) {
            return change.news == scan::RescanNews::kFound;
        });
        append_rescan(found, out_);
        append_rescan_json(found, json_);
        return {};
    }

    // As `scan packages` does: what .merlon.yaml accepts by name is said, and no failure.
    void accept_unread(std::vector<model::Gap> gaps) {
        model::Coverage coverage;
        coverage.gaps = std::move(gaps);
        scan::Suppressions suppressions;
        suppressions.accepted_gaps = configuration_.accepted_gaps;
        std::vector<std::string> notices;
        scan::accept_gaps(suppressions, environment_.clock->now(), coverage, notices);
        for (const auto& accepted : coverage.accepted) {
            out_ += fmt::format("{}: {} (accepted: {})\n", accepted.gap.path, accepted.gap.detail,
                                accepted.reason);
        }
        for (const std::string& notice : notices) out_ += notice + "\n";
        for (model::Gap& gap : coverage.gaps) {
            problems_.push_back({std::move(gap.path), std::move(gap.detail)});
        }
    }

    // Nothing has changed since the database was built: it is as of now.
    Status renew(std::int64_t built_at_s, bool is_confirmed) {
        const auto database = MERLON_TRY(sca::Database::open(path_));
        if (Status sound = database.verify(); !sound.ok()) return sound;
        const sca::DatabaseInfo info = MERLON_TRY(database.info());
        out_ += "nothing has changed\n";
        if (!is_confirmed) return {};
        const auto bytes = read_file(path_, info.file_bytes);
        if (!bytes.ok()) return bytes.result.error();
        const std::string renewed = MERLON_TRY(
            sca::with_build_time(std::string(bytes.result.value().bytes), built_at_s, key_));
        if (Status written = write_file_atomically(path_, renewed); !written.ok()) return written;
        return scan::keep_renewed(blocks_, database.digest(), path_);
    }

    Status build(std::vector<scan::FeedSource> sources, const std::optional<std::int64_t>& date,
                 std::int64_t built_at_s) {
        scan::AdvisoryUpdateRequest request;
        request.build.sources = std::move(sources);
        request.build.taken_at_s = date;
        request.build.built_at_s = built_at_s;
        request.build.key = key_;
        request.scope =
            command_.is_set("compact") ? scan::UpdateScope::kWhole : scan::UpdateScope::kChanges;
        request.database = path_;
        request.folder = blocks_;
        request.program = cli::build();
        ThreadPool pool(threads_of(command_));
        scan::AdvisoryUpdate made = MERLON_TRY(scan::update_advisories(request, pool));
        std::move(made.problems.begin(), made.problems.end(), std::back_inserter(problems_));
        out_ +=
            made.is_segment
                ? fmt::format("{} of {} sources read, {} records changed: a segment\n",
                              made.sources_read, request.build.sources.size(), made.records_changed)
                : fmt::format("{} of {} sources read\n", made.sources_read,
                              request.build.sources.size());
        Status stored =
            store_database(command_, environment_, std::move(made.bytes), made.feeds_before, out_);
        return stored.ok() ? scan::keep_update(blocks_, made.index, path_) : stored;
    }

    Status mark(const std::string& fingerprint) const {
        return write_file_atomically(mark_.path, BuiltMark::text(fingerprint, path_));
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    std::string path_;
    std::string folder_;
    std::string blocks_;
    std::string store_place_;  // empty: there is none
    std::optional<evidence::Store> store_;
    BuiltMark mark_;
    std::optional<crypto::SecretKey> key_;
    Configuration configuration_;  // of a re-scan: which gaps are accepted
    std::string out_;
    std::string json_;  // of the re-scan
    bool is_json_ = false;
    bool has_news_ = false;
    std::vector<scan::FeedProblem> problems_;
};

}  // namespace

int run_db_update(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("list")) {
        const auto feeds = feeds_of(command);
        return feeds.ok() ? list_feeds(environment, feeds.value())
                          : fail(environment, feeds.error().to_string());
    }
    return Update(command, environment).run();
}

}  // namespace merlon::cli
