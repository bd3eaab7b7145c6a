#include "exchange/purl_version.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/uri.h"

namespace merlon::exchange {
namespace {

// Without qualifiers and subpath.
std::string_view without_qualifiers(std::string_view purl) {
    return purl.substr(0, purl.find_first_of("?#"));
}

std::string encoded_version(std::string_view text) {
    std::string made;
    for (const char c : text) {
        if ((to_lower(c) >= 'a' && to_lower(c) <= 'z') || is_digit(c) ||
            std::string_view("-._~:").contains(c))
            made += c;
        else
            made += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return made;
}

struct PurlType {
    std::string_view ecosystem, type;  // in lower case
};
constexpr std::array<PurlType, 20> kPurlTypes{{
    {"npm", "npm"},           {"pypi", "pypi"},
    {"pip", "pypi"},          {"go", "golang"},
    {"maven", "maven"},       {"crates.io", "cargo"},
    {"rust", "cargo"},        {"nuget", "nuget"},
    {"rubygems", "gem"},      {"packagist", "composer"},
    {"composer", "composer"}, {"hex", "hex"},
    {"erlang", "hex"},        {"pub", "pub"},
    {"swifturl", "swift"},    {"swift", "swift"},
    {"cran", "cran"},         {"hackage", "hackage"},
    {"conancenter", "conan"}, {"bitnami", "bitnami"},
}};

// With the slashes of its namespace.
std::string encoded_name(std::string_view type, std::string_view name) {
    constexpr std::array<std::string_view, 4> kLowerCase{"pypi", "composer", "hex", "pub"};
    std::string text = std::ranges::find(kLowerCase, type) == kLowerCase.end() ? std::string(name)
                                                                               : lower_case(name);
    if (type == "pypi") std::ranges::replace(text, '_', '-');
    // "org.example:library"
    if (type == "maven") std::ranges::replace(text, ':', '/');
    std::string made;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('/', at), text.size());
        made += (at > 0 ? "/" : "") + encoded_version(text.substr(at, end - at));
        at = end + 1;
    }
    return made;
}

}  // namespace

bool has_version(std::string_view purl) {
    const std::string_view path = without_qualifiers(purl);
    const std::size_t at = path.rfind('@'), slash = path.rfind('/');
    return at != std::string_view::npos && slash != std::string_view::npos && at > slash;
}

std::string with_version(std::string purl, std::string_view version) {
    if (version.empty() || !purl.starts_with("pkg:") || has_version(purl)) return purl;
    purl.insert(without_qualifiers(purl).size(), "@" + encoded_version(version));
    return purl;
}

std::string purl_of(std::string_view ecosystem, std::string_view name, std::string_view version) {
    const auto* const known =
        std::ranges::find(kPurlTypes, lower_case(ecosystem), &PurlType::ecosystem);
    if (known == kPurlTypes.end() || name.empty()) return {};
    std::string purl = fmt::format("pkg:{}/{}", known->type, encoded_name(known->type, name));
    if (version.find_first_of("<>=, *^~|[(") != std::string_view::npos) return purl;
    std::string plain(version);
    // A module's versions begin so, which some tools leave out.
    if (known->type == "golang" && name != "stdlib" && !plain.empty() && is_digit(plain.front()))
        plain.insert(0, "v");
    return with_version(std::move(purl), plain);
}

std::string range_of(std::string_view purl) {
    const std::size_t end = std::min(purl.find('#'), purl.size());
    for (std::size_t at = purl.substr(0, end).find('?'); at < end;) {
        const std::size_t next = std::min(purl.find('&', at + 1), end);
        const std::string_view pair = purl.substr(at + 1, next - at - 1);
        constexpr std::string_view kVers = "vers=";
        if (lower_case(pair.substr(0, kVers.size())) == kVers)
            return percent_decode(pair.substr(kVers.size()));
        at = next;
    }
    return {};
}

}  // namespace merlon::exchange
