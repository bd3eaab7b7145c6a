#include "cli/gate_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/ascii.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "cli/branch_name.h"
#include "cli/command_table.h"
#include "cli/compared_folders.h"
#include "cli/configuration.h"
#include "cli/evidence_store.h"
#include "cli/gate_output.h"
#include "cli/gate_settings.h"
#include "cli/given_flags.h"
#include "cli/import_job.h"
#include "cli/known_people.h"
#include "cli/outputs.h"
#include "cli/pipeline_run.h"
#include "cli/source_lines.h"
#include "cli/standard_input.h"
#include "connect/git/revision_names.h"
#include "crypto/digest.h"
#include "evidence/decisions.h"
#include "evidence/import.h"
#include "evidence/seconds.h"
#include "exchange/foreign_report.h"
#include "gate/change.h"
#include "gate/documents.h"
#include "gate/links.h"
#include "gate/record.h"
#include "gate/reports.h"
#include "gate/settings.h"
#include "gate/store_facts.h"
#include "gate/verdict.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxGateDocumentBytes = std::uint64_t{2} << 30;
constexpr std::string_view kStandardInput = "-";
constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr std::size_t kFewestDigits = 7;  // that name a commit
constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo";

// Gathers what one gate is about. Each step says what it could not read.
class GateRun {
  public:
    GateRun(const ParsedCommand& command, const Environment& environment)
        : command_(command), environment_(environment) {
        const std::string_view verb = command.verb->path;
        input_.gate = verb.substr(verb.rfind(' ') + 1);
    }

    Result<gate::Verdict> run() {
        input_.merlon = version();
        input_.now = environment_.clock->now();
        files_ = MERLON_TRY(find_gate_settings(command_, environment_));
        MERLON_TRY(read_settings());
        MERLON_TRY(open_places());
        MERLON_TRY(read_subject());
        MERLON_TRY(read_documents());
        std::vector<gate::PolicyModule> modules =
            MERLON_TRY(gate::gather_modules(settings_.conditions, files_.read_file));
        Status looked_at = gate::check_demands(settings_.unlooked, input_.environment, modules);
        const gate::Policy policy = MERLON_TRY(gate::Policy::compile(std::move(modules)));
        if (!looked_at.ok()) return std::move(looked_at).error().at(files_.from, 0, 0);
        if (store_) return judge_with_store(policy, store_->database());
        add_decisions(MERLON_TRY(read_decisions()));
        MERLON_TRY(write_input());
        return gate::judge(policy, gate::to_json(input_), environment_.cancel);
    }

    bool is_stored() const { return is_stored_; }

  private:
    // Whatever foreign files make of this process, it writes its outputs and nothing else.
    Status open_places() {
        std::vector<std::string> places;
        for (const char* flag : {"write-input", "statement"})
            if (command_.is_set(flag))
                places.push_back(parent_directory(behind_links(command_.text(flag))));
        if (MERLON_TRY(asks_store())) {
            // A new store would know of no lock, no decision and no merge base.
            store_ = MERLON_TRY(open_store_that_is_there(command_, environment_));
            const std::string place = MERLON_TRY(store_place(command_, environment_));
            places.push_back(parent_directory(behind_links(place)));
        }
        apply_sandbox({.writable_paths = std::move(places)});
        return {};
    }

    // Reports are judged without a store where the one that a variable names is not there yet.
    Result<bool> asks_store() const {
        if (command_.list("report").empty()) return true;
        if (!command_.is_set("store")) return false;
        const Status found = check_store_is_there(MERLON_TRY(store_place(command_, environment_)));
        if (found.ok() || command_.source("store") == ValueSource::kFlag) return true;
        environment_.write_error("merlon: note: " + text::to_printable(found.error().message) +
                                 "; the reports are judged without it\n");
        return false;
    }

    Status read_settings() {
        const std::string environment =
            command_.takes("environment") ? command_.text("environment") : std::string();
        settings_ =
            MERLON_TRY(gate::read_settings(files_.text, files_.from, input_.gate, environment));
        input_.settings = settings_.gate;
        input_.groups = settings_.groups;
        input_.settings_from = files_.from.empty() ? "the ready gate" : files_.from;
        input_.environment = environment;
        input_.environment_settings = settings_.environment;
        input_.expected = settings_.analyses;
        input_.time_to_live_s = settings_.time_to_live_s;
        input_.zones = gate::local_times(settings_.zones, input_.now, std::string(kZoneDirectory));
        return {};
    }

