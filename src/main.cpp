// merlon: gathers what the fronts need from the process and hands over. Called by the name of
// another tool, it is that tool's front.

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/file.h"
#include "cli/environment.h"
#include "cli/front.h"

namespace {

std::optional<std::string> variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::string> words(arguments + (count > 0 ? 1 : 0), arguments + count);
    const std::string_view called = count > 0 ? arguments[0] : "merlon";
    if (called.substr(called.rfind('/') + 1) == "gitleaks") {
        words.insert(words.begin(), {"compat", "gitleaks"});
    }
    // A closed pipe is an error of the write that meets it, so that the run can say it is not whole.
    std::signal(SIGPIPE, SIG_IGN);
    static merlon::CancelToken cancel;
    if (!merlon::cancel_on_signals(cancel).ok()) return merlon::cli::kIncomplete;

    merlon::cli::Environment environment;
    environment.variable = variable;
    environment.write_output = [](std::string_view text) {
        return merlon::write_all(STDOUT_FILENO, text);
    };
    environment.write_error = [](std::string_view text) {
        // Where standard error is gone, there is nobody to tell.
        (void)merlon::write_all(STDERR_FILENO, text);
    };
    environment.clock = &merlon::system_clock();
    environment.cancel = &cancel;
    return merlon::cli::run(words, environment);
}
