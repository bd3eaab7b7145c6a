#include "cli/init_command.h"

#include <string>

#include "base/file.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kTemplate =
    R"(# Merlon's configuration. It stands at the root of a repository; every setting is optional.
# A flag wins over the environment (MERLON_FAIL_ON=high), and that over this file.
# Editors find its schema here: schemas/merlon.schema.json in Merlon's repository.
version: 1

scan:
  # The lowest severity that fails a run: info, low, medium, high, critical or none.
  # fail-on: low

  # What to leave out, as in .gitignore. Files that Git ignores are left out already.
  # exclude:
  #   - "testdata/**"
  #   - "*.min.js"

  # Scan what .gitignore leaves out, too; follow symbolic links.
  # no-ignore: false
  # follow-symlinks: false

  # Archives inside archives that are opened, and the largest file that is read.
  # max-archive-depth: 8
  # max-file-size: 16G

  # Findings that are known, by the content of the secret: made with --write-baseline.
  # baseline: .merlon/baseline.json

  # Workers; 0 is one for each processor.
  # threads: 0

secrets:
  # Rules in the gitleaks format instead of Merlon's own pack.
  # rules: .gitleaks.toml

report:
  # How to print, and where else to write: FILE, or FORMAT=FILE.
  # format: table
  # output:
  #   - "-"
  #   - sarif=merlon.sarif

# Findings that are accepted, by the id that the report shows. An expired entry reports again.
# ignore:
#   - id: 0123456789abcdef
#     rule: private-key
#     reason: test key of the fixtures, never deployed
#     expires: 2027-06-30

coverage:
  # What cannot be read, and that it is known: such a gap does not fail a run any more. The run
  # that meets a new one prints the lines to add here.
  # accept:
  #   - path: tests/fixtures/encrypted.zip
  #     cause: encrypted
  #     reason: a fixture of the archive tests, no password is kept
  #     expires: 2027-06-30
)";

}  // namespace

std::string_view configuration_template() { return kTemplate; }

int run_init(const ParsedCommand& command, const Environment& environment) {
    const std::string folder = command.arguments.empty() ? "." : command.arguments[0];
    const std::string path = folder == "." ? ".merlon.yaml" : folder + "/.merlon.yaml";
    if (file_status(path, FollowLinks::kNo).ok() && !command.is_set("force")) {
        return fail(environment, path + " is there already; --force replaces it");
    }
    if (const Status written = write_file_atomically(path, kTemplate); !written.ok()) {
        return fail(environment, written.error().to_string());
    }
    return print(environment, "wrote " + path + "; try 'merlon scan secrets'\n");
}

}  // namespace merlon::cli