    Status read_subject() {
        input_.repository = evidence::repository_name(command_.text("repository"));
        if (input_.repository.empty()) input_.repository = "default";
        input_.ref = command_.text("ref");
        if (input_.ref.empty())
            input_.ref = first_variable(environment_, {"GITHUB_HEAD_REF", "GITHUB_REF_NAME",
                                                       "CI_COMMIT_REF_NAME", "BUILD_SOURCEBRANCH"});
        if (input_.ref.empty() && files_.repository)
            input_.ref = files_.repository->references().head_branch();
        if (command_.is_set("ref"))
            input_.ref =
                branch_name(environment_, {".", input_.repository, files_.head}, input_.ref).name;
        if (input_.ref.starts_with(kBranches)) input_.ref.erase(0, kBranches.size());
        if (is_tag_of_pipeline(input_.ref)) input_.ref_kind = gate::Input::RefKind::kTag;
        warn_of_ref();
        input_.target = files_.target_name;
        if (command_.source("requested-by") == ValueSource::kFlag &&
            command_.text("requested-by").empty())
            return Error{"--requested-by is empty: who asks?"};
        input_.requested_by = command_.text("requested-by");
        if (input_.requested_by.empty())
            input_.requested_by =
                first_variable(environment_, {"GITHUB_ACTOR", "GITLAB_USER_LOGIN",
                                              "BUILD_REQUESTEDFOREMAIL", "LOGNAME", "USER"});
        input_.pull_request = command_.text("pull-request");
        if (input_.pull_request.empty())
            input_.pull_request = pipeline_run(environment_).pull_request;
        if (command_.takes("workload")) input_.workloads = command_.list("workload");
        MERLON_TRY(read_change());
        return command_.takes("digest") ? read_artefact() : Status();
    }

    // Pipelines name the tag that they run for as they name a branch: by its short name.
    bool is_tag_of_pipeline(std::string_view ref) const {
        std::string tag = first_variable(environment_, {"CI_COMMIT_TAG"});
        const std::string full = first_variable(environment_, {"GITHUB_REF"});
        if (full.starts_with(kTags)) tag = full.substr(kTags.size());
        if (first_variable(environment_, {"GITHUB_REF_TYPE"}) == "tag" && tag.empty())
            tag = first_variable(environment_, {"GITHUB_REF_NAME"});
        return !tag.empty() && tag == ref;
    }

    // Where Git knows better than who names the branch, that is told. A pipeline's checkout is most
    // often on no branch, and says nothing.
    void warn_of_ref() const {
        if (!command_.is_set("ref") || command_.is_set("head") || !files_.repository) return;
        std::string here = files_.repository->references().head_branch();
        if (here.starts_with(kBranches)) here.erase(0, kBranches.size());
        if (here.empty() || here == input_.ref) return;
        environment_.write_error(
            text::to_printable(fmt::format(
                "merlon: warning: --ref says {}, and Git's HEAD is on {}", input_.ref, here)) +
            "\n");
    }

    Status read_change() {
        gate::Change& change = input_.change;
        if (!files_.repository)
            change.unknown_because = "this is no repository";
        else if (files_.target.empty())
            change.unknown_because = "nobody says which branch it goes to (--target)";
        else
            change = gate::read_change(*files_.repository, files_.head, files_.target);
        if (command_.is_set("head") && files_.repository && !files_.target.empty() &&
            !change.is_known)
            return Error{"--head: " + change.unknown_because};
        MERLON_TRY(read_merge_base());
        input_.subject.name = input_.repository;
        if (!change.head.empty()) input_.subject.digest = "gitCommit:" + change.head;
        return {};
    }

