#include "cli/approve_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/child_process.h"
#include "base/file.h"
#include "base/joined.h"
#include "cli/evidence_store.h"
#include "cli/gate_output.h"
#include "cli/outputs.h"
#include "crypto/allowed_signers.h"
#include "gate/record.h"
#include "rego/go_time.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kDefaultPeople = ".merlon/people";
// People are asked for a password, and touch their token.
constexpr std::chrono::milliseconds kSigningLimit{120'000};

// The program of that name in PATH.
Result<std::string> find_program(const Environment& environment, const std::string& name) {
    std::string path = environment.variable("PATH").value_or("/usr/bin:/bin");
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::string file = path.substr(begin, end - begin) + "/" + name;
        if (end > begin && file_status(file, FollowLinks::kYes).ok()) return file;
        begin = end + 1;
    }
    return Error{
        fmt::format("{} is not in PATH; install OpenSSH's client, or sign elsewhere: "
                    "--write-statement FILE, then --signature FILE",
                    name)};
}

Result<std::string> signature_of(const std::string& statement, const std::string& key,
                                 const Environment& environment) {
    ChildCommand child;
    child.arguments = {MERLON_TRY(find_program(environment, "ssh-keygen")),
                       "-q",
                       "-Y",
                       "sign",
                       "-n",
                       std::string(gate::kDecisionNamespace),
                       "-f",
                       key};
    child.time_limit = kSigningLimit;
    for (const char* name : {"PATH", "HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "TERM"})
        if (const auto value = environment.variable(name))
            child.environment.push_back(fmt::format("{}={}", name, *value));
    const ChildResult result = MERLON_TRY(run_child(child, statement, *environment.cancel));
    if (!result.succeeded()) {
        return Error{fmt::format("ssh-keygen {}: {}", describe_end(result, child),
                                 text::to_printable(result.errors))};
    }
    return result.output;
}

// "2026-12-31", or "8h" from now.
Result<std::string> end_of(const std::string& text, Timestamp now) {
    if (const auto day = parse_date(text); day.ok()) return format_rfc3339(day.value());
    const auto duration = rego::parse_duration(text);
    if (!duration.ok() || duration.value() <= 0)
        return Error{
            fmt::format("--until is a day such as 2027-01-31, or a time from now such as "
                        "8h or 7d, not '{}'",
                        text)};
    return format_rfc3339({now.nanoseconds + duration.value()});
}

class ApproveRun {
  public:
    ApproveRun(const ParsedCommand& command, const Environment& environment)
        : command_(command), environment_(environment) {}

    Result<std::string> run() {
        decision_.person = command_.text("as");
        if (decision_.person.empty())
            return Error{"who are you? --as NAME, as in .merlon/people (or MERLON_AS)"};
        if (command_.arguments.empty())
            return Error{"which verdict? Its id, as 'merlon gate' printed it"};
        decision_.reason = command_.text("reason");
        decision_.time = format_rfc3339(environment_.clock->now());
        evidence::Store store =
            MERLON_TRY(open_store(command_, environment_, evidence::Access::kWrite));
        MERLON_TRY(read_target(store.database()));
        MERLON_TRY(read_kind());
        return decide(store.database());
    }

  private:
    // A verdict, or an exception that somebody else has made.
    Status read_target(evidence::Database& database) {
        const std::string& id = command_.arguments[0];
        const auto verdict = gate::find_document(database, gate::kVerdictKind, id);
        if (verdict.ok()) {
            const StatementParts parts = MERLON_TRY(parts_of_statement(verdict.value().bytes));
            const std::string input =
                MERLON_TRY(gate::find_document(database, gate::kInputKind, parts.input_digest))
                    .bytes;
            decision_.verdict = verdict.value().digest;
            return gate::read_place(input, decision_);
        }
        const auto other = gate::find_document(database, gate::kDecisionKind, id);
        if (!other.ok()) return verdict.error();
        const auto signed_one = MERLON_TRY(gate::read_signed_decision(other.value().bytes));
        const gate::Decision about =
            MERLON_TRY(gate::parse_decision_statement(signed_one.statement));
        decision_.repository = about.repository;
        decision_.subject = about.subject;
        decision_.environment = about.environment;
        decision_.verdict = about.verdict;
        decision_.about = other.value().digest;
        return {};
    }

    Status read_kind() {
        decision_.kind = command_.verb->path;
        if (decision_.kind != "except") return {};
        if (!decision_.about.empty()) return Error{"an exception is made from a verdict"};
        if (decision_.reason.empty()) return Error{"why? --reason TEXT"};
        if (!command_.is_set("until")) return Error{"until when? --until 2027-01-31, or 8h"};
        decision_.expires = MERLON_TRY(end_of(command_.text("until"), environment_.clock->now()));
        if (command_.is_set("break-glass")) {
            decision_.kind = "break-glass";
            return {};
        }
        if (!command_.is_set("condition"))
            return Error{"from which condition? --condition ID, as the gate printed it"};
        decision_.condition = command_.text("condition");
        if (command_.is_set("everywhere")) decision_.subject.clear();
        return {};
    }

    Result<std::string> decide(evidence::Database& database) {
        gate::SignedDecision signed_one;
        signed_one.statement = MERLON_TRY(statement());
        if (command_.is_set("write-statement")) {
            const std::string& file = command_.text("write-statement");
            MERLON_TRY(write_file_atomically(file, signed_one.statement));
            return fmt::format(
                "wrote {0}; sign it with 'ssh-keygen -Y sign -n {1} -f KEY {0}', and "
                "run this again with --statement {0} --signature {0}.sig\n",
                file, gate::kDecisionNamespace);
        }
        signed_one.signature = MERLON_TRY(signature(signed_one.statement));
        const auto key = crypto::verify_ssh_signature(
            signed_one.signature, gate::kDecisionNamespace, signed_one.statement);
        if (!key.ok()) return key.error();
        evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
        const std::string id = MERLON_TRY(gate::record_decision(
            database, signed_one, actor_of(environment_), environment_.clock->now()));
        MERLON_TRY(transaction.commit());
        if (command_.is_set("output")) {
            MERLON_TRY(write_file_atomically(command_.text("output"),
                                             gate::write_signed_decision(signed_one)));
        }
        std::string out = fmt::format("{} by {} ({}): {}\n", decision_.kind, decision_.person,
                                      key.value().fingerprint(), id);
        const bool needs_second = decision_.kind == "except" || decision_.kind == "break-glass";
        if (needs_second)
            out += fmt::format("it holds when another person runs 'merlon approve {}'\n", id);
        return out;
    }

    // What is signed; brought back from elsewhere, it has to be about the same.
    Result<std::string> statement() {
        if (!command_.is_set("statement")) return gate::decision_statement(decision_);
        const std::string text = MERLON_TRY(read_text_file(command_.text("statement")));
        gate::Decision stated = MERLON_TRY(gate::parse_decision_statement(text));
        decision_.time = stated.time;
        if (!decision_.expires.empty()) decision_.expires = stated.expires;
        if (gate::decision_statement(decision_) != text)
            return Error{"the statement of --statement is about something else than this command"};
        return text;
    }

    Result<std::string> signature(const std::string& statement) const {
        if (command_.is_set("signature")) return read_text_file(command_.text("signature"));
        if (!command_.is_set("identity"))
            return Error{
                "with which key? --identity FILE (its public half will do where an agent "
                "has the key)"};
        return signature_of(statement, command_.text("identity"), environment_);
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    gate::Decision decision_;
};

std::string people_file(const ParsedCommand& command) {
    return command.is_set("file") ? command.text("file") : std::string(kDefaultPeople);
}

Result<std::string> add_person(const ParsedCommand& command) {
    if (command.arguments.empty()) return Error{"who? merlon people add NAME --ssh-key FILE"};
    if (!command.is_set("ssh-key")) return Error{"with which key? --ssh-key FILE.pub"};
    const std::string key_text = MERLON_TRY(read_text_file(command.text("ssh-key")));
    const crypto::SshKey key = MERLON_TRY(crypto::SshKey::parse(key_text));
    std::vector<std::string> names = {command.arguments[0]};
    std::ranges::copy(command.list("email"), std::back_inserter(names));
    const std::string line = fmt::format("{} namespaces=\"{}\" {}\n", joined(names, ","),
                                         gate::kDecisionNamespace, key.text());
    const crypto::AllowedSigners read = crypto::parse_allowed_signers(line);
    if (!read.problems.empty()) return Error{read.problems[0].message};
    const std::string file = people_file(command);
    std::string text;
    if (file_status(file, FollowLinks::kYes).ok()) text = MERLON_TRY(read_text_file(file));
    for (const auto& signer : crypto::parse_allowed_signers(text).signers) {
        if (signer.key == key)
            return Error{fmt::format("{}:{}: this key is there already, as {}'s", file, signer.line,
                                     signer.principals.front())};
    }
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    std::error_code failure;
    std::filesystem::create_directories(parent_directory(file), failure);
    MERLON_TRY(write_file_atomically(file, text + line));
    return fmt::format("{} with {} is in {}; it counts once that is on the target branch\n",
                       command.arguments[0], key.fingerprint(), file);
}

}  // namespace

int run_approve(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> done = ApproveRun(command, environment).run();
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

int run_people_add(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> done = add_person(command);
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

int run_people_list(const ParsedCommand& command, const Environment& environment) {
    const std::string file = people_file(command);
    const Result<std::string> text = read_text_file(file);
    if (!text.ok()) return fail(environment, text.error().to_string());
    const crypto::AllowedSigners all = crypto::parse_allowed_signers(text.value());
    std::string out;
    for (const auto& signer : all.signers)
        out += text::to_printable(fmt::format("{}  {}  {}", joined(signer.principals, ","),
                                              signer.key.type(), signer.key.fingerprint())) +
               "\n";
    for (const auto& problem : all.problems)
        fail(environment, fmt::format("{}:{}: {}", file, problem.line, problem.message));
    const int code = print(environment, out);
    return all.problems.empty() ? code : kIncomplete;
}

}  // namespace merlon::cli
