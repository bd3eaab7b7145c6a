#include "match/ecma.h"

#include <cstdio>
#include <iterator>
#include <utility>

namespace merlon::match {
namespace {

// 22.2.2.9: \s is WhiteSpace and LineTerminator (12.2, 12.3): the inside of a class.
constexpr std::string_view kWhiteSpace =
    R"(\t\n\x0B\f\r\x20\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF})";

// Unicode's long names of general categories (UAX 44, table 12) by the short ones that Go has.
constexpr std::pair<std::string_view, std::string_view> kCategories[] = {
    {"Letter", "L"},
    {"Cased_Letter", "LC"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
};

// \p{General_Category=Letter}, \p{Script=Greek} and \p{Letter}: what stands between the braces.
std::string property(std::string_view name) {
    for (const std::string_view key : {"General_Category=", "gc=", "Script=", "sc="}) {
        if (name.starts_with(key)) name.remove_prefix(key.size());
    }
    for (const auto& [long_name, short_name] : kCategories) {
        if (name == long_name) return std::string(short_name);
    }
    return std::string(name);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

std::string from_ecma(std::string_view pattern) {
    std::string out;
    bool in_class = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c != '\\' || at + 1 == pattern.size()) {
            if (c == '[') {
                // Inside a class a bracket is itself, and Go would look for [:name:].
                if (in_class) out += '\\';
                in_class = true;
            } else if (c == ']') {
                in_class = false;
            }
            out += c;
            continue;
        }
        const char escaped = pattern[++at];
        const std::string_view rest = pattern.substr(at + 1);
        if (escaped == 's') {
            out += in_class ? std::string(kWhiteSpace) : "[" + std::string(kWhiteSpace) + "]";
        } else if (escaped == 'S' && !in_class) {
            out += "[^" + std::string(kWhiteSpace) + "]";
        } else if (escaped == 'c' && !rest.empty() && is_letter(rest[0])) {
            char code[8];
            std::snprintf(code, sizeof(code), "\\x%02X", static_cast<unsigned>(rest[0]) % 32);
            out += code;
            ++at;
        } else if ((escaped == 'p' || escaped == 'P') && rest.starts_with('{') &&
                   rest.find('}') != std::string_view::npos) {
            const std::size_t end = rest.find('}');
            out += '\\';
            out += escaped;
            out += "{" + property(rest.substr(1, end - 1)) + "}";
            at += end + 1;
        } else if (escaped == 'u' && rest.size() >= 4 && is_hex(rest.substr(0, 4))) {
            out += "\\x{" + std::string(rest.substr(0, 4)) + "}";
            at += 4;
        } else if (escaped == '/' || escaped == '-') {
            out += escaped == '/' ? "/" : "\\-";
        } else {
            out += '\\';
            out += escaped;
        }
    }
    return out;
}

}  // namespace merlon::match
