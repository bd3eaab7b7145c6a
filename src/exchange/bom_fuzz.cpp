// Arbitrary bytes as a bill of materials: read or refused; and what is read is written in every
// format, and read back with the same components.

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

#include "exchange/bom_join.h"
#include "exchange/bom_read.h"
#include "exchange/cyclonedx.h"
#include "exchange/github_snapshot.h"
#include "exchange/spdx.h"

namespace {

using namespace merlon;

bool is_license_id(std::string_view id) { return id == "MIT" || id == "Apache-2.0"; }

std::string written(const std::function<void(TextSink&)>& write) {
    std::string out;
    TextSink sink([&](std::string_view text) {
        out += text;
        return Status{};
    });
    write(sink);
    if (!sink.finish().ok()) std::abort();
    return out;
}

std::size_t packages_of(const exchange::Bom& bom) {
    return bom.components.size() + (bom.root.ref.empty() ? 0 : 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    exchange::looks_like_bom(bytes);
    const auto read = exchange::read_bom(bytes, is_license_id);
    if (!read.ok()) return 0;
    const exchange::Bom& bom = read.value().bom;
    for (const auto version :
         {exchange::CycloneDxVersion::k1_4, exchange::CycloneDxVersion::k1_7}) {
        written([&](TextSink& sink) { write_cyclonedx_json(bom, version, sink); });
        written([&](TextSink& sink) { write_cyclonedx_xml(bom, version, sink); });
    }
    written([&](TextSink& sink) { write_spdx_yaml(bom, sink); });
    written([&](TextSink& sink) { write_spdx_tag_value(bom, sink); });
    written([&](TextSink& sink) { write_spdx3(bom, sink); });
    const std::string snapshot = written([&](TextSink& sink) {
        write_github_snapshot(bom, {.job_id = "1", .correlator = "c", .sha = "0", .ref = "r"},
                              sink);
    });
    if (!exchange::read_bom(snapshot, is_license_id).ok()) std::abort();
    // A document merged with itself has what it has.
    const exchange::Bom twice[] = {bom, bom};
    const exchange::Bom once = exchange::merge_boms(twice, {});
    if (once.components.size() > packages_of(bom) + 1) std::abort();
    if (exchange::compare_boms(bom, bom) != exchange::BomDifference{}) std::abort();
    const auto again = exchange::read_bom(
        written([&](TextSink& sink) { write_spdx_json(bom, sink); }), is_license_id);
    // SPDX needs a name and an id of each package, which other formats may leave empty. What stands
    // alone is what the document describes.
    if (again.ok() && packages_of(again.value().bom) < packages_of(bom)) std::abort();
    return 0;
}
