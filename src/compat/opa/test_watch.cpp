// `opa test --watch`: the tests run again when one of their files changes.

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "compat/opa/commands.h"

namespace merlon::compat::opa {
namespace {

constexpr auto kLook = std::chrono::milliseconds(200);
constexpr std::size_t kMaxFiles = 100'000;
constexpr int kStars = 80;

void add_state(const std::filesystem::path& file, std::string& state) {
    std::error_code code;
    const auto changed = std::filesystem::last_write_time(file, code).time_since_epoch().count();
    if (code) return;
    const auto size = std::filesystem::is_directory(file, code)
                          ? std::uintmax_t{0}
                          : std::filesystem::file_size(file, code);
    state += file.string() + " " + std::to_string(changed) + " " + std::to_string(size) + "\n";
}

// Names, times and sizes of all files below the arguments: other words where one of them changed.
std::string state_of(const std::vector<std::string>& arguments) {
    std::string state;
    std::size_t files = 0;
    for (const std::string& argument : arguments) {
        add_state(argument, state);
        std::error_code code;
        for (auto at = std::filesystem::recursive_directory_iterator(argument, code);
             !code && at != std::filesystem::recursive_directory_iterator() && files < kMaxFiles;
             at.increment(code)) {
            add_state(at->path(), state);
            ++files;
        }
    }
    return state;
}

}  // namespace

int watch_tests(const ParsedCommand& command, const Outside& outside) {
    const auto is_cancelled = [&outside] {
        return outside.cancel != nullptr && outside.cancel->cancelled();
    };
    std::string state = state_of(command.arguments);
    const int first = run_test(command, outside);
    // Flags and files that make no sense are not waited for.
    constexpr int kNotRun = 1;
    if (first == kNotRun) return first;
    while (!is_cancelled()) {
        const int code =
            print(outside, std::string(kStars, '*') + "\nWatching for changes ...\n", 0);
        if (code != 0) return code;
        std::string now = state_of(command.arguments);
        while (now == state && !is_cancelled()) {
            std::this_thread::sleep_for(kLook);
            now = state_of(command.arguments);
        }
        if (is_cancelled()) break;
        state = std::move(now);
        run_test(command, outside);
    }
    return 0;
}

}  // namespace merlon::compat::opa
