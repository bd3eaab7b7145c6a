#include "cli/environment.h"

namespace merlon::cli {
namespace {

// The specification wants absolute paths and tells to ignore others.
std::string user_directory(const Environment& environment, const std::string& variable,
                           std::string_view below_home) {
    const std::optional<std::string> named = environment.variable(variable);
    if (named.has_value() && named->starts_with('/')) return *named + "/merlon";
    const std::optional<std::string> home = environment.variable("HOME");
    if (!home.has_value() || !home->starts_with('/')) return {};
    return *home + std::string(below_home) + "/merlon";
}

}  // namespace

int fail(const Environment& environment, std::string_view message) {
    environment.write_error("merlon: " + std::string(message) + '\n');
    return kIncomplete;
}

int print(const Environment& environment, std::string_view text) {
    const Status written = environment.write_output(text);
    return written.ok() ? kClean : fail(environment, written.error().to_string());
}

std::string state_directory(const Environment& environment) {
    return user_directory(environment, "XDG_DATA_HOME", "/.local/share");
}

std::string cache_directory(const Environment& environment) {
    return user_directory(environment, "XDG_CACHE_HOME", "/.cache");
}

}  // namespace merlon::cli