    // Git's, where its history is here; else what the pipeline says.
    Status read_merge_base() {
        input_.base_commit = input_.change.base;
        std::string told = command_.text("merge-base");
        const bool is_asked = !told.empty();
        if (told.empty()) told = first_variable(environment_, {"CI_MERGE_REQUEST_DIFF_BASE_SHA"});
        told = lower_case(told);
        const bool is_id = told.size() >= kFewestDigits &&
                           told.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (is_asked && !is_id)
            return Error{
                fmt::format("--merge-base '{}' is no commit: expected {} digits or more "
                            "of its id",
                            told, kFewestDigits)};
        if (is_asked && !input_.base_commit.empty() && !input_.base_commit.starts_with(told))
            return Error{
                fmt::format("--merge-base {}: Git says that it is {}", told, input_.base_commit)};
        if (input_.base_commit.empty() && is_id) input_.base_commit = told;
        return {};
    }

    // Of a release and a deployment the artefact is judged.
    Status read_artefact() {
        const std::string& text = command_.text("digest");
        if (text.empty()) return Error{"which artefact? Name its digest: --digest sha256:…"};
        const Result<crypto::Digest> digest = crypto::parse_digest(text);
        if (!digest.ok()) return command_.at_value(digest.error(), "digest");
        input_.subject.digest = digest.value().to_string();
        if (!command_.text("subject").empty()) input_.subject.name = command_.text("subject");
        if (command_.source("subject") == ValueSource::kFlag && command_.text("subject").empty())
            return Error{"--subject is empty: what is the artefact called?"};
        return {};
    }

    Result<std::string> read_file(const std::string& name) {
        if (name != kStandardInput) return read_text_file(name, kMaxGateDocumentBytes);
        if (has_read_input_) return Error{"standard input (-) is named twice, and is there once"};
        has_read_input_ = true;
        return read_whole_input(environment_);
    }

    // The checkout that `flag` names; empty: none.
    Result<std::string> root_of(const std::string& flag, std::string_view reports) const {
        if (!command_.is_set(flag)) return std::string();
        MERLON_TRY(check_not_empty(command_, {flag}));
        if (command_.list(reports).empty())
            return Error{
                fmt::format("--{} is of the reports of --{}, and none is named", flag, reports)};
        const std::string root = absolute_root(command_.text(flag));
        std::error_code failure;
        if (std::filesystem::is_directory(root, failure)) return root;
        return Error{fmt::format("--{} {}: there is no such folder", flag, command_.text(flag))};
    }

    Result<std::vector<gate::ReportDocument>> read_reports(std::string_view flag,
                                                           const std::string& root) {
        std::vector<gate::ReportDocument> all;
        for (const std::string& name : command_.list(flag)) {
            const std::string bytes = MERLON_TRY(read_file(name));
            ImportOrder order;
            order.name = name;
            order.root = root;
            // What secrets are called is compared within this run and goes into no document.
            exchange::ForeignReport read = MERLON_TRY(read_document(
                order, nullptr, {.bytes = bytes, .secret_key = {}, .cancel = environment_.cancel}));
            if (read.reports.empty())
                return Error{name +
                             ": no run of a tool is in it, so it says nothing of the change"};
            if (!root.empty()) add_source_lines(root, read.reports, environment_.cancel);
            all.push_back({crypto::sha256(bytes).to_string(), std::move(read.reports)});
        }
        return all;
    }

    Result<std::optional<gate::LicenseList>> license_list() const {
        if (files_.text.empty()) return std::optional<gate::LicenseList>();
        const Configuration configuration =
            MERLON_TRY(parse_configuration(files_.text, files_.from));
        if (!configuration.licenses) return std::optional<gate::LicenseList>();
        gate::LicenseList list{configuration.licenses->policy, configuration.licenses->unknown};
        // A list of what is allowed means that the rest is not, unless it says otherwise.
        if (!list.policy.allowed.empty() && !configuration.says_unlisted_licenses)
            list.policy.unlisted = packages::LicenseVerdict::kDenied;
        if (!configuration.says_unknown_licenses)
            list.unknown = std::max(list.unknown, list.policy.unlisted);
        return std::optional(std::move(list));
    }

