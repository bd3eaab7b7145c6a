#include "evidence/audit.h"

#include <gtest/gtest.h>

#include "evidence/audit_lines.h"
#include "evidence/audit_syslog.h"
#include "evidence/store_case.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

class AuditTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        signer_ = audit_signer(folder_ + "/audit.key").value();
        for (int i = 0; i < 5; ++i) take(nothing());
    }

    Result<std::string> sign(const NoteSigner& signer) {
        Transaction transaction = MERLON_TRY(Transaction::begin(store_->database()));
        std::string note =
            MERLON_TRY(sign_log(store_->database(), signer, {.actor = "tester", .now = now_}));
        MERLON_TRY(transaction.commit());
        return note;
    }
    std::string sign() { return sign(signer_).value(); }

    std::string exported() {
        std::string all;
        EXPECT_TRUE(export_log(store_->database(), [&](std::string_view line) {
                        all += line;
                        return Status();
                    }).ok());
        return all;
    }

    AuditTrust trust(const std::string& note = {}) const {
        AuditTrust made{.key = verifier_of(signer_).value(), .notes = {}};
        if (!note.empty()) made.notes.push_back({.name = "kept", .text = note});
        return made;
    }

    static Lines problems_of(const std::string& bytes, const AuditTrust& trust) {
        Lines problems;
        const auto verdict = verify_export(
            bytes, trust, [&](std::string_view problem) { problems.emplace_back(problem); });
        if (!verdict.ok()) problems.push_back(verdict.error().to_string());
        return problems;
    }
    // The first of them; nothing: all is well.
    std::string problem_of(const std::string& bytes, const std::string& note = {}) const {
        const Lines problems = problems_of(bytes, trust(note));
        return problems.empty() ? std::string() : problems[0];
    }

    // The log with these actors, hashed anew from its first event on.
    void rewrite(std::string_view actor) {
        std::vector<Event> events;
        ASSERT_TRUE(each_event(store_->database(), 0, kAllEvents, [&](const Event& event) {
                        events.push_back(event);
                    }).ok());
        std::string before(kEventHashBytes, '\0');
        for (Event& event : events) {
            event.actor = actor;
            event.before = before;
            before = event.hash = event_hash(event);
            ASSERT_TRUE(store_->database()
                            .run("UPDATE event SET actor = $2, before = $3, hash = $4 "
                                 "WHERE seq = $1",
                                 {event.seq, std::string_view(event.actor), Bytes{event.before},
                                  Bytes{event.hash}})
                            .ok());
        }
    }

    NoteSigner signer_;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_F(AuditTest, an_export_is_verified_alone) {
    const std::string note = sign();
    EXPECT_EQ(sign(), note);  // nothing came since
    take(nothing());
    sign();
    const std::string bytes = exported();
    Lines problems;
    const auto verdict = verify_export(
        bytes, trust(note), [&](std::string_view problem) { problems.emplace_back(problem); });
    ASSERT_TRUE(verdict.ok()) << verdict.error().to_string();
    EXPECT_EQ(problems, Lines());
    EXPECT_EQ(verdict.value().log.events, 7u);  // one tells of the first checkpoint
    EXPECT_EQ(verdict.value().log.signed_events, 7u);
    EXPECT_EQ(verdict.value().log.checkpoints, 3u);  // one of them kept elsewhere
    EXPECT_EQ(store_->check([](std::string_view) { FAIL(); }).ok(), true);
}

TEST_F(AuditTest, a_changed_event_is_found) {
    sign();
    std::string bytes = exported();
    bytes.replace(bytes.find("tester"), 6, "nobody");
    EXPECT_EQ(problem_of(bytes), "event 1 is not as it was written");
    ASSERT_TRUE(store_->database().run("UPDATE event SET actor = 'nobody' WHERE seq = 3").ok());
    EXPECT_TRUE(has(problems()[0], "event 3 is not as it was written"));
    EXPECT_TRUE(has(sign(signer_).error().message, "not signed"));
}

TEST_F(AuditTest, a_removed_event_is_found) {
    sign();
    const std::string bytes = exported();
    const std::size_t begin = bytes.find("{\"seq\":2"), end = bytes.find("{\"seq\":3");
    EXPECT_EQ(problem_of(bytes.substr(0, begin) + bytes.substr(end)),
              "event 2 is missing from the audit log");
    const std::size_t last = bytes.find("{\"seq\":5");
    EXPECT_EQ(problem_of(bytes.substr(0, last)),
              "the export has a checkpoint of 5 events, and the log has 4");
}

TEST_F(AuditTest, events_that_nobody_signed_are_found) {
    sign();
    take(nothing());
    EXPECT_EQ(problem_of(exported()), "no checkpoint vouches for the last 1 of 6 events");
}

