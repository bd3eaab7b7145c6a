#include "packages/version_range.h"

#include <algorithm>

#include "packages/version.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

// The text that stands for an edge in a comparison: a version that is below all prereleases of
// `version`, or above all its revisions.
std::string edge_version(VersionScheme scheme, const Constraint& constraint) {
    const std::string& version = constraint.version;
    if (constraint.edge == Edge::kExact) return version;
    if (constraint.edge == Edge::kBehindRevisions) return version + ".post9999999999999999999";
    switch (scheme) {
        case VersionScheme::kPypi:
            return version + ".dev0";
        case VersionScheme::kGem:
            return version + ".A";
        case VersionScheme::kComposer:
            return version + "-dev";
        case VersionScheme::kConan:
            return version.ends_with('-') ? version : version + '-';
        default:
            return version + "-0";
    }
}

bool is_lower(Comparator comparator) { return comparator >= Comparator::kGreaterOrEqual; }
bool is_upper(Comparator comparator) { return comparator <= Comparator::kLessOrEqual; }

bool holds(VersionScheme scheme, const Constraint& constraint, std::string_view version) {
    // PEP 440, "Version matching": a local version is its public one, unless one is asked for.
    const bool is_equality = constraint.comparator == Comparator::kEqual ||
                             constraint.comparator == Comparator::kNotEqual;
    if (scheme == VersionScheme::kPypi && is_equality &&
        constraint.version.find('+') == std::string::npos)
        version = version.substr(0, version.find('+'));
    const auto order = compare_versions(scheme, version, edge_version(scheme, constraint));
    switch (constraint.comparator) {
        case Comparator::kLess:
            return order < 0;
        case Comparator::kLessOrEqual:
            return order <= 0;
        case Comparator::kEqual:
            return order == 0;
        case Comparator::kNotEqual:
            return order != 0;
        case Comparator::kGreaterOrEqual:
            return order >= 0;
        case Comparator::kGreater:
            return order > 0;
    }
    return false;
}

// Whether of two lower bounds (or two upper ones) the first leaves less inside.
bool is_tighter(VersionScheme scheme, const Constraint& left, const Constraint& right) {
    const auto order =
        compare_versions(scheme, edge_version(scheme, left), edge_version(scheme, right));
    if (order == 0)
        return left.comparator == Comparator::kLess || left.comparator == Comparator::kGreater;
    return is_lower(left.comparator) ? order > 0 : order < 0;
}

bool is_empty(VersionScheme scheme, const Interval& interval) {
    if (!interval.lower || !interval.upper) return false;
    const auto order = compare_versions(scheme, edge_version(scheme, *interval.lower),
                                        edge_version(scheme, *interval.upper));
    const bool both_inclusive = interval.lower->comparator == Comparator::kGreaterOrEqual &&
                                interval.upper->comparator == Comparator::kLessOrEqual;
    return order > 0 || (order == 0 && !both_inclusive);
}

// Cuts a version out of each interval.
std::vector<Interval> divide(VersionScheme scheme, const std::vector<Interval>& intervals,
                             const std::string& version) {
    std::vector<Interval> divided;
    const Constraint below{Comparator::kLess, version};
    const Constraint above{Comparator::kGreater, version};
    for (const Interval& interval : intervals) {
        Interval left = interval;
        Interval right = interval;
        if (!left.upper || is_tighter(scheme, below, *left.upper)) left.upper = below;
        if (!right.lower || is_tighter(scheme, above, *right.lower)) right.lower = above;
        const bool is_outside = is_empty(scheme, left) || is_empty(scheme, right);
        if (is_outside) {
            // One side may be the whole interval, or what is left when its bound is cut off.
            if (!is_empty(scheme, left)) divided.push_back(left);
            if (!is_empty(scheme, right)) divided.push_back(right);
            continue;
        }
        divided.push_back(left);
        divided.push_back(right);
    }
    return divided;
}

std::vector<Interval> intervals_of(VersionScheme scheme, const Constraints& constraints) {
    Interval interval;
    for (Constraint constraint : constraints) {
        const bool is_equal = constraint.comparator == Comparator::kEqual;
        if (is_equal || is_lower(constraint.comparator)) {
            if (is_equal) constraint.comparator = Comparator::kGreaterOrEqual;
            if (!interval.lower || is_tighter(scheme, constraint, *interval.lower))
                interval.lower = constraint;
        }
        if (is_equal || is_upper(constraint.comparator)) {
            if (is_equal) constraint.comparator = Comparator::kLessOrEqual;
            if (!interval.upper || is_tighter(scheme, constraint, *interval.upper))
                interval.upper = constraint;
        }
    }
    if (is_empty(scheme, interval)) return {};
    std::vector<Interval> intervals{interval};
    for (const Constraint& constraint : constraints)
        if (constraint.comparator == Comparator::kNotEqual)
            intervals = divide(scheme, intervals, constraint.version);
    return intervals;
}

// No version lies between the end of one and the begin of the next.
bool touches(VersionScheme scheme, const Interval& left, const Interval& right) {
    if (!left.upper || !right.lower) return true;
    const auto order = compare_versions(scheme, edge_version(scheme, *right.lower),
                                        edge_version(scheme, *left.upper));
    return order < 0 || (order == 0 && (left.upper->comparator == Comparator::kLessOrEqual ||
                                        right.lower->comparator == Comparator::kGreaterOrEqual));
}

}  // namespace

bool VersionRange::contains(std::string_view version) const {
    for (const std::string& out : excluded)
        if (holds(scheme, {Comparator::kEqual, out}, version)) return false;
    return std::any_of(alternatives.begin(), alternatives.end(), [&](const Constraints& all) {
        return std::all_of(all.begin(), all.end(), [&](const Constraint& constraint) {
            return holds(scheme, constraint, version);
        });
    });
}

std::vector<Interval> VersionRange::intervals() const {
    std::vector<Interval> all;
    for (const Constraints& constraints : alternatives) {
        const std::vector<Interval> some = intervals_of(scheme, constraints);
        all.insert(all.end(), some.begin(), some.end());
    }
    std::stable_sort(all.begin(), all.end(), [&](const Interval& left, const Interval& right) {
        if (!left.lower || !right.lower) return !left.lower && right.lower;
        return is_tighter(scheme, *right.lower, *left.lower);
    });
    std::vector<Interval> merged;
    for (const Interval& interval : all) {
        if (merged.empty() || !touches(scheme, merged.back(), interval)) {
            merged.push_back(interval);
            continue;
        }
        Interval& last = merged.back();
        if (last.upper && (!interval.upper || is_tighter(scheme, *last.upper, *interval.upper)))
            last.upper = interval.upper;
    }
    for (const std::string& out : excluded) merged = divide(scheme, merged, out);
    return merged;
}

}  // namespace merlon::packages
