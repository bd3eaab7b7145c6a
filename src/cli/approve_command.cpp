#include "cli/approve_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "base/joined.h"
#include "base/nearest.h"
#include "cli/evidence_store.h"
#include "cli/gate_output.h"
#include "cli/known_people.h"
#include "cli/outputs.h"
#include "cli/ssh_signing.h"
#include "crypto/allowed_signers.h"
#include "evidence/person_name.h"
#include "evidence/seconds.h"
#include "gate/fields.h"
#include "gate/record.h"
#include "rego/go_time.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kHowToRegister =
    "'merlon people add NAME --ssh-key FILE' registers a key, which counts once it is on the "
    "target "
    "branch; --people FILE, --target BRANCH or --config FILE names other people";
using evidence::kSecondNs;
constexpr std::int64_t kMostExceptionNs = 366 * evidence::kDayNs;

// "2026-12-31", or "8h" from now.
Result<Timestamp> end_of(const std::string& text, Timestamp now) {
    if (const auto day = parse_date(text); day.ok()) {
        if (day.value() <= now) return Error{"--until " + text + " is over"};
        return day.value();
    }
    const auto duration = rego::parse_duration(text);
    if (!duration.ok() || duration.value() <= 0 || duration.value() > INT64_MAX - now.nanoseconds)
        return Error{
            fmt::format("--until is a day such as 2027-01-31, or a time from now such as "
                        "8h or 7d, not '{}'",
                        text)};
    return Timestamp{now.nanoseconds + duration.value()};
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
        decision_.time = gate::decision_time(environment_.clock->now());
        evidence::Store store = MERLON_TRY(open_store_that_is_there(command_, environment_));
        MERLON_TRY(read_target(store.database()));
        MERLON_TRY(read_kind());
        people_ = MERLON_TRY(find_people(command_, environment_, target_));
        MERLON_TRY(check_person());
        warn_of_own();
        return decide(store.database());
    }

  private:
    // What of a verdict and its input says whether the decision can mean something.
    Status read_verdict(std::string_view statement, std::string_view input) {
        Arena arena;
        Interner interner;
        const auto judged = MERLON_TRY(text::read_json(input, arena, interner));
        target_ = gate::text_at(*judged.root, "target");
        owners_.push_back(gate::text_at(*judged.root, "requested_by"));
        if (const value::Value* const change = judged.root->find("change"))
            if (const value::Value* const authors = change->find("authors");
                authors != nullptr && authors->is_array())
                for (const value::Value& author : authors->items())
                    for (const char* member : {"name", "email"})
                        owners_.push_back(gate::text_at(author, member));
        const value::Value* const place = judged.root->find("environment");
        const value::Value* const settings = place == nullptr ? nullptr : place->find("settings");
        if (settings != nullptr)
            if (const auto most = rego::parse_duration(gate::text_at(*settings, "break-glass-for"));
                most.ok())
                break_glass_ns_ = most.value();
        const auto verdict = MERLON_TRY(text::read_json(statement, arena, interner));
        const value::Value* const predicate = verdict.root->find("predicate");
        const value::Value* const conditions =
            predicate == nullptr ? nullptr : predicate->find("merlon_conditions");
        if (conditions == nullptr || !conditions->is_array()) return {};
        for (const value::Value& one : conditions->items()) {
            conditions_.push_back(gate::text_at(one, "id"));
            std::vector<std::string>& keys = keys_[conditions_.back()];
            const value::Value* const evidence = one.find("evidence");
            if (evidence == nullptr || !evidence->is_array()) continue;
            for (const value::Value& listed : evidence->items())
                if (std::string key = gate::text_at(listed, "key"); !key.empty())
                    keys.push_back(std::move(key));
            std::ranges::sort(keys);
        }
        return {};
    }

    // Whose change or exception it is; a gate does not count what he approves of it.
    void warn_of_own() const {
        if (decision_.kind != "approve") return;
        const bool is_own =
            std::ranges::any_of(owners_, [&](const std::string& owner) { return is_me(owner); });
        if (!is_own) return;
        environment_.write_error(
            text::to_printable(fmt::format("merlon: warning: {} is {}'s own; unless its rules say "
                                           "otherwise, a gate counts no approval of one's own, and "
                                           "wants another person's",
                                           decision_.about.empty() ? "the change" : "the exception",
                                           decision_.person)) +
            "\n");
    }

    // By name, or by one of the addresses that the person is registered with.
    bool is_me(const std::string& name) const {
        if (name.empty()) return false;
        if (evidence::is_same_person(name, decision_.person)) return true;
        if (!people_.signers) return false;
        return std::ranges::any_of(people_.signers->signers, [&](const crypto::AllowedSigner& one) {
            return one.principals.front() == decision_.person &&
                   std::ranges::any_of(one.principals, [&](const std::string& known) {
                       return evidence::is_same_person(known, name);
                   });
        });
    }

    Status check_condition(const std::string& id) const {
        if (std::ranges::find(conditions_, id) != conditions_.end()) return {};
        const std::vector<std::string_view> known(conditions_.begin(), conditions_.end());
        return Error{fmt::format("--condition: the verdict has no condition '{}'; there are {}{}",
                                 id, joined(conditions_, ", "), suggestion(id, known))};
    }

    // Who is not in the file is told before a token has to be touched.
    Status check_person() const {
        if (!people_.signers) {
            environment_.write_error(text::to_printable(fmt::format(
                                         "merlon: warning: nobody says here which keys are {}'s; "
                                         "whether it counts, a gate asks {} of its target branch "
                                         "(--target BRANCH, or --people FILE)",
                                         decision_.person, kPeopleFile)) +
                                     "\n");
            return {};
        }
        const auto& all = people_.signers->signers;
        const bool is_there = std::ranges::any_of(all, [&](const crypto::AllowedSigner& one) {
            return one.principals.front() == decision_.person;
        });
        if (is_there) return {};
        return Error{fmt::format("{} has no {}; a gate would not count it. {}", people_.from,
                                 decision_.person, kHowToRegister)};
    }

    Status check_signature(const gate::SignedDecision& signed_one) const {
        if (!people_.signers) return {};
        const gate::SignerCheck checked =
            gate::check_signer(signed_one, decision_, *people_.signers);
        if (checked.refused_because.empty()) return {};
        return Error{fmt::format("{}; a gate would not count it, by {}. {}",
                                 checked.refused_because, people_.from, kHowToRegister)};
    }

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
            MERLON_TRY(read_verdict(verdict.value().bytes, input));
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
        owners_.push_back(about.person);
        return {};
    }

    Status read_kind() {
        decision_.kind = command_.verb->path;
        if (decision_.kind != "except") return {};
        if (!decision_.about.empty()) return Error{"an exception is made from a verdict"};
        if (decision_.reason.empty()) return Error{"why? --reason TEXT"};
        if (!command_.is_set("until")) return Error{"until when? --until 2027-01-31, or 8h"};
        const Timestamp now = environment_.clock->now();
        const Timestamp end = MERLON_TRY(end_of(command_.text("until"), now));
        decision_.expires = format_rfc3339(end);
        if (command_.is_set("break-glass")) {
            if (command_.is_set("condition"))
                return Error{"--break-glass is from every condition: it goes without --condition"};
            if (end.nanoseconds - now.nanoseconds > break_glass_ns_)
                return Error{
                    fmt::format("--until {}: break-glass holds for at most {} s there "
                                "(break-glass-for of the environment)",
                                command_.text("until"), break_glass_ns_ / kSecondNs)};
            decision_.kind = "break-glass";
            return {};
        }
        if (end.nanoseconds - now.nanoseconds > kMostExceptionNs)
            return Error{
                fmt::format("--until {}: an exception ends within a year; what is to hold "
                            "for longer is a change of the policy",
                            command_.text("until"))};
        if (!command_.is_set("condition"))
            return Error{"from which condition? --condition ID, as the gate printed it"};
        decision_.condition = command_.text("condition");
        MERLON_TRY(check_condition(decision_.condition));
        decision_.covers = keys_[decision_.condition];
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
        MERLON_TRY(check_signature(signed_one));
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
        if (decision_.covers && !decision_.covers->empty())
            out += fmt::format(
                "it is for the {} that the verdict lists, and for none that is found later\n",
                decision_.covers->size());
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
        return sign_decision(statement, command_.text("identity"), environment_);
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    gate::Decision decision_;
    std::string target_;                   // the branch that the verdict's change goes to
    std::vector<std::string> conditions_;  // ids, of the verdict
    std::map<std::string, std::vector<std::string>, std::less<>> keys_;  // of their evidence
    std::int64_t break_glass_ns_ = gate::DecisionRules().break_glass_s * kSecondNs;
    KnownPeople people_;
    std::vector<std::string> owners_;  // names and addresses of who made what is decided about
};

