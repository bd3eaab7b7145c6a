// Installed Python packages (PyPA, "Core metadata specifications"): METADATA of *.dist-info and
// PKG-INFO of *.egg-info.

#include "inventory/headers.h"
#include "inventory/python_names.h"
#include "inventory/readers.h"

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
    constexpr std::string_view kClassifier = "License ::";
    for (const Header& header : block.headers) {
        if (header.name != "Classifier" || !header.value.starts_with(kClassifier)) continue;
        const std::string_view last = trim(split_last(header.value, ':').second);
        if (!last.empty() && last != "OSI Approved") package.licenses.emplace_back(last);
    }
    // "License" may be a whole text; only its first line, where it is short, names one.
    const std::string_view license = block.get_any_case("License");
    if (package.licenses.empty() && !license.empty() && license.size() < 100 &&
        license.find('\n') == std::string_view::npos && license != "UNKNOWN")
        package.licenses.emplace_back(license);
    return {};
}

}  // namespace merlon::inventory
