// VERS (package-url/vers-spec, "Core specification"): vers:type/constraint|constraint.

#include <algorithm>

#include "base/uri.h"
#include "packages/version.h"
#include "packages/version_key.h"
#include "packages/version_range.h"

namespace merlon::packages {
namespace {

Error wrong(std::string message) { return Error{"VERS: " + std::move(message)}; }

struct Sign {
    std::string_view text;
    Comparator comparator;
};
// Longest first.
constexpr Sign kSigns[] = {
    {">=", Comparator::kGreaterOrEqual}, {"<=", Comparator::kLessOrEqual},
    {"!=", Comparator::kNotEqual},       {"<", Comparator::kLess},
    {">", Comparator::kGreater},         {"=", Comparator::kEqual},
};

// What separates and compares is written as escapes inside a version, and so is what is not
// printable ASCII.
std::string encode(std::string_view version) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kEscaped = "><=!*|%";
    std::string text;
    for (const char c : version) {
        if (c > ' ' && c < '\x7F' && kEscaped.find(c) == std::string_view::npos) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return text;
}

Result<Constraint> read_constraint(std::string_view text, const Vers& vers, VersSpelling spelling) {
    Constraint constraint;
    for (const Sign& sign : kSigns) {
        if (!text.starts_with(sign.text)) continue;
        constraint.comparator = sign.comparator;
        text.remove_prefix(sign.text.size());
        break;
    }
    if (spelling == VersSpelling::kForgiving) text = trim(text);
    constraint.version = percent_decode(text);
    if (constraint.version.empty()) return wrong("a constraint has no version");
    if (spelling == VersSpelling::kForgiving) return constraint;
    if (encode(constraint.version) != text)
        return wrong("'" + std::string(text) + "' is not in canonical encoding");
    if (vers.scheme == VersionScheme::kDatetime)
        if (const auto problem = parse_problem(vers.scheme, constraint.version))
            return wrong(*problem);
    return constraint;
}

bool stands_before(VersionScheme scheme, const Constraint& left, const Constraint& right) {
    const auto order = compare_versions(scheme, left.version, right.version);
    return order != 0 ? order < 0 : left.comparator < right.comparator;
}

void sort(Vers& vers) {
    auto& all = vers.constraints;
    // A merge sort: the orders of some schemes have circles, and it stays inside the list then too.
    std::stable_sort(all.begin(), all.end(), [&](const Constraint& left, const Constraint& right) {
        return stands_before(vers.scheme, left, right);
    });
}

bool is_sorted(const Vers& vers) {
    for (std::size_t at = 1; at < vers.constraints.size(); ++at)
        if (compare_versions(vers.scheme, vers.constraints[at - 1].version,
                             vers.constraints[at].version) >= 0)
            return false;
    return true;
}

}  // namespace

Result<Vers> parse_vers(std::string_view text, VersSpelling spelling) {
    if (text.size() > kMaxRangeBytes) return wrong("it is longer than 64 KiB");
    const bool is_strict = spelling == VersSpelling::kCanonical;
    const auto is_space = [](char c) { return c <= ' ' || c >= '\x7F'; };
    if (is_strict && std::any_of(text.begin(), text.end(), is_space))
        return wrong("it holds white space, or what is not ASCII");
    std::string_view rest = trim(text);
    if (lower_case(take_part(rest, ':')) != "vers") return wrong("it does not begin with 'vers:'");
    Vers vers;
    const std::string_view type = take_part(rest, '/');
    vers.type = lower_case(type);
    if (is_strict && vers.type != type) return wrong("its type is not in lower case");
    const auto scheme = parse_version_scheme(vers.type);
    if (!scheme) return wrong("no order of versions is known for '" + vers.type + "'");
    vers.scheme = *scheme;
    if (rest.empty()) return wrong("it has no constraints");
    if (trim(rest) == "*") {
        vers.any = true;
        return vers;
    }
    if (rest.ends_with('|')) return wrong("a constraint is empty");
    while (!rest.empty()) {
        if (vers.constraints.size() == kMaxConstraints) return wrong("it has too many constraints");
        const std::string_view part = take_part(rest, '|');
        vers.constraints.push_back(
            MERLON_TRY(read_constraint(is_strict ? part : trim(part), vers, spelling)));
    }
    const auto is_exclusion = [](const Constraint& constraint) {
        return constraint.comparator == Comparator::kNotEqual;
    };
    if (std::ranges::count_if(vers.constraints, is_exclusion) > std::ptrdiff_t{kMaxExclusions})
        return wrong("it has too many exclusions");
    if (is_strict && !is_sorted(vers)) return wrong("its constraints are not sorted and unique");
    sort(vers);
    return vers;
}

// "Checking if a version is contained within a range": an = is inside, a != outside, and the others
// are pairs from left to right. Of two lower bounds in a row the first counts, of two upper ones
// the last.
VersionRange Vers::range() const {
    VersionRange result{.scheme = scheme, .alternatives = {}, .excluded = {}};
    if (any) {
        result.alternatives.emplace_back();
        return result;
    }
    Constraints open;
    bool has_bounds = false;
    for (const Constraint& constraint : constraints) {
        if (constraint.comparator == Comparator::kNotEqual) {
            result.excluded.push_back(constraint.version);
            continue;
        }
        has_bounds = true;
        if (constraint.comparator == Comparator::kEqual) {
            result.alternatives.push_back({constraint});
        } else if (constraint.comparator >= Comparator::kGreaterOrEqual) {
            if (open.size() == 1 && open[0].comparator >= Comparator::kGreaterOrEqual) continue;
            if (!open.empty()) result.alternatives.push_back(std::move(open));
            open = {constraint};
        } else if (!open.empty() && open.back().comparator < Comparator::kEqual) {
            open.back() = constraint;
        } else {
            open.push_back(constraint);
        }
    }
    // Only exclusions: everything else is inside.
    if (!open.empty() || !has_bounds) result.alternatives.push_back(std::move(open));
    return result;
}

Vers vers_of(const VersionRange& range, std::string_view type) {
    Vers vers{.type = std::string(type), .scheme = range.scheme, .constraints = {}};
    for (const Constraints& alternative : range.alternatives) {
        if (alternative.empty()) vers.any = true;
        for (Constraint constraint : alternative) {
            constraint.edge = Edge::kExact;
            vers.constraints.push_back(std::move(constraint));
        }
    }
    for (const std::string& out : range.excluded)
        vers.constraints.push_back({Comparator::kNotEqual, out});
    if (vers.any) vers.constraints.clear();
    sort(vers);
    auto& all = vers.constraints;
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return vers;
}

std::string to_string(const Vers& vers) {
    std::string text = "vers:" + vers.type + '/';
    if (vers.any) return text + '*';
    for (bool first = true; const Constraint& constraint : vers.constraints) {
        if (!first) text += '|';
        first = false;
        for (const Sign& sign : kSigns)
            if (sign.comparator == constraint.comparator && sign.text != "=") text += sign.text;
        text += encode(constraint.version);
    }
    return text;
}

}  // namespace merlon::packages
