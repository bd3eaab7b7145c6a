// Maven's ComparableVersion, as Maven 3.6 to 3.8.6 have it (3.8.7 orders a dozen of the public
// cases otherwise). A version is a list of numbers and words; a hyphen, and each change between
// digits and letters, opens a list inside the list, always as its last element.
//
// Its order has circles: 1.sp < 1-alpha < 1 < 1.sp. So a key holds only what is certain, the
// numbers that the outermost list begins with: a number is above every word and list, and above
// nothing at all unless it is zero.

#include <algorithm>
#include <array>
#include <vector>

#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

constexpr std::array<std::string_view, 7> kQualifiers{"alpha",    "beta", "milestone", "rc",
                                                      "snapshot", "",     "sp"};
constexpr std::size_t kRelease = 5;
constexpr std::size_t kUnknown = kQualifiers.size();

struct Item {
    bool is_number;
    std::string_view text;  // a number without leading zeros, or a word
    std::size_t qualifier = kUnknown;

    bool is_null() const { return is_number ? text.empty() : qualifier == kRelease; }
};

Item make_number(std::string_view digits) { return {true, strip_leading_zeros(digits)}; }

enum class Follower : unsigned char { kDigit, kOther };

Item make_word(std::string_view word, Follower follower) {
    if (follower == Follower::kDigit) {
        if (word == "a") word = "alpha";
        if (word == "b") word = "beta";
        if (word == "m") word = "milestone";
    }
    if (word == "ga" || word == "final" || word == "release") word = "";
    if (word == "cr") word = "rc";
    Item item{false, word};
    for (std::size_t at = 0; at < kQualifiers.size(); ++at)
        if (kQualifiers[at] == word) item.qualifier = at;
    return item;
}

// The lists, each the last element of the one before.
using Lists = std::vector<std::vector<Item>>;

Lists split_items(std::string_view version) {
    Lists lists(1);
    std::size_t start = 0;
    bool in_digits = false;
    const auto add = [&](std::size_t end, Follower follower) {
        const std::string_view text = version.substr(start, end - start);
        if (text.empty())
            lists.back().push_back(make_number({}));
        else
            lists.back().push_back(in_digits ? make_number(text) : make_word(text, follower));
    };
    for (std::size_t at = 0; at < version.size(); ++at) {
        const char c = version[at];
        if (c == '.' || c == '-') {
            add(at, Follower::kOther);
            start = at + 1;
            if (c == '-') lists.emplace_back();
            continue;
        }
        if (is_digit(c) != in_digits && at > start) {
            add(at, Follower::kDigit);
            start = at;
            lists.emplace_back();
        }
        in_digits = is_digit(c);
    }
    if (start < version.size()) add(version.size(), Follower::kOther);
    return lists;
}

// From the innermost list outwards, what is null at the end of a list goes: also before a list.
Lists read_items(std::string_view version) {
    Lists lists = split_items(version);
    for (std::size_t at = lists.size(); at-- > 0;) {
        auto& items = lists[at];
        while (!items.empty() && items.back().is_null()) items.pop_back();
        if (items.empty() && at + 1 == lists.size() && at > 0) lists.pop_back();
    }
    return lists;
}

std::weak_ordering compare_with_nothing(const Item& item) {
    if (item.is_number)
        return item.text.empty() ? std::weak_ordering::equivalent : std::weak_ordering::greater;
    return item.qualifier <=> kRelease;
}

std::weak_ordering compare_items(const Item& left, const Item& right) {
    if (left.is_number != right.is_number)
        return left.is_number ? std::weak_ordering::greater : std::weak_ordering::less;
    if (left.is_number) return compare_numbers(left.text, right.text);
    if (left.qualifier != right.qualifier) return left.qualifier <=> right.qualifier;
    return left.qualifier == kUnknown ? left.text <=> right.text : std::strong_ordering::equal;
}

// An element of a list: an item, the inner list, or nothing.
struct Element {
    const Item* item = nullptr;
    bool is_list = false;
};

Element element(const Lists& lists, std::size_t list, std::size_t at) {
    if (list >= lists.size()) return {};
    if (at < lists[list].size()) return {&lists[list][at], false};
    return {nullptr, at == lists[list].size() && list + 1 < lists.size()};
}

// The whole inner list against nothing, and what is inside that.
std::weak_ordering compare_list_with_nothing(const Lists& lists, std::size_t list) {
    for (; list < lists.size(); ++list) {
        for (const Item& item : lists[list])
            if (const auto order = compare_with_nothing(item); order != 0) return order;
    }
    return std::weak_ordering::equivalent;
}

std::weak_ordering reverse(std::weak_ordering order) { return 0 <=> order; }

std::weak_ordering compare_elements(const Lists& left, const Lists& right, std::size_t list,
                                    const Element& l, const Element& r) {
    if (l.item != nullptr && r.item != nullptr) return compare_items(*l.item, *r.item);
    // A list is above a word and below a number.
    if (l.is_list && r.item != nullptr)
        return r.item->is_number ? std::weak_ordering::less : std::weak_ordering::greater;
    if (r.is_list && l.item != nullptr)
        return l.item->is_number ? std::weak_ordering::greater : std::weak_ordering::less;
    if (l.is_list) return compare_list_with_nothing(left, list + 1);
    if (r.is_list) return reverse(compare_list_with_nothing(right, list + 1));
    return l.item != nullptr ? compare_with_nothing(*l.item)
                             : reverse(compare_with_nothing(*r.item));
}

std::string describe(const Element& element) {
    if (element.is_list) return "a qualifier after a hyphen";
    if (element.item == nullptr) return "nothing";
    if (element.item->is_number && element.item->text.empty()) return "0";
    return std::string(element.item->text.empty() ? "a release" : element.item->text);
}

}  // namespace

void write_maven_key(std::string_view version, KeyWriter& writer) {
    enum : unsigned char { kEnd = 1 };
    version = trim(version);
    std::size_t zeros = 0;
    while (!version.empty()) {
        const std::string_view digits = take_digits(version);
        // Letters right behind digits begin an inner list; the number before them stands.
        if (digits.empty() && (version.empty() || version.front() != '.')) break;
        if (strip_leading_zeros(digits).empty()) {
            ++zeros;
        } else {
            for (; zeros > 0; --zeros) writer.number("0", "number");
            writer.number(digits, "number");
        }
        if (version.empty() || version.front() != '.') break;
        version.remove_prefix(1);
    }
    writer.mark(kEnd, "end of the numbers");
}

std::weak_ordering compare_maven(std::string_view left, std::string_view right,
                                 Decision& decision) {
    const std::string left_lower = lower_case(trim(left));
    const std::string right_lower = lower_case(trim(right));
    const Lists l = read_items(left_lower);
    const Lists r = read_items(right_lower);
    for (std::size_t list = 0; list < std::max(l.size(), r.size()); ++list) {
        for (std::size_t at = 0;; ++at) {
            const Element left_element = element(l, list, at);
            const Element right_element = element(r, list, at);
            if (left_element.is_list && right_element.is_list) break;  // both go on inside
            if (left_element.item == nullptr && !left_element.is_list &&
                right_element.item == nullptr && !right_element.is_list)
                return std::weak_ordering::equivalent;
            const auto order = compare_elements(l, r, list, left_element, right_element);
            if (order != 0) {
                decision = {describe(left_element), describe(right_element), "part"};
                return order;
            }
        }
    }
    return std::weak_ordering::equivalent;
}

}  // namespace merlon::packages
