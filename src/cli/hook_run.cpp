// `merlon hook run`: what each hook looks at, and what it tells the person whose commit or push it
// stops.

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "base/file.h"
#include "base/nearest.h"
#include "cli/hook_command.h"
#include "cli/staged_plan.h"
#include "cli/standard_input.h"
#include "connect/files/files.h"
#include "connect/git/open_changes.h"
#include "connect/git/remote_memory.h"
#include "connect/git/revision_names.h"
#include "report/report.h"
#include "scan/bypass_log.h"
#include "scan/changes_scan.h"
#include "scan/pushed_changes.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

namespace git = connect::git;

constexpr std::size_t kMaxShown = 20;
constexpr std::string_view kBypassOption = "merlon.bypass=";
constexpr const char* kBypassReason = "(reason of the bypass)";
constexpr std::string_view kReasonNotRead =
    "(left out: nothing could be scanned, so it may hold a secret)";

std::string place_of(const model::Finding& finding) {
    std::string place = text::to_printable(model::to_string(finding.location));
    const auto commit = finding.properties.find(scan::kCommitProperty);
    if (commit != finding.properties.end()) {
        place += " in " + commit->second.substr(0, 12);
    }
    return place;
}

std::string fix_of(const model::Report& report, const model::Finding& finding) {
    const auto rule = std::ranges::find(report.rules, finding.rule_id, &model::Rule::id);
    return rule == report.rules.end() ? std::string() : rule->fix;
}

// File, line, rule, what it shows and how to mend it; then what could not be read.
std::string findings_text(const model::Report& report) {
    std::string text;
    std::size_t open = 0;
    for (const model::Finding& finding : report.findings) {
        if (!finding.suppressed_by.empty() || ++open > kMaxShown) continue;
        text += fmt::format("  {}\n    {} ({}): {}\n", place_of(finding), finding.rule_id,
                            model::name(finding.severity), text::to_printable(finding.match));
        if (const std::string fix = fix_of(report, finding); !fix.empty()) {
            text += fmt::format("    Fix: {}\n", text::to_printable(fix));
        }
    }
    if (open > kMaxShown) text += fmt::format("  and {} more\n", open - kMaxShown);
    std::size_t gaps = 0;
    for (const model::Gap& gap : report.coverage.gaps) {
        if (++gaps > kMaxShown) continue;
        text += fmt::format("  {}\n    not read ({}): {}\n", text::to_printable(gap.path),
                            model::name(gap.cause), text::to_printable(gap.detail));
    }
    if (gaps > kMaxShown) text += fmt::format("  and {} more not read\n", gaps - kMaxShown);
    return text;
}

std::string refusal(const model::Report& report, std::string_view what, std::string_view way_out) {
    const auto open = std::ranges::count_if(report.findings, [](const model::Finding& finding) {
        return finding.suppressed_by.empty();
    });
    std::string head = open == 1 ? "1 secret" : fmt::format("{} secrets", open);
    if (open == 0) head = "something that could not be read";
    return fmt::format("merlon: {} in {}\n\n{}\n{}", head, what, findings_text(report), way_out);
}

constexpr std::string_view kRevoke =
    "A secret that was already shared: revoke it; removing it is not enough.\n";
constexpr std::string_view kAccept =
    "A line that is no secret: put a comment `merlon:allow RULE reason` in it, or accept it in\n"
    ".merlon/ignore. ";

// Tells on standard error and keeps the exit code.
auto teller(const Environment& environment, std::string what, std::string way_out) {
    return [&environment, what = std::move(what), way_out = std::move(way_out)](
               const model::Report& report, int code) {
        if (code != kClean) {
            environment.write_error(
                refusal(report, what, std::string(kAccept) + std::string(kRevoke) + way_out));
        }
        return code;
    };
}

int run_pre_commit(ParsedCommand& command, const Environment& environment) {
    command.arguments.clear();
    ScanPlan plan = staged_plan(command, environment);
    plan.tell = teller(environment, "what you commit",
                       "Then: git add FILE, and commit again. To commit nevertheless: git commit "
                       "--no-verify\n");
    return run_scan(command, environment, plan);
}