TEST_F(AuditTest, a_log_that_was_rewritten_as_a_whole_is_found) {
    sign();
    rewrite("nobody");
    EXPECT_TRUE(has(problem_of(exported()), "rewritten"));
    EXPECT_TRUE(has(problems()[0], "rewritten"));
    EXPECT_FALSE(sign(signer_).ok());
}

// The writer of the store has the key, too, and signs another history: only who kept the old
// checkpoint can tell.
TEST_F(AuditTest, a_fork_is_found_by_a_checkpoint_that_was_kept) {
    const std::string kept = sign();
    rewrite("nobody");
    ASSERT_TRUE(store_->database().run("DELETE FROM checkpoint").ok());
    ASSERT_TRUE(store_->database().run("DELETE FROM meta WHERE name = 'audit_key'").ok());
    take(nothing());
    sign();
    EXPECT_EQ(problem_of(exported()), "");
    EXPECT_EQ(problem_of(exported(), kept),
              "kept has a checkpoint of 5 events that are not these: the log was rewritten, or it "
              "has forked");
}

TEST_F(AuditTest, checkpoints_that_were_taken_out_are_missed) {
    sign();
    ASSERT_TRUE(store_->database().run("DELETE FROM checkpoint").ok());
    EXPECT_TRUE(has(problems().at(0), "they were taken out"));
    EXPECT_TRUE(has(sign(signer_).error().message, "they were taken out"));
}

TEST_F(AuditTest, each_checkpoint_is_told_of_by_the_next_signature) {
    sign();
    for (int i = 0; i < 2; ++i) {
        take(nothing());
        sign();  // of 7 events, and of 9
    }
    EXPECT_EQ(problems(), Lines());
    const auto without = [&](std::string_view size) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        EXPECT_TRUE(store_->database()
                        .run("DELETE FROM checkpoint WHERE size = CAST($1 AS INTEGER)", {size})
                        .ok());
        EXPECT_EQ(problem_of(exported()), problems().at(0));
        return problems();  // and it is rolled back
    };
    EXPECT_EQ(without("5"), Lines{"the checkpoint of 5 events is gone, of which event 7 tells"});
    EXPECT_EQ(without("7"), Lines{"the checkpoint of 7 events is gone, of which event 9 tells"});
    EXPECT_EQ(without("9"), Lines{"the checkpoint that was signed with event 9 is gone"});
    EXPECT_EQ(problems(), Lines());
}

TEST_F(AuditTest, a_replaced_checkpoint_is_found) {
    sign();
    const NoteSigner other = make_signer().value();
    const SignedCheckpoint real = read_checkpoint(sign(), nullptr).value();
    Checkpoint forged = real.checkpoint;
    forged.origin = other.name;
    const std::string note = sign_note(to_text(forged), other).value();
    ASSERT_TRUE(
        store_->database().run("UPDATE checkpoint SET note = $1", {std::string_view(note)}).ok());
    EXPECT_TRUE(has(problem_of(exported()), "did not sign"));
    EXPECT_TRUE(has(problems()[0], "did not sign"));
    // And its key with it: who knows the key is not taken in.
    const std::string key = to_string(verifier_of(other).value());
    ASSERT_TRUE(
        store_->database()
            .run("UPDATE meta SET value = $1 WHERE name = 'audit_key'", {std::string_view(key)})
            .ok());
    EXPECT_EQ(problems_of(exported(), {}), Lines());
    EXPECT_TRUE(has(problem_of(exported()), "another key"));
    EXPECT_TRUE(has(sign(signer_).error().message, "was signed with the key"));
}

TEST_F(AuditTest, a_checkpoint_that_stands_twice_counts_once) {
    const std::string line = checkpoint_line(sign());
    std::string bytes = exported();
    bytes.insert(bytes.find(line), line);
    EXPECT_EQ(problem_of(bytes), "the export has a checkpoint of 5 events twice");
}

TEST_F(AuditTest, a_checkpoint_has_the_size_that_it_says) {
    sign();
    ASSERT_TRUE(store_->database().run("UPDATE checkpoint SET size = 4").ok());
    EXPECT_TRUE(has(problems()[0], "a checkpoint of 5 events as one of 4"));
}

TEST_F(AuditTest, a_checkpoint_of_other_events_by_the_same_key_is_found) {
    Checkpoint forged = read_checkpoint(sign(), nullptr).value().checkpoint;
    forged.root = leaf_hash("other");
    const std::string note = sign_note(to_text(forged), signer_).value();
    ASSERT_TRUE(
        store_->database().run("UPDATE checkpoint SET note = $1", {std::string_view(note)}).ok());
    EXPECT_TRUE(has(problem_of(exported()), "not these"));
}

