#include "compat/gitleaks/run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/thread_pool.h"
#include "compat/gitleaks/finding_record.h"
#include "compat/gitleaks/git_history.h"
#include "compat/gitleaks/known.h"
#include "compat/gitleaks/link.h"
#include "compat/gitleaks/open_changes_scan.h"
#include "compat/gitleaks/options.h"
#include "compat/gitleaks/verbose.h"

namespace merlon::compat::gitleaks {
namespace {

constexpr int kFailed = 1;
constexpr int kIncomplete = 2;
constexpr std::string_view kVersion = "8.30.1";
constexpr std::int64_t kMegabyte = 1'000'000;

enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kFatal };

Level level_by_name(std::string name) {
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (name == "trace") return Level::kTrace;
    if (name == "debug") return Level::kDebug;
    if (name == "warn") return Level::kWarning;
    if (name == "err" || name == "error") return Level::kError;
    if (name == "fatal") return Level::kFatal;
    return Level::kInfo;
}

std::string human_bytes(std::uint64_t bytes) {
    if (bytes == 0) return "0";
    double value = static_cast<double>(bytes);
    std::string_view unit = "bytes";
    for (const std::string_view larger : {"KB", "MB", "GB"}) {
        if (value < 1000) break;
        value /= 1000;
        unit = larger;
    }
    std::string number = fmt::format("{:.2f}", value);
    if (number.ends_with(".00")) number.resize(number.size() - 3);
    return fmt::format("{} {}", number, unit);
}

// The run of one scanning command, step by step; a step that fails leaves the exit code.
class Run {
  public:
    Run(const Options& options, const Environment& environment)
        : options_(options),
          environment_(environment),
          level_(level_by_name(options.log_level)),
          source_(options.source) {}

    int scan_files(std::string source) {
        source_ = std::move(source);
        return prepare(source_, source_) ? scan_targets() : code_;
    }

    int scan_input() {
        source_.clear();
        if (!prepare(".", "")) return code_;
        Scanner scanner(*program_, scan_options_);
        add(scanner.scan_stream(environment_.read_input));
        return finish();
    }

    int scan_commits(std::string source) {
        source_ = std::move(source);
        if (options_.staged || options_.pre_commit || options_.command == Command::kProtect) {
            return scan_changes();
        }
        const auto platform = parse_platform(options_.platform);
        if (!platform) {
            fail("invalid scm platform value: " + options_.platform);
            return code_;
        }
        if (!prepare(source_, source_)) return code_;
        HistoryOptions how;
        how.repository = source_;
        how.log_options = options_.log_options;
        how.platform = *platform;
        how.open = open_options();
        how.variables = environment_.variable;
        how.threads =
            options_.threads > 0 ? static_cast<unsigned>(options_.threads) : available_cores();
        how.now_seconds = environment_.clock->now().nanoseconds / 1'000'000'000;
        Result<HistoryFindings> found = scan_history(*program_, scan_options_, how);
        if (!found.ok()) return end_without_git(found.error());
        if (!found.value().remark.empty()) log(Level::kInfo, "INF", found.value().remark);
        log(Level::kInfo, "INF", fmt::format("{} commits scanned.", found.value().commits));
        add({std::move(found.value().rows), std::move(found.value().gaps), found.value().bytes});
        return finish();
    }

  private:
    // What `git diff` would show, with --staged or without. gitleaks takes --log-opts and
    // --platform too then, and they change nothing.
    int scan_changes() {
        if (!prepare(source_, source_)) return code_;
        OpenChangesOptions how;
        how.place = source_;
        how.side = options_.staged ? connect::git::ChangeSide::kStaged
                                   : connect::git::ChangeSide::kUnstaged;
        how.open = open_options();
        how.variables = environment_.variable;
        Result<FileFindings> found = scan_open_changes(*program_, scan_options_, how);
        if (!found.ok()) return end_without_git(found.error());
        log(Level::kInfo, "INF", "0 commits scanned.");
        add(std::move(found).value());
        return finish();
    }

    // gitleaks writes down what git says, and ends as if there were nothing to look at.
    int end_without_git(const Error& error) {
        if (options_.compatibility == Compatibility::kExact) {
            log(Level::kError, "ERR", error.to_string());
            return finish();
        }
        fail(error.to_string(), kIncomplete);
        return code_;
    }

    connect::git::OpenOptions open_options() const {
        connect::git::OpenOptions open;
        if (options_.trust_repository) {
            open.ownership = connect::git::OpenOptions::Ownership::kTrust;
        }
        return open;
    }

    struct RuleText {
        std::string toml;
        std::string name;
    };

    void log(Level level, std::string_view label, std::string_view message) const {
        if (level >= level_) environment_.write_error(fmt::format("{} {}\n", label, message));
    }

