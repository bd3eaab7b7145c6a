#include "cli/scan_command.h"

#include <fmt/core.h>
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/progress.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/common_files.h"
#include "cli/configuration.h"
#include "cli/evidence_store.h"
#include "cli/history_range.h"
#include "cli/outputs.h"
#include "cli/report_output.h"
#include "cli/rule_source.h"
#include "cli/scan_settings.h"
#include "cli/secrets_command.h"
#include "cli/staged_plan.h"
#include "cli/standard_input.h"
#include "connect/files/files.h"
#include "crypto/digest.h"
#include "report/report.h"
#include "scan/secrets_history.h"
#include "scan/secrets_scan.h"
#include "text/glob.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

// One run, step by step; a step that fails has said why.
class ScanRun {
  public:
    ScanRun(ParsedCommand& command, const Environment& environment, const ScanPlan* plan)
        : command_(command), environment_(environment), plan_(plan) {}

    int run() {
        const Status prepared = prepare();
        if (!prepared.ok()) return fail(environment_, prepared.error().to_string());
        if (!command_.is_set("no-sandbox")) give_up_rights();
        Result<model::Report> scanned = is_history() ? scan_history() : scan();
        if (!scanned.ok()) return fail(environment_, scanned.error().to_string());
        model::Report& report = scanned.value();
        if (Status kept = keep_baseline(report); !kept.ok()) {
            failed_ = true;
            fail(environment_, kept.error().to_string());
        }
        if (plan_ != nullptr && plan_->tell && !has_report_asked()) {
            return plan_->tell(report, exit_code(report));
        }
        const OwnFormats none;
        const OwnFormats& own_formats = plan_ == nullptr ? none : plan_->formats;
        if (!print_reports(report, outputs_, own_formats, command_, environment_)) failed_ = true;
        tell(report, outputs_, command_, environment_);
        if (Status kept = keep_evidence(report); !kept.ok()) {
            failed_ = true;
            fail(environment_, kept.error().to_string());
        }
        const int code = exit_code(report);
        return plan_ != nullptr && plan_->tell ? plan_->tell(report, code) : code;
    }

  private:
    Status prepare() {
        arguments_ = plan_ != nullptr ? plan_->scope : command_.arguments;
        if (std::ranges::find(arguments_, "") != arguments_.end()) {
            return Error{
                "an empty path was given, perhaps a variable that is not set; name a file or "
                "folder, or '.' for this one"};
        }
        if (arguments_.empty()) arguments_ = {"."};
        files_.home = plan_ != nullptr ? plan_->home : home_of(arguments_);
        if (plan_ != nullptr) {
            files_.foreign = plan_->settings;
        } else if (Status found = find_settings_of_bare_repository(); !found.ok()) {
            return found;
        }
        configuration_ = MERLON_TRY(read_configuration());
        if ((plan_ != nullptr && plan_->tell) || files_.are_foreign()) {
            // A hook speaks to a person; and who pushes must not say which files a server writes.
            std::erase_if(configuration_.flags, [](const FlagSetting& setting) {
                return setting.flag == "format" || setting.flag == "output";
            });
        }
        if (Status applied = apply_configuration(configuration_, command_); !applied.ok()) {
            return applied;
        }
        std::vector<std::string_view> formats(report_formats().begin(), report_formats().end());
        if (plan_ != nullptr) std::ranges::copy(plan_->formats.names, std::back_inserter(formats));
        outputs_ = MERLON_TRY(command_.at_value(outputs_of(command_, formats), "output"));
        MERLON_TRY(command_.at_value(check_places(outputs_), "output"));
        if (Status place = check_baseline_place(); !place.ok()) return place;
        for (const std::string& pattern : command_.list("exclude")) {
            const std::string_view defect =
                pattern.empty() ? "is empty" : text::glob_defect(pattern);
            if (defect.empty()) continue;
            return command_.at_value(
                Error{"--exclude '" + pattern + "' " + std::string(defect) +
                      ", so it would exclude nothing; \\[ is a bracket of the name"},
                "exclude");
        }
        limits_.max_file_bytes =
            MERLON_TRY(parse_size(command_.text("max-file-size"), "max-file-size"));
        if (const auto depth = command_.integer("max-archive-depth")) {  // not every engine asks
            limits_.max_archive_depth =
                static_cast<std::uint32_t>(std::min<std::int64_t>(*depth, 64));
        }
        known_ = MERLON_TRY(read_known(command_, environment_, configuration_, files_));
        if (command_.is_set("store")) {
            // What only a part was looked at says of the rest nothing.
            for (const std::string_view part : {"staged", "history"}) {
                if (command_.is_set(part))
                    return Error{"--store takes scans of whole trees; leave out --" +
                                 std::string(part)};
            }
            store_ = MERLON_TRY(open_store(command_, environment_, evidence::Access::kWrite));
        }
        range_ = MERLON_TRY(read_history_range(command_, arguments_, environment_.variable));
        if (is_history() && plan_ != nullptr)
            return Error{"--staged and --history exclude each other"};
        return compile_rules();
    }

