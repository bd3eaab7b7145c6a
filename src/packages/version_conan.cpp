// Conan 2 (docs.conan.io, "Version ranges"): parts between dots, numbers where they are numbers,
// compared without zeros at the end, then the prerelease after the first hyphen and the build after
// the last plus.
//
// A number and a word are compared as texts, so that 9 < 10 < 1a... but 1a < 9: the order has
// circles, and a key holds only the numbers that the version begins with.

#include <algorithm>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

struct Parts {
    std::string_view main, prerelease, build;
    bool has_prerelease, has_build;
};

Parts split(std::string_view version) {
    Parts parts{};
    if (const std::size_t plus = version.rfind('+'); plus != std::string_view::npos) {
        parts.build = version.substr(plus + 1);
        parts.has_build = true;
        version = version.substr(0, plus);
    }
    if (const std::size_t hyphen = version.find('-'); hyphen != std::string_view::npos) {
        parts.prerelease = version.substr(hyphen + 1);
        parts.has_prerelease = true;
        version = version.substr(0, hyphen);
    }
    parts.main = version;
    return parts;
}

// A part as Conan has it after Python's int(): a number where that takes it (with underscores
// between digits, and a sign), else the text.
struct Part {
    bool is_number = false;
    bool is_negative = false;
    std::string text;  // a number as Python prints it, without the sign
};

Part read_part(std::string_view text) {
    Part part{.is_number = false, .is_negative = false, .text = std::string(text)};
    std::string_view digits = text;
    const bool has_sign = digits.starts_with('-') || digits.starts_with('+');
    if (has_sign) digits.remove_prefix(1);
    std::string number;
    bool after_digit = false;
    for (const char c : digits) {
        if (!is_digit(c) && (c != '_' || !after_digit)) return part;
        after_digit = is_digit(c);
        if (after_digit) number += c;
    }
    if (!after_digit) return part;
    part.is_number = true;
    part.text = strip_leading_zeros(number);
    if (part.text.empty()) part.text = "0";
    part.is_negative = text.starts_with('-') && part.text != "0";
    return part;
}

// Takes the zeros at the end off.
std::string_view without_zeros(std::string_view list) {
    for (;;) {
        const std::size_t dot = list.rfind('.');
        const Part last = read_part(dot == std::string_view::npos ? list : list.substr(dot + 1));
        if (!last.is_number || last.text != "0") return list;
        if (dot == std::string_view::npos) return {};
        list = list.substr(0, dot);
    }
}

std::weak_ordering compare_parts(std::string_view left, std::string_view right) {
    const Part l = read_part(left);
    const Part r = read_part(right);
    if (l.is_number && r.is_number) {
        if (l.is_negative != r.is_negative)
            return l.is_negative ? std::weak_ordering::less : std::weak_ordering::greater;
        return l.is_negative ? compare_numbers(r.text, l.text) : compare_numbers(l.text, r.text);
    }
    // A number and a word: as texts.
    const auto printed = [](const Part& part) {
        return part.is_negative ? '-' + part.text : part.text;
    };
    return printed(l) <=> printed(r);
}

std::weak_ordering compare_lists(std::string_view left, std::string_view right, Decision& decision,
                                 std::string_view what) {
    left = without_zeros(left);
    right = without_zeros(right);
    // Nothing is left of a list of zeros, but an empty text is one part: both are null here only
    // where the former is.
    bool left_more = left.data() != nullptr;
    bool right_more = right.data() != nullptr;
    while (left_more && right_more) {
        const std::string_view l = take_part(left, '.');
        const std::string_view r = take_part(right, '.');
        if (const auto order = compare_parts(l, r); order != 0) {
            decision = {std::string(l), std::string(r), what};
            return order;
        }
        left_more = left.data() != nullptr;
        right_more = right.data() != nullptr;
    }
    if (left_more != right_more)
        decision = {left_more ? std::string(left) : "nothing",
                    right_more ? std::string(right) : "nothing", what};
    return left_more <=> right_more;
}

}  // namespace

void write_conan_key(std::string_view version, KeyWriter& writer) {
    std::string_view main = without_zeros(split(trim(version)).main);
    while (!main.empty()) {
        const std::string_view part = take_part(main, '.');
        if (!all_digits(part)) return;
        writer.number(part, "number");
    }
}

std::weak_ordering compare_conan(std::string_view left, std::string_view right,
                                 Decision& decision) {
    const Parts l = split(trim(left));
    const Parts r = split(trim(right));
    if (const auto order = compare_lists(l.main, r.main, decision, "part"); order != 0)
        return order;
    if (l.has_prerelease != r.has_prerelease) {
        decision = {l.has_prerelease ? "a prerelease" : "a release",
                    r.has_prerelease ? "a prerelease" : "a release", "prerelease"};
        return l.has_prerelease ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    if (l.has_prerelease) {
        const auto order = compare_lists(l.prerelease, r.prerelease, decision, "prerelease part");
        if (order != 0) return order;
    }
    if (l.has_build && r.has_build) return compare_lists(l.build, r.build, decision, "build part");
    if (l.has_build != r.has_build)
        decision = {l.has_build ? "a build" : "none", r.has_build ? "a build" : "none", "build"};
    return l.has_build <=> r.has_build;
}

}  // namespace merlon::packages