    bool fail(std::string_view message, int code = kFailed) {
        log(Level::kFatal, "FTL", message);
        code_ = code;
        return false;
    }

    bool prepare(const std::string& config_place, const std::string& source) {
        started_ = environment_.clock->monotonic();
        return load_rules(config_place) && load_known(source) && check_report() && compile_rules();
    }

    // The file that the user registered as gitleaks's default, else Merlon's own pack.
    Result<RuleText> default_rules() {
        std::string home;
        if (const auto data = environment_.variable("XDG_DATA_HOME"); data && !data->empty()) {
            home = *data;
        } else {
            home = environment_.variable("HOME").value_or("") + "/.local/share";
        }
        const std::string path = home + "/merlon/gitleaks.toml";
        if (auto text = read_text_file(path); text.ok())
            return RuleText{std::move(text).value(), path};
        if (!std::exchange(told_default_, true))
            environment_.write_error(
                "merlon: no configuration named, so Merlon's own rules are used; `merlon rules add "
                "gitleaks FILE` registers gitleaks's default\n");
        return RuleText{std::string(environment_.own_pack), "merlon's own pack"};
    }

    Result<RuleText> rules_text(const std::string& place) {
        std::string path = options_.config_path;
        if (path.empty()) path = environment_.variable("GITLEAKS_CONFIG").value_or("");
        if (path.empty()) {
            const auto content = environment_.variable("GITLEAKS_CONFIG_TOML").value_or("");
            if (!content.empty()) return RuleText{content, "GITLEAKS_CONFIG_TOML"};
            const auto status = file_status(place, FollowLinks::kYes);
            if (!status.ok()) return status.result.error();
            path = join_path(place, ".gitleaks.toml");
            if (status.result.value().kind != FileKind::kDirectory ||
                file_status(path, FollowLinks::kYes).failure == FileFailure::kNotFound)
                return default_rules();
        }
        auto text = read_text_file(path);
        if (!text.ok()) return std::move(text).error();
        return RuleText{std::move(text).value(), path};
    }

    bool load_rules(const std::string& place) {
        auto text = rules_text(place);
        if (!text.ok())
            return fail("unable to load gitleaks config, err: " + text.error().to_string());
        secrets::ConfigSources sources;
        sources.read_file = [](const std::string& path) { return read_text_file(path); };
        sources.read_default = [this]() -> Result<std::string> {
            auto rules = default_rules();
            if (!rules.ok()) return std::move(rules).error();
            return std::move(rules).value().toml;
        };
        model::Diagnostics diagnostics;
        const secrets::ConfigText whole{text.value().toml, text.value().name};
        auto loaded = secrets::load_config(environment_.rules_cache, {&whole, 1}, sources,
                                           secrets::BadRules::kRefuse, diagnostics);
        for (const auto& remark : diagnostics.items())
            log(Level::kWarning, "WRN", remark.error.to_string());
        if (!loaded.config.ok())
            return fail("Failed to load config: " + loaded.config.error().to_string(),
                        loaded.failure == secrets::ConfigFailure::kPanic ? 2 : kFailed);
        config_ = std::move(loaded.config).value();
        return true;
    }

    bool load_known(const std::string& source) {
        const std::string own = options_.config_path.empty() ? join_path(source, ".gitleaks.toml")
                                                             : options_.config_path;
        scan_options_.own_files.push_back(own);
        ignored_.add_file(options_.ignore_path);
        ignored_.add_file(join_path(options_.ignore_path, ".gitleaksignore"));
        ignored_.add_file(join_path(source, ".gitleaksignore"));
        if (!options_.baseline_path.empty()) {
            auto baseline = Baseline::load(options_.baseline_path, options_.redact_percent,
                                           environment_.cancel);
            if (baseline.ok()) {
                baseline_ = std::move(baseline).value();
                scan_options_.own_files.push_back(relative_path(options_.baseline_path, source));
            } else {
                log(Level::kError, "ERR",
                    "Could not load baseline. The path must point of a gitleaks report generated "
                    "using the default format: " +
                        baseline.error().to_string());
            }
        }
        return true;
    }

