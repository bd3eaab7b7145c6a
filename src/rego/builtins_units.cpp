#include <gmpxx.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/recycled.h"
#include "rego/builtins.h"
#include "rego/go_format.h"
#include "rego/number.h"
#include "rego/term.h"

// Units of amounts and bytes, semantic versions, UUIDs (OPA: parse_units.go, parse_bytes.go,
// semver.go, uuid.go).

namespace merlon::rego {
namespace {

using value::Value;

struct Amount {
    std::string_view number;
    std::string_view unit;
};

// Where the number ends and the unit begins. Nothing where the exponent is too long.
std::optional<Amount> take_apart(std::string_view text) {
    constexpr std::size_t kMaxExponentDigits = 6;
    std::size_t end = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_exponent = c == 'e' || c == 'E';
        if (!is_digit(c) && c != '.' && !is_exponent && c != '+' && c != '-') {
            end = i;
            break;
        }
        if (!is_exponent) continue;
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const bool is_signed = next == '+' || next == '-';
        if (!is_digit(next) && !is_signed) {
            end = i;
            break;
        }
        if (is_signed) ++i;
        std::size_t digits = i + 1;
        while (digits < text.size() && is_digit(text[digits])) ++digits;
        if (digits - i - 1 > kMaxExponentDigits) return std::nullopt;
    }
    return Amount{text.substr(0, end), text.substr(end)};
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr Unit kBinaryUnits[] = {
    {"ki", std::uint64_t{1} << 10}, {"mi", std::uint64_t{1} << 20}, {"gi", std::uint64_t{1} << 30},
    {"ti", std::uint64_t{1} << 40}, {"pi", std::uint64_t{1} << 50}, {"ei", std::uint64_t{1} << 60},
};
constexpr Unit kDecimalUnits[] = {
    {"k", 1'000},
    {"m", 1'000'000},
    {"g", 1'000'000'000},
    {"t", 1'000'000'000'000},
    {"p", 1'000'000'000'000'000},
    {"e", 1'000'000'000'000'000'000},
};

std::optional<std::uint64_t> factor_of(std::string_view unit) {
    for (const std::span<const Unit> table :
         {std::span<const Unit>(kBinaryUnits), std::span<const Unit>(kDecimalUnits)}) {
        const auto found = std::ranges::find(table, unit, &Unit::name);
        if (found != table.end()) return found->factor;
    }
    return std::nullopt;
}

// What Go's big.Rat and big.Float read of these characters, as a fraction. An error without words
// where they do not; with words, where it is a number too large for us.
Result<mpq_class> fraction_of(std::string_view text) {
    bool is_negative = false;
    if (text.starts_with('-') || text.starts_with('+')) {
        is_negative = text[0] == '-';
        text.remove_prefix(1);
    }
    RecycledString digits;
    std::int64_t exponent = 0;
    std::size_t at = 0;
    bool has_point = false;
    for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
        if (text[at] == '.') {
            if (has_point) return Error{""};
            has_point = true;
            continue;
        }
        digits += text[at];
        if (has_point) --exponent;
    }
    if (digits.empty()) return Error{""};
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return Error{""};
        std::string_view written = text.substr(at + 1);
        if (written.starts_with('+')) written.remove_prefix(1);
        if (written.starts_with('-') && written.size() + at + 1 < text.size()) return Error{""};
        std::int64_t power = 0;
        const auto [end, failed] =
            std::from_chars(written.data(), written.data() + written.size(), power);
        if (failed != std::errc{} || end != written.data() + written.size()) return Error{""};
        if (power < -kMaxDecimalExponent || power > kMaxDecimalExponent) {
            return Error{"the number is too large to be written out"};
        }
        exponent += power;
    }
    mpz_class scale;
    mpz_ui_pow_ui(scale.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
    mpq_class value(integer_of_digits(digits));
    if (exponent < 0) {
        value /= scale;
    } else {
        value *= scale;
    }
    return is_negative ? mpq_class(-value) : value;
}

RecycledString without_quotes(std::string_view text) {
    RecycledString kept(text);
    std::erase(kept, '"');
    return kept;
}

// The float64 0.001, which is what OPA multiplies with.
mpq_class milli() {
    mpq_class value(0.001);
    return value;
}

// big.Rat's FloatString: ten digits, halves away from zero.
RecycledString ten_digits(const mpq_class& value) {
    mpz_class scale;
    mpz_ui_pow_ui(scale.get_mpz_t(), 10, 10);
    const mpz_class numerator = abs(value.get_num()) * scale;
    mpz_class rounded = numerator / value.get_den();
    if ((numerator % value.get_den()) * 2 >= value.get_den()) rounded += 1;
    RecycledString digits;
    append_digits(digits, rounded, 10);
    if (digits.size() < 11) digits.insert(0, 11 - digits.size(), '0');
    digits.insert(digits.size() - 10, ".");
    if (value < 0) digits.insert(0, "-");
    return digits;
}

Outcome units_parse(Context& context, Operands operands) {
    const auto fail = [&context](const std::string& text) {
        return context.error("units.parse: " + text);
    };
    const RecycledString text = without_quotes(operands[0].as_string());
    if (text.find(' ') != RecycledString::npos)
        return fail("spaces not allowed in resource strings");
    const auto amount = take_apart(text);
    if (!amount) return fail("exponent too large");
    if (amount->number.empty()) return fail("no amount provided");
    RecycledString unit(amount->unit.substr(0, 1));
    if (amount->unit.size() > 1) unit += go_lower(amount->unit.substr(1));
    mpq_class factor = 1;
    if (unit == "m") {
        factor = milli();
    } else if (!unit.empty()) {
        const auto known = factor_of(go_lower(unit));
        if (!known) return fail("unit " + std::string(unit) + " not recognized");
        factor = mpq_class(mpz_class(std::uint64_t{*known}));
    }
    const auto number = fraction_of(amount->number);
    if (!number.ok()) {
        const std::string& problem = number.error().message;
        return problem.empty() ? fail("could not parse amount to a number")
                               : context.fail(ErrorKind::kLimit, problem);
    }
    mpq_class total = number.value() * factor;
    total.canonicalize();
    if (total.get_den() == 1) return number_value(context.builder, mpz_class(total.get_num()));
    return context.take(context.builder.number(ten_digits(total)));
}

Outcome units_parse_bytes(Context& context, Operands operands) {
    const auto fail = [&context](const std::string& text) {
        return context.error("units.parse_bytes: " + text);
    };
    const RecycledString text = without_quotes(go_lower(operands[0].as_string()));
    if (text.find(' ') != RecycledString::npos)
        return fail("spaces not allowed in resource strings");
    const auto amount = take_apart(text);
    if (!amount) return fail("exponent too large");
    if (amount->number.empty()) return fail("no byte amount provided");
    std::string_view unit = amount->unit;
    std::uint64_t factor = 1;
    if (!unit.empty()) {
        std::string_view short_unit = unit;
        if (short_unit.size() > 1 && short_unit.ends_with('b')) short_unit.remove_suffix(1);
        const auto known = factor_of(short_unit);
        if (!known) return fail("byte unit " + std::string(unit) + " not recognized");
        factor = *known;
    }
    // So few bytes are exact, in whatever way they are computed.
    constexpr std::uint64_t kExactUpTo = std::uint64_t{1} << 53;
    std::uint64_t whole = 0;
    const char* const end = amount->number.data() + amount->number.size();
    const auto [stopped, failed] = std::from_chars(amount->number.data(), end, whole);
    if (failed == std::errc{} && stopped == end && whole <= kExactUpTo / factor) {
        return context.integer(static_cast<std::int64_t>(whole * factor));
    }
    const auto number = fraction_of(amount->number);
    if (!number.ok()) {
        const std::string& problem = number.error().message;
        return problem.empty() ? fail("could not parse byte amount to a number")
                               : context.fail(ErrorKind::kLimit, problem);
    }
    // OPA multiplies floats of 64 bits; of what has a fraction, their rounding can be seen.
    RecycledString written(amount->number);
    if (written.starts_with('+')) written.erase(0, 1);
    if (const std::size_t sign = written.starts_with('-') ? 1 : 0; written[sign] == '.') {
        written.insert(sign, "0");
    }
    auto parsed = float_of(written);
    if (!parsed.ok()) return context.fail(ErrorKind::kLimit, parsed.error().message);
    const Float scale{false, mpz_class(std::uint64_t{factor}), 0, 64};
    return number_value(context.builder, truncate(multiply(parsed.value(), scale, 64)));
}

// https://semver.org, with a "v" in front allowed.
struct Version {
    std::int64_t numbers[3] = {0, 0, 0};
    std::string_view prerelease;  // with its dots; empty: none
};

bool is_decimal(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// The parts of a text between its dots, one after the other.
class DotParts {
  public:
    explicit DotParts(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next() {
        if (!rest_) return std::nullopt;
        const std::size_t dot = rest_->find('.');
        const std::string_view part = rest_->substr(0, dot);
        if (dot == std::string_view::npos) {
            rest_.reset();
        } else {
            rest_->remove_prefix(dot + 1);
        }
        return part;
    }

  private:
    std::optional<std::string_view> rest_;
};

bool are_identifiers(std::string_view text) {
    DotParts parts(text);
    while (const auto part = parts.next()) {
        const bool is_identifier = !part->empty() && std::ranges::all_of(*part, [](char c) {
            return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        });
        if (!is_identifier) return false;
    }
    return true;
}

// A number of more than one digit does not begin with a zero.
bool has_leading_zero(std::string_view part) {
    return part.size() > 1 && part[0] == '0' && is_decimal(part);
}

std::optional<Version> read_version(std::string_view text) {
    Version version;
    if (text.starts_with('v')) text.remove_prefix(1);
    if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
        if (!are_identifiers(text.substr(plus + 1))) return std::nullopt;
        text = text.substr(0, plus);
    }
    if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
        version.prerelease = text.substr(dash + 1);
        if (!are_identifiers(version.prerelease)) return std::nullopt;
        DotParts parts(version.prerelease);
        while (const auto part = parts.next()) {
            if (has_leading_zero(*part)) return std::nullopt;
        }
        text = text.substr(0, dash);
    }
    DotParts parts(text);
    for (std::int64_t& number : version.numbers) {
        const std::string_view digits = parts.next().value_or("");
        if (!is_decimal(digits) || has_leading_zero(digits)) return std::nullopt;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (failed != std::errc{}) return std::nullopt;
    }
    if (parts.next()) return std::nullopt;
    return version;
}

int compare_identifiers(std::string_view left, std::string_view right) {
    const bool left_is_number = is_decimal(left);
    const bool right_is_number = is_decimal(right);
    if (left_is_number != right_is_number) return left_is_number ? -1 : 1;
    if (left_is_number && left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    const int order = left.compare(right);
    return order == 0 ? 0 : order < 0 ? -1 : 1;
}

int compare_versions(const Version& left, const Version& right) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (left.numbers[i] != right.numbers[i]) return left.numbers[i] < right.numbers[i] ? -1 : 1;
    }
    if (left.prerelease.empty() != right.prerelease.empty())
        return left.prerelease.empty() ? 1 : -1;
    DotParts left_parts(left.prerelease);
    DotParts right_parts(right.prerelease);
    while (true) {
        const auto of_left = left_parts.next();
        const auto of_right = right_parts.next();
        if (!of_left || !of_right) return of_left ? 1 : of_right ? -1 : 0;
        const int order = compare_identifiers(*of_left, *of_right);
        if (order != 0) return order;
    }
}

Outcome semver_compare(Context& context, Operands operands) {
    std::optional<Version> versions[2];
    for (std::size_t i = 0; i < 2; ++i) {
        versions[i] = read_version(operands[i].as_string());
        if (!versions[i]) {
            return context.error("operand " + std::to_string(i + 1) + ": string " +
                                 term_text(operands[i]) + " is not a valid SemVer");
        }
    }
    return context.integer(compare_versions(*versions[0], *versions[1]));
}

Outcome semver_is_valid(Context& context, Operands operands) {
    return context.boolean(operands[0].is_string() &&
                           read_version(operands[0].as_string()).has_value());
}

using Uuid = std::array<std::uint8_t, 16>;

// RFC 4122 with what else google/uuid takes: "urn:uuid:", braces, no hyphens.
std::optional<Uuid> read_uuid(std::string_view text) {
    constexpr std::size_t kUrn = 9;
    if (text.size() == 36 + kUrn) {
        if (go_lower(text.substr(0, kUrn)) != "urn:uuid:") return std::nullopt;
        text.remove_prefix(kUrn);
    } else if (text.size() == 38) {
        text = text.substr(1, 36);
    }
    RecycledString digits;
    if (text.size() == 36) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
            if (is_hyphen != (text[i] == '-')) return std::nullopt;
            if (!is_hyphen) digits += text[i];
        }
    } else {
        digits = text;
    }
    if (digits.size() != 32) return std::nullopt;
    Uuid uuid{};
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        const char* at = digits.data() + 2 * i;
        const auto [end, failed] = std::from_chars(at, at + 2, uuid[i], 16);
        if (failed != std::errc{} || end != at + 2) return std::nullopt;
    }
    return uuid;
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

std::string_view variant_of(const Uuid& uuid) {
    const unsigned bits = uuid[8];
    if ((bits & 0xC0) == 0x80) return "RFC4122";
    if ((bits & 0xE0) == 0xC0) return "Microsoft";
    if ((bits & 0xE0) == 0xE0) return "Future";
    return "Reserved";
}

std::string_view mac_variables(unsigned first) {
    if ((first & 3) == 3) return "local:multicast";
    if ((first & 1) == 1) return "global:multicast";
    return (first & 2) == 2 ? "local:unicast" : "global:unicast";
}

Outcome uuid_parse(Context& context, Operands operands) {
    const auto uuid = read_uuid(operands[0].as_string());
    if (!uuid) return Outcome::undefined();
    RecycledVector<value::Builder::Entry> entries;
    const auto put = [&](std::string_view name, const Value& value) {
        entries.emplace_back(context.builder.key(name), value);
    };
    const std::span<const std::uint8_t> bytes(*uuid);
    const int version = bytes[6] >> 4;
    put("version", context.integer(version));
    put("variant", context.string(variant_of(*uuid)));
    if (version == 1 || version == 2) {
        // Ticks of 100 ns since 15 October 1582.
        constexpr std::int64_t kTicksToUnixEpoch = 0x01B21DD213814000;
        const std::uint64_t low = big_endian(bytes.subspan(0, 4));
        const std::uint64_t middle = big_endian(bytes.subspan(4, 2));
        const std::uint64_t high = big_endian(bytes.subspan(6, 2)) & 0xFFF;
        const auto ticks = static_cast<std::int64_t>(low | middle << 32 | high << 48);
        // Go's 64 bits, which the nanoseconds of most such times do not fit.
        const auto nanoseconds =
            static_cast<std::uint64_t>(ticks - kTicksToUnixEpoch) * std::uint64_t{100};
        put("time", context.integer(static_cast<std::int64_t>(nanoseconds)));
        RecycledString node;
        for (const std::uint8_t byte : bytes.subspan(10)) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            if (!node.empty()) node += '-';
            node += kDigits[byte >> 4];
            node += kDigits[byte & 15];
        }
        put("nodeid", context.string(node));
        put("macvariables", context.string(mac_variables(bytes[10])));
        put("clocksequence",
            context.integer(static_cast<std::int64_t>(big_endian(bytes.subspan(8, 2)) & 0x3FFF)));
        if (version == 2) {
            constexpr std::string_view kDomains[] = {"Person", "Group", "Org"};
            put("id", context.integer(static_cast<std::int64_t>(low)));
            const std::size_t domain = bytes[9];
            put("domain", context.string(domain < 3 ? std::string(kDomains[domain])
                                                    : "Domain" + std::to_string(domain)));
        }
    }
    return context.builder.object(entries);
}

// The same key has the same UUID in one evaluation.
Outcome uuid_make(Context& context, Operands operands) {
    std::uint64_t state = context.world.random_seed ^ value::hash(operands[0]);
    Uuid uuid{};
    for (std::uint8_t& byte : uuid) {
        state += 0x9E3779B97F4A7C15;
        std::uint64_t mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        byte = static_cast<std::uint8_t>(mixed >> 56);
    }
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0F) | 0x40);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3F) | 0x80);
    std::string& text = context.text_buffer();
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[uuid[i] >> 4];
        text += kDigits[uuid[i] & 15];
    }
    return context.string(text);
}

constexpr Builtin kUnitsBuiltins[] = {
    {"units.parse", "s", units_parse},        {"units.parse_bytes", "s", units_parse_bytes},
    {"semver.compare", "ss", semver_compare}, {"semver.is_valid", "v", semver_is_valid},
    {"uuid.parse", "s", uuid_parse},          {"uuid.rfc4122", "v", uuid_make},
};

}  // namespace

std::span<const Builtin> unit_builtins() { return kUnitsBuiltins; }

}  // namespace merlon::rego