    // A bare repository has no files, so for its history HEAD's count.
    Status find_settings_of_bare_repository() {
        if (!is_history() || command_.is_set("write-baseline") ||
            !connect::repository_root(arguments_[0]).empty()) {
            return {};
        }
        Result<connect::git::Repository> repository =
            connect::git::Repository::open(arguments_[0], open_options());
        if (!repository.ok() || !repository.value().is_bare()) return {};  // the scan says why
        const auto tree = MERLON_TRY(connect::git::head_tree(repository.value()));
        if (!tree) return {};
        bare_repository_ = std::move(repository).value();
        files_.home = "HEAD";
        files_.foreign = [this, tree = *tree](const std::string& path) {
            return connect::git::file_in_tree(bare_repository_->objects(), tree, path);
        };
        return {};
    }

    connect::git::OpenOptions open_options() const {
        return connect::git::with_user_trust(repository_options(command_),
                                             git_variables(environment_));
    }

    bool has_report_asked() const {
        const auto is_asked = [&](std::string_view flag) {
            return command_.is_set(flag) && command_.source(flag) != ValueSource::kDefault;
        };
        return is_asked("format") || is_asked("output");
    }

    Result<Configuration> read_configuration() const {
        if (!files_.are_foreign() || command_.is_set("config")) {
            return find_configuration(command_, files_.home);
        }
        const std::optional<std::string> text = MERLON_TRY(files_.read(".merlon.yaml"));
        if (!text) return Configuration{};
        Result<Configuration> read = parse_configuration(*text, ".merlon.yaml");
        if (!read.ok()) {
            return std::move(read).error().within("reading the configuration of " + files_.home);
        }
        return read;
    }

    bool is_history() const { return command_.is_set("history"); }

    Status check_baseline_place() const {
        const std::string& baseline = command_.text("write-baseline");
        if (command_.is_set("write-baseline") && fs::is_directory(baseline)) {
            return Error{"--write-baseline: is a directory, expected a file", kNoOffset, baseline};
        }
        return {};
    }

    Status read_rule_source() {
        const std::string& path = command_.text("rules");
        if (!files_.hold_file_of(command_, "rules")) {
            source_ = MERLON_TRY(command_.at_value(read_rules(path), "rules"));
            return {};
        }
        source_.origin = RuleSource::Origin::kFile;
        std::string text = MERLON_TRY(files_.required(path));
        source_.digest = crypto::sha256(text);
        source_.files = {{path, std::move(text)}};
        source_.name = path;
        source_.pack_id = "rules";
        source_.other_files = RuleSource::OtherFiles::kRefused;
        return {};
    }