    bool check_report() {
        if (options_.report_path.empty()) return true;
        if (options_.report_path != "-") {
            const auto status = file_status(options_.report_path, FollowLinks::kYes);
            const bool is_new = status.failure == FileFailure::kNotFound;
            if (is_new) {
                if (!write_file_atomically(options_.report_path, "").ok())
                    return fail("Report path is not writable: " + options_.report_path);
                // What fails from here on leaves no report behind.
                std::error_code ignored;
                std::filesystem::remove(behind_links(options_.report_path), ignored);
            } else if (!status.ok() || status.result.value().kind == FileKind::kDirectory) {
                return fail("Report path is not writable: " + options_.report_path);
            }
        }
        const auto format = options_.report_format.empty()
                                ? report_format_by_path(options_.report_path)
                                : report_format_by_name(options_.report_format);
        if (!format) return fail("Unknown report format: " + options_.report_format);
        format_ = *format;
        if (format_ == ReportFormat::kTemplate) {
            auto text = read_text_file(options_.report_template);
            if (options_.report_template.empty() || !text.ok())
                return fail("Invalid report template");
            auto parsed = templates::Template::parse(text.value());
            if (!parsed.ok()) return refuse_template(parsed.error());
            template_ = std::move(parsed).value();
        } else if (!options_.report_template.empty()) {
            return fail("Report format must be 'template' if --report-template is specified");
        }
        return true;
    }

    // Loud where gitleaks would write a report; where it fails too, as it does.
    bool refuse_template(const Error& error) {
        return fail(error.to_string(),
                    templates::Template::is_unsupported(error) ? kIncomplete : kFailed);
    }

    bool compile_rules() {
        secrets::ProgramOptions how;
        how.dialect = secrets::Dialect::kGitleaks;
        how.allow_comments = options_.ignore_allow_comments ? secrets::AllowComments::kIgnore
                                                            : secrets::AllowComments::kHonour;
        how.max_decode_depth = static_cast<int>(std::clamp<std::int64_t>(
            options_.max_decode_depth, 0, std::numeric_limits<int>::max()));
        how.enabled_rules = options_.enabled_rules;
        model::Diagnostics diagnostics;
        auto program = secrets::Program::compile(std::move(config_), how, diagnostics);
        if (!program.ok()) return fail(program.error().to_string());
        program_.emplace(std::move(program).value());
        scan_options_.max_archive_depth = options_.max_archive_depth;
        scan_options_.redact_percent = options_.redact_percent;
        scan_options_.compatibility = options_.compatibility;
        scan_options_.room = &room_;
        const bool shows_lines = options_.verbose || template_.has_value();
        scan_options_.lines = shows_lines ? KeepLines::kYes : KeepLines::kNo;
        scan_options_.cancel = environment_.cancel;
        return true;
    }

    bool is_out_of_time() const {
        return options_.timeout_seconds > 0 && environment_.clock->monotonic() - started_ >
                                                   std::chrono::seconds(options_.timeout_seconds);
    }

    int scan_targets() {
        TargetOptions how;
        how.follow = options_.follow_symlinks ? FollowLinks::kYes : FollowLinks::kNo;
        how.max_file_bytes = options_.max_target_megabytes * kMegabyte;
        how.skip_path = [this](const std::string& path) {
            return is_skipped_path(program_->config(), path);
        };
        Targets targets = find_targets(source_, how);
        for (Gap& gap : targets.gaps) gaps_.push_back(std::move(gap));
        const unsigned cores = available_cores();
        ThreadPool pool(options_.threads > 0 ? static_cast<unsigned>(options_.threads) : cores);
        std::vector<Scanner> scanners;
        for (unsigned i = 0; i < pool.size(); ++i) scanners.emplace_back(*program_, scan_options_);
        std::vector<FileFindings> found(targets.files.size());
        pool.for_each(targets.files.size(), [&](std::size_t index, unsigned worker) {
            if (!scan_options_.stopped() && !is_out_of_time())
                found[index] = scanners[worker].scan_file(targets.files[index]);
        });
        std::size_t count = 0;
        for (const FileFindings& one : found) count += one.rows.size();
        rows_.reserve(count);
        for (FileFindings& one : found) add(std::move(one));
        return finish();
    }

    void add(FileFindings found) {
        bytes_ += found.bytes;
        for (Gap& gap : found.gaps) gaps_.push_back(std::move(gap));
        for (Row& row : found.rows) {
            if (is_ignored(row) || (baseline_ && baseline_->holds(row))) continue;
            if (options_.verbose)
                environment_.write_output(
                    verbose_text(row, options_.no_color ? Styles::kPlain : Styles::kShow));
            rows_.push_back(std::move(row));
        }
    }

    // An entry with a commit stands for that commit, one without for all of them.
    bool is_ignored(const Row& row) const {
        if (ignored_.holds(row.fingerprint)) return true;
        return !row.commit.empty() && ignored_.holds(row.fingerprint.substr(row.commit.size() + 1));
    }

    std::string report_text() const {
        switch (format_) {
            case ReportFormat::kCsv:
                return csv_report(rows_);
            case ReportFormat::kJunit:
                return junit_report(rows_);
            case ReportFormat::kSarif: {
                std::vector<RuleName> names;
                for (const std::string& id : program_->config().ordered_ids)
                    if (const auto* rule = program_->config().find(id))
                        names.push_back({rule->id, rule->description});
                return sarif_report(rows_, names);
            }
            case ReportFormat::kJson:
            case ReportFormat::kTemplate:
                break;
        }
        return json_report(rows_);
    }

