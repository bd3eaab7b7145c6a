#include "compat/opa/answer_freshness.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <string_view>

#include "rego/go_time.h"

namespace merlon::compat::opa {

using net::HeaderField;

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max();  // seconds

std::string_view value_of(std::span<const HeaderField> fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &HeaderField::name);
    return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

std::string_view without_blanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// Names as they are written: OPA does not take "Max-Age".
std::map<std::string_view, std::string_view> directives(std::span<const HeaderField> fields) {
    std::map<std::string_view, std::string_view> found;
    std::string_view rest = value_of(fields, "cache-control");
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view part = without_blanks(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t equals = part.find('=');
        if (part.empty() || equals != part.rfind('=')) continue;
        if (equals == std::string_view::npos) {
            found[part] = "";
        } else {
            found[without_blanks(part.substr(0, equals))] = part.substr(equals + 1);
        }
    }
    return found;
}

// The three forms of RFC 9110, section 5.6.7.
Result<std::int64_t> nanoseconds_of(std::string_view date) {
    constexpr std::string_view kForms[] = {"Mon, 02 Jan 2006 15:04:05 GMT",
                                           "Monday, 02-Jan-06 15:04:05 MST",
                                           "Mon Jan _2 15:04:05 2006"};
    for (const std::string_view form : kForms) {
        const auto read = rego::parse_time(form, date);
        if (!read.ok()) continue;
        const std::int64_t most =
            std::numeric_limits<std::int64_t>::max() / kNanoseconds - kLongest;
        return std::clamp<std::int64_t>(read.value().seconds, 0, most) * kNanoseconds;
    }
    return Error{"no date of HTTP: " + std::string(date)};
}

}  // namespace

bool may_be_kept(int status, std::span<const HeaderField> fields) {
    constexpr int kStatuses[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
    return std::ranges::find(kStatuses, status) != std::end(kStatuses) &&
           !directives(fields).contains("no-store");
}

Result<std::int64_t> fresh_until(std::span<const HeaderField> fields) {
    const auto known = directives(fields);
    const auto age = known.find("max-age");
    if (age == known.end()) {
        const auto expires = nanoseconds_of(value_of(fields, "expires"));
        return expires.ok() ? expires.value() : 0;
    }
    std::uint32_t seconds = 0;
    const char* const end = age->second.data() + age->second.size();
    const auto [stopped, failed] = std::from_chars(age->second.data(), end, seconds);
    const bool is_number =
        !age->second.empty() && stopped == end && failed != std::errc::invalid_argument;
    if (!is_number) return Error{"max-age is no number: " + std::string(age->second)};
    const std::int64_t kept = failed == std::errc::result_out_of_range
                                  ? kLongest
                                  : std::min<std::int64_t>(seconds, kLongest);
    const std::string_view date = value_of(fields, "date");
    if (date.empty()) return Error{"no date header"};
    return MERLON_TRY(nanoseconds_of(date)) + kept * kNanoseconds;
}

std::vector<HeaderField> conditions_for(std::span<const HeaderField> fields) {
    std::vector<HeaderField> conditions;
    const std::string_view tag = value_of(fields, "etag");
    const std::string_view modified = value_of(fields, "last-modified");
    if (!tag.empty()) conditions.push_back({"if-none-match", std::string(tag)});
    if (!modified.empty()) conditions.push_back({"if-modified-since", std::string(modified)});
    return conditions;
}

std::vector<HeaderField> renewed(std::span<const HeaderField> fields,
                                 std::span<const HeaderField> newer) {
    std::vector<HeaderField> both;
    for (const HeaderField& field : fields) {
        if (std::ranges::find(newer, field.name, &HeaderField::name) == newer.end()) {
            both.push_back(field);
        }
    }
    both.insert(both.end(), newer.begin(), newer.end());
    return both;
}

}  // namespace merlon::compat::opa
