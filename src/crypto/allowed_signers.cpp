#include "crypto/allowed_signers.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/ascii.h"

namespace merlon::crypto {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The next word; quotes keep blanks together, and stay.
std::string_view take_word(std::string_view& text) {
    text = without_blanks(text);
    bool is_quoted = false;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        if (text[end] == '"') is_quoted = !is_quoted;
        if (!is_quoted && kBlank.find(text[end]) != std::string_view::npos) break;
    }
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

// The parts between commas that stand outside of quotes.
std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    bool is_quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '"') is_quoted = !is_quoted;
        if (i < text.size() && (is_quoted || text[i] != ',')) continue;
        parts.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    return parts;
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int number = 0;
    const char* const begin = text.data() + at;
    const auto read = std::from_chars(begin, begin + count, number);
    if (read.ec != std::errc() || read.ptr != begin + count || !is_digit(text[at]))
        return std::nullopt;
    return number;
}

// YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, each with or without Z.
std::optional<std::int64_t> time_of(std::string_view text) {
    if (text.ends_with('Z')) text.remove_suffix(1);
    if (text.size() != 8 && text.size() != 12 && text.size() != 14) return std::nullopt;
    const auto part = [&](std::size_t at, std::size_t count) {
        return at < text.size() ? digits(text, at, count) : std::optional(0);
    };
    const auto year = part(0, 4), month = part(4, 2), day = part(6, 2);
    const auto hour = part(8, 2), minute = part(10, 2), second = part(12, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

// Empty, or what is wrong.
std::string read_option(std::string_view option, AllowedSigner& signer) {
    const std::size_t equals = option.find('=');
    const std::string name = lower_case(option.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : unquoted(option.substr(equals + 1));
    if (name == "namespaces") {
        for (const std::string_view one : parts_of(value)) signer.namespaces.emplace_back(one);
        return {};
    }
    if (name == "valid-after" || name == "valid-before") {
        const auto time = time_of(value);
        if (!time) return "'" + name + "' is no time such as 20270131 or 20270131120000Z";
        (name == "valid-after" ? signer.valid_after_s : signer.valid_before_s) = *time;
        return {};
    }
    if (name == "cert-authority") return "certificate authorities are not taken";
    return "the option '" + name + "' is not known";
}

Status read_line(std::string_view line, std::uint32_t number, AllowedSigners& all) {
    const std::string_view principals = unquoted(take_word(line));
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    // Options stand where no key does.
    Result<SshKey> key = SshKey::parse(without_blanks(line));
    const bool has_options = !key.ok() && !word.starts_with("ssh-") &&
                             !word.starts_with("ecdsa-") && !word.starts_with("sk-");
    if (has_options) key = SshKey::parse(without_blanks(rest));
    if (!key.ok()) return std::move(key).error();
    AllowedSigner signer{
        .principals = {}, .namespaces = {}, .key = std::move(key).value(), .line = number};
    for (const std::string_view one : parts_of(principals)) {
        if (one.empty() || one.find_first_of("*?!") != std::string_view::npos)
            return Error{"principals are names and not patterns"};
        signer.principals.emplace_back(one);
    }
    if (has_options) {
        for (const std::string_view option : parts_of(word)) {
            const std::string problem = read_option(option, signer);
            if (!problem.empty()) return Error{problem};
        }
    }
    all.signers.push_back(std::move(signer));
    return {};
}

}  // namespace

bool AllowedSigner::holds(std::string_view name_space, std::int64_t at_s) const {
    const bool is_for_it =
        namespaces.empty() || std::ranges::find(namespaces, name_space) != namespaces.end();
    return is_for_it && at_s >= valid_after_s && at_s < valid_before_s;
}

AllowedSigners parse_allowed_signers(std::string_view text) {
    AllowedSigners all;
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = without_blanks(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#')) continue;
        if (all.signers.size() + all.problems.size() >= kMaxSigners) {
            all.problems.push_back({number, "there are too many lines"});
            break;
        }
        const Status read = read_line(line, number, all);
        if (!read.ok()) all.problems.push_back({number, read.error().message});
    }
    return all;
}

}  // namespace merlon::crypto