// What `git commit -v` puts below its mark is not committed.
std::string_view without_diff(std::string_view message) {
    constexpr std::string_view kScissors =
        " ------------------------ >8 ------------------------\n";
    constexpr std::string_view kSaid = " Do not modify or remove the line above.";
    for (std::size_t at = 0; (at = message.find(kScissors, at)) != std::string_view::npos; ++at) {
        const std::size_t line = at + kScissors.size();
        const bool is_at_line = at == 1 || (at > 1 && message[at - 2] == '\n');
        if (is_at_line && message.substr(std::min(line + 1, message.size())).starts_with(kSaid)) {
            return message.substr(0, at - 1);
        }
    }
    return message;
}

int run_commit_msg(ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 2) {
        return fail(environment,
                    "hook run commit-msg needs the file with the message, as git says");
    }
    const std::string file = command.arguments[1];
    ScanPlan plan;
    plan.scope = {file};
    const std::string root = connect::repository_root(".");
    plan.home = root.empty() ? "." : root;
    plan.scan = [file](const scan::SecretsScan& request) -> Result<model::Report> {
        const std::string text = MERLON_TRY(read_text_file(file));
        scan::Changes changes;
        changes.messages.push_back({"(commit message)", std::string(without_diff(text)), {}});
        return scan::scan_changes(request, changes);
    };
    plan.tell = teller(
        environment, "the message of your commit",
        "Your message is kept in " + file + ". To commit nevertheless: git commit --no-verify\n");
    return run_scan(command, environment, plan);
}

// The updates that git tells on standard input, or the pre-commit framework in its variables. The
// framework takes the input away, and names the commits (PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF)
// only where the remote has some of the history: of a first push it says what is pushed, by name
// (PRE_COMMIT_LOCAL_BRANCH), and run by hand it says nothing: then HEAD is meant.
struct Push {
    std::vector<scan::ReferenceUpdate> updates;
    git::PushTarget target;
    // Who says what the remote has: git has asked it, the framework looks at refs/remotes.
    enum class Before : std::uint8_t { kOfRemote, kOfTracking } before = Before::kOfRemote;
};

Result<Push> read_push(const ParsedCommand& command, const Environment& environment,
                       const git::Repository& repository) {
    const auto value = [&](const char* name) { return environment.variable(name).value_or(""); };
    const std::string text = MERLON_TRY(read_whole_input(environment));
    std::string to = value("PRE_COMMIT_TO_REF");
    const bool is_framework = !to.empty() || !value("PRE_COMMIT").empty();
    Push push;
    const auto& words = command.arguments;
    push.target.remote = words.size() > 1 ? words[1] : value("PRE_COMMIT_REMOTE_NAME");
    push.target.address = words.size() > 2 ? words[2] : value("PRE_COMMIT_REMOTE_URL");
    if (!text.empty() || !is_framework) {
        push.updates = MERLON_TRY(scan::parse_push_lines(text));
        return push;
    }
    push.before = Push::Before::kOfTracking;
    std::string name = value("PRE_COMMIT_REMOTE_BRANCH");
    if (name.empty()) name = "HEAD";
    scan::ReferenceUpdate update{.name = name, .before = {}, .after = {}};
    if (to.empty()) to = value("PRE_COMMIT_LOCAL_BRANCH");
    update.after = MERLON_TRY(git::resolve_revision(repository, to.empty() ? "HEAD" : to));
    if (const std::string from = value("PRE_COMMIT_FROM_REF"); !from.empty()) {
        update.before = MERLON_TRY(git::resolve_commit(repository, from));
    }
    push.updates.push_back(std::move(update));
    return push;
}

// What the remote has; and what is remembered of it once the push has passed.
class PushedRemote {
  public:
    PushedRemote(Push& push, const git::Repository& repository, const Environment& environment)
        : push_(push),
          environment_(environment),
          memory_(git::RemoteMemory::open(repository, git_variables(environment))) {}

