#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exchange/bom_readers.h"

namespace merlon::exchange {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// "PACKAGE-MANAGER purl pkg:npm/a@1" into its three words; the last keeps its blanks.
std::array<std::string_view, 3> three_words(std::string_view text) {
    std::array<std::string_view, 3> words;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        words[i] = text.substr(0, blank);
        text = trimmed(text.substr(blank));
    }
    words[2] = text;
    return words;
}

// SPDX 2.3, annex on tag-value: "Tag: value" on a line, comments behind '#', values of several
// lines between <text> and </text>. A package begins with its PackageName.
class TagValueReader {
  public:
    explicit TagValueReader(std::string_view bytes) : rest_(bytes) {}

    Result<ReadBom> read() {
        while (!rest_.empty()) {
            const std::string_view line = take_line();
            const std::string_view content = trimmed(line);
            if (content.empty() || content.starts_with('#')) continue;
            const std::size_t colon = content.find(':');
            if (colon == std::string_view::npos) {
                return problem("expected 'Tag: value', found '" +
                               std::string(content.substr(0, 60)) + "'");
            }
            const std::string_view tag = trimmed(content.substr(0, colon));
            std::string value(trimmed(content.substr(colon + 1)));
            if (value.starts_with("<text>")) value = MERLON_TRY(take_text(std::move(value)));
            MERLON_TRY(take(tag, std::move(value)));
        }
        if (!document_.version.starts_with("SPDX-2.")) {
            return problem("SPDXVersion is '" + document_.version +
                           "'; expected SPDX-2.0 to SPDX-2.3");
        }
        for (SpdxPackage& package : document_.packages) {
            if (package.id.empty())
                return problem("the package '" + package.name + "' has no SPDXID");
            if (const auto notes = annotations_.find(package.id); notes != annotations_.end())
                package.annotations = std::move(notes->second);
        }
        return bom_of_spdx(std::move(document_));
    }

  private:
    std::string_view take_line() {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++line_;
        return line;
    }

    Error problem(std::string message) const {
        Error error{std::move(message)};
        error.line = line_;
        return error;
    }

    // From "<text>" on, to its end.
    Result<std::string> take_text(std::string value) {
        constexpr std::string_view kBegin = "<text>", kEnd = "</text>";
        value.erase(0, kBegin.size());
        const std::uint32_t begun = line_;
        std::size_t end;
        std::size_t looked_at = 0;  // a long text is not searched again for each of its lines
        while ((end = value.find(kEnd, looked_at)) == std::string::npos) {
            if (rest_.empty()) {
                line_ = begun;
                return problem("<text> has no </text>");
            }
            looked_at = value.size();
            value += '\n';
            value += take_line();
        }
        value.resize(end);
        return value;
    }

    Status take(std::string_view tag, std::string value) {
        if (tag == "PackageName") {
            document_.packages.emplace_back().name = std::move(value);
            section_ = Section::kPackage;
        } else if (tag == "FileName" || tag == "SnippetSPDXID") {
            section_ = Section::kOther;  // what follows is a file's, which a Bom has no place for
        } else if (tag == "LicenseID") {
            document_.own_licenses.emplace_back(std::move(value), "");
            section_ = Section::kLicense;
        } else if (tag == "ExtractedText" && section_ == Section::kLicense) {
            document_.own_licenses.back().second = std::move(value);
        } else if (tag == "Relationship") {
            const auto [from, type, to] = three_words(value);
            if (to.empty()) return problem("expected 'Relationship: ID TYPE ID'");
            document_.relationships.push_back(
                {std::string(from), std::string(type), std::string(to)});
        } else if (tag == "SPDXREF") {
            annotated_ = std::move(value);
        } else if (tag == "AnnotationComment") {
            annotations_[annotated_].push_back(std::move(value));
        } else if (section_ == Section::kPackage) {
            take_of_package(tag, value);
        } else if (section_ == Section::kDocument) {
            take_of_document(tag, value);
        }
        return {};
    }

    void take_of_document(std::string_view tag, const std::string& value) {
        if (tag == "SPDXVersion") document_.version = value;
        if (tag == "DocumentName") document_.name = value;
        if (tag == "DocumentNamespace") document_.name_space = value;
        if (tag == "Created") document_.created = value;
        if (tag == "Creator") document_.creators.push_back(value);
    }

    void take_of_package(std::string_view tag, const std::string& value) {
        struct Field {
            std::string_view tag;
            std::string SpdxPackage::* member;
        };
        static constexpr std::array kFields{
            Field{"SPDXID", &SpdxPackage::id},
            Field{"PackageVersion", &SpdxPackage::version},
            Field{"PackageSupplier", &SpdxPackage::supplier},
            Field{"PackageDownloadLocation", &SpdxPackage::download_location},
            Field{"PackageHomePage", &SpdxPackage::homepage},
            Field{"PackageLicenseDeclared", &SpdxPackage::declared_license},
            Field{"PackageLicenseConcluded", &SpdxPackage::concluded_license},
            Field{"PackageCopyrightText", &SpdxPackage::copyright},
            Field{"PackageDescription", &SpdxPackage::description},
            Field{"PrimaryPackagePurpose", &SpdxPackage::purpose},
        };
        SpdxPackage& package = document_.packages.back();
        for (const Field& field : kFields)
            if (field.tag == tag) package.*field.member = value;
        if (tag == "PackageChecksum") {
            const std::size_t colon = value.find(':');
            if (colon == std::string::npos) return;
            package.checksums.emplace_back(value.substr(0, colon),
                                           trimmed(std::string_view(value).substr(colon + 1)));
        } else if (tag == "ExternalRef") {
            const auto [category, type, locator] = three_words(value);
            if (type == "purl" && package.purl.empty()) package.purl = locator;
            if (type == "cpe23Type" && package.cpe.empty()) package.cpe = locator;
        }
    }

    enum class Section : std::uint8_t { kDocument, kPackage, kLicense, kOther };

    std::string_view rest_;
    std::uint32_t line_ = 0;
    Section section_ = Section::kDocument;
    std::string annotated_;  // the id of what an annotation is of
    std::unordered_map<std::string, std::vector<std::string>> annotations_;  // by that id
    SpdxDocument document_;
};

}  // namespace

Result<ReadBom> read_spdx_tag_value(std::string_view bytes) { return TagValueReader(bytes).read(); }

}  // namespace merlon::exchange
