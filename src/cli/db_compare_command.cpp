#include "cli/db_compare_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/nearest.h"
#include "cli/standard_input.h"
#include "packages/version.h"

namespace merlon::cli {
namespace {

using packages::VersionScheme;

constexpr std::size_t kWriteBytes = std::size_t{1} << 16;

VersionScheme next(VersionScheme scheme) {
    return static_cast<VersionScheme>(static_cast<unsigned>(scheme) + 1);
}

// The scheme that `name` names, or nothing and the reason on standard error.
std::optional<VersionScheme> find_scheme(const std::string& name, const Environment& environment) {
    const auto scheme = packages::parse_version_scheme(name);
    if (scheme.has_value()) return scheme;
    std::vector<std::string_view> names;
    std::string listed;
    for (auto at = VersionScheme::kSemver;; at = next(at)) {
        names.push_back(packages::name(at));
        listed.append(listed.empty() ? "" : ", ").append(packages::name(at));
        if (at == VersionScheme::kLexicographic) break;
    }
    fail(environment,
         "no version scheme '" + name + "'" + suggestion(name, names) + "; there are " + listed);
    return std::nullopt;
}

std::string answer(VersionScheme scheme, std::string_view left, std::string_view right,
                   const ParsedCommand& command) {
    if (!command.is_set("explain")) {
        const auto order = packages::compare_versions(scheme, left, right);
        return order < 0 ? "<\n" : order > 0 ? ">\n" : "=\n";
    }
    std::string text = packages::explain_comparison(scheme, left, right);
    for (const std::string_view version : {left, right})
        if (const auto problem = packages::parse_problem(scheme, version))
            text.append("; ").append(*problem);
    return text + '\n';
}

// A pair is two words, or what stands on both sides of a tabulator.
bool split_pair(std::string_view line, std::string_view& left, std::string_view& right) {
    const std::size_t tabulator = line.find('\t');
    const std::size_t cut = tabulator != std::string_view::npos ? tabulator : line.find(' ');
    if (cut == std::string_view::npos) return false;
    left = line.substr(0, cut);
    right = line.substr(cut + 1);
    if (tabulator != std::string_view::npos) return right.find('\t') == std::string_view::npos;
    return !left.empty() && !right.empty() && right.find(' ') == std::string_view::npos;
}

int compare_lines(VersionScheme scheme, const ParsedCommand& command,
                  const Environment& environment) {
    const Result<std::string> input = read_whole_input(environment);
    if (!input.ok()) return fail(environment, input.error().to_string());
    std::string_view rest = input.value();
    std::string out;
    std::size_t wrong = 0;
    std::size_t first_wrong = 0;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        std::string_view left;
        std::string_view right;
        if (split_pair(line, left, right)) {
            out += answer(scheme, left, right, command);
        } else {
            // A line still answers a line, so that the answers stay beside the questions.
            out += "?\n";
            if (wrong++ == 0) first_wrong = number;
        }
        if (out.size() < kWriteBytes) continue;
        if (print(environment, out) != kClean) return kIncomplete;
        out.clear();
    }
    if (print(environment, out) != kClean) return kIncomplete;
    if (wrong == 0) return kClean;
    return fail(environment, fmt::format("{} of the lines are no pair 'A B'; the first is line {}",
                                         wrong, first_wrong));
}

}  // namespace

int run_db_compare(const ParsedCommand& command, const Environment& environment) {
    const std::vector<std::string>& words = command.arguments;
    if (words.empty())
        return fail(environment, "which scheme? 'merlon help db compare' lists them");
    const auto scheme = find_scheme(words[0], environment);
    if (!scheme.has_value()) return kIncomplete;
    if (words.size() == 2 && words[1] == "-") return compare_lines(*scheme, command, environment);
    if (words.size() != 3)
        return fail(environment, "two versions are compared, or - reads pairs from standard input");
    return print(environment, answer(*scheme, words[1], words[2], command));
}

}  // namespace merlon::cli