    Status read_documents() {
        const std::string root = MERLON_TRY(root_of("root", "report"));
        const std::string base_root = MERLON_TRY(root_of("base-root", "base"));
        // Lines of the one side alone would make everything new.
        if (!command_.list("base").empty() && root.empty() != base_root.empty())
            return Error{fmt::format(
                "--{} is there and --{} is not: name the checkouts of both, of the head and of the "
                "merge base ('git worktree add')",
                root.empty() ? "base-root" : "root", root.empty() ? "root" : "base-root")};
        const auto reports = MERLON_TRY(read_reports("report", root));
        const auto base = MERLON_TRY(read_reports("base", base_root));
        gate::add_reports(
            reports, base, input_,
            base_root.empty() ? gate::ChangesSinceBase() : changes_between(base_root, root));
        const std::optional<gate::LicenseList> list = MERLON_TRY(license_list());
        const gate::LicenseList* const licenses = list ? &*list : nullptr;
        const auto add_each = [&](std::string_view flag, const auto& add) -> Status {
            for (const std::string& name : command_.list(flag)) {
                const std::string bytes = MERLON_TRY(read_file(name));
                Status status = add(bytes, licenses, input_);
                if (!status.ok()) return std::move(status).error().at(name, 0, 0);
            }
            return {};
        };
        MERLON_TRY(add_each("sbom", gate::add_bom));
        MERLON_TRY(add_each("attestation", gate::add_attestation));
        return read_metrics();
    }

    Status read_metrics() {
        for (const std::string& text : command_.list("metric")) {
            const std::size_t equals = text.find('=');
            const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
            Arena arena;
            Interner interner;
            value::Builder values(arena, interner);
            if (equals == 0 || !values.number(number).ok())
                return Error{fmt::format("--metric is NAME=NUMBER, not '{}'", text)};
            const std::string name = text.substr(0, equals);
            if (!input_.metrics.emplace(name, number).second)
                return Error{fmt::format("--metric {} is there twice; which one holds?", name)};
        }
        return {};
    }

    Status read_people() {
        const std::optional<std::string> text =
            MERLON_TRY(files_.read_file(std::string(kPeopleFile)));
        people_.groups = settings_.people_by_group;
        if (!text) return {};
        people_.signers = crypto::parse_allowed_signers(*text);
        warn_of_lines(people_.signers, std::string(kPeopleFile), environment_);
        return {};
    }

    Result<std::vector<std::string>> read_decisions() {
        MERLON_TRY(read_people());
        std::vector<std::string> documents;
        for (const std::string& name : command_.list("decision"))
            documents.push_back(MERLON_TRY(read_file(name)));
        return documents;
    }

    void add_decisions(const std::vector<std::string>& documents) {
        gate::DecisionRules rules = settings_.decisions;
        rules.repository = input_.repository;
        rules.subject = input_.subject.digest;
        rules.environment = input_.environment;
        rules.now = input_.now;
        input_.decisions = gate::check_decisions(documents, people_, rules);
        input_.is_requester_registered = is_registered(input_.requested_by);
        warn_of_requester();
        input_.exceptions = gate::holding_exceptions(input_.decisions, rules);
    }

    bool is_registered(std::string_view person) const {
        return std::ranges::any_of(
            people_.signers.signers, [&](const crypto::AllowedSigner& signer) {
                return std::ranges::any_of(signer.principals, [&](const std::string& name) {
                    return equal_without_case(name, person);
                });
            });
    }

    // Who asked may not approve, which hangs on a name that anybody can give; an environment may
    // want a registered one ('registered-requester').
    void warn_of_requester() const {
        if (input_.decisions.empty() || input_.requested_by.empty() ||
            input_.is_requester_registered)
            return;
        environment_.write_error(text::to_printable(fmt::format(
                                     "merlon: warning: nobody in {} is called {}, who asks "
                                     "(--requested-by): whether one of those who approved is that "
                                     "person, nothing shows",
                                     kPeopleFile, input_.requested_by)) +
                                 "\n");
    }

