#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/audit_command.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "evidence/audit.h"
#include "evidence/key_rotation.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

// A new key in a file of its own, which is gone again unless the log has it.
class NewKey {
  public:
    static Result<NewKey> make(std::string_view name, const std::string& path) {
        NewKey made(MERLON_TRY(evidence::make_signer(name)), path);
        made.key_ = MERLON_TRY(evidence::verifier_of(made.signer_));
        made.file_ = evidence::key_path_beside(path, made.key_);
        MERLON_TRY(evidence::write_key_file(made.file_, made.signer_));
        made.is_mine_ = true;
        return made;
    }
    // The one that stands in the key's file already: of another log that was rotated before.
    NewKey(evidence::NoteSigner signer, std::string path)
        : signer_(std::move(signer)), path_(std::move(path)) {}
    NewKey(NewKey&& other) noexcept
        : signer_(std::move(other.signer_)),
          key_(other.key_),
          path_(std::move(other.path_)),
          file_(std::move(other.file_)),
          is_mine_(std::exchange(other.is_mine_, false)) {}
    NewKey(const NewKey&) = delete;
    NewKey& operator=(const NewKey&) = delete;
    NewKey& operator=(NewKey&&) = delete;
    ~NewKey() {
        std::error_code none;
        if (is_mine_) fs::remove(file_, none);
    }

    const evidence::NoteSigner& signer() const { return signer_; }

    // The log has it: it takes the file of the key, and the one there gets its number behind its
    // name. Wherever this stops, log_signer() finds both.
    void settle(const evidence::NoteVerifier& old) {
        if (!std::exchange(is_mine_, false)) return;
        std::error_code failure;
        if (fs::exists(path_, failure))
            fs::rename(path_, evidence::key_path_beside(path_, old), failure);
        if (!failure) fs::rename(file_, path_, failure);
    }

  private:
    evidence::NoteSigner signer_;
    evidence::NoteVerifier key_;
    std::string path_, file_;
    bool is_mine_ = false;
};

struct Rotated {
    std::string note, key, old_key, old_file;  // no file: the old key is lost
};

Result<NewKey> new_key(const evidence::NoteVerifier& old, const std::string& path) {
    std::error_code none;
    if (fs::exists(path, none)) {
        evidence::NoteSigner there = MERLON_TRY(evidence::audit_signer(path));
        if (MERLON_TRY(evidence::verifier_of(there)) != old) return NewKey(std::move(there), path);
    }
    return NewKey::make(old.name, path);
}

Result<Rotated> rotate(const ParsedCommand& command, const Environment& environment) {
    const bool is_lost = command.is_set("lost");
    const std::string& reason = command.text("reason");
    if (command.is_set("reason") && reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return Error{"--reason is empty: say why, for those who verify the log"};
    if (is_lost && !command.is_set("reason"))
        return Error{
            "--lost without --reason: say what became of the key, for those who verify the log"};
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Database& database = store.database();
    const std::string path = MERLON_TRY(audit_key_path(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
    const std::optional<evidence::NoteVerifier> key = MERLON_TRY(evidence::signing_key(database));
    if (!key)
        return Error{
            "this log was never signed, so there is no key to be changed: 'merlon audit "
            "checkpoint' makes one"};
    Result<std::optional<evidence::NoteSigner>> found = evidence::find_signer(*key, path);
    if (!found.ok())
        return std::move(found).error().within(
            "a key's file that cannot be read (put it right, or move it away where the key is "
            "lost, and name --lost)");
    const std::optional<evidence::NoteSigner> old = std::move(found).value();
    if (!old && !is_lost) MERLON_TRY(evidence::log_signer(database, path));  // says what to do
    if (old && is_lost)
        return Error{fmt::format("the key {} is not lost: it is in {} or {}; leave out --lost",
                                 evidence::short_name(*key), path,
                                 evidence::key_path_beside(path, *key))};
    NewKey next = MERLON_TRY(new_key(*key, path));
    Rotated made{
        .note = MERLON_TRY(evidence::rotate_key(
            database, {.old = old ? &*old : nullptr, .next = next.signer(), .reason = reason},
            {.actor = actor_of(environment), .now = environment.clock->now()})),
        .key = evidence::to_string(MERLON_TRY(evidence::verifier_of(next.signer()))),
        .old_key = evidence::to_string(*key),
        .old_file = {}};
    MERLON_TRY(transaction.commit());
    next.settle(*key);
    if (old) made.old_file = evidence::key_path_beside(path, *key);
    return made;
}

std::string said_of(const Rotated& made) {
    std::string said = fmt::format("signed with {}\nthe key was {}\n", made.key, made.old_key);
    if (made.old_file.empty())
        return said +
               "the one before is lost: 'merlon audit verify' shows the break, with exit code 1 "
               "until --accept-break names its event\n";
    return said + fmt::format(
                      "who trusts that one is led to the new one by the log; its file is {}, and "
                      "may be removed where no other store is signed with it\n",
                      made.old_file);
}

}  // namespace

int run_audit_rotate(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const Result<Rotated> made = rotate(command, environment);
    if (!made.ok()) return fail(environment, made.error().to_string());
    if (!*json_asked) {
        environment.write_error(said_of(made.value()));
        return print(environment, made.value().note);
    }
    std::string out;
    text::JsonWriter(out, "  ")
        .begin_object()
        .member("checkpoint", made.value().note)
        .member("key", made.value().key)
        .member("keyBefore", made.value().old_key)
        .end_object();
    return print(environment, out + "\n");
}

}  // namespace merlon::cli
