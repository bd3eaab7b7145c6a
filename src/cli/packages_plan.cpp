#include "cli/packages_plan.h"

#include "base/file.h"
#include "scan/packages_scan.h"

namespace merlon::cli {
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kMostDays = 36'500;

Result<sca::Database> open_database(const std::string& path) {
    if (path.empty()) {
        return Error{
            "no advisory database: neither --database nor XDG_DATA_HOME or HOME says "
            "where it is"};
    }
    if (!file_status(path, FollowLinks::kYes).ok()) {
        return Error{
            "there is no advisory database here, so nothing would be found; make one with "
            "'merlon db update' (or, from files, 'merlon db build'), or name one with "
            "--database",
            kNoOffset, path};
    }
    return sca::Database::open(path);
}

}  // namespace

std::string default_database(const Environment& environment) {
    const std::string folder = state_directory(environment);
    return folder.empty() ? folder : folder + "/advisories.db";
}

ScanPlan packages_plan(const ParsedCommand& command, const Environment& environment) {
    ScanPlan plan;
    plan.rules = ScanPlan::Rules::kNone;
    plan.scope = command.arguments;
    if (plan.scope.empty()) plan.scope = {"."};
    plan.home = home_of(plan.scope);
    plan.judge = scan::gate_exit_code;
    plan.scan = [&command, &environment](const scan::SecretsScan& asked) -> Result<model::Report> {
        const std::string path =
            command.is_set("database") ? command.text("database") : default_database(environment);
        const sca::Database database = MERLON_TRY(open_database(path));
        scan::InventoryScan inventory;
        inventory.arguments = asked.arguments;
        inventory.walk = asked.walk;
        // What is installed is often ignored by Git, and is there all the same.
        inventory.walk.ignore_files = connect::IgnoreFiles::kDisregard;
        inventory.limits = asked.read.limits;
        inventory.threads = asked.threads;
        inventory.cancel = asked.cancel;
        inventory.progress = asked.progress;
        scan::PackagesScan request;
        request.database = &database;
        request.max_database_age_s =
            std::min(command.integer("max-database-age").value_or(0), kMostDays) * kDay_s;
        request.suppressions = asked.suppressions;
        request.key = asked.key;
        request.scope = asked.arguments;
        request.version = asked.version;
        request.threads = asked.threads;
        request.clock = asked.clock;
        scan::TakenInventory taken = scan::take_inventory(inventory);
        if (asked.progress != nullptr) asked.progress->finish();
        return scan::scan_packages(request, std::move(taken));
    };
    return plan;
}

}  // namespace merlon::cli
