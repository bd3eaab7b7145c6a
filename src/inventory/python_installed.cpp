// Installed Python packages (PyPA, "Core metadata specifications"): METADATA of *.dist-info and
// PKG-INFO of *.egg-info.

#include "inventory/headers.h"
#include "inventory/python_names.h"
#include "inventory/readers.h"
#include "packages/license_alias.h"

namespace merlon::inventory {

using packages::Package;

Status read_python_metadata(Reading& reading) {
    const HeaderBlock block = read_header_block(reading.bytes, 0);
    const std::string_view name = block.get_any_case("Name");
    if (name.empty()) return Error{"Python metadata: expected a field \"Name\""};
    Package& package = reading.add(name, block.get_any_case("Version"), block.offset_of("Name"));
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

}  // namespace merlon::inventory
