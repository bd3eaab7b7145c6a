#include "cli/packages_plan.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/file.h"
#include "cli/bom_output.h"
#include "cli/command_table.h"
#include "cli/database_store.h"
#include "cli/outputs.h"
#include "cli/staged_plan.h"
#include "connect/git/merge_base.h"
#include "connect/git/open_changes.h"
#include "connect/git/revision_names.h"
#include "exchange/spdx.h"
#include "scan/fix_advice.h"
#include "scan/folder_ignores.h"
#include "scan/packages_diff.h"
#include "scan/packages_scan.h"
#include "scan/packages_settings.h"
#include "scan/tree_files.h"
#include "scan/weakness_bom.h"

namespace merlon::cli {
namespace {

namespace git = connect::git;

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kMostDays = 36'500;

bool is_there(const std::string& path) {
    return !path.empty() && file_status(path, FollowLinks::kYes).ok();
}

Result<sca::Database> open_database(const std::string& path) {
    if (path.empty()) {
        return Error{
            "no advisory database: neither --database nor XDG_DATA_HOME or HOME says "
            "where it is"};
    }
    if (!is_there(path)) {
        return Error{
            "there is no advisory database here, so nothing would be found; make one with "
            "'merlon db update' or 'merlon db build', or name one with --database",
            kNoOffset, path};
    }
    return sca::Database::open(path);
}

scan::InventoryScan inventory_of(const scan::SecretsScan& asked) {
    scan::InventoryScan inventory;
    inventory.arguments = asked.arguments;
    inventory.walk = asked.walk;
    // What is installed is often ignored by Git, and is there all the same.
    inventory.walk.ignore_files = connect::IgnoreFiles::kDisregard;
    inventory.limits = asked.read.limits;
    inventory.threads = asked.threads;
    inventory.cancel = asked.cancel;
    inventory.progress = asked.progress;
    return inventory;
}

scan::PackagesScan request_of(const scan::SecretsScan& asked) {
    scan::PackagesScan request;
    request.suppressions = asked.suppressions;
    request.licenses = asked.licenses;
    request.key = asked.key;
    request.scope = asked.arguments;
    request.version = asked.version;
    request.threads = asked.threads;
    request.clock = asked.clock;
    return request;
}

scan::PackagesScan request_of(const scan::SecretsScan& asked, const ParsedCommand& command) {
    scan::PackagesScan request = request_of(asked);
    request.max_database_age_s =
        std::min(command.integer("max-database-age").value_or(0), kMostDays) * kDay_s;
    request.internal_names = command.list("internal");
    return request;
}

// The request's part of it; the excludes are for the walk.
void take(scan::PackagesSettings settings, scan::PackagesScan& request,
          scan::InventoryScan& inventory) {
    request.foreign = std::move(settings.ignores);
    request.filter = std::move(settings.filter);
    request.vex = std::move(settings.vex);
    std::ranges::move(settings.excludes, std::back_inserter(inventory.walk.excludes));
}

struct Revisions {
    std::string base;
    std::string head;
    // "A...B": what B brought since the two parted (git-diff).
    enum class From : std::uint8_t { kBase, kMergeBase } from = From::kBase;
};

// "A..B" or "A...B"; nothing where it is no range.
std::optional<Revisions> revisions_of(const std::vector<std::string>& arguments) {
    if (arguments.size() != 1) return std::nullopt;
    const std::string& range = arguments[0];
    const std::size_t dots = range.find("..");
    if (dots == std::string::npos || is_there(range)) return std::nullopt;
    const bool has_three = range.compare(dots, 3, "...") == 0;
    Revisions revisions{.base = range.substr(0, dots),
                        .head = range.substr(dots + (has_three ? 3 : 2))};
    if (has_three) revisions.from = Revisions::From::kMergeBase;
    if (revisions.base.empty()) revisions.base = "HEAD";
    if (revisions.head.empty()) revisions.head = "HEAD";
    return revisions;
}

class DiffPlan {
  public:
    DiffPlan(const ParsedCommand& command, const Environment& environment, std::string home)
        : command_(command), environment_(environment), home_(std::move(home)) {}

