// merlon: gathers what the fronts need from the process and hands over. Called by the name of
// another tool, it is that tool's front.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/file.h"
#include "base/file_cache.h"
#include "base/terminal.h"
#include "cli/command_table.h"
#include "cli/environment.h"
#include "cli/front.h"
#include "cli/rule_source.h"
#include "cli/standard_input.h"
#include "compat/conftest/run.h"
#include "compat/gitleaks/options.h"
#include "compat/gitleaks/run.h"
#include "compat/grype/run.h"
#include "compat/opa/run.h"
#include "compat/osv_scanner/run.h"
#include "compat/trivy/run.h"
#include "scan/peer_front.h"

namespace {

std::optional<std::string> variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

using namespace merlon;

FileResult<std::size_t> read_some_input(const cli::Environment& environment,
                                        std::span<char> buffer) {
    while (true) {
        const ssize_t count = ::read(environment.input_descriptor, buffer.data(), buffer.size());
        if (count >= 0) return {static_cast<std::size_t>(count)};
        if (errno == EINTR && !environment.cancel->cancelled()) continue;
        return {Error{std::string("cannot read standard input: ") + std::strerror(errno)},
                FileFailure::kInputOutput};
    }
}

int run_compat_gitleaks(const std::vector<std::string>& words,
                        const cli::Environment& environment) {
    compat::gitleaks::Environment theirs;
    theirs.variable = [&environment](std::string_view name) {
        return environment.variable(std::string(name));
    };
    bool output_failed = false;
    theirs.write_output = [&](std::string_view text) {
        if (!output_failed && !environment.write_output(text).ok()) output_failed = true;
    };
    theirs.write_error = environment.write_error;
    theirs.read_input = [&environment](std::span<char> buffer) {
        return read_some_input(environment, buffer);
    };
    theirs.clock = environment.clock;
    theirs.cancel = environment.cancel;
    theirs.own_pack = cli::embedded_rules();
    std::optional<FileCache> cache;
    const std::string cache_folder = cli::cache_directory(environment);
    if (!cache_folder.empty()) {
        cache.emplace(cache_folder, cli::kMaxCacheBytes, *environment.clock);
        theirs.rules_cache = {&*cache, cli::build()};
    }
    const int code = compat::gitleaks::run(words, theirs);
    return output_failed ? cli::fail(environment, "cannot write to standard output") : code;
}

Result<secrets::Program> own_secret_rules() {
    model::Diagnostics diagnostics;  // the own pack has none: a test says so
    const cli::RuleSource source = MERLON_TRY(cli::read_rules({}));
    secrets::Config config = MERLON_TRY(cli::load_compiled_rules(source, nullptr, diagnostics));
    secrets::ProgramOptions options;
    options.dialect = secrets::Dialect::kMerlon;
    return secrets::Program::compile(std::move(config), options, diagnostics);
}

scan::PeerOutside peer_outside(const cli::Environment& environment) {
    scan::PeerOutside outside;
    outside.variable = environment.variable;
    outside.write_output = environment.write_output;
    outside.write_error = environment.write_error;
    outside.clock = environment.clock;
    outside.cancel = environment.cancel;
    const std::string state = cli::state_directory(environment);
    if (!state.empty()) outside.database = state + "/advisories.db";
    outside.version = cli::version();
    outside.secret_rules = own_secret_rules;
    return outside;
}

compat::opa::Outside policy_outside(const cli::Environment& environment) {
    compat::opa::Outside outside;
    outside.variable = environment.variable;
    outside.write_output = environment.write_output;
    outside.write_error = environment.write_error;
    outside.read_input = [&environment]() -> Result<std::string> {
        cli::StandardInput input = cli::read_standard_input(environment);
        if (input.gap) return Error{input.gap->detail};
        return std::move(input.bytes);
    };
    outside.read_some = [&environment](std::span<char> buffer) -> Result<std::size_t> {
        return read_some_input(environment, buffer).result;
    };
    outside.is_terminal = is_terminal(environment.input_descriptor) && is_terminal(STDOUT_FILENO);
    outside.clock = environment.clock;
    outside.cancel = environment.cancel;
    return outside;
}

int run_compat_opa(const std::vector<std::string>& words, const cli::Environment& environment) {
    return compat::opa::run(words, policy_outside(environment));
}

int run_policy(const std::vector<std::string>& words, const cli::Environment& environment) {
    compat::opa::Outside outside = policy_outside(environment);
    outside.program = "merlon policy";
    return compat::opa::run(words, outside);
}

int run_compat_conftest(const std::vector<std::string>& words,
                        const cli::Environment& environment) {
    return compat::conftest::run(words, policy_outside(environment));
}

// A front of another package scanner.
struct PackageFront {
    std::string_view name;  // of the program and behind "compat"
    int (*run)(const std::vector<std::string>& words, const scan::PeerOutside& outside);
};
constexpr PackageFront kPackageFronts[] = {{"grype", compat::grype::run},
                                           {"osv-scanner", compat::osv_scanner::run},
                                           {"trivy", compat::trivy::run}};

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::string> words(arguments + (count > 0 ? 1 : 0), arguments + count);
    const std::string_view called = count > 0 ? arguments[0] : "merlon";
    const std::string_view name = called.substr(called.rfind('/') + 1);
    const bool is_package_front =
        std::ranges::find(kPackageFronts, name, &PackageFront::name) != std::end(kPackageFronts);
    if (name == "conftest" || name == "gitleaks" || name == "opa" || is_package_front) {
        words.insert(words.begin(), {"compat", std::string(name)});
    }
    // A closed pipe, and a file above the limit of sizes, are errors of the write that meets them,
    // so that the run can say it is not whole.
    for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
    static merlon::CancelToken cancel;
    if (!merlon::cancel_on_signals(cancel).ok()) return merlon::cli::kIncomplete;

    merlon::cli::Environment environment;
    environment.variable = variable;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        environment.variable_names.emplace_back(*entry, std::strcspn(*entry, "="));
    }
    environment.write_output = [](std::string_view text) {
        return merlon::write_all(STDOUT_FILENO, text);
    };
    environment.write_error = [](std::string_view text) {
        // Where standard error is gone, there is nobody to tell.
        (void)merlon::write_all(STDERR_FILENO, text);
    };
    environment.clock = &merlon::system_clock();
    environment.cancel = &cancel;
    environment.compat_fronts["gitleaks"] = run_compat_gitleaks;
    environment.compat_fronts["opa"] = run_compat_opa;
    environment.compat_fronts["policy"] = run_policy;
    environment.compat_fronts["conftest"] = run_compat_conftest;
    for (const PackageFront& front : kPackageFronts) {
        environment.compat_fronts[front.name] = [&front](const auto& behind, const auto& outside) {
            return front.run(behind, peer_outside(outside));
        };
    }
    const ForeignTable foreign[] = {{"compat conftest", &compat::conftest::command_table()},
                                    {"compat gitleaks", &compat::gitleaks::command_table()},
                                    {"compat grype", &compat::grype::command_table()},
                                    {"compat opa", &compat::opa::command_table()},
                                    {"policy", &compat::opa::command_table()},
                                    {"compat osv-scanner", &compat::osv_scanner::command_table()},
                                    {"compat trivy", &compat::trivy::command_table()}};
    environment.foreign = foreign;
    return merlon::cli::run(words, environment);
}
