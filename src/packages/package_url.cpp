#include "packages/package_url.h"

#include <algorithm>

#include "base/uri.h"
#include "packages/package_url_types.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

constexpr std::string_view kGit = "git";

Error wrong(std::string message) { return Error{"package URL: " + std::move(message)}; }

const PurlType& type_row(std::string_view type) {
    static constexpr PurlType kOther{};
    const auto row = std::find_if(kPurlTypes.begin(), kPurlTypes.end(),
                                  [&](const PurlType& known) { return known.type == type; });
    return row == kPurlTypes.end() ? kOther : *row;
}

bool all_of(std::string_view text, bool (*belongs)(char)) {
    return std::all_of(text.begin(), text.end(), belongs);
}

// "Type": letters, digits, dot and dash, a letter first.
bool is_type(std::string_view type) {
    return !type.empty() && is_alpha(type.front()) &&
           all_of(type, [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

// "Qualifiers": the same and underscores, in lower case.
bool is_key(std::string_view key) {
    return !key.empty() && is_lower(key.front()) && all_of(key, [](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
    });
}

// "Character encoding": these, and the colon, stand for themselves.
bool is_plain(char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '~' || c == ':';
}

void append_encoded(std::string_view text, std::string& out) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_plain(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
}

void append_path(std::string_view path, std::string& out) {
    for (bool first = true; !path.empty(); first = false) {
        if (!first) out += '/';
        append_encoded(take_part(path, '/'), out);
    }
}

enum class Dots : std::uint8_t { kKept, kDropped };

// Segments between slashes, decoded one by one; empty ones do not count. Fails where a segment
// hides a slash.
Result<std::string> decode_path(std::string_view path, Dots dots) {
    std::string decoded;
    while (!path.empty()) {
        const std::string segment = percent_decode(take_part(path, '/'));
        if (segment.find('/') != std::string::npos)
            return wrong("a segment holds an encoded slash");
        if (segment.empty() || (dots == Dots::kDropped && (segment == "." || segment == "..")))
            continue;
        if (!decoded.empty()) decoded += '/';
        decoded += segment;
    }
    return decoded;
}

Status read_qualifiers(std::string_view text, PurlSpelling spelling, PackageUrl& url) {
    while (!text.empty()) {
        std::string_view value = take_part(text, '&');
        const std::string_view key = take_part(value, '=');
        std::string name =
            spelling == PurlSpelling::kForgiving ? lower_case(key) : std::string(key);
        if (!is_key(name)) return wrong("'" + name + "' is no key of a qualifier");
        if (!value.empty()) url.qualifiers.emplace_back(std::move(name), percent_decode(value));
    }
    return {};
}

// The at sign that begins the version, or npos. One that begins a segment with more behind it is
// a scope that was not encoded: pkg:npm/@babel/core.
std::size_t find_version(std::string_view rest) {
    const std::size_t at = rest.rfind('@');
    if (at == std::string_view::npos) return at;
    const bool is_scope =
        (at == 0 || rest[at - 1] == '/') && rest.find('/', at) != std::string_view::npos;
    return is_scope ? std::string_view::npos : at;
}

void make_lower(std::string& text) {
    // Registries fold ASCII; what they hold is ASCII.
    std::transform(text.begin(), text.end(), text.begin(), to_lower);
}

// The rules of single types that are more than a row of the table.
Status apply_type_rules(PackageUrl& url) {
    if (url.type == "pypi") {
        std::replace(url.name.begin(), url.name.end(), '_', '-');
    } else if (url.type == "pub") {
        std::replace_if(url.name.begin(), url.name.end(), [](char c) { return !is_alnum(c); }, '_');
    } else if (url.type == kGit) {
        // A path of a host that does not tell cases apart, as the type of that host has it.
        if (url.name_space.starts_with("github") || url.name_space.starts_with("bitbucket")) {
            make_lower(url.name_space);
            make_lower(url.name);
        }
    } else if (url.type == "mlflow") {
        // The server decides: Databricks does not tell cases apart, Azure does.
        if (url.qualifier("repository_url").find("azuredatabricks.net") != std::string_view::npos)
            make_lower(url.name);
    } else if (url.type == "cpan") {
        if (url.name.find("::") != std::string::npos)
            return wrong("'" + url.name + "' is a Perl module; name its distribution");
    } else if (url.type == "chrome-extension") {
        const bool is_id =
            url.name.size() == 32 && all_of(url.name, [](char c) { return c >= 'a' && c <= 'p'; });
        if (!is_id) return wrong("'" + url.name + "' is no identity of a Chrome extension");
        std::string_view rest = url.version;
        for (int parts = 0; !rest.empty(); ++parts)
            if (!all_digits(take_part(rest, '.')) || parts == 4)
                return wrong("'" + url.version + "' is no version of a Chrome extension");
    }
    return {};
}

Status normalize_qualifiers(PackageUrl& url) {
    std::erase_if(url.qualifiers, [](const auto& pair) { return pair.second.empty(); });
    std::sort(url.qualifiers.begin(), url.qualifiers.end());
    for (std::size_t at = 0; at < url.qualifiers.size(); ++at) {
        const std::string& key = url.qualifiers[at].first;
        if (!is_key(key)) return wrong("'" + key + "' is no key of a qualifier");
        if (at > 0 && url.qualifiers[at - 1].first == key)
            return wrong("the qualifier '" + key + "' stands there twice");
    }
    return {};
}

}  // namespace

std::string_view PackageUrl::qualifier(std::string_view key) const {
    for (const auto& [known, value] : qualifiers)
        if (known == key) return value;
    return {};
}

Result<PackageUrl> normalize(PackageUrl url) {
    if (!is_type(url.type)) return wrong("'" + url.type + "' is no type");
    make_lower(url.type);
    const PurlType& row = type_row(url.type);
    if (url.name.empty()) return wrong("a name is needed");
    while (url.name_space.starts_with('/')) url.name_space.erase(0, 1);
    while (url.name_space.ends_with('/')) url.name_space.pop_back();
    while (url.subpath.starts_with('/')) url.subpath.erase(0, 1);
    while (url.subpath.ends_with('/')) url.subpath.pop_back();
    if (row.name_space == Namespace::kRequired && url.name_space.empty())
        return wrong("the type " + url.type + " needs a namespace");
    if (row.name_space == Namespace::kProhibited && !url.name_space.empty())
        return wrong("the type " + url.type + " has no namespaces");
    if ((row.lower & kNamespaceLower) != 0) make_lower(url.name_space);
    if ((row.lower & kNameLower) != 0) make_lower(url.name);
    if ((row.lower & kVersionLower) != 0) make_lower(url.version);
    if (const Status status = normalize_qualifiers(url); !status.ok()) return status.error();
    if (!row.required_qualifier.empty() && url.qualifier(row.required_qualifier).empty())
        return wrong("the type " + url.type + " needs the qualifier '" +
                     std::string(row.required_qualifier) + "'");
    if (const Status status = apply_type_rules(url); !status.ok()) return status.error();
    return url;
}

// docs/specification/how-to-parse.md, from right to left.
Result<PackageUrl> parse_package_url(std::string_view text, PurlSpelling spelling) {
    if (text.size() > kMaxPackageUrlBytes) return wrong("it is longer than 64 KiB");
    PackageUrl url;
    std::string_view rest = text;
    if (const std::size_t hash = rest.rfind('#'); hash != std::string_view::npos) {
        url.subpath = MERLON_TRY(decode_path(rest.substr(hash + 1), Dots::kDropped));
        rest = rest.substr(0, hash);
    }
    if (const std::size_t question = rest.rfind('?'); question != std::string_view::npos) {
        const Status status = read_qualifiers(rest.substr(question + 1), spelling, url);
        if (!status.ok()) return status.error();
        rest = rest.substr(0, question);
    }
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos || lower_case(rest.substr(0, colon)) != "pkg")
        return wrong("it does not begin with 'pkg:'");
    rest.remove_prefix(colon + 1);
    while (rest.starts_with('/')) rest.remove_prefix(1);
    url.type = take_part(rest, '/');
    if (const std::size_t at = find_version(rest); at != std::string_view::npos) {
        url.version = percent_decode(rest.substr(at + 1));
        rest = rest.substr(0, at);
    }
    // The name is the last segment; of a Git repository, the whole path on its host.
    const bool is_git = lower_case(url.type) == kGit;
    const std::size_t slash = is_git ? rest.find('/') : rest.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
    url.name = is_git ? MERLON_TRY(decode_path(name, Dots::kKept)) : percent_decode(name);
    if (slash != std::string_view::npos)
        url.name_space = MERLON_TRY(decode_path(rest.substr(0, slash), Dots::kKept));
    return normalize(std::move(url));
}

std::string to_string(const PackageUrl& url) {
    std::string text = "pkg:" + url.type + '/';
    if (!url.name_space.empty()) {
        append_path(url.name_space, text);
        text += '/';
    }
    if (url.type == kGit)
        append_path(url.name, text);
    else
        append_encoded(url.name, text);
    if (!url.version.empty()) {
        text += '@';
        append_encoded(url.version, text);
    }
    char separator = '?';
    for (const auto& [key, value] : url.qualifiers) {
        text.append({separator}).append(key).append("=");
        append_encoded(value, text);
        separator = '&';
    }
    if (!url.subpath.empty()) {
        text += '#';
        append_path(url.subpath, text);
    }
    return text;
}

std::string package_url_text(const Package& package) {
    const Result<PackageUrl> url = package_url_of(package);
    return url.ok() ? to_string(url.value()) : std::string();
}

}  // namespace merlon::packages
