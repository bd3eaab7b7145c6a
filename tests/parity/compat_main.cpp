// Runs the gitleaks front alone.

#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/clock.h"
#include "compat/gitleaks/run.h"

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    merlon::compat::gitleaks::Environment environment;
    environment.variable = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    environment.write_output = [](std::string_view text) { (void)merlon::write_all(1, text); };
    environment.write_error = [](std::string_view text) { (void)merlon::write_all(2, text); };
    environment.read_input = [](std::span<char> buffer) -> merlon::FileResult<std::size_t> {
        const auto got = ::read(0, buffer.data(), buffer.size());
        if (got < 0) return {merlon::Error{"standard input cannot be read"}};
        return {static_cast<std::size_t>(got)};
    };
    environment.clock = &merlon::system_clock();
    return merlon::compat::gitleaks::run(arguments, environment);
}