TEST_F(AuditTest, an_event_is_proven_without_the_others) {
    EXPECT_FALSE(prove_event(store_->database(), 3).ok());  // nobody signed
    sign();
    const NoteVerifier verifier = verifier_of(signer_).value();
    for (std::int64_t seq = 1; seq <= 5; ++seq) {
        const std::string proof = prove_event(store_->database(), seq).value();
        EXPECT_TRUE(is_event_proof(proof));
        const auto proven = verify_event_proof(proof, &verifier);
        EXPECT_TRUE(proven.ok() && proven.value().problem.empty());
        ASSERT_TRUE(proven.ok()) << proven.error().message;
        EXPECT_EQ(proven.value().event.seq, seq);
        EXPECT_EQ(proven.value().event.actor, "tester");
        EXPECT_TRUE(proven.value().is_signed);
        for (std::size_t i = 0; i + 1 < proof.size(); i += 7) {
            std::string changed = proof;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            const auto read = verify_event_proof(changed, &verifier);
            EXPECT_FALSE(read.ok() && read.value().problem.empty()) << i;
        }
    }
    EXPECT_FALSE(prove_event(store_->database(), 6).ok());
    const NoteVerifier other = verifier_of(make_signer().value()).value();
    const auto of_other = verify_event_proof(prove_event(store_->database(), 1).value(), &other);
    ASSERT_TRUE(of_other.ok());
    EXPECT_FALSE(of_other.value().problem.empty());
    // No checkpoint could ever have these.
    for (const std::int64_t seq : {0, -1, 999})
        EXPECT_EQ(prove_event(store_->database(), seq).error().message.find("checkpoint"),
                  std::string::npos);
}

TEST_F(AuditTest, the_key_is_its_owners_alone) {
    const std::string path = folder_ + "/audit.key";
    EXPECT_EQ(audit_signer(path).value().name, signer_.name);
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
    std::filesystem::permissions(path, perms::group_read, std::filesystem::perm_options::add);
    EXPECT_FALSE(audit_signer(path).ok());
}

TEST(SignedNote, reads_the_example_of_the_specification) {
    constexpr std::string_view kNote =
        "example.com/behind-the-sofa\n"
        "20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        "\n"
        "\xE2\x80\x94 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    const auto read = read_checkpoint(kNote, nullptr);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value().checkpoint.origin, "example.com/behind-the-sofa");
    EXPECT_EQ(read.value().checkpoint.size, 20852163u);
    EXPECT_TRUE(kNote.starts_with(to_text(read.value().checkpoint)));
}

TEST(SignedNote, keys_and_checkpoints_are_what_they_were_written_as) {
    const NoteSigner signer = make_signer().value();
    const NoteVerifier verifier = verifier_of(signer).value();
    EXPECT_EQ(parse_verifier(to_string(verifier)).value(), verifier);
    EXPECT_EQ(parse_signer(to_string(signer)).value().secret, signer.secret);
    std::string wrong = to_string(verifier);
    wrong.back() = wrong.back() == '=' ? 'A' : '=';
    EXPECT_FALSE(parse_verifier(wrong).ok());
    EXPECT_FALSE(parse_signer(to_string(verifier)).ok());

    const Checkpoint checkpoint{.origin = "log", .size = 12, .root = leaf_hash("x")};
    const std::string note = sign_note(to_text(checkpoint), signer).value();
    const SignedCheckpoint read = read_checkpoint(note, &verifier).value();
    EXPECT_EQ(read.checkpoint.size, 12u);
    EXPECT_EQ(read.checkpoint.root, checkpoint.root);
    EXPECT_EQ(read.signature, NoteSignature::kValid);
    EXPECT_EQ(read_checkpoint(note, nullptr).value().signature, NoteSignature::kByOthers);
    std::string more = note;
    more.replace(more.find("12"), 2, "13");
    EXPECT_EQ(read_checkpoint(more, &verifier).value().signature, NoteSignature::kInvalid);
    for (const char* broken :
         {"", "\n\n", "log\n12\n", "log\n012\nAAAA\n\n", "log\n1\nAAAA\n\nx\n"})
        EXPECT_FALSE(read_checkpoint(broken, nullptr).ok()) << broken;
}

TEST(Syslog, is_rfc_5424_led_by_its_length) {
    const Event event{.seq = 7,
                      .at_ms = 1'700'000'000'042,
                      .actor = "ann",
                      .kind = "gate verdict",
                      .body = "{}",
                      .before = std::string(kEventHashBytes, '\0'),
                      .hash = std::string(kEventHashBytes, '\1')};
    const std::string frame = syslog_frame(event);
    const std::size_t space = frame.find(' ');
    EXPECT_EQ(frame.substr(0, space), std::to_string(frame.size() - space - 1));
    EXPECT_TRUE(
        has(frame, " <109>1 2023-11-14T22:13:20.042Z - merlon - gate_verdict - {\"seq\":7,"))
        << frame;
    EXPECT_FALSE(has(frame, "\n"));
}

}  // namespace
}  // namespace merlon::evidence
