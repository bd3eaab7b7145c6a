#include "cli/front.h"

#include <fmt/core.h>

#include <vector>

#include "base/nearest.h"
#include "base/terminal.h"
#include "cli/approve_command.h"
#include "cli/audit_command.h"
#include "cli/command_table.h"
#include "cli/db_command.h"
#include "cli/db_compare_command.h"
#include "cli/decide_command.h"
#include "cli/doctor_command.h"
#include "cli/findings_command.h"
#include "cli/gate_command.h"
#include "cli/hook_command.h"
#include "cli/import_command.h"
#include "cli/init_command.h"
#include "cli/jobs_command.h"
#include "cli/packages_plan.h"
#include "cli/proposals_command.h"
#include "cli/report_audit_command.h"
#include "cli/rule_source.h"
#include "cli/rules_command.h"
#include "cli/sbom_command.h"
#include "cli/sbom_join_command.h"
#include "cli/scan_command.h"
#include "cli/secrets_command.h"
#include "cli/store_command.h"
#include "cli/store_rematch_command.h"
#include "cli/streams_command.h"
#include "cli/trace_command.h"
#include "cli/trend_command.h"
#include "cli/worker_command.h"

namespace merlon::cli {
namespace {

int run_completion(const ParsedCommand& command, const Environment& environment) {
    constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};
    if (command.arguments.empty()) {
        return fail(environment, "which shell? bash, zsh or fish");
    }
    const std::string& shell = command.arguments[0];
    for (std::size_t i = 0; i < std::size(kShells); ++i) {
        if (shell == kShells[i]) {
            return print(environment,
                         completion(command_table(), environment.foreign, static_cast<Shell>(i)));
        }
    }
    return fail(environment, "no completion for '" + shell + "'; there are bash, zsh and fish" +
                                 suggestion(shell, kShells));
}

int run_man(const ParsedCommand& command, const Environment& environment) {
    const std::string& format = command.text("format");
    if (format == "markdown") return print(environment, markdown_reference(command_table()));
    // The build's date would make packages differ; the version says enough.
    if (format == "table") return print(environment, man_page(command_table(), {}));
    return fail(environment, "'merlon man' prints a manual page or markdown, not " + format);
}

int run_version(const Environment& environment) {
    return print(environment, fmt::format("merlon {}\n", version()));
}

int run_help(const ParsedCommand& command, const Environment& environment) {
    const unsigned width = std::min(terminal_width(environment.output_descriptor), 120u);
    std::string path;
    for (const std::string& word : command.arguments) path += (path.empty() ? "" : " ") + word;
    const Verb* verb = path.empty() ? nullptr : find_verb(command_table(), path);
    if (verb == nullptr && is_group(command_table(), path)) {
        return print(environment, group_help(command_table(), path, width));
    }
    if (verb == nullptr && !path.empty()) {
        std::vector<std::string_view> paths;
        for (const Verb& known : command_table().verbs) paths.push_back(known.path);
        const std::string near = suggestion(path, paths);
        return fail(environment, "no command '" + path + "'" +
                                     (near.empty() ? "; 'merlon help' names them" : near));
    }
    return print(environment, help_text(command_table(), verb, width));
}

int run_verb(ParsedCommand& command, const Environment& environment) {
    const std::string_view verb = command.verb->path;
    if (verb == "scan" || verb == "scan secrets") return run_scan(command, environment);
    if (verb == "scan packages") {
        return run_scan(command, environment, packages_plan(command, environment));
    }
    if (verb == "diff packages") {
        return run_scan(command, environment, packages_diff_plan(command, environment));
    }
    if (verb == "licenses") {
        return run_scan(command, environment, licenses_plan(command, environment));
    }
    if (verb == "sbom merge") return run_sbom_merge(command, environment);
    if (verb == "sbom convert") return run_sbom_convert(command, environment);
    if (verb == "sbom diff") return run_sbom_diff(command, environment);
    if (verb == "sbom") return run_sbom(command, environment);
    if (verb == "hook install") return run_hook_install(command, environment);
    if (verb == "hook uninstall") return run_hook_uninstall(command, environment);
    if (verb == "hook run") return run_hook(command, environment);
    if (verb == "secrets revoked") return run_secrets_revoked(command, environment);
    if (verb == "rules list") return run_rules_list(command, environment);
    if (verb == "rules show") return run_rules_show(command, environment);
    if (verb == "rules checks") return run_rules_checks(command, environment);
    if (verb == "rules test") return run_rules_test(command, environment);
    if (verb == "rules add") return run_rules_add(command, environment);
    if (verb == "db build") return run_db_build(command, environment);
    if (verb == "db update") return run_db_update(command, environment);
    if (verb == "db info") return run_db_info(command, environment);
    if (verb == "db verify") return run_db_verify(command, environment);
    if (verb == "db export") return run_db_export(command, environment);
    if (verb == "db diff") return run_db_diff(command, environment);
    if (verb == "db compare") return run_db_compare(command, environment);
    if (verb == "import") return run_import(command, environment);
    if (verb == "findings list") return run_findings_list(command, environment);
    if (verb == "findings show") return run_findings_show(command, environment);
    if (verb == "findings trend") return run_findings_trend(command, environment);
    if (verb == "findings report") return run_findings_report(command, environment);
    if (verb == "findings decide") return run_findings_decide(command, environment);
    if (verb == "findings proposals") return run_findings_proposals(command, environment);
    if (verb == "findings approve") return run_findings_approve(command, environment);
    if (verb == "findings refuse") return run_findings_refuse(command, environment);
    if (verb == "findings streams") return run_findings_streams(command, environment);
    if (verb == "findings retire") return run_findings_retire(command, environment);
    if (verb == "trace") return run_trace(command, environment);
    if (verb == "report audit") return run_report_audit(command, environment);
    if (verb == "audit log") return run_audit_log(command, environment);
    if (verb == "audit checkpoint") return run_audit_checkpoint(command, environment);
    if (verb == "audit rotate") return run_audit_rotate(command, environment);
    if (verb == "audit export") return run_audit_export(command, environment);
    if (verb == "audit verify") return run_audit_verify(command, environment);
    if (verb == "audit prove") return run_audit_prove(command, environment);
    if (verb == "worker") return run_worker(command, environment);
    if (verb == "jobs list") return run_jobs_list(command, environment);
    if (verb == "jobs show") return run_jobs_show(command, environment);
    if (verb == "jobs cancel") return run_jobs_cancel(command, environment);
    if (verb == "jobs retry") return run_jobs_retry(command, environment);
    if (verb == "webhooks add") return run_webhooks_add(command, environment);
    if (verb == "webhooks list") return run_webhooks_list(command, environment);
    if (verb == "webhooks remove") return run_webhooks_remove(command, environment);
    if (verb == "store info") return run_store_info(command, environment);
    if (verb == "store check") return run_store_check(command, environment);
    if (verb == "store rematch") return run_store_rematch(command, environment);
    if (verb == "store second-person") return run_store_second_person(command, environment);
    if (verb == "store backup") return run_store_backup(command, environment);
    if (verb == "store export") return run_store_export(command, environment);
    if (verb == "store import") return run_store_import(command, environment);
    if (verb == "store restore") return run_store_restore(command, environment);
    if (verb == "gate pr" || verb == "gate release" || verb == "gate deploy")
        return run_gate(command, environment);
    if (verb == "gate explain") return run_gate_explain(command, environment);
    if (verb == "gate replay") return run_gate_replay(command, environment);
    if (verb == "gate simulate") return run_gate_simulate(command, environment);
    if (verb == "gate done") return run_gate_done(command, environment);
    if (verb == "approve" || verb == "reject" || verb == "except")
        return run_approve(command, environment);
    if (verb == "people add") return run_people_add(command, environment);
    if (verb == "people list") return run_people_list(command, environment);
    if (verb == "init") return run_init(command, environment);
    if (verb == "doctor") return run_doctor(command, environment);
    if (verb == "doctor rules") return run_doctor_rules(command, environment);
    // Policies have one front, whose commands are OPA's; `check` tells more than OPA's.
    if (verb == "policy") {
        std::vector<std::string> words = command.arguments;
        if (!words.empty() && words[0] == "check") words.insert(words.begin() + 1, "--reach");
        return environment.compat_fronts.at("policy")(words, environment);
    }
    if (constexpr std::string_view kCompat = "compat "; verb.starts_with(kCompat)) {
        const auto front = environment.compat_fronts.find(verb.substr(kCompat.size()));
        MERLON_ASSERT(front != environment.compat_fronts.end());
        return front->second(command.arguments, environment);
    }
    if (verb == "completion") return run_completion(command, environment);
    if (verb == "man") return run_man(command, environment);
    if (verb == "version") return run_version(environment);
    MERLON_ASSERT(verb == "help");
    return run_help(command, environment);
}

// A setting that stands under a name which is nearly right would be left out in silence.
void warn_of_misspelt_variables(const Environment& environment) {
    static constexpr std::string_view kOthers[] = {"MERLON_CI_BEFORE", "MERLON_KEY"};
    for (const std::string& name : environment.variable_names) {
        const std::string meant = meant_variable(command_table(), name, kOthers);
        if (meant.empty()) continue;
        environment.write_error(fmt::format(
            "merlon: warning: {} is no variable of merlon; did you mean {}?\n", name, meant));
    }
}

}  // namespace

int run(std::span<const std::string> words, const Environment& environment) {
    warn_of_misspelt_variables(environment);
    Result<ParsedCommand> parsed = parse_command(command_table(), words, environment.variable);
    if (!parsed.ok()) return fail(environment, parsed.error().to_string());
    ParsedCommand& command = parsed.value();
    if (command.request == ParsedCommand::Request::kVersion) return run_version(environment);
    if (command.request == ParsedCommand::Request::kHelp) {
        const unsigned width = std::min(terminal_width(environment.output_descriptor), 120u);
        if (command.verb == nullptr && !command.words.empty()) {
            return print(environment, group_help(command_table(), command.words, width));
        }
        return print(environment, help_text(command_table(), command.verb, width));
    }
    return run_verb(command, environment);
}

}  // namespace merlon::cli
