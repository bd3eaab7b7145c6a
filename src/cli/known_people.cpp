#include "cli/known_people.h"

#include <fmt/core.h>

#include "base/file.h"
#include "cli/gate_settings.h"
#include "cli/outputs.h"
#include "connect/files/files.h"
#include "connect/git/revision_names.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

KnownPeople people_of(std::string_view text, std::string from, const Environment& environment) {
    KnownPeople known{.signers = crypto::parse_allowed_signers(text), .from = std::move(from)};
    warn_of_lines(*known.signers, known.from, environment);
    return known;
}

}  // namespace

void warn_of_lines(const crypto::AllowedSigners& signers, const std::string& from,
                   const Environment& environment) {
    for (const auto& problem : signers.problems) {
        environment.write_error(
            fmt::format("merlon: warning: {}:{}: {}; this line lets nobody "
                        "approve\n",
                        from, problem.line, text::to_printable(problem.message)));
    }
}

Result<KnownPeople> find_people(const ParsedCommand& command, const Environment& environment,
                                const std::string& target) {
    if (command.is_set("people")) {
        const std::string& file = command.text("people");
        return people_of(MERLON_TRY(read_text_file(file)), file, environment);
    }
    // As the gate has it, which reads what stands beside the configuration that is named.
    if (command.takes("config") && command.is_set("config")) {
        const std::string file =
            fmt::format("{}/{}", parent_directory(command.text("config")), kPeopleFile);
        MERLON_TRY(read_text_file(command.text("config")));  // a mistyped name is told
        if (!file_status(file, FollowLinks::kYes).ok()) return KnownPeople{};
        return people_of(MERLON_TRY(read_text_file(file)), file, environment);
    }
    const std::string told = target_branch(command, environment);
    const std::string& branch = told.empty() ? target : told;
    const auto repository = MERLON_TRY(repository_here(environment));
    if (repository && !branch.empty()) {
        const std::string name = branch_here(*repository, branch);
        const bool is_here = connect::git::resolve_commit(*repository, name).ok();
        if (is_here || command.is_set("target")) {
            const gate::ReadPolicyFile read = MERLON_TRY(files_of_branch(repository, name));
            const auto text = MERLON_TRY(read(std::string(kPeopleFile)));
            if (!text) return KnownPeople{};
            return people_of(*text, fmt::format("{}:{}", name, kPeopleFile), environment);
        }
    }
    const std::string root = connect::repository_root(".");
    const std::string file = root.empty() || root == "." ? std::string(kPeopleFile)
                                                         : fmt::format("{}/{}", root, kPeopleFile);
    if (!file_status(file, FollowLinks::kYes).ok()) return KnownPeople{};
    return people_of(MERLON_TRY(read_text_file(file)), file, environment);
}

}  // namespace merlon::cli