    Result<model::Report> run(const scan::SecretsScan& asked) const {
        scan::PackagesScan request = request_of(asked, command_);
        request.scope = command_.arguments;
        scan::InventoryScan inventory = inventory_of(asked);
        take(MERLON_TRY(scan::read_packages_settings(home_, command_.list("vex"))), request,
             inventory);
        std::optional<packages::PopularNames> popular;
        request.popular = &packages::PopularNames::own();
        if (const std::string& file = command_.text("popular"); !file.empty()) {
            const std::string text = MERLON_TRY(command_.at_value(read_text_file(file), "popular"));
            popular = MERLON_TRY(packages::PopularNames::parse(text, file));
            request.popular = &*popular;
        }
        std::optional<sca::Database> database;
        const std::string path = database_path(command_, environment_);
        if (command_.is_set("database") || is_there(path)) {
            database = MERLON_TRY(command_.at_value(open_database(path), "database"));
            request.database = &*database;
        }
        if (const auto revisions = revisions_of(command_.arguments)) {
            return of_revisions(*revisions, inventory, request);
        }
        if (command_.arguments.size() != 2) {
            return Error{
                "what is compared with what? Write BASE..HEAD (revisions), or two folders "
                "or sbom:FILEs"};
        }
        const auto taken = [&](std::size_t which) {
            scan::InventoryScan one = inventory;
            one.arguments = {command_.arguments[which]};
            return scan::take_inventory(one);
        };
        return compared(std::move(request), taken(0), taken(1));
    }

  private:
    Result<model::Report> of_revisions(const Revisions& revisions,
                                       const scan::InventoryScan& inventory,
                                       const scan::PackagesScan& request) const {
        const git::Repository repository = MERLON_TRY(git::open_with_variables(
            ".", git_variables(environment_), repository_options(command_)));
        const auto files = [&](const git::ObjectId& commit) -> Result<scan::InventoryFiles> {
            const git::ObjectId tree = MERLON_TRY(git::tree_of(repository, commit));
            return scan::files_of_tree(repository, tree);
        };
        git::ObjectId from = MERLON_TRY(git::resolve_commit(repository, revisions.base));
        const git::ObjectId to = MERLON_TRY(git::resolve_commit(repository, revisions.head));
        if (revisions.from == Revisions::From::kMergeBase) {
            const std::vector<git::ObjectId> bases = git::merge_bases(repository, from, to);
            if (bases.empty())
                return Error{revisions.base + " and " + revisions.head +
                             " have no commit in common; fetch more of the history, or write two "
                             "dots"};
            from = bases.front();
        }
        scan::InventoryFiles base = MERLON_TRY(files(from));
        scan::InventoryFiles head = MERLON_TRY(files(to));
        scan::TwoInventories taken =
            scan::take_inventories(inventory, std::move(base), std::move(head));
        return compared(request, std::move(taken.base), std::move(taken.head));
    }

