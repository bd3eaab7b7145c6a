#include "connect/git/clean_content.h"

#include <algorithm>

namespace merlon::connect::git {
namespace {

using LineEnds = CleanRules::LineEnds;

// What git counts to tell text from other bytes.
struct ByteCounts {
    std::uint64_t crlf = 0;
    std::uint64_t lone_cr = 0;
    std::uint64_t zeros = 0;
    std::uint64_t printable = 0;
    std::uint64_t other = 0;

    bool is_binary() const { return lone_cr > 0 || zeros > 0 || printable / 128 < other; }
};

ByteCounts count_bytes(std::string_view bytes) {
    ByteCounts counts;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (c == '\r') {
            if (i + 1 < bytes.size() && bytes[i + 1] == '\n') {
                ++counts.crlf;
                ++i;
            } else {
                ++counts.lone_cr;
            }
        } else if (c == '\n') {
            continue;
        } else if (c == '\b' || c == '\t' || c == '\f' || c == 0x1B || (c >= 0x20 && c != 0x7F)) {
            ++counts.printable;
        } else {
            if (c == 0) ++counts.zeros;
            ++counts.other;
        }
    }
    // A last control-Z is how DOS ends a text.
    if (bytes.ends_with('\x1A')) --counts.other;
    return counts;
}

std::optional<LineEnds> line_ends_of(const AttributeValue& value) {
    switch (value.state) {
        case AttributeState::kSet:
            return LineEnds::kText;
        case AttributeState::kUnset:
            return LineEnds::kKeep;
        case AttributeState::kValue:
            if (value.value == "input") return LineEnds::kText;
            if (value.value == "auto") return LineEnds::kGuess;
            break;
        case AttributeState::kUnspecified:
            break;
    }
    return std::nullopt;
}

bool must_convert_line_ends(const CleanRules& rules, std::string_view bytes,
                            std::string_view staged) {
    if (rules.line_ends == LineEnds::kKeep || bytes.find('\r') == std::string_view::npos) {
        return false;
    }
    const ByteCounts counts = count_bytes(bytes);
    if (rules.line_ends == LineEnds::kText) return counts.crlf > 0;
    if (counts.is_binary() || counts.crlf == 0) return false;
    if (staged.find('\r') == std::string_view::npos) return true;
    const ByteCounts before = count_bytes(staged);
    return before.is_binary() || before.crlf == 0;
}

std::string with_line_feeds(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
        out.push_back(bytes[i]);
    }
    return out;
}

// "$Id: anything $" becomes "$Id$".
std::optional<std::string> with_short_ids(std::string_view bytes) {
    constexpr std::string_view kKeyword = "$Id:";
    std::string out;
    std::size_t copied = 0;
    std::size_t at = 0;
    while ((at = bytes.find(kKeyword, at)) != std::string_view::npos) {
        const std::size_t dollar = bytes.find('$', at + kKeyword.size());
        if (dollar == std::string_view::npos) break;
        if (bytes.substr(at, dollar - at).find('\n') != std::string_view::npos) {
            at += kKeyword.size();
            continue;
        }
        out.append(bytes.substr(copied, at - copied)).append("$Id$");
        copied = at = dollar + 1;
    }
    if (copied == 0) return std::nullopt;
    out.append(bytes.substr(copied));
    return out;
}

}  // namespace

AutoCrlf auto_crlf_of(const ConfigFile& config) {
    constexpr std::string_view kKey = "core.autocrlf";
    std::string word = config.find(kKey).value_or("");
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    });
    if (word == "input") return AutoCrlf::kInput;
    return config.is_true(kKey) ? AutoCrlf::kOn : AutoCrlf::kOff;
}

CleanRules clean_rules(const Attributes& attributes, std::string_view path, AutoCrlf automatic) {
    CleanRules rules;
    std::optional<LineEnds> said = line_ends_of(attributes.find(path, "text"));
    if (!said) said = line_ends_of(attributes.find(path, "crlf"));
    if (said != LineEnds::kKeep) {
        const AttributeValue eol = attributes.find(path, "eol");
        const bool is_named =
            eol.state == AttributeState::kValue && (eol.value == "lf" || eol.value == "crlf");
        if (is_named && !said) said = LineEnds::kText;
    }
    rules.line_ends =
        said.value_or(automatic == AutoCrlf::kOff ? LineEnds::kKeep : LineEnds::kGuess);
    rules.expands_id = attributes.find(path, "ident").state == AttributeState::kSet;
    if (const AttributeValue filter = attributes.find(path, "filter");
        filter.state == AttributeState::kValue) {
        rules.obstacle = "git would run the filter '" + filter.value +
                         "' on it, and programs are not run here; scan the file itself with 'dir'";
    } else if (const AttributeValue encoding = attributes.find(path, "working-tree-encoding");
               encoding.state == AttributeState::kValue) {
        rules.obstacle = "git would convert it from the encoding '" + encoding.value +
                         "', which is not done here; scan the file itself with 'dir'";
    }
    return rules;
}

std::optional<std::string> cleaned(const CleanRules& rules, std::string_view bytes,
                                   std::string_view staged) {
    std::optional<std::string> result;
    if (must_convert_line_ends(rules, bytes, staged)) result = with_line_feeds(bytes);
    if (rules.expands_id) {
        if (auto shorter = with_short_ids(result ? *result : bytes)) result = std::move(shorter);
    }
    return result;
}

}  // namespace merlon::connect::git