    Status compile_rules() {
        if (plan_ != nullptr && plan_->rules == ScanPlan::Rules::kNone) return {};
        MERLON_TRY(read_rule_source());
        model::Diagnostics diagnostics;
        const std::string cache_folder = cache_directory(environment_);
        if (!command_.is_set("no-cache") && !cache_folder.empty()) {
            cache_.emplace(cache_folder, kMaxCacheBytes, *environment_.clock);
        }
        secrets::Config config =
            MERLON_TRY(load_compiled_rules(source_, cache_ ? &*cache_ : nullptr, diagnostics));
        secrets::ProgramOptions options;
        // The control applies inline comments itself, so that they are seen in the report.
        options.dialect = secrets::Dialect::kMerlon;
        const auto unknown = scan::unknown_rule_notices(known_.suppressions.ignored, config);
        notices_.insert(notices_.end(), unknown.begin(), unknown.end());
        program_ = MERLON_TRY(secrets::Program::compile(std::move(config), options, diagnostics));
        for (const model::Diagnostic& item : diagnostics.items()) {
            const std::string text = item.error.to_string();
            if (item.level == model::Diagnostic::Level::kError) {
                rule_gaps_.push_back({model::GapCause::kInvalidRule,
                                      item.rule_id.empty() ? source_.name : item.rule_id, text});
            } else {
                notices_.push_back((item.rule_id.empty() ? "" : item.rule_id + ": ") + text);
            }
        }
        return {};
    }

    void give_up_rights() const {
        SandboxPolicy policy;
        policy.writable_paths = writable_paths(outputs_);
        if (command_.is_set("write-baseline")) {
            const std::string target = behind_links(command_.text("write-baseline"));
            policy.writable_paths.push_back(parent_directory(target));
        }
        if (plan_ != nullptr) {
            policy.writable_paths.insert(policy.writable_paths.end(), plan_->writable.begin(),
                                         plan_->writable.end());
        }
        if (store_)
            policy.writable_paths.push_back(parent_directory(behind_links(command_.text("store"))));
        if (cache_) {
            // Only what is there can be kept writable.
            cache_->make_directory();
            policy.writable_paths.push_back(cache_->directory());
        }
        // What is not available here, doctor says; a scan goes on without it.
        apply_sandbox(policy);
    }

    unsigned threads() const {
        const std::int64_t wanted = command_.integer("threads").value_or(0);
        return wanted == 0 ? available_cores()
                           : static_cast<unsigned>(std::min<std::int64_t>(wanted, 256));
    }

    connect::ReadOptions read_options() const {
        connect::ReadOptions read;
        read.limits = limits_;
        read.members =
            limits_.max_archive_depth == 0 ? connect::Members::kLeave : connect::Members::kOpen;
        return read;
    }

    ProgressMode progress_mode() const {
        return command_.is_set("quiet") ? ProgressMode::kSilent : ProgressMode::kAutomatic;
    }

    Result<model::Report> scan_history() {
        scan::HistoryScan request;
        request.repository = arguments_[0];
        request.open = open_options();
        request.revisions = range_.revisions;
        request.pipeline = range_.pipeline;
        request.excludes = command_.list("exclude");
        request.findings.program = &*program_;
        request.findings.key = known_.key;
        request.findings.doubtful = doubtful_matches();
        request.findings.show_secrets = shown_secrets();
        request.findings.max_findings_per_file = limits_.max_findings_per_file;
        request.findings.clock = environment_.clock;
        request.findings.cancel = environment_.cancel;
        request.read = read_options();
        request.suppressions = std::move(known_.suppressions);
        request.threads = threads();
        request.version = version();
        request.build = build();
        request.cache = cache_ ? &*cache_ : nullptr;
        request.cancel = environment_.cancel;
        Progress progress(environment_.error_descriptor, progress_mode(), *environment_.clock);
        request.progress = &progress;
        Result<model::Report> report = scan::scan_secrets_history(request);
        if (!report.ok()) {
            Error error = std::move(report).error();
            if (!range_.source.empty()) error.message = range_.source + ": " + error.message;
            return error;
        }
        finish(report.value(), std::nullopt);
        if (!known_.key.has_value() && !report.value().findings.empty()) {
            report.value().notices.emplace_back(
                "secrets have no id here, because there is no .merlon/key yet: `merlon secrets "
                "revoked -` takes the secret itself, and makes the key");
        }
        return report;
    }