std::string people_file(const ParsedCommand& command) {
    return command.is_set("file") ? command.text("file") : std::string(kPeopleFile);
}

// What the file would take for something else: a list, a pattern, a comment, the next field.
Status check_principal(const std::string& name) {
    constexpr std::string_view kSigns = " \t\r\n,\"*?!#";
    if (!name.empty() && name.find_first_of(kSigns) == std::string::npos)
        return evidence::check_person_name(name);
    return Error{
        fmt::format("'{}' is no name of a person: it has no spaces and none of , \" * ? ! #",
                    text::to_printable(name))};
}

Result<std::string> add_person(const ParsedCommand& command) {
    if (command.arguments.empty()) return Error{"who? merlon people add NAME --ssh-key FILE"};
    if (!command.is_set("ssh-key")) return Error{"with which key? --ssh-key FILE.pub"};
    const std::string key_text = MERLON_TRY(read_text_file(command.text("ssh-key")));
    const crypto::SshKey key = MERLON_TRY(crypto::SshKey::parse(key_text));
    std::vector<std::string> names = {command.arguments[0]};
    std::ranges::copy(command.list("email"), std::back_inserter(names));
    for (const std::string& name : names) MERLON_TRY(check_principal(name));
    for (const std::string& address : command.list("email"))
        if (address.find('@') == 0 || address.find('@') >= address.size() - 1)
            return Error{fmt::format("--email {}: an address is NAME@DOMAIN", address)};
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
        const std::string& known = signer.principals.front();
        if (known != names[0] && evidence::is_same_person(known, names[0]))
            return Error{
                fmt::format("{}:{}: {} is there already, written {}: a second key of the "
                            "same person has the same name",
                            file, signer.line, names[0], known)};
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
