#include "compat/conftest/spdx_tags.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "compat/conftest/values.h"

namespace merlon::compat::conftest {
namespace {

// bufio.Scanner's: a longer line ends conftest's reading.
constexpr std::size_t kMaxLineBytes = 65'535;

constexpr PlainField kPlainFields[] = {
    {Section::kStart, "DocumentComment", "comment"},
    {Section::kStart, "SPDXVersion", "spdxVersion", Shape::kAlways},
    {Section::kStart, "DataLicense", "dataLicense", Shape::kAlways},
    {Section::kStart, "DocumentName", "name", Shape::kAlways},
    {Section::kStart, "DocumentNamespace", "documentNamespace", Shape::kAlways},
    {Section::kCreation, "LicenseListVersion", "licenseListVersion"},
    {Section::kCreation, "Created", "created", Shape::kAlways},
    {Section::kCreation, "CreatorComment", "comment"},
    {Section::kPackage, "PackageVersion", "versionInfo"},
    {Section::kPackage, "PackageFileName", "packageFileName"},
    {Section::kPackage, "PackageDownloadLocation", "downloadLocation", Shape::kAlways},
    {Section::kPackage, "PackageHomePage", "homepage"},
    {Section::kPackage, "PackageSourceInfo", "sourceInfo"},
    {Section::kPackage, "PackageLicenseConcluded", "licenseConcluded"},
    {Section::kPackage, "PackageLicenseInfoFromFiles", "licenseInfoFromFiles", Shape::kTexts},
    {Section::kPackage, "PackageLicenseDeclared", "licenseDeclared"},
    {Section::kPackage, "PackageLicenseComments", "licenseComments"},
    {Section::kPackage, "PackageCopyrightText", "copyrightText"},
    {Section::kPackage, "PackageSummary", "summary"},
    {Section::kPackage, "PackageDescription", "description"},
    {Section::kPackage, "PackageComment", "comment"},
    {Section::kPackage, "PrimaryPackagePurpose", "primaryPackagePurpose", Shape::kText, 3},
    {Section::kPackage, "ReleaseDate", "releaseDate", Shape::kText, 3},
    {Section::kPackage, "BuiltDate", "builtDate", Shape::kText, 3},
    {Section::kPackage, "ValidUntilDate", "validUntilDate", Shape::kText, 3},
    {Section::kPackage, "PackageAttributionText", "attributionTexts", Shape::kTexts, 2},
    {Section::kFile, "FileType", "fileTypes", Shape::kTexts},
    {Section::kFile, "LicenseConcluded", "licenseConcluded"},
    {Section::kFile, "LicenseInfoInFile", "licenseInfoInFiles", Shape::kTexts},
    {Section::kFile, "LicenseComments", "licenseComments"},
    {Section::kFile, "FileCopyrightText", "copyrightText", Shape::kAlways},
    {Section::kFile, "FileComment", "comment"},
    {Section::kFile, "FileNotice", "noticeText"},
    {Section::kFile, "FileContributor", "fileContributors", Shape::kTexts},
    {Section::kFile, "FileDependency", "fileDependencies", Shape::kTexts},
    {Section::kFile, "FileAttributionText", "attributionTexts", Shape::kTexts, 2},
    {Section::kSnippet, "SnippetLicenseConcluded", {}, Shape::kNothing},
    {Section::kSnippet, "LicenseInfoInSnippet", {}, Shape::kNothing},
    {Section::kSnippet, "SnippetLicenseComments", {}, Shape::kNothing},
    {Section::kSnippet, "SnippetCopyrightText", {}, Shape::kNothing},
    {Section::kSnippet, "SnippetComment", {}, Shape::kNothing},
    {Section::kSnippet, "SnippetName", {}, Shape::kNothing},
    {Section::kSnippet, "SnippetAttributionText", {}, Shape::kNothing, 2},
    {Section::kLicense, "ExtractedText", "extractedText", Shape::kAlways},
    {Section::kLicense, "LicenseName", "name"},
    {Section::kLicense, "LicenseCrossReference", "seeAlsos", Shape::kTexts},
    {Section::kLicense, "LicenseComment", "comment"},
    {Section::kReview, "ReviewDate", {}, Shape::kNothing},
    {Section::kReview, "ReviewComment", {}, Shape::kNothing},
};

struct Algorithm {
    std::string_view name;
    int since;
};
constexpr Algorithm kAlgorithms[] = {
    {"SHA1", 1},     {"SHA256", 1},   {"MD5", 1},         {"SHA224", 2},      {"SHA384", 2},
    {"SHA512", 2},   {"MD2", 2},      {"MD4", 2},         {"MD6", 2},         {"SHA3-256", 3},
    {"SHA3-384", 3}, {"SHA3-512", 3}, {"BLAKE2b-256", 3}, {"BLAKE2b-384", 3}, {"BLAKE2b-512", 3},
    {"BLAKE3", 3},   {"ADLER32", 3},
};

}  // namespace

Error spdx_error(std::uint32_t line, std::string message) {
    return Error{"SPDX: " + std::move(message), kNoOffset, {}, line, 1};
}

Result<std::vector<TagValue>> tag_values(std::string_view text) {
    std::vector<TagValue> pairs;
    std::optional<TagValue> open;  // its <text> has not ended
    std::uint32_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.size() > kMaxLineBytes) {
            return spdx_error(number, "a line has more than 65535 bytes");
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (open) {
            const std::size_t close = line.find("</text>");
            open->value += line.substr(0, close);
            if (close == std::string_view::npos) {
                open->value += '\n';
                continue;
            }
            pairs.push_back(std::move(*open));
            open.reset();
            continue;
        }
        const std::string_view trimmed = trim_go_start(line);
        if (trimmed.empty() || trimmed.starts_with('#')) continue;
        const std::size_t colon = trimmed.find(':');
        if (colon == std::string_view::npos) {
            return spdx_error(number, "expected 'Tag: value', and there is no colon");
        }
        TagValue pair{trim_go(trimmed.substr(0, colon)), {}, number};
        std::string_view value = trimmed.substr(colon + 1);
        constexpr std::string_view kOpen = "<text>";
        const std::size_t begin = value.find(kOpen);
        if (begin == std::string_view::npos) {
            pair.value = trim_go(value);
        } else {
            value.remove_prefix(begin + kOpen.size());
            const std::size_t close = value.find("</text>");
            pair.value = value.substr(0, close);
            if (close == std::string_view::npos) {
                pair.value += '\n';
                open = std::move(pair);
                continue;
            }
        }
        pairs.push_back(std::move(pair));
    }
    if (open) return spdx_error(open->line, "the <text> of this line does not end");
    return pairs;
}

std::span<const PlainField> plain_fields() { return kPlainFields; }

bool is_checksum_algorithm(std::string_view name, int minor) {
    const auto known = std::ranges::find(kAlgorithms, name, &Algorithm::name);
    return known != std::end(kAlgorithms) && known->since <= minor;
}

}  // namespace merlon::compat::conftest