    // Everything that the verdict hangs on is read, and the verdict written, in one transaction: of
    // two deployments that ask at once one sees the lock of the other.
    Result<gate::Verdict> judge_with_store(const gate::Policy& policy,
                                           evidence::Database& database) {
        database.stop_by(environment_.cancel);
        evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
        input_.repository = MERLON_TRY(evidence::scope_called(database, input_.repository));
        // A decision that has ended hides nothing from a gate.
        MERLON_TRY(evidence::settle_expired(database, actor_of(environment_), input_.now));
        if (command_.list("report").empty()) MERLON_TRY(gate::add_store_facts(database, input_));
        if (!input_.environment.empty()) {
            input_.history = MERLON_TRY(gate::history_of(database,
                                                         {.repository = input_.repository,
                                                          .environment = input_.environment,
                                                          .subject = input_.subject.digest},
                                                         input_.now));
        }
        std::vector<std::string> decisions = MERLON_TRY(read_decisions());
        std::ranges::move(MERLON_TRY(gate::decisions_about(database, input_.subject.digest)),
                          std::back_inserter(decisions));
        add_decisions(decisions);
        MERLON_TRY(write_input());
        const std::string input = gate::to_json(input_);
        gate::Verdict verdict = MERLON_TRY(gate::judge(policy, input, environment_.cancel));
        MERLON_TRY(gate::record_verdict(database, verdict, policy, input, actor_of(environment_),
                                        input_.now, gate::links_of(input_, verdict)));
        MERLON_TRY(transaction.commit());
        is_stored_ = true;
        return verdict;
    }

    Status write_input() const {
        if (!command_.is_set("write-input")) return {};
        return write_file_atomically(command_.text("write-input"), gate::to_json(input_));
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    GateSettings files_;
    std::optional<evidence::Store> store_;  // nothing: none was asked for
    gate::Settings settings_;
    gate::People people_;
    gate::Input input_;
    bool is_stored_ = false;
    bool has_read_input_ = false;
};

int exit_code_of(const gate::Verdict& verdict) {
    if (verdict.has_unknown) return kIncomplete;
    return verdict.outcome == gate::Outcome::kPass ? kClean : kFindings;
}

int print_verdict(const ParsedCommand& command, const Environment& environment,
                  const gate::Verdict& verdict, VerdictPlace place) {
    const std::optional<bool> json = wants_json(command, environment);
    if (!json) return kIncomplete;
    const int code =
        print(environment, *json ? verdict_as_json(verdict) : verdict_as_text(verdict, place));
    return code == kClean ? exit_code_of(verdict) : code;
}

// A verdict with the two texts that it was made from.
struct StoredVerdict {
    gate::FoundDocument statement;
    std::string input;
    std::string policy;
};

Result<StoredVerdict> find_verdict(evidence::Database& database, const std::string& id) {
    StoredVerdict stored;
    stored.statement = MERLON_TRY(gate::find_document(database, gate::kVerdictKind, id));
    const StatementParts parts = MERLON_TRY(parts_of_statement(stored.statement.bytes));
    stored.input =
        MERLON_TRY(gate::find_document(database, gate::kInputKind, parts.input_digest)).bytes;
    stored.policy =
        MERLON_TRY(gate::find_document(database, gate::kPolicyKind, parts.policy_digest)).bytes;
    return stored;
}

Result<gate::Verdict> judge_again(const StoredVerdict& stored, const CancelToken* cancel) {
    const gate::Policy policy = MERLON_TRY(gate::Policy::read(stored.policy));
    return gate::judge(policy, stored.input, cancel);
}

Result<StoredVerdict> find_asked(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) return Error{"which verdict? Its id, as the gate printed it"};
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    return find_verdict(store.database(), command.arguments[0]);
}

Result<gate::Policy> new_policy(const ParsedCommand& command) {
    std::vector<std::string> conditions = command.list("policy");
    if (conditions.empty()) return Error{"which policy? --policy FILE, or a ready condition"};
    const auto read = [](const std::string& path) -> Result<std::optional<std::string>> {
        Result<std::string> text = read_text_file(path);
        if (!text.ok()) return std::move(text).error();
        return std::optional(std::move(text).value());
    };
    return gate::Policy::compile(MERLON_TRY(gate::gather_modules(conditions, read)));
}

constexpr std::int64_t kDefaultDays = 90;
constexpr std::int64_t kMostDays = 36'500;