    scan::DoubtfulMatches doubtful_matches() const {
        return command_.is_set("all-matches") ? scan::DoubtfulMatches::kShow
                                              : scan::DoubtfulMatches::kLeaveOut;
    }

    scan::ShowSecrets shown_secrets() const {
        return command_.is_set("show-secrets") ? scan::ShowSecrets::kShown
                                               : scan::ShowSecrets::kMasked;
    }

    // What the front adds to any report.
    void finish(model::Report& report, std::optional<model::Gap> input_gap) {
        add_own_gaps(report, std::move(input_gap));
        report.analysis.configuration_digest = configuration_digest();
        for (const auto* notices : {&notices_, &known_.notices}) {
            report.notices.insert(report.notices.begin(), notices->begin(), notices->end());
        }
    }

    Result<model::Report> scan() {
        scan::SecretsScan request;
        if (program_) request.program = &*program_;
        request.read = read_options();
        std::optional<model::Gap> input_gap;
        for (const std::string& argument : arguments_) {
            if (argument != "-" || plan_ != nullptr) {
                request.arguments.push_back(argument);
            } else if (!request.standard_input.has_value()) {
                StandardInput input = read_standard_input(environment_);
                input_gap = std::move(input.gap);
                request.standard_input = std::move(input.bytes);
            }
        }
        request.walk.symlinks = command_.is_set("follow-symlinks") ? connect::SymlinkPolicy::kFollow
                                                                   : connect::SymlinkPolicy::kSkip;
        request.walk.ignore_files = command_.is_set("no-ignore") ? connect::IgnoreFiles::kDisregard
                                                                 : connect::IgnoreFiles::kHonour;
        request.walk.excludes = command_.list("exclude");
        request.suppressions = std::move(known_.suppressions);
        request.licenses = configuration_.licenses ? &*configuration_.licenses : nullptr;
        request.key = known_.key;
        request.doubtful = doubtful_matches();
        request.show_secrets = shown_secrets();
        request.threads = threads();
        request.version = version();
        request.clock = environment_.clock;
        request.cancel = environment_.cancel;
        Progress progress(environment_.error_descriptor, progress_mode(), *environment_.clock);
        request.progress = &progress;

        model::Report report =
            plan_ == nullptr ? scan::scan_secrets(request) : MERLON_TRY(plan_->scan(request));
        if (plan_ == nullptr) report.analysis.scope = arguments_;  // standard input among them
        finish(report, std::move(input_gap));
        return report;
    }

    // What only the front knows of: rules that do not compile, and standard input.
    void add_own_gaps(model::Report& report, std::optional<model::Gap> input_gap) {
        if (input_gap.has_value()) rule_gaps_.push_back(*std::move(input_gap));
        if (rule_gaps_.empty()) return;
        model::Coverage own;
        own.gaps = std::move(rule_gaps_);
        scan::Suppressions accepted;
        accepted.accepted_gaps = configuration_.accepted_gaps;
        scan::accept_gaps(accepted, environment_.clock->now(), own, report.notices);
        for (const model::Gap& gap : own.gaps) {
            const std::string cause(model::name(gap.cause));
            auto& because = report.analysis.incomplete_because;
            if (std::find(because.begin(), because.end(), cause) == because.end()) {
                because.push_back(cause);
            }
        }
        report.coverage.merge(own);
        report.analysis.complete = report.coverage.complete();
    }

