#include "compat/gitleaks/link.h"

#include <fmt/format.h>

#include <algorithm>

namespace merlon::compat::gitleaks {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    });
    return out;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "git@HOST:PATH", with a port before the path or not: HOST and PATH without its ".git". PATH is of
// letters, digits and "_/.-".
std::optional<std::string> web_address_of_ssh(std::string_view text) {
    constexpr std::string_view kUser = "git@";
    if (!text.starts_with(kUser)) return std::nullopt;
    text.remove_prefix(kUser.size());
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const std::string_view host = text.substr(0, colon);
    const auto in_host = [](char c) { return (is_word(c) && c != '_') || c == '.' || c == '-'; };
    if (!std::ranges::all_of(host, in_host)) return std::nullopt;
    std::string_view path = text.substr(colon + 1);
    const std::size_t digits = std::min(path.find_first_not_of("0123456789"), path.size());
    const bool has_port =
        digits >= 1 && digits <= 5 && path.substr(digits).size() > 1 && path[digits] == '/';
    if (has_port) path.remove_prefix(digits + 1);
    const auto in_path = [](char c) { return is_word(c) || c == '/' || c == '.' || c == '-'; };
    if (path.empty() || !std::ranges::all_of(path, in_path)) return std::nullopt;
    if (path.ends_with(".git") && path.size() > 4) path.remove_suffix(4);
    return fmt::format("https://{}/{}", host, path);
}

struct Address {
    std::string scheme;
    std::string host;  // with its port
    std::string rest;  // path and query
};

// Go's url.Parse and URL.String for what remotes look like: a scheme, "//", user, host, path; or a
// path alone. Nothing where url.Parse fails.
std::optional<Address> parse_address(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
    }
    Address address;
    const std::size_t colon = text.find(':');
    const std::size_t slash = text.find('/');
    const auto in_scheme = [](char c) {
        return (is_word(c) && c != '_') || c == '+' || c == '-' || c == '.';
    };
    const bool has_scheme = colon != std::string_view::npos && colon > 0 && colon < slash &&
                            is_word(text[0]) && (text[0] < '0' || text[0] > '9') &&
                            std::ranges::all_of(text.substr(0, colon), in_scheme);
    if (has_scheme) {
        address.scheme = lower(text.substr(0, colon));
        text.remove_prefix(colon + 1);
    } else if (colon < slash) {
        return std::nullopt;  // "first path segment in URL cannot contain colon"
    }
    if (has_scheme && text.starts_with("//")) {
        text.remove_prefix(2);
        const std::string_view authority = text.substr(0, text.find('/'));
        text.remove_prefix(authority.size());
        const std::size_t at = authority.rfind('@');
        address.host = at == std::string_view::npos ? authority : authority.substr(at + 1);
    }
    for (const char c : text) {
        constexpr std::string_view kEscaped = " \"<>[\\]^`{|}";
        const bool plain =
            static_cast<unsigned char>(c) < 0x80 && kEscaped.find(c) == std::string_view::npos;
        address.rest +=
            plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return address;
}

Platform platform_of(std::string_view host) {
    const std::string name = lower(host.substr(0, host.find(':')));
    if (name == "github.com") return Platform::kGithub;
    if (name == "gitlab.com") return Platform::kGitlab;
    if (name == "dev.azure.com" || name == "visualstudio.com") return Platform::kAzureDevops;
    if (name == "gitea.com" || name == "code.forgejo.org" || name == "codeberg.org") {
        return Platform::kGitea;
    }
    if (name == "bitbucket.org") return Platform::kBitbucket;
    return Platform::kUnknown;
}