    // Tells where references of the remote are not trusted, and why.
    std::vector<git::ObjectId> known() {
        std::vector<git::ObjectId> tips;
        if (!memory_.ok()) {
            if (has_name()) note(memory_.error().to_string());
            disregard_tracking();
        } else {
            using Reason = git::RemoteMemory::Trust::Reason;
            trust_ = memory_.value().trust(push_.target, told());
            tips = trust_.tips;
            if (trust_.doubted > 0) disregard_tracking();
            if (trust_.doubted > 0 && trust_.reason == Reason::kOtherAddress) {
                note(fmt::format(
                    "the references refs/remotes/{}/ were learned from another address than {}",
                    push_.target.remote, shown_target()));
            }
            if (trust_.reason == Reason::kContradicted) {
                const std::string what = trust_.contradicted.empty()
                                             ? "what refs/remotes/ says of the remote was wrong at "
                                               "an earlier push"
                                             : text::to_printable(trust_.contradicted) +
                                                   " is not what the remote has under that name";
                note(fmt::format("{}; 'git fetch --prune {}' asks it for all", what,
                                 text::to_printable(push_.target.remote)));
            }
        }
        for (const scan::ReferenceUpdate& update : push_.updates) {
            if (update.before) tips.push_back(*update.before);
        }
        return tips;
    }

    // The folder to write to, made before the sandbox; empty: there is nothing to remember.
    std::string prepare_memory() {
        if (!memory_.ok()) return {};
        std::vector<git::ObjectId> scanned;
        for (const scan::ReferenceUpdate& update : push_.updates) {
            if (update.after) scanned.push_back(*update.after);
        }
        if (scanned.empty()) return {};
        std::error_code code;  // what fails here fails again when it is written
        if (trust_.reason == git::RemoteMemory::Trust::Reason::kContradicted) {
            // A push that is refused must not be forgotten: the next one may go by another name.
            memory_.value().learn_contradiction(push_.target);
            std::filesystem::create_directories(memory_.value().folder(), code);
            remember();
        }
        memory_.value().learn_push(push_.target, scanned);
        if (!memory_.value().has_changed()) return {};
        std::filesystem::create_directories(memory_.value().folder(), code);
        return memory_.value().folder();
    }

    void remember() const {
        if (!memory_.ok() || !memory_.value().has_changed()) return;
        if (const Status saved = memory_.value().save(); !saved.ok()) {
            environment_.write_error(fmt::format(
                "merlon: note: that pushes to {} were scanned cannot be remembered: {}\n",
                shown_target(), saved.error().to_string()));
        }
    }

  private:
    // What git has asked the remote for.
    std::vector<git::RemoteMemory::Told> told() const {
        std::vector<git::RemoteMemory::Told> told;
        if (push_.before != Push::Before::kOfRemote) return told;
        for (const scan::ReferenceUpdate& update : push_.updates) {
            told.push_back({update.name, update.before});
        }
        return told;
    }
    bool has_name() const {
        return !push_.target.remote.empty() && push_.target.remote != push_.target.address;
    }
    std::string shown_target() const {
        if (push_.target.address.empty()) return "the one of this push, which was not told";
        return "'" + text::to_printable(git::shown_address(push_.target.address)) + "'";
    }
    void note(const std::string& why) const {
        environment_.write_error(fmt::format(
            "merlon: note: {}\nSo they do not count, and all commits of this push are scanned but "
            "those that the remote itself says it has.\n",
            why));
    }
    void disregard_tracking() {
        if (push_.before != Push::Before::kOfTracking) return;
        for (scan::ReferenceUpdate& update : push_.updates) update.before.reset();
    }

    Push& push_;
    const Environment& environment_;
    Result<git::RemoteMemory> memory_;
    git::RemoteMemory::Trust trust_{{}, 0, git::RemoteMemory::Trust::Reason::kOtherAddress};
};

