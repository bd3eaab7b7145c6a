// What `npm pack` makes (docs.npmjs.com, "npm-pack"): a compressed tar with a folder "package", in
// which a package.json says what it is. Others call their archives .tgz as well; one that begins
// with another folder is none of npm's and is left alone.

#include "crypto/digest.h"
#include "inventory/npm_names.h"
#include "inventory/readers.h"
#include "text/archive.h"
#include "text/archive_meter.h"
#include "text/stream_input.h"
#include "text/tar_walk.h"

namespace merlon::inventory {
namespace {

constexpr std::string_view kFolder = "package/";
constexpr std::string_view kManifest = "package/package.json";
constexpr std::string_view kGzip = "\x1F\x8B\x08";
constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{8} << 20;

// The manifest's text; empty where the archive is none of npm's, or nothing tells that it is.
Result<std::string> manifest_of(text::MeteredTar& tar) {
    bool is_npm = false;
    while (const auto step = tar.next()) {
        if (*step == text::TarStep::kMore) continue;
        if (*step != text::TarStep::kMember) {
            if (!is_npm) return std::string();
            const bool is_end = *step == text::TarStep::kEnd;
            return Error{"an npm package: " +
                         (is_end ? "it has no package.json" : tar.reader().problem())};
        }
        is_npm = tar.member().name.starts_with(kFolder);
        if (!is_npm) return std::string();
        if (tar.member().name != kManifest) continue;
        std::string_view bytes;
        if (tar.read_content(kMaxManifestBytes, bytes) == text::ReadOutcome::kRead)
            return std::string(bytes);
        return Error{"an npm package: its package.json cannot be read: " + tar.why()};
    }
    if (!is_npm) return std::string();
    return Error{"an npm package: " + tar.why()};
}

}  // namespace

Status read_npm_archive(Reading& reading) {
    if (!reading.bytes.starts_with(kGzip)) return {};
    text::ArchiveBudget budget(reading.limits);
    budget.cancel = reading.cancel;
    text::StreamInput input(text::StreamKind::kGzip, reading.bytes, budget);
    text::Meter meter(budget, reading.bytes.size());
    text::MeteredTar tar(text::PackedBytes(input), text::TarReading::kTolerant, meter, nullptr);
    const std::string manifest = MERLON_TRY(manifest_of(tar));
    if (manifest.empty()) return {};
    const value::Value* root = MERLON_TRY(reading.json_of(manifest));
    if (string_in(root, "name").empty() || string_in(root, "version").empty())
        return Error{"an npm package: its package.json has no name and version"};
    add_npm_package(reading, root, packages::Relation::kUnknown);
    packages::Package& package = reading.at(0);
    package.location.members = {std::string(kManifest)};
    package.checksums.push_back(
        {"sha512", crypto::digest(crypto::DigestAlgorithm::kSha512, reading.bytes).hex()});
    return {};
}

}  // namespace merlon::inventory