// Blanks and percent signs only; and a blank's own sign is not escaped again.
std::string clean_link(std::string_view path) {
    std::string out;
    for (const char c : path) {
        if (c == ' ') {
            out += "%20";
        } else if (c == '%') {
            out += "%25";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

bool is_rendered(std::string_view path) {
    const std::size_t dot = path.find_last_of("./");
    if (dot == std::string_view::npos || path[dot] != '.') return false;
    const std::string extension = lower(path.substr(dot));
    return extension == ".ipynb" || extension == ".md";
}

// "#L3-L5", each part only where gitleaks writes it.
std::string lines(const Row& row, std::string_view first, std::string_view last) {
    std::string out;
    if (row.start_line != 0) out += fmt::format("{}{}", first, row.start_line);
    if (row.end_line != row.start_line) out += fmt::format("{}{}", last, row.end_line);
    return out;
}

}  // namespace

std::optional<Platform> parse_platform(std::string_view text) {
    const std::string name = lower(text);
    if (name.empty() || name == "unknown") return Platform::kUnknown;
    if (name == "none") return Platform::kNone;
    if (name == "github") return Platform::kGithub;
    if (name == "gitlab") return Platform::kGitlab;
    if (name == "azuredevops") return Platform::kAzureDevops;
    if (name == "gitea") return Platform::kGitea;
    if (name == "bitbucket") return Platform::kBitbucket;
    return std::nullopt;
}

Remote make_remote(Platform platform, const std::optional<std::string>& address) {
    if (platform == Platform::kNone) return {};
    if (!address) return {};
    Remote remote{platform, {}, {}};
    std::string text = web_address_of_ssh(*address).value_or(*address);
    if (text.ends_with(".git")) text.resize(text.size() - 4);
    const std::optional<Address> parsed = parse_address(text);
    if (!parsed) {
        remote.remark = "no links: the remote's address cannot be read: " + *address;
        return remote;
    }
    if (!parsed->scheme.empty()) remote.address = parsed->scheme + ':';
    if (!parsed->scheme.empty() && (!parsed->host.empty() || parsed->rest.starts_with('/'))) {
        remote.address += "//";
    }
    remote.address += parsed->host + parsed->rest;
    if (platform == Platform::kUnknown) {
        remote.platform = platform_of(parsed->host);
        if (remote.platform == Platform::kUnknown) {
            remote.remark =
                "Unknown SCM platform. Use --platform to include links in findings. host=" +
                parsed->host.substr(0, parsed->host.find(':'));
        }
    }
    return remote;
}

std::string make_link(const Remote& remote, const Row& row) {
    if (row.commit.empty()) return {};
    const std::size_t inner = row.file.find('!');
    const bool is_inside = inner != std::string::npos;
    const std::string path = clean_link(std::string_view(row.file).substr(0, inner));
    const std::string& base = remote.address;
    switch (remote.platform) {
        case Platform::kUnknown:
        case Platform::kNone:
            return {};
        case Platform::kGithub: {
            std::string link = fmt::format("{}/blob/{}/{}", base, row.commit, path);
            if (is_inside) return link;
            return link + (is_rendered(path) ? "?plain=1" : "") + lines(row, "#L", "-L");
        }
        case Platform::kGitlab: {
            std::string link = fmt::format("{}/blob/{}/{}", base, row.commit, path);
            return is_inside ? link : link + lines(row, "#L", "-");
        }
        case Platform::kAzureDevops: {
            std::string link = fmt::format("{}/commit/{}?path=/{}", base, row.commit, path);
            if (is_inside) return link;
            return link + lines(row, "&line=", "&lineEnd=") +
                   "&lineStartColumn=1&lineEndColumn=10000000&type=2&lineStyle=plain&_a=files";
        }
        case Platform::kGitea: {
            std::string link = fmt::format("{}/src/commit/{}/{}", base, row.commit, path);
            if (is_inside) return link;
            return link + (is_rendered(path) ? "?display=source" : "") + lines(row, "#L", "-L");
        }
        case Platform::kBitbucket: {
            std::string link = fmt::format("{}/src/{}/{}", base, row.commit, path);
            return is_inside ? link : link + lines(row, "#lines-", ":");
        }
    }
    return {};
}

}  // namespace merlon::compat::gitleaks