    // What the head says of its own folders counts.
    Result<model::Report> compared(scan::PackagesScan request, scan::TakenInventory base,
                                   scan::TakenInventory head) const {
        if (Status added = add_folder_ignores(head, *environment_.cancel, request.foreign);
            !added.ok()) {
            return std::move(added).error().within(scan::kReadingIgnores);
        }
        return scan::diff_packages(request, std::move(base), std::move(head));
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    std::string home_;
};

ScanPlan plan_without_rules() {
    ScanPlan plan;
    plan.rules = ScanPlan::Rules::kNone;
    plan.judge = scan::gate_exit_code;
    return plan;
}

}  // namespace

namespace {

constexpr std::string_view kSpdx3 = "spdx3-json";
constexpr std::array<std::string_view, 3> kBomFormats{"cyclonedx", "cyclonedx-xml", kSpdx3};

// What was found as a bill of materials; `report` is what became of its findings since.
void write_bom(const scan::ExaminedPackages& examined, const scan::BomSubject& subject,
               std::string_view format, TextSink& sink) {
    const exchange::Bom bom =
        scan::bom_of(examined, scan::WeaknessBom{.subject = subject, .id_prefix = {}, .shows = {}});
    if (format == kSpdx3) return exchange::write_spdx3(bom, sink);
    const auto write =
        format == "cyclonedx" ? exchange::write_cyclonedx_json : exchange::write_cyclonedx_xml;
    write(bom, exchange::CycloneDxVersion::k1_6, sink);
}

}  // namespace

ScanPlan packages_plan(const ParsedCommand& command, const Environment& environment) {
    ScanPlan plan = plan_without_rules();
    const auto examined = std::make_shared<scan::ExaminedPackages>();
    const auto subject = std::make_shared<scan::BomSubject>();
    plan.formats.names = kBomFormats;
    plan.formats.write = [examined, subject](const model::Report& report, std::string_view format,
                                             TextSink& sink) {
        examined->report = report;
        subject->complete = report.analysis.complete;
        write_bom(*examined, *subject, format, sink);
    };
    plan.scope = command.arguments;
    if (plan.scope.empty()) plan.scope = {"."};
    plan.home = home_of(plan.scope);
    const std::string& fix = command.text("fix");
    if (!fix.empty()) plan.writable.push_back(parent_directory(fix));
    plan.scan = [&command, &environment, fix, examined, subject,
                 home = plan.home](const scan::SecretsScan& asked) -> Result<model::Report> {
        subject->time = MERLON_TRY(document_time(environment));
        subject->fallback_name = folder_name(command.arguments);
        subject->tool_version = version();
        const sca::Database database = MERLON_TRY(
            command.at_value(open_database(database_path(command, environment)), "database"));
        scan::PackagesScan request = request_of(asked, command);
        request.database = &database;
        scan::InventoryScan inventory = inventory_of(asked);
        take(MERLON_TRY(scan::read_packages_settings(home, command.list("vex"))), request,
             inventory);
        scan::TakenInventory taken = scan::take_inventory(inventory);
        if (asked.progress != nullptr) asked.progress->finish();
        if (Status added = scan::add_folder_ignores(taken, *asked.cancel, request.foreign);
            !added.ok()) {
            return std::move(added).error().within(scan::kReadingIgnores);
        }
        const scan::TakenInventory kept = fix.empty() ? scan::TakenInventory{} : taken;
        *examined =
            MERLON_TRY(scan::examine_packages(request, std::move(taken), scan::Reviews::kAll));
        model::Report report = std::move(examined->report);
        if (fix.empty()) return report;
        const scan::FixPatch patch = scan::fix_patch(report, kept);
        MERLON_TRY(write_file_atomically(fix, patch.text));
        report.notices.insert(report.notices.end(), patch.notices.begin(), patch.notices.end());
        if (patch.text.empty()) report.notices.push_back(fix + ": there is nothing to change");
        return report;
    };
    return plan;
}

ScanPlan licenses_plan(const ParsedCommand& command, const Environment&) {
    ScanPlan plan = plan_without_rules();
    plan.scope = command.arguments;
    if (plan.scope.empty()) plan.scope = {"."};
    plan.home = home_of(plan.scope);
    const std::string& notices = command.text("notices");
    if (!notices.empty()) plan.writable.push_back(parent_directory(notices));
    plan.scan = [notices](const scan::SecretsScan& asked) -> Result<model::Report> {
        scan::InventoryScan inventory = inventory_of(asked);
        if (!notices.empty()) inventory.license_texts = scan::InventoryScan::LicenseTexts::kKeep;
        scan::TakenInventory taken = scan::take_inventory(inventory);
        if (asked.progress != nullptr) asked.progress->finish();
        if (!notices.empty())
            MERLON_TRY(write_file_atomically(notices, scan::license_notices(taken)));
        return scan::scan_licenses(request_of(asked), std::move(taken));
    };
    return plan;
}

ScanPlan packages_diff_plan(const ParsedCommand& command, const Environment& environment) {
    ScanPlan plan = plan_without_rules();
    const bool are_revisions = revisions_of(command.arguments).has_value();
    if (!are_revisions) plan.scope = command.arguments;
    plan.home = home_of(plan.scope);
    plan.scan = [&command, &environment, home = plan.home](const scan::SecretsScan& asked) {
        Result<model::Report> report = DiffPlan(command, environment, home).run(asked);
        if (asked.progress != nullptr) asked.progress->finish();
        return report;
    };
    return plan;
}

}  // namespace merlon::cli
