// Installed Python packages (PyPA, "Core metadata specifications"): METADATA of *.dist-info,
// PKG-INFO of *.egg-info, and the same inside of wheels and eggs that lie there packed.

#include "inventory/headers.h"
#include "inventory/python_names.h"
#include "inventory/readers.h"
#include "packages/license_alias.h"
#include "text/zip_directory.h"

namespace merlon::inventory {

using packages::Package;

namespace {

// `offset_of_name`: kNoOffset in an archive, which has no lines.
Status add_described(Reading& reading, const HeaderBlock& block, std::size_t offset_of_name) {
    const std::string_view name = block.get_any_case("Name");
    if (name.empty()) return Error{"Python metadata: expected a field \"Name\""};
    Package& package = reading.add(name, block.get_any_case("Version"), offset_of_name);
    if (const std::string_view expression = block.get_any_case("License-Expression");
        !expression.empty()) {
        package.licenses.emplace_back(expression);
        return {};
    }
    // "License" may be a whole text: where it names one, it says more than a classifier does.
    const std::string_view license = block.get_any_case("License");
    const bool is_name = !license.empty() && license.size() < 100 &&
                         license.find('\n') == std::string_view::npos && license != "UNKNOWN";
    if (is_name && packages::license_of_name(license)) {
        package.licenses.emplace_back(license);
        return {};
    }
    constexpr std::string_view kClassifier = "License ::";
    for (const Header& header : block.headers) {
        if (header.name != "Classifier" || !header.value.starts_with(kClassifier)) continue;
        const std::string_view last = trim(split_last(header.value, ':').second);
        if (!last.empty() && last != "OSI Approved") package.licenses.emplace_back(last);
    }
    if (package.licenses.empty() && is_name) package.licenses.emplace_back(license);
    return {};
}

// "a-1.dist-info/METADATA" (PyPA, "Binary distribution format"), "EGG-INFO/PKG-INFO": at the top.
bool is_metadata(std::string_view member) {
    const auto [folder, name] = split_first(member, '/');
    return (folder.ends_with(".dist-info") && name == "METADATA") ||
           (folder == "EGG-INFO" && name == "PKG-INFO");
}

}  // namespace

Status read_python_metadata(Reading& reading) {
    const HeaderBlock block = read_header_block(reading.bytes, 0);
    return add_described(reading, block, block.offset_of("Name"));
}

Status read_python_archive(Reading& reading) {
    // An egg may be a link file of setuptools' develop, or a folder's stand-in: text, and no zip.
    if (!reading.bytes.starts_with("PK"))
        return Error{"a wheel or egg: the file is no zip archive"};
    const std::vector<text::ZipEntry> directory =
        MERLON_TRY(text::read_zip_directory(reading.bytes));
    text::ArchiveBudget budget(reading.limits);
    budget.cancel = reading.cancel;
    for (const text::ZipEntry& entry : directory) {
        if (entry.is_folder || !is_metadata(entry.name)) continue;
        const text::ZipContent content =
            MERLON_TRY(text::unpack_zip_entry(reading.bytes, entry, budget));
        if (!content.is_whole()) return Error{"a wheel or egg: its metadata " + content.gap.detail};
        return add_described(reading, read_header_block(content.bytes(), 0), kNoOffset);
    }
    return Error{"a wheel or egg: it has no metadata of a package"};
}

}  // namespace merlon::inventory
