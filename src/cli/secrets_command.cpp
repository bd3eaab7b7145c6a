#include "cli/secrets_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/file.h"
#include "cli/standard_input.h"
#include "connect/files/files.h"
#include "model/fingerprint.h"
#include "scan/suppressions.h"

namespace merlon::cli {
namespace {

// The id of the secret that stands on standard input; the key is made where there is none.
Result<std::string> id_of_input(const Environment& environment, const std::string& home) {
    StandardInput input = read_standard_input(environment);
    if (input.gap) return Error{input.gap->detail};
    std::string& secret = input.bytes;
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    if (secret.empty()) return Error{"standard input is empty, expected the secret"};
    const std::optional<std::string> key = MERLON_TRY(scan::repository_key(
        environment.variable("MERLON_KEY"), home + "/.merlon/key", scan::CreateKey::kYes));
    return model::secret_id(*key, secret);
}

Result<std::string> revoke(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) {
        return Error{
            "which secret? ID is the secretId of a JSON report; - reads the secret itself "
            "from standard input"};
    }
    std::string reason = command.text("reason");
    std::ranges::replace(reason, '\n', ' ');
    if (reason.find_first_not_of(" \t\r") == std::string::npos) {
        return Error{"--reason is missing: say when it was revoked, by whom, or a ticket"};
    }
    std::string home = connect::repository_root(".");
    if (home.empty()) home = ".";
    std::string id = command.arguments[0];
    if (id == "-") {
        id = MERLON_TRY(id_of_input(environment, home));
    } else {
        MERLON_TRY(model::check_secret_id(id));
        const auto key = MERLON_TRY(scan::repository_key(
            environment.variable("MERLON_KEY"), home + "/.merlon/key", scan::CreateKey::kNo));
        if (!key) {
            return Error{
                "there is no key here that this id could come from (.merlon/key, MERLON_KEY); "
                "'merlon secrets revoked - --reason TEXT' reads the secret itself from standard "
                "input, and makes the key"};
        }
    }
    const std::string file = home + '/' + std::string(kRevokedFile);
    std::string text =
        "# Secrets that open nothing any more: ID DATE REASON. See `merlon help secrets "
        "revoked`.\n";
    if (file_status(file, FollowLinks::kYes).ok()) text = MERLON_TRY(read_text_file(file));
    for (const scan::RevokedEntry& known : MERLON_TRY(scan::read_revoked_entries(text, file))) {
        if (known.secret_id == id)
            return fmt::format("{} is in {} already: {}\n", id, file, known.reason);
    }
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += id + ' ' + format_date(environment.clock->now()) + ' ' + reason + '\n';
    std::error_code code;  // what fails here, the write says
    std::filesystem::create_directories(home + "/.merlon", code);
    MERLON_TRY(write_file_atomically(file, text));
    return id + " is noted in " + file + "; commit it together with .merlon/key\n";
}

}  // namespace

int run_secrets_revoked(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> done = revoke(command, environment);
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

}  // namespace merlon::cli