    // Of everything that decides the result beside rules and files.
    std::string configuration_digest() const {
        crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
        hasher.update(configuration_.text);
        for (const std::string_view flag :
             {"exclude", "no-ignore", "follow-symlinks", "max-archive-depth", "max-file-size"}) {
            hasher.update(std::string("\n") + std::string(flag));
            for (const std::string& value : command_.list(flag)) hasher.update("\t" + value);
        }
        return hasher.finish().to_string();
    }

    Status keep_baseline(model::Report& report) {
        if (!command_.is_set("write-baseline")) return {};
        const std::string& target = command_.text("write-baseline");
        std::vector<model::Finding> kept;
        for (model::Finding& finding : report.findings) {
            const bool counts = finding.suppressed_by.empty();
            if (!counts && finding.suppressed_by != "baseline") continue;
            kept.push_back(finding);
            finding.suppressed_by = "baseline";
            if (counts) finding.suppression_reason = "written to " + target;
        }
        return write_file_atomically(target, scan::write_baseline(kept));
    }

    // The report as it would be imported from a file.
    Status keep_evidence(const model::Report& report) {
        if (!store_) return {};
        const std::string place = arguments_.empty() ? std::string(".") : arguments_[0];
        const std::string bytes = report::write(report, report::Format::kJson, {});
        std::vector<exchange::ReadReport> read(1);
        read.front().report = report;
        const std::unique_ptr<CommonFiles> files = common_files(environment_, place);
        const auto runs = MERLON_TRY(
            evidence::import_reports(store_->database(),
                                     {.bytes = bytes,
                                      .kind = "merlon-report",
                                      .name = "merlon " + std::string(command_.verb->path),
                                      .scope = command_.text("repository"),
                                      .ref = {},
                                      .revision = {},
                                      .files = files.get(),
                                      .actor = actor_of(environment_),
                                      .now = environment_.clock->now()},
                                     std::move(read)));
        if (!command_.is_set("quiet"))
            environment_.write_error(import_lines(command_.text("store"), runs));
        return {};
    }

    int exit_code(const model::Report& report) const {
        if (failed_ || !report.analysis.complete) return kIncomplete;
        const std::string& fail_on = command_.text("fail-on");
        if (fail_on == "gate") return plan_->judge(report);
        const std::optional<model::Severity> gate = model::parse_severity(fail_on);
        return gate.has_value() ? scan::exit_code(report, *gate) : kClean;
    }

    ParsedCommand& command_;
    const Environment& environment_;
    const ScanPlan* plan_;  // may be null
    std::vector<std::string> arguments_;
    SettingsFiles files_;
    std::optional<connect::git::Repository> bare_repository_;
    Configuration configuration_;
    std::vector<Output> outputs_;
    Limits limits_;
    KnownFindings known_;
    RuleSource source_;
    std::optional<FileCache> cache_;
    std::optional<evidence::Store> store_;
    std::optional<secrets::Program> program_;
    // Of a history: the commits that are meant (none: all), who said so, and what helps where some
    // are not there.
    HistoryRange range_;
    std::vector<model::Gap> rule_gaps_;
    std::vector<std::string> notices_;
    bool failed_ = false;
};

}  // namespace

std::string home_of(const std::vector<std::string>& arguments) {
    const std::string first = arguments.empty() || arguments[0] == "-" ? "." : arguments[0];
    std::string root = connect::repository_root(first);
    if (!root.empty()) return root;
    const FileResult<FileStatus> status = file_status(first, FollowLinks::kYes);
    const bool is_folder = status.ok() && status.result.value().kind == FileKind::kDirectory;
    return is_folder ? first : parent_directory(first);
}

int run_scan(ParsedCommand& command, const Environment& environment) {
    if (command.is_set("staged"))
        return run_scan(command, environment, staged_plan(command, environment));
    return ScanRun(command, environment, nullptr).run();
}

int run_scan(ParsedCommand& command, const Environment& environment, const ScanPlan& plan) {
    return ScanRun(command, environment, &plan).run();
}

}  // namespace merlon::cli
