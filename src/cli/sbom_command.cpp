#include "cli/sbom_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/progress.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/outputs.h"
#include "exchange/cyclonedx.h"
#include "exchange/spdx.h"
#include "report/report.h"
#include "scan/inventory_scan.h"
#include "scan/package_bom.h"

namespace merlon::cli {
namespace {

using exchange::Bom;
using exchange::CycloneDxVersion;

struct BomFormat {
    std::string_view name;
    void (*write)(const Bom& bom, CycloneDxVersion version, TextSink& sink);
};

constexpr std::array kFormats{
    BomFormat{"cyclonedx-json", exchange::write_cyclonedx_json},
    BomFormat{"cyclonedx-xml", exchange::write_cyclonedx_xml},
    BomFormat{"spdx-json", [](const Bom& bom, CycloneDxVersion,
                              TextSink& sink) { exchange::write_spdx_json(bom, sink); }},
    BomFormat{"spdx-yaml", [](const Bom& bom, CycloneDxVersion,
                              TextSink& sink) { exchange::write_spdx_yaml(bom, sink); }},
    BomFormat{"spdx-tag-value", [](const Bom& bom, CycloneDxVersion,
                                   TextSink& sink) { exchange::write_spdx_tag_value(bom, sink); }},
    BomFormat{"spdx3-json", [](const Bom& bom, CycloneDxVersion,
                               TextSink& sink) { exchange::write_spdx3(bom, sink); }},
};

constexpr auto kFormatNames = [] {
    std::array<std::string_view, kFormats.size()> names;
    for (std::size_t i = 0; i < kFormats.size(); ++i) names[i] = kFormats[i].name;
    return names;
}();

CycloneDxVersion cyclonedx_version(std::string_view text) {
    return static_cast<CycloneDxVersion>(text.back() - '4');  // the table allows 1.4 to 1.7
}

// SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch), else the clock.
Result<Timestamp> time_of(const Environment& environment) {
    const std::optional<std::string> stated = environment.variable("SOURCE_DATE_EPOCH");
    if (!stated || stated->empty()) return environment.clock->now();
    std::int64_t seconds = 0;
    const char* end = stated->data() + stated->size();
    const auto [stopped, code] = std::from_chars(stated->data(), end, seconds);
    constexpr std::int64_t kMost = 253'402'300'799;  // the end of the year 9999
    if (code != std::errc{} || stopped != end || seconds < 0 || seconds > kMost / 28) {
        return Error{"SOURCE_DATE_EPOCH is '" + *stated + "'; expected seconds since 1970"};
    }
    return Timestamp{seconds * 1'000'000'000};
}

std::string folder_name(const std::vector<std::string>& arguments) {
    std::error_code code;
    const std::filesystem::path path =
        std::filesystem::weakly_canonical(arguments.empty() ? "." : arguments[0], code);
    const std::string name = path.filename().string();
    return name.empty() ? "root" : name;
}

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
    const Result<std::vector<Output>> outputs = outputs_of(command, kFormatNames);
    if (!outputs.ok()) return fail(environment, outputs.error().to_string());
    if (Status places = check_places(outputs.value()); !places.ok()) {
        return fail(environment, places.error().to_string());
    }
    const Result<Timestamp> time = time_of(environment);
    if (!time.ok()) return fail(environment, time.error().to_string());
    if (!command.is_set("no-sandbox")) {
        apply_sandbox({.writable_paths = writable_paths(outputs.value())});
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
    subject.time = time.value();
    subject.complete = taken.coverage.complete();
    const Bom bom = scan::bom_of(taken.sources, subject);

    bool failed = false;
    for (const Output& output : outputs.value()) {
        const auto format = std::ranges::find(kFormats, output.format, &BomFormat::name);
        const Status written = write_output(environment, output, [&](TextSink& sink) {
            format->write(bom, cyclonedx_version(command.text("cyclonedx-version")), sink);
        });
        if (written.ok()) continue;
        failed = true;
        fail(environment, "the SBOM was not written: " + written.error().to_string());
    }
    if (!command.is_set("quiet") || !taken.coverage.complete()) tell(taken, bom, environment);
    return failed || !taken.coverage.complete() ? kIncomplete : kClean;
}

}  // namespace merlon::cli