    bool write_report() {
        if (options_.report_path.empty()) return true;
        if (format_ == ReportFormat::kTemplate) {
            std::string text;
            const Status rendered =
                render_findings(*template_, rows_, environment_.clock->now(), text);
            if (!rendered.ok()) {
                // gitleaks has begun its report by the time it fails.
                if (!templates::Template::is_unsupported(rendered.error())) put_report(text);
                return refuse_template(rendered.error());
            }
            return put_report(text);
        }
        return put_report(report_text());
    }

    bool put_report(std::string_view text) {
        if (options_.report_path == "-") {
            environment_.write_output(text);
            return true;
        }
        const Status written = write_file_atomically(options_.report_path, text);
        return written.ok() || fail("failed to write report: " + written.error().to_string());
    }

    int finish() {
        const bool stopped = scan_options_.stopped();
        const bool partial = is_out_of_time() || stopped;
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            environment_.clock->monotonic() - started_);
        for (const Gap& gap : gaps_)
            environment_.write_error(
                fmt::format("WRN {}: not scanned: {}\n", gap.path, gap.reason));
        log(Level::kInfo, "INF",
            fmt::format("scanned ~{} bytes ({}) in {}ms", bytes_, human_bytes(bytes_),
                        took.count()));
        const std::string_view scope = partial ? " in partial scan" : "";
        if (rows_.empty()) {
            log(partial ? Level::kWarning : Level::kInfo, partial ? "WRN" : "INF",
                fmt::format("no leaks found{}", scope));
        } else {
            log(Level::kWarning, "WRN", fmt::format("leaks found{}: {}", scope, rows_.size()));
        }
        if (room_.is_full()) {
            environment_.write_error(fmt::format(
                "ERR stopped at {} findings: no more are kept in memory than {}, or {} MiB of "
                "their text, and the rest was not scanned; narrow the rule or leave its files "
                "out\n",
                rows_.size(), FindingRoom::kMostFindings, FindingRoom::kMostBytes >> 20));
        }
        if (!write_report()) return code_;
        if (stopped) return kIncomplete;
        if (partial) return kFailed;
        if (!gaps_.empty() && options_.compatibility == Compatibility::kLoud) {
            environment_.write_error(fmt::format(
                "ERR {} not scanned (gitleaks would not say so; --exact-exit keeps its exit "
                "code)\n",
                gaps_.size()));
            return kIncomplete;
        }
        return rows_.empty() ? 0 : static_cast<int>(options_.exit_code & 0xFF);
    }

    const Options& options_;
    const Environment& environment_;
    Level level_;
    std::string source_;
    int code_ = 0;
    bool told_default_ = false;
    std::chrono::nanoseconds started_{};
    secrets::Config config_;
    std::optional<secrets::Program> program_;
    ScanOptions scan_options_;
    IgnoreList ignored_;
    std::optional<Baseline> baseline_;
    std::optional<templates::Template> template_;
    ReportFormat format_ = ReportFormat::kJson;
    FindingRoom room_;
    std::vector<Row> rows_;
    std::vector<Gap> gaps_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

int run(std::span<const std::string> arguments, const Environment& environment) {
    const ParsedOptions parsed = parse_options(arguments);
    const Options& options = parsed.options;
    if (parsed.error) {
        environment.write_error(
            fmt::format("Error: {}\nFTL {}\n", parsed.error->message, parsed.error->message));
        return parsed.error->exit_code;
    }
    switch (options.command) {
        case Command::kNone:
        case Command::kHelp:
            environment.write_output(help_text(Command::kDetect));
            return 0;
        case Command::kVersion:
            environment.write_output(fmt::format("{}\n", kVersion));
            return 0;
        case Command::kDirectory: {
            std::string source = options.arguments.size() == 1 ? options.arguments[0] : ".";
            return Run(options, environment).scan_files(source.empty() ? "." : std::move(source));
        }
        case Command::kStandardInput:
            return Run(options, environment).scan_input();
        case Command::kDetect:
            if (options.no_git) return Run(options, environment).scan_files(options.source);
            if (options.pipe) return Run(options, environment).scan_input();
            return Run(options, environment).scan_commits(options.source);
        case Command::kProtect:
            return Run(options, environment).scan_commits(options.source);
        case Command::kGit: {
            std::string source = options.arguments.size() == 1 ? options.arguments[0] : ".";
            return Run(options, environment).scan_commits(source.empty() ? "." : std::move(source));
        }
    }
    return kFailed;
}

}  // namespace merlon::compat::gitleaks
