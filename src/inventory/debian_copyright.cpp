// The copyright file of a Debian package (usr/share/doc/<package>/copyright), and the packages of
// the same root that it speaks of. Where it is machine-readable (DEP-5, "Machine-readable
// debian/copyright file", version 1.0) its fields state the licences; else the texts that it holds
// or points to are recognised.

#include "inventory/distinct_texts.h"
#include "inventory/headers.h"
#include "inventory/joins.h"
#include "inventory/readers.h"
#include "packages/license_text.h"

namespace merlon::inventory {
namespace {

using packages::Package;

// DEP-5, "License": the first line is a short name, names with "and", "or", and a comma before what
// binds less. One with that comma, or an exception, stays as it is written.
std::string_view short_name(std::string_view value) {
    return trim(value.substr(0, value.find('\n')));
}

// "On Debian systems the text is in /usr/share/common-licenses/GPL-2." Empty behind the last one.
std::string_view next_common_license(std::string_view& text) {
    constexpr std::string_view kCommon = "/usr/share/common-licenses/";
    while (true) {
        const std::size_t at = text.find(kCommon);
        if (at == std::string_view::npos) return {};
        text.remove_prefix(at + kCommon.size());
        std::string_view name = text.substr(0, 32);
        name = name.substr(0, name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
                                                     "opqrstuvwxyz0123456789.-"));
        while (name.ends_with('.') || name.ends_with('-')) name.remove_suffix(1);
        if (!name.empty()) return name;
    }
}

// What copyright files hand on in all. A hostile database may name one of them a million times.
constexpr std::size_t kMaxHandedBytes = std::size_t{64} << 20;

// Adds the licences of `file` to those that the package has; false where that would be too many.
bool hand_on(const LicenseFile& file, Package& package, std::size_t& handed_bytes) {
    DistinctTexts licenses;
    for (const std::string& name : package.licenses) licenses.add(name);
    for (const std::string& name : file.licenses) {
        licenses.add(name);
        handed_bytes += sizeof(name) + name.size();
    }
    if (handed_bytes > kMaxHandedBytes) return false;
    package.licenses = licenses.all();
    return true;
}

}  // namespace

Status read_debian_copyright(Reading& reading) {
    DistinctTexts licenses;
    HeaderBlock block = read_header_block(reading.bytes, 0);
    const bool is_readable =
        block.get_any_case("Format").find("copyright-format") != std::string_view::npos ||
        block.get_any_case("Format").find("dep5") != std::string_view::npos;
    bool are_all = true;
    if (is_readable) {
        for (; !block.headers.empty(); block = read_header_block(reading.bytes, block.end))
            are_all &= licenses.add(short_name(block.get_any_case("License")));
    } else {
        for (const packages::FoundLicense& found : packages::recognize_licenses(reading.bytes))
            are_all &= licenses.add(found.id);
        std::string_view rest = reading.bytes;
        for (auto name = next_common_license(rest); !name.empty(); name = next_common_license(rest))
            are_all &= licenses.add(name);
    }
    if (!are_all) {
        reading.facts.gaps.push_back({model::GapCause::kLimitReached, "",
                                      "more than a thousand licences; the rest is left out"});
    }
    LicenseFile file;
    file.licenses = licenses.all();
    file.text = reading.bytes;
    reading.facts.license_file = std::move(file);
    return {};
}

void join_debian_copyrights(std::vector<FileFacts>& files, const Tree& tree) {
    std::size_t handed_bytes = 0;
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
            if (hand_on(license, package, handed_bytes)) continue;
            file.facts.source.unknowns.emplace_back("more licences than 64 MiB; packages from " +
                                                    package.name + " on have none");
            return;
        }
    }
}

}  // namespace merlon::inventory