Result<std::int64_t> days_of(const ParsedCommand& command) {
    const std::int64_t days = command.integer("days").value_or(kDefaultDays);
    if (days >= 1 && days <= kMostDays) return days;
    return Error{fmt::format("--days {}: between 1 and {}", days, kMostDays)};
}

Result<gate::Simulation> simulate(const ParsedCommand& command, const Environment& environment,
                                  std::int64_t days) {
    const gate::Policy policy = MERLON_TRY(new_policy(command));
    const Timestamp from{environment.clock->now().nanoseconds - days * evidence::kDayNs};
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    store.database().stop_by(environment.cancel);
    return gate::simulate(store.database(), policy, from, command.text("gate"), environment.cancel);
}

}  // namespace

int run_gate(const ParsedCommand& command, const Environment& environment) {
    GateRun gate_run(command, environment);
    const Result<gate::Verdict> verdict = gate_run.run();
    if (!verdict.ok()) return fail(environment, verdict.error().to_string());
    if (command.is_set("statement")) {
        const Status written =
            write_file_atomically(command.text("statement"), verdict.value().statement);
        if (!written.ok()) return fail(environment, written.error().to_string());
    }
    return print_verdict(command, environment, verdict.value(),
                         gate_run.is_stored() ? VerdictPlace::kStored : VerdictPlace::kNowhere);
}

int run_gate_explain(const ParsedCommand& command, const Environment& environment) {
    const Result<StoredVerdict> stored = find_asked(command, environment);
    if (!stored.ok()) return fail(environment, stored.error().to_string());
    const Result<gate::Verdict> verdict = judge_again(stored.value(), environment.cancel);
    if (!verdict.ok()) return fail(environment, verdict.error().to_string());
    const std::optional<bool> json = wants_json(command, environment);
    if (!json) return kIncomplete;
    if (*json)
        return print(environment, explanation_as_json(verdict.value(), stored.value().input));
    return print(environment, verdict_as_text(verdict.value(), VerdictPlace::kStored) +
                                  explanation_as_text(stored.value().input));
}

int run_gate_replay(const ParsedCommand& command, const Environment& environment) {
    const Result<StoredVerdict> stored = find_asked(command, environment);
    if (!stored.ok()) return fail(environment, stored.error().to_string());
    const Result<gate::Verdict> verdict = judge_again(stored.value(), environment.cancel);
    if (!verdict.ok()) return fail(environment, verdict.error().to_string());
    const bool is_same = verdict.value().statement == stored.value().statement.bytes;
    const int code = print(
        environment,
        fmt::format("{}: {}\n", stored.value().statement.digest,
                    is_same ? "the same to the byte"
                            : "another verdict than this program gives: " + verdict.value().id));
    return code == kClean && !is_same ? kFindings : code;
}

int run_gate_simulate(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json = wants_json(command, environment);
    if (!json) return kIncomplete;
    const Result<std::int64_t> days = days_of(command);
    if (!days.ok()) return fail(environment, days.error().to_string());
    const Result<gate::Simulation> made = simulate(command, environment, days.value());
    if (!made.ok()) return fail(environment, made.error().to_string());
    const gate::Simulation& simulation = made.value();
    const int code = print(environment, *json ? simulation_as_json(simulation, days.value())
                                              : simulation_as_text(simulation, days.value()));
    if (simulation.broken == 0) return code;
    return fail(environment,
                fmt::format("the policy did not answer for {} of {} verdicts: {}",
                            simulation.broken, simulation.verdicts, simulation.broken_because));
}

int run_gate_done(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) return fail(environment, "which verdict? Its id");
    const auto done = [&]() -> Result<std::string> {
        evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
        evidence::Database& database = store.database();
        evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
        const gate::FoundDocument found =
            MERLON_TRY(gate::find_document(database, gate::kVerdictKind, command.arguments[0]));
        const gate::DoneDeployment over = MERLON_TRY(gate::record_done(
            database, found.digest, actor_of(environment), environment.clock->now()));
        MERLON_TRY(transaction.commit());
        return fmt::format("{} {}; {} {}\n", found.digest,
                           over.was_over ? "was over already" : "is over", over.environment,
                           over.locked_by.empty() ? "is free" : "is held by " + over.locked_by);
    }();
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

}  // namespace merlon::cli
