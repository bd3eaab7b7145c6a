#include "compat/gitleaks/open_changes_scan.h"

#include "compat/gitleaks/git_variables.h"
#include "compat/gitleaks/patch_scan.h"

namespace merlon::compat::gitleaks {

namespace git = connect::git;

Result<FileFindings> scan_open_changes(const secrets::Program& program, const ScanOptions& scan,
                                       const OpenChangesOptions& options) {
    const git::Repository repository =
        MERLON_TRY(git::open_with_variables(options.place, options.variables, options.open));
    MERLON_TRY(check_diff_variables(options.variables));
    const git::OpenChanges open = MERLON_TRY(
        git::read_open_changes(repository, options.side, options.place, options.variables));
    FileFindings findings;
    for (const model::Gap& gap : repository.gaps()) findings.gaps.push_back({gap.path, gap.detail});
    for (const git::DiffProblem& problem : open.problems) {
        findings.gaps.push_back({problem.path, problem.message});
    }
    for (const std::string& path : open.unmerged) {
        findings.gaps.push_back(
            {path, "its merge is not finished, and gitleaks sees nothing of it; resolve it first"});
    }
    Scanner scanner(program, scan);
    const PatchSources sources{.objects = *open.objects,
                               .attributes = open.attributes,
                               .archives = options.side == git::ChangeSide::kUnstaged
                                               ? PatchSources::Archives::kBefore
                                               : PatchSources::Archives::kAfter};
    for (const git::FileChange& change : open.changes) {
        if (scan.stopped()) break;
        scan_change(sources, change, {}, scanner, findings);
    }
    for (Row& row : findings.rows) row.date = "0001-01-01T00:00:00Z";  // Go's zero time
    return findings;
}

}  // namespace merlon::compat::gitleaks