int run_pre_push(ParsedCommand& command, const Environment& environment) {
    const Result<git::Repository> repository =
        git::open_with_variables(".", git_variables(environment), repository_options(command));
    if (!repository.ok()) return fail(environment, repository.error().to_string());
    Result<Push> read = read_push(command, environment, repository.value());
    if (!read.ok()) return fail(environment, read.error().to_string());
    Push& push = read.value();
    PushedRemote pushed(push, repository.value(), environment);
    const std::vector<git::ObjectId> known = pushed.known();
    const std::string& remote = push.target.remote;
    ScanPlan plan;
    plan.scope = {remote.empty() ? "(push)" : "push to " + git::shown_address(remote)};
    const std::string root = connect::repository_root(".");
    plan.home = root.empty() ? "." : root;
    plan.scan = [&](const scan::SecretsScan& request) -> Result<model::Report> {
        scan::Changes changes = scan::pushed_changes(repository.value(), push.updates, known);
        for (model::Gap& gap : repository.value().gaps()) changes.gaps.push_back(std::move(gap));
        return scan::scan_changes(request, changes);
    };
    plan.tell = teller(environment, "what you push",
                       "A commit that was not pushed yet can be mended: git commit --amend, or git "
                       "rebase -i. To push nevertheless: git push --no-verify\n");
    if (const std::string folder = pushed.prepare_memory(); !folder.empty()) {
        plan.writable = {folder};
    }
    const int code = run_scan(command, environment, plan);
    if (code == kClean) pushed.remember();
    return code;
}

// A push to a repository that people share. What it brings cannot accept its own secrets, at once
// or in several steps: settings are the server's, or those of a branch that the server's owner
// named, as it was before the push; comments in the lines do not count.
class ReceiveRun {
  public:
    ReceiveRun(ParsedCommand& command, const Environment& environment)
        : command_(command), environment_(environment) {}

    int run() {
        const Status prepared = prepare();
        if (!prepared.ok()) return refuse(prepared.error());
        int worst = kClean;
        for (const scan::ReferenceUpdate& update : updates_) {
            if (!update.after) continue;
            worst = std::max(worst, scan_update(update));
        }
        return worst;
    }

  private:
    // Of a bypass, as the log may show it.
    struct Asked {
        std::string who;
        std::string reason;
    };

    int refuse(const Error& error) const {
        fail(environment_, error.to_string());
        environment_.write_error("merlon: the push was refused because it could not be scanned\n");
        return kIncomplete;
    }

    Status prepare() {
        const std::string text = MERLON_TRY(read_whole_input(environment_));
        updates_ = MERLON_TRY(scan::parse_receive_lines(text));
        repository_ = MERLON_TRY(git::open_with_variables(".", git_variables(environment_),
                                                          repository_options(command_)));
        for (const git::Reference& reference : repository_->references().all()) {
            known_.push_back(reference.id);
        }
        log_folder_ = repository_->common_folder() + "/merlon";
        read_bypass();
        if (reason_.empty()) return {};
        std::error_code code;  // before the sandbox; what fails here fails again at the log
        std::filesystem::create_directories(log_folder_, code);
        return {};
    }

    // githooks(5): GIT_PUSH_OPTION_COUNT, GIT_PUSH_OPTION_0, …
    void read_bypass() {
        const std::string count = environment_.variable("GIT_PUSH_OPTION_COUNT").value_or("0");
        unsigned options = 0;
        std::from_chars(count.data(), count.data() + count.size(), options);
        for (unsigned i = 0; i < std::min(options, 1000U); ++i) {
            const std::string option =
                environment_.variable("GIT_PUSH_OPTION_" + std::to_string(i)).value_or("");
            if (!option.starts_with(kBypassOption)) continue;
            reason_ = option.substr(kBypassOption.size());
            has_asked_ = true;
        }
        if (reason_.find_first_not_of(" \t\r\n") == std::string::npos) reason_.clear();
    }

