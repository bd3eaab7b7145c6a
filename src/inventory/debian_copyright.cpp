// The copyright file of a Debian package (usr/share/doc/<package>/copyright), and the packages of
// the same root that it speaks of. Where it is machine-readable (DEP-5, "Machine-readable
// debian/copyright file", version 1.0) its fields state the licences; else the texts that it holds
// or points to are recognised.

#include <algorithm>

#include "inventory/headers.h"
#include "inventory/joins.h"
#include "inventory/readers.h"
#include "packages/license_text.h"

namespace merlon::inventory {
namespace {

using packages::Package;

void add_once(std::string text, std::vector<std::string>& texts) {
    if (!text.empty() && std::ranges::find(texts, text) == texts.end())
        texts.push_back(std::move(text));
}

// DEP-5, "License": the first line is a short name, names with "and", "or", and a comma before what
// binds less. One with that comma, or an exception, stays as it is written.
void add_short_name(std::string_view value, std::vector<std::string>& licenses) {
    const std::string_view line = trim(value.substr(0, value.find('\n')));
    add_once(std::string(line), licenses);
}

}  // namespace

Status read_debian_copyright(Reading& reading) {
    std::vector<std::string> licenses;
    HeaderBlock block = read_header_block(reading.bytes, 0);
    const bool is_readable =
        block.get_any_case("Format").find("copyright-format") != std::string_view::npos ||
        block.get_any_case("Format").find("dep5") != std::string_view::npos;
    LicenseFile file;
    if (is_readable) {
        for (; !block.headers.empty(); block = read_header_block(reading.bytes, block.end))
            if (const std::string_view stated = block.get_any_case("License"); !stated.empty())
                add_short_name(stated, licenses);
        file.licenses = std::move(licenses);
    } else {
        for (packages::FoundLicense& found : packages::recognize_licenses(reading.bytes))
            add_once(std::move(found.id), file.licenses);
        // "On Debian systems the text is in /usr/share/common-licenses/GPL-2."
        constexpr std::string_view kCommon = "/usr/share/common-licenses/";
        for (std::size_t at = reading.bytes.find(kCommon); at != std::string_view::npos;
             at = reading.bytes.find(kCommon, at + 1)) {
            std::string_view name = reading.bytes.substr(at + kCommon.size(), 32);
            name = name.substr(0, name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
                                                         "opqrstuvwxyz0123456789.-"));
            while (name.ends_with('.') || name.ends_with('-')) name.remove_suffix(1);
            add_once(std::string(name), file.licenses);
        }
    }
    file.text = reading.bytes;
    reading.facts.license_file = std::move(file);
    return {};
}

void join_debian_copyrights(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "dpkg-status") continue;
        const std::size_t root = file.path.rfind("var/lib/dpkg/");
        if (root == std::string::npos) continue;
        for (Package& package : file.facts.source.packages) {
            FileFacts* copyright = tree.find(file.path.substr(0, root) + "usr/share/doc/" +
                                             package.name + "/copyright");
            if (copyright == nullptr || !copyright->facts.license_file) continue;
            LicenseFile& license = *copyright->facts.license_file;
            license.has_owner = true;
            package.license_files.push_back(copyright->path);
            for (const std::string& name : license.licenses) add_once(name, package.licenses);
        }
    }
}

}  // namespace merlon::inventory
