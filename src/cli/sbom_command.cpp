#include "cli/sbom_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/progress.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "cli/bom_output.h"
#include "cli/command_table.h"
#include "report/report.h"
#include "scan/inventory_scan.h"
#include "scan/package_bom.h"

namespace merlon::cli {
namespace {

using exchange::Bom;

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void tell(const scan::TakenInventory& taken, const Bom& bom, const Environment& environment) {
    std::set<std::string_view> readers;
    std::size_t unknowns = 0;
    std::string notes;
    constexpr std::size_t kShown = 20;
    for (const packages::PackageSource& source : taken.sources) {
        readers.insert(source.reader);
        for (const std::string& unknown : source.unknowns) {
            if (++unknowns <= kShown) notes += "note: " + source.path + ": " + unknown + '\n';
        }
    }
    if (unknowns > kShown) notes += fmt::format("note: and {} more\n", unknowns - kShown);
    std::string text =
        fmt::format("{} of {}; {}\n", counted(bom.components.size(), "component"),
                    counted(taken.sources.size(), "source"), report::coverage_line(taken.coverage));
    for (const model::Gap& gap : taken.coverage.gaps) {
        text += fmt::format("gap: {} ({}): {}\n", gap.path, model::name(gap.cause), gap.detail);
    }
    environment.write_error(text + notes);
}

}  // namespace

int run_sbom(const ParsedCommand& command, const Environment& environment) {
    const Result<BomRequest> asked = bom_request(command, environment);
    if (!asked.ok()) return fail(environment, asked.error().to_string());
    if (!command.is_set("no-sandbox")) {
        apply_sandbox({.writable_paths = writable_paths(asked.value().outputs)});
    }

    scan::InventoryScan request;
    request.arguments =
        command.arguments.empty() ? std::vector<std::string>{"."} : command.arguments;
    // What is installed is often ignored by Git, and is there all the same.
    request.walk.ignore_files = connect::IgnoreFiles::kDisregard;
    request.walk.excludes = command.list("exclude");
    const std::int64_t threads = command.integer("threads").value_or(0);
    request.threads = threads == 0 ? available_cores()
                                   : static_cast<unsigned>(std::min<std::int64_t>(threads, 256));
    request.cancel = environment.cancel;
    Progress progress(environment.error_descriptor,
                      command.is_set("quiet") ? ProgressMode::kSilent : ProgressMode::kAutomatic,
                      *environment.clock);
    request.progress = &progress;
    const scan::TakenInventory taken = scan::take_inventory(request);
    progress.finish();

    scan::BomSubject subject;
    subject.name = command.text("name");
    subject.version = command.text("project-version");
    subject.fallback_name = folder_name(command.arguments);
    subject.tool_version = version();
    subject.time = asked.value().time;
    subject.complete = taken.coverage.complete();
    const Bom bom = scan::bom_of(taken.sources, subject);

    const bool is_written = write_bom(bom, asked.value(), environment);
    if (!command.is_set("quiet") || !taken.coverage.complete()) tell(taken, bom, environment);
    return !is_written || !taken.coverage.complete() ? kIncomplete : kClean;
}

}  // namespace merlon::cli
