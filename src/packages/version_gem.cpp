// Gem::Version of RubyGems, and conda's VersionOrder: in both, a version goes on with zeros for
// ever, and a word is below zero.

#include <algorithm>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

void write_gem_segment(std::string_view segment, ZeroPaddedWriter& zeros, KeyWriter& writer) {
    if (!is_digit(segment.front())) {
        zeros.below_zero(segment);
        writer.text(segment, "word");
    } else if (strip_leading_zeros(segment).empty()) {
        zeros.zero();
    } else {
        zeros.above_zero(segment);
        writer.number(segment, "number");
    }
}

// conda: a component is numbers and words in turn, and begins with a number; "post" is above all
// numbers, "dev" below all words.
void write_conda_component(std::string_view component, KeyWriter& writer) {
    ZeroPaddedWriter zeros(writer);
    if (!is_digit(component.front())) zeros.zero();
    while (!component.empty()) {
        std::string_view part;
        if (is_digit(component.front())) {
            part = take_digits(component);
        } else {
            const bool stars = component.front() == '*';
            const auto belongs = [&](char c) { return !is_digit(c) && (c == '*') == stars; };
            const auto end = std::find_if_not(component.begin(), component.end(), belongs);
            part = component.substr(0, static_cast<std::size_t>(end - component.begin()));
            component.remove_prefix(part.size());
        }
        enum : unsigned char { kInfinity = 0xFF };
        if (part == "post") {
            zeros.above_zero(part);
            writer.mark(kInfinity, "word", part);
        } else if (!is_digit(part.front())) {
            zeros.below_zero(part);
            writer.text(part == "dev" ? "DEV" : part, "word");
        } else if (strip_leading_zeros(part).empty()) {
            zeros.zero();
        } else {
            zeros.above_zero(part);
            writer.number(part, "number");
        }
    }
    zeros.finish();
}

enum class Sign : signed char { kBelow = -1, kZero, kAbove };

// How a component stands to an empty one: by its first part that is not zero.
Sign conda_sign(std::string_view component) {
    while (!component.empty()) {
        if (!is_digit(component.front()))
            return component.starts_with("post") &&
                           (component.size() == 4 || is_digit(component[4]) || component[4] == '*')
                       ? Sign::kAbove
                       : Sign::kBelow;
        if (!strip_leading_zeros(take_digits(component)).empty()) return Sign::kAbove;
    }
    return Sign::kZero;
}

void write_conda_list(std::string_view list, KeyWriter& writer) {
    ZeroPaddedWriter zeros(writer);
    // An underscore at the end belongs to the last component (openssl's 1.0.1_ < 1.0.1a).
    while (!list.empty()) {
        std::size_t end = list.find_first_of("._");
        if (end != std::string_view::npos && end + 1 == list.size() && list[end] == '_')
            end = std::string_view::npos;
        const std::string_view component = list.substr(0, end);
        list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
        switch (conda_sign(component)) {
            case Sign::kZero:
                zeros.zero();
                continue;
            case Sign::kBelow:
                zeros.below_zero(component);
                break;
            case Sign::kAbove:
                zeros.above_zero(component);
                break;
        }
        write_conda_component(component, writer);
    }
    zeros.finish();
}

struct CondaParts {
    std::string_view epoch, version, local;
};

CondaParts split_conda(std::string_view lower) {
    CondaParts parts{};
    if (const std::size_t end = lower.find('!');
        end != std::string_view::npos && all_digits(lower.substr(0, end))) {
        parts.epoch = lower.substr(0, end);
        lower.remove_prefix(end + 1);
    }
    parts.version = lower.substr(0, lower.find('+'));
    if (parts.version.size() < lower.size()) parts.local = lower.substr(parts.version.size() + 1);
    return parts;
}

// Hyphens stand for underscores where there are none.
std::string conda_text(std::string_view version) {
    std::string lower = lower_case(trim(version));
    if (lower.find('_') == std::string::npos) std::replace(lower.begin(), lower.end(), '-', '_');
    return lower;
}

}  // namespace

void write_gem_key(std::string_view version, KeyWriter& writer) {
    // A hyphen is .pre. to RubyGems. Zeros before the first word, and at the end, do not count.
    version = trim(version);
    ZeroPaddedWriter zeros(writer);
    bool in_words = false;
    const auto write = [&](std::string_view segment) {
        if (!in_words && !is_digit(segment.front())) {
            in_words = true;
            zeros.forget_zeros();
        }
        write_gem_segment(segment, zeros, writer);
    };
    while (!version.empty()) {
        if (is_digit(version.front())) {
            write(take_digits(version));
        } else if (is_alpha(version.front())) {
            write(take_letters(version));
        } else {
            if (version.front() == '-') write("pre");
            version.remove_prefix(1);
        }
    }
    zeros.finish();
}

// Gem::Version::ANCHORED_VERSION_PATTERN.
std::string_view gem_problem(std::string_view version) {
    constexpr std::string_view kWrong = "it is not numbers and words with dots between";
    version = trim(version);
    if (version.empty()) return {};  // is 0 to RubyGems
    if (!is_digit(version.front())) return "it does not begin with a number";
    (void)take_digits(version);
    bool after_hyphen = false;
    while (!version.empty()) {
        if (version.front() == '-' && !after_hyphen)
            after_hyphen = true;
        else if (version.front() != '.')
            return kWrong;
        version.remove_prefix(1);
        std::size_t end = 0;
        while (end < version.size() &&
               (is_alnum(version[end]) || (after_hyphen && version[end] == '-')))
            ++end;
        if (end == 0) return kWrong;
        version.remove_prefix(end);
    }
    return {};
}

void write_conda_key(std::string_view version, KeyWriter& writer) {
    const std::string lower = conda_text(version);
    const CondaParts parts = split_conda(lower);
    writer.number(parts.epoch, "epoch");
    write_conda_list(parts.version, writer);
    write_conda_list(parts.local, writer);
}

std::string_view conda_problem(std::string_view version) {
    const std::string lower = conda_text(version);
    if (lower.empty()) return "it is empty";
    const auto belongs = [](char c) {
        return is_digit(c) || is_lower(c) ||
               std::string_view("*.+!_").find(c) != std::string_view::npos;
    };
    if (!std::all_of(lower.begin(), lower.end(), belongs)) return "it has a wrong character";
    if (std::count(lower.begin(), lower.end(), '!') > 1) return "it has two epochs";
    if (std::count(lower.begin(), lower.end(), '+') > 1) return "it has two local versions";
    const CondaParts parts = split_conda(lower);
    if (parts.version.find('!') != std::string_view::npos) return "its epoch is no number";
    std::string_view list = parts.version;
    if (list.ends_with('_') && list.size() > 1) list.remove_suffix(1);
    if (list.empty()) return "it has no version";
    for (const std::string_view part : {list, parts.local}) {
        bool after_separator = true;
        for (const char c : part) {
            const bool separates = c == '.' || c == '_';
            if (separates && after_separator) return "a part of it is empty";
            after_separator = separates;
        }
        if (!part.empty() && after_separator) return "a part of it is empty";
    }
    return lower.ends_with('+') ? "its local version is empty" : std::string_view();
}

}  // namespace merlon::packages
