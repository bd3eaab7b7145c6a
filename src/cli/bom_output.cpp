#include "cli/bom_output.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "exchange/spdx.h"

namespace merlon::cli {
namespace {

using exchange::Bom;

struct BomFormat {
    std::string_view name;
    void (*write)(const Bom& bom, const BomRequest& request, TextSink& sink);
};

template <void (*kWrite)(const Bom&, exchange::CycloneDxVersion, TextSink&)>
void write_cyclonedx(const Bom& bom, const BomRequest& request, TextSink& sink) {
    kWrite(bom, request.cyclonedx, sink);
}

template <void (*kWrite)(const Bom&, TextSink&)>
void write_spdx(const Bom& bom, const BomRequest&, TextSink& sink) {
    kWrite(bom, sink);
}

void write_snapshot(const Bom& bom, const BomRequest& request, TextSink& sink) {
    exchange::write_github_snapshot(bom, request.origin, sink);
}

constexpr std::string_view kSnapshot = "github-snapshot";
constexpr std::array kFormats{
    BomFormat{"cyclonedx-json", write_cyclonedx<exchange::write_cyclonedx_json>},
    BomFormat{"cyclonedx-xml", write_cyclonedx<exchange::write_cyclonedx_xml>},
    BomFormat{"spdx-json", write_spdx<exchange::write_spdx_json>},
    BomFormat{"spdx-yaml", write_spdx<exchange::write_spdx_yaml>},
    BomFormat{"spdx-tag-value", write_spdx<exchange::write_spdx_tag_value>},
    BomFormat{"spdx3-json", write_spdx<exchange::write_spdx3>},
    BomFormat{kSnapshot, write_snapshot},
};

constexpr auto kFormatNames = [] {
    std::array<std::string_view, kFormats.size()> names;
    for (std::size_t i = 0; i < kFormats.size(); ++i) names[i] = kFormats[i].name;
    return names;
}();

// A flag, else what GitHub's runs say of themselves.
std::string stated(const ParsedCommand& command, const Environment& environment,
                   std::string_view flag, std::string_view variable) {
    const std::string& text = command.text(flag);
    return text.empty() ? environment.variable(std::string(variable)).value_or("") : text;
}

Result<exchange::SnapshotOrigin> origin_of(const ParsedCommand& command,
                                           const Environment& environment) {
    exchange::SnapshotOrigin origin;
    origin.sha = stated(command, environment, "sha", "GITHUB_SHA");
    origin.ref = stated(command, environment, "ref", "GITHUB_REF");
    if (origin.sha.empty() || origin.ref.empty()) {
        return Error{
            "a snapshot is of one commit, and nobody says which: --sha and --ref, or GITHUB_SHA "
            "and GITHUB_REF of a run"};
    }
    origin.job_id = stated(command, environment, "job-id", "GITHUB_RUN_ID");
    if (origin.job_id.empty()) origin.job_id = "merlon";
    origin.correlator = command.text("correlator");
    if (origin.correlator.empty()) {
        const std::string workflow = environment.variable("GITHUB_WORKFLOW").value_or("");
        const std::string job = environment.variable("GITHUB_JOB").value_or("");
        origin.correlator = workflow.empty() ? "merlon" : workflow + "_" + job;
    }
    return origin;
}

}  // namespace

// SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch), else the clock.
Result<Timestamp> document_time(const Environment& environment) {
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

Result<BomRequest> bom_request(const ParsedCommand& command, const Environment& environment) {
    BomRequest request;
    request.outputs = MERLON_TRY(outputs_of(command, kFormatNames));
    MERLON_TRY(check_places(request.outputs));
    request.time = MERLON_TRY(document_time(environment));
    // The table allows 1.4 to 1.7.
    request.cyclonedx =
        static_cast<exchange::CycloneDxVersion>(command.text("cyclonedx-version").back() - '4');
    if (std::ranges::find(request.outputs, kSnapshot, &Output::format) != request.outputs.end())
        request.origin = MERLON_TRY(origin_of(command, environment));
    return request;
}

bool write_bom(const Bom& bom, const BomRequest& request, const Environment& environment) {
    bool is_written = true;
    for (const Output& output : request.outputs) {
        const auto format = std::ranges::find(kFormats, output.format, &BomFormat::name);
        const Status written = write_output(
            environment, output, [&](TextSink& sink) { format->write(bom, request, sink); });
        if (written.ok()) continue;
        is_written = false;
        fail(environment, "the SBOM was not written: " + written.error().to_string());
    }
    return is_written;
}

}  // namespace merlon::cli
