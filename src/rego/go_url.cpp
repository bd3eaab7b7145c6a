#include "rego/go_url.h"

#include <algorithm>

#include "base/ascii.h"
#include "rego/go_address.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_go_quoted(out, text);
    return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

enum class Part : std::uint8_t { kHost, kZone, kUser, kPath, kFragment };

// Go's shouldEscape for the parts that are read here.
bool may_stand(char c, Part part) {
    if (is_letter(c) || is_digit(c)) return true;
    if (std::string_view("-_.~").find(c) != std::string_view::npos) return true;
    const auto is_one_of = [c](std::string_view set) {
        return set.find(c) != std::string_view::npos;
    };
    switch (part) {
        case Part::kHost:
        case Part::kZone:
            return is_one_of("!$&'()*+,;=:[]<>\"");
        case Part::kUser:
            return is_one_of("$&+,;=");
        case Part::kPath:
            return is_one_of("$&+,/:;=@");
        case Part::kFragment:
            return is_one_of("$&+,/:;=?@!()*");
    }
    return false;
}

// Percent-encoding away. In a host only what is no ASCII may be encoded, and the '%' of a zone.
Result<std::string> unescaped(std::string_view text, Part part) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_host = part == Part::kHost || part == Part::kZone;
        if (c != '%') {
            const bool is_ascii = static_cast<unsigned char>(c) < 0x80;
            if (is_host && is_ascii && !may_stand(c, part)) {
                return Error{"invalid character " + quoted(std::string_view(&c, 1)) +
                             " in host name"};
            }
            out += c;
            continue;
        }
        const std::string_view escape = text.substr(i, 3);
        const int high = escape.size() == 3 ? hex_digit(escape[1]) : -1;
        const int low = escape.size() == 3 ? hex_digit(escape[2]) : -1;
        if (high < 0 || low < 0) return Error{"invalid URL escape " + quoted(escape)};
        const char byte = static_cast<char>(high << 4 | low);
        if (part == Part::kHost && high < 8 && escape != "%25") {
            return Error{"invalid URL escape " + quoted(escape)};
        }
        if (part == Part::kZone && escape != "%25" && byte != ' ' &&
            !may_stand(byte, Part::kHost)) {
            return Error{"invalid URL escape " + quoted(escape)};
        }
        out += byte;
        i += 2;
    }
    return out;
}

std::string escaped_path(std::string_view path) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        if (may_stand(c, Part::kPath)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
    return out;
}

bool is_port(std::string_view text) {
    if (text.empty()) return true;
    return text[0] == ':' && std::ranges::all_of(text.substr(1), is_digit);
}

// Host and port (RFC 3986, section 3.2.2; RFC 6874 for zones).
Status take_host(std::string_view text, GoUrl& url) {
    std::string_view port;
    const std::size_t bracket = text.rfind('[');
    if (bracket != std::string_view::npos && bracket > 0) return Error{"invalid IP-literal"};
    if (bracket == 0) {
        const std::size_t close = text.rfind(']');
        if (close == std::string_view::npos) return Error{"missing ']' in host"};
        port = text.substr(close + 1);
        if (!is_port(port)) return Error{"invalid port " + quoted(port) + " after host"};
        const std::string_view inside = text.substr(1, close - 1);
        const std::size_t zone = inside.find("%25");
        url.host = MERLON_TRY(unescaped(inside.substr(0, zone), Part::kHost));
        if (zone != std::string_view::npos) {
            url.host += MERLON_TRY(unescaped(inside.substr(zone), Part::kZone));
        }
        if (const auto problem = address_problem(url.host)) {
            return Error{"invalid host: " + *problem};
        }
        if (url.host.find(':') == std::string::npos) return Error{"invalid IP-literal"};
    } else {
        // Databases name many hosts in one URL; no web server does.
        const bool is_web = url.scheme == "http" || url.scheme == "https";
        const std::size_t colon = is_web ? text.find(':') : text.rfind(':');
        if (colon != std::string_view::npos) {
            port = text.substr(colon);
            if (!is_port(port)) return Error{"invalid port " + quoted(port) + " after host"};
        }
        url.host = MERLON_TRY(unescaped(text.substr(0, colon), Part::kHost));
    }
    if (!port.empty()) url.port = port.substr(1);
    return {};
}

Status take_authority(std::string_view text, GoUrl& url) {
    const std::size_t at = text.rfind('@');
    if (at != std::string_view::npos) {
        const std::string_view user = text.substr(0, at);
        const bool is_valid = std::ranges::all_of(user, [](char c) {
            return is_letter(c) || is_digit(c) ||
                   std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
        });
        if (!is_valid) return Error{"net/url: invalid userinfo"};
        MERLON_TRY(unescaped(user, Part::kUser));
        text.remove_prefix(at + 1);
    }
    return take_host(text, url);
}

// "scheme:" (section 3.1), where there is one.
Result<std::string> take_scheme(std::string_view& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_letter(c)) continue;
        if (is_digit(c) || c == '+' || c == '-' || c == '.') {
            if (i == 0) return std::string();
            continue;
        }
        if (c != ':') return std::string();
        if (i == 0) return Error{"missing protocol scheme"};
        std::string scheme(text.substr(0, i));
        for (char& letter : scheme) {
            if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 'a' - 'A');
        }
        text.remove_prefix(i + 1);
        return scheme;
    }
    return std::string();
}

Status parse(std::string_view rest, GoUrl& url) {
    const bool has_control = std::ranges::any_of(
        rest, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (has_control) return Error{"net/url: invalid control character in URL"};
    if (rest == "*") {
        url.path = "*";
        return {};
    }
    url.scheme = MERLON_TRY(take_scheme(rest));
    if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
        url.raw_query = rest.substr(query + 1);
        rest = rest.substr(0, query);
    }
    if (!rest.starts_with('/')) {
        // "mailto:x": what follows is opaque.
        if (!url.scheme.empty()) rest = {};
        const std::string_view first = rest.substr(0, rest.find('/'));
        if (first.find(':') != std::string_view::npos) {
            return Error{"first path segment in URL cannot contain colon"};
        }
    }
    if ((!url.scheme.empty() || !rest.starts_with("///")) && rest.starts_with("//")) {
        rest.remove_prefix(2);
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        MERLON_TRY(take_authority(rest.substr(0, slash), url));
        rest.remove_prefix(slash);
    }
    url.path = MERLON_TRY(unescaped(rest, Part::kPath));
    if (escaped_path(url.path) != rest) url.raw_path = rest;
    return {};
}

}  // namespace

Result<GoUrl> parse_url(std::string_view text) {
    GoUrl url;
    const std::size_t hash = text.find('#');
    const auto refused = [](std::string_view part, const Error& error) {
        return Error{"parse " + quoted(part) + ": " + error.message};
    };
    const std::string_view front = text.substr(0, hash);
    const Status parsed = parse(front, url);
    if (!parsed.ok()) return refused(front, parsed.error());
    if (hash == std::string_view::npos) return url;
    // What is wrong with a fragment is told of the whole.
    auto fragment = unescaped(text.substr(hash + 1), Part::kFragment);
    if (!fragment.ok()) return refused(text, fragment.error());
    url.fragment = std::move(fragment).value();
    return url;
}

}  // namespace merlon::rego