    // The tree of the branch whose settings hold; nothing before its first push.
    Result<std::optional<git::ObjectId>> settings_tree(const std::string& branch) const {
        const std::optional<git::Reference> found = repository_->references().find(
            branch.starts_with("refs/") ? branch : "refs/heads/" + branch);
        if (!found) return std::optional<git::ObjectId>();
        return std::optional(MERLON_TRY(git::tree_of(*repository_, found->id)));
    }

    Status place_settings(ScanPlan& plan) const {
        const std::string& branch = command_.text("settings-branch");
        if (branch.empty()) {
            plan.home = log_folder_;
            return {};
        }
        plan.home = branch + " before the push";
        const std::optional<git::ObjectId> tree = MERLON_TRY(settings_tree(branch));
        plan.settings = [this,
                         tree](const std::string& path) -> Result<std::optional<std::string>> {
            if (!tree) return std::optional<std::string>();
            return git::file_in_tree(repository_->objects(), *tree, path);
        };
        return {};
    }

    int scan_update(const scan::ReferenceUpdate& update) {
        ScanPlan plan;
        Asked asked_by{who(), std::string(kReasonNotRead)};
        plan.scope = {update.name};
        if (Status placed = place_settings(plan); !placed.ok()) return refuse(placed.error());
        plan.scan = [&](const scan::SecretsScan& asked) -> Result<model::Report> {
            scan::SecretsScan request = asked;
            request.inline_comments = scan::InlineComments::kDisregard;
            scan::Changes changes =
                scan::pushed_changes(*repository_, std::span(&update, 1), known_);
            for (model::Gap& gap : repository_->gaps()) changes.gaps.push_back(std::move(gap));
            if (!may_bypass()) return scan::scan_changes(request, changes);
            // Who pushes and why will stand in the log: what the report masks is masked there too,
            // and the reason is looked through for secrets of its own.
            request.show_secrets = scan::ShowSecrets::kMasked;
            request.arguments.push_back(reason_);
            request.arguments.push_back(who());
            changes.messages.push_back({kBypassReason, reason_, {}});
            model::Report report = scan::scan_changes(request, changes);
            asked_by.who = std::move(report.analysis.scope.back());
            report.analysis.scope.pop_back();
            asked_by.reason =
                without_findings(report, reason_, std::move(report.analysis.scope.back()));
            report.analysis.scope.pop_back();
            return report;
        };
        bool has_told = false;
        plan.tell = [&](const model::Report& report, int code) {
            has_told = true;
            return tell(update, report, code, asked_by);
        };
        plan.writable = {log_folder_};
        ParsedCommand command = command_;  // each reference has its own configuration
        const int code = run_scan(command, environment_, plan);
        if (code == kClean || has_told) return code;
        // Settings that cannot be read must not lock out the push that mends them.
        model::Report report;
        report.analysis.scope = {update.name};
        report.coverage.gaps.push_back(
            {model::GapCause::kInvalidInput, plan.home,
             "the settings there cannot be used, so nothing was scanned"});
        return tell(update, report, code, asked_by);
    }

    bool allows_bypasses() const { return command_.text("bypass") != "deny"; }
    bool may_bypass() const { return allows_bypasses() && !reason_.empty(); }

    int tell(const scan::ReferenceUpdate& update, const model::Report& report, int code,
             const Asked& asked_by) const {
        if (code == kClean) return code;
        const bool allows = allows_bypasses();
        if (may_bypass()) return let_through(update, report, code, asked_by);
        const std::string& branch = command_.text("settings-branch");
        std::string way_out = fmt::format(
            "Comments (`merlon:allow`) and settings (.merlon.yaml, .merlon/) that a push brings do "
            "not\ncount here; settings are those of {}.\n{}",
            branch.empty() ? "the server" : "'" + branch + "' before the push", kRevoke);
        way_out +=
            "Take the secret out of the commits (git rebase -i, git commit --amend) and push "
            "again.\n";
        if (allows) {
            way_out +=
                "To push it nevertheless, say why; the bypass is written to a log:\n"
                "  git push -o merlon.bypass=\"reason\" …\n";
            if (has_asked_) way_out += "The bypass that you asked for has no reason.\n";
        } else {
            way_out += "Bypasses are not allowed here; the owner of the repository can help.\n";
        }
        environment_.write_error(
            refusal(report, "what you push to " + shown_name(report), way_out));
        return code;
    }

