#include "compat/gitleaks/git_variables.h"

#include <optional>
#include <string_view>

#include "connect/git/log_context.h"
#include "connect/git/truth.h"

namespace merlon::compat::gitleaks {
namespace {

namespace git = connect::git;

std::optional<std::string> value_of(const git::Variables& variables, std::string_view name) {
    return variables ? variables(name) : std::nullopt;
}

Error refused(std::string_view name, const std::string& value, std::string_view why) {
    return Error{"the variable " + std::string(name) + " is '" + value +
                 "', which git obeys: " + std::string(why) + "; unset it"};
}

Result<bool> is_set(const git::Variables& variables, std::string_view name) {
    const std::optional<std::string> text = value_of(variables, name);
    if (!text) return false;
    const std::optional<bool> truth = git::parse_truth(*text);
    if (!truth) return refused(name, *text, "it is read as true or false, and is neither");
    return *truth;
}

}  // namespace

Status check_diff_variables(const git::Variables& variables) {
    constexpr std::string_view kOptions = "GIT_DIFF_OPTS";
    const std::optional<std::string> options = value_of(variables, kOptions);
    if (!options || options->empty()) return {};
    return refused(kOptions, *options, "patches with lines around the changed ones are not read");
}

Result<std::string> notes_reference(const git::Variables& variables) {
    for (const std::string_view name : {"GIT_NOTES_DISPLAY_REF", "GIT_NOTES_REF"}) {
        const std::optional<std::string> value = value_of(variables, name);
        if (!value) continue;
        if (name == "GIT_NOTES_DISPLAY_REF") {
            if (value->empty()) continue;
            return refused(name, *value, "notes of more than one reference are not read");
        }
        if (value->empty() || value->starts_with("refs/")) return *value;
        return refused(name, *value, "the whole name of a reference (refs/notes/…) is expected");
    }
    return std::string(git::LogContext::kNotesReference);
}

Result<git::PathFilter::Words> path_words(const git::Variables& variables) {
    using Words = git::PathFilter::Words;
    for (const std::string_view name : {"GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"}) {
        if (MERLON_TRY(is_set(variables, name))) {
            return refused(name, *value_of(variables, name),
                           "the paths of --log-opts are not read in that way");
        }
    }
    if (MERLON_TRY(is_set(variables, "GIT_LITERAL_PATHSPECS"))) return Words::kLiteral;
    if (MERLON_TRY(is_set(variables, "GIT_NOGLOB_PATHSPECS"))) return Words::kNoWildcards;
    return Words::kWildcards;
}

}  // namespace merlon::compat::gitleaks