    int let_through(const scan::ReferenceUpdate& update, const model::Report& report, int code,
                    const Asked& asked_by) const {
        const auto hex = [](const std::optional<git::ObjectId>& id) {
            return id ? id->hex() : std::string();
        };
        const scan::Bypass bypass{environment_.clock->now(), asked_by.who,       asked_by.reason,
                                  shown_name(report),        hex(update.before), hex(update.after)};
        const std::string path = log_folder_ + "/bypass.log";
        const Status kept = scan::append_line(path, scan::bypass_line(bypass, report));
        if (!kept.ok()) {
            fail(environment_, kept.error().to_string());
            environment_.write_error(
                "merlon: the bypass was not accepted because it could not be written to the log\n");
            return std::max(code, kIncomplete);
        }
        environment_.write_error(fmt::format(
            "merlon: let through on your word, and written to the log of the repository\n\n{}",
            findings_text(report)));
        return kClean;
    }

    // `shown` is the reason with its secrets masked as everywhere in a report. What is not masked
    // so (one in another form, as base64; one that may as well be a name) is masked as a whole.
    static std::string without_findings(const model::Report& report, const std::string& reason,
                                        std::string shown) {
        constexpr std::string_view kMasked = "********";
        for (const model::Finding& finding : report.findings) {
            const auto* const at = std::get_if<model::FileLocation>(&finding.location);
            const bool is_encoded = std::ranges::any_of(
                finding.tags, [](const std::string& tag) { return tag.starts_with("decoded:"); });
            if (at == nullptr || at->path != kBypassReason) continue;
            const model::TextRegion& region = at->region;
            const std::string form =
                reason.substr(std::min<std::size_t>(region.start_offset, reason.size()),
                              region.end_offset - region.start_offset);
            std::size_t place = shown.find(form);
            if (form.empty() || place == std::string::npos) {
                if (!is_encoded) continue;
                return "(left out: it holds a secret in another form)";
            }
            for (; place != std::string::npos; place = shown.find(form, place + kMasked.size())) {
                shown.replace(place, form.size(), kMasked);
            }
        }
        return shown;
    }

    // The reference, with what the report masks.
    static std::string shown_name(const model::Report& report) {
        return report.analysis.scope.empty() ? std::string() : report.analysis.scope.front();
    }

    // Who pushes, as forges and SSH servers tell their hooks.
    std::string who() const {
        for (const char* name : {"GL_USERNAME", "GITEA_PUSHER_NAME", "GITHUB_USER_LOGIN",
                                 "GITOLITE_USER", "GL_USER", "REMOTE_USER", "USER", "LOGNAME"}) {
            if (const auto value = environment_.variable(name); value && !value->empty()) {
                return *value;
            }
        }
        return "user number " + std::to_string(effective_user());
    }

    ParsedCommand& command_;
    const Environment& environment_;
    std::vector<scan::ReferenceUpdate> updates_;
    std::optional<git::Repository> repository_;
    std::vector<git::ObjectId> known_;
    std::string log_folder_;
    std::string reason_;
    bool has_asked_ = false;
};

}  // namespace

int run_hook(ParsedCommand& command, const Environment& environment) {
    const std::string hook = command.arguments.empty() ? "" : command.arguments.front();
    if (hook == "pre-commit") return run_pre_commit(command, environment);
    if (hook == "commit-msg") return run_commit_msg(command, environment);
    if (hook == "pre-push") return run_pre_push(command, environment);
    if (hook == "pre-receive") return ReceiveRun(command, environment).run();
    return fail(environment,
                "which hook? pre-commit, commit-msg, pre-push or pre-receive, not '" + hook + "'");
}

}  // namespace merlon::cli
