#include "evidence/key_rotation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "evidence/audit.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class KeyRotationTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        first_ = make_signer("log").value();
        second_ = make_signer("log").value();
        third_ = make_signer("log").value();
        for (int i = 0; i < 3; ++i) take(nothing());
        EXPECT_TRUE(sign(first_).ok());
        take(nothing());
    }

    Signing signing() const { return {.actor = "tester", .now = now_}; }

    Result<std::string> sign(const NoteSigner& signer) {
        Transaction transaction = MERLON_TRY(Transaction::begin(store_->database()));
        std::string note = MERLON_TRY(sign_log(store_->database(), signer, signing()));
        MERLON_TRY(transaction.commit());
        return note;
    }
    Result<std::string> rotate(const NoteSigner* old, const NoteSigner& next) {
        Transaction transaction = MERLON_TRY(Transaction::begin(store_->database()));
        std::string note = MERLON_TRY(rotate_key(
            store_->database(), {.old = old, .next = next, .reason = "because"}, signing()));
        MERLON_TRY(transaction.commit());
        return note;
    }

    std::string exported() {
        std::string all;
        EXPECT_TRUE(export_log(store_->database(), [&](std::string_view line) {
                        all += line;
                        return Status();
                    }).ok());
        return all;
    }

    // Of the store and of its export, which have to agree.
    Lines verify(const NoteSigner* key, std::vector<std::int64_t> breaks = {},
                 const std::string& note = {}) {
        AuditTrust trust;
        if (key != nullptr) trust.key = verifier_of(*key).value();
        trust.breaks = std::move(breaks);
        if (!note.empty()) trust.notes.push_back({.name = "kept", .text = note});
        Lines of_store, of_export;
        EXPECT_TRUE(check_log(store_->database(), trust, [&](std::string_view problem) {
                        of_store.emplace_back(problem);
                    }).ok());
        const auto verdict = verify_export(
            exported(), trust, [&](std::string_view problem) { of_export.emplace_back(problem); });
        EXPECT_TRUE(verdict.ok()) << verdict.error().to_string();
        EXPECT_EQ(of_store.empty(), of_export.empty());
        if (verdict.ok()) keys_ = verdict.value().log.keys;
        return of_store;
    }

    static bool is_one_about(const Lines& lines, std::string_view part) {
        return lines.size() == 1 && lines[0].find(part) != std::string::npos;
    }

    // An event whose body is told of here, as who writes the store may make it.
    void append_change(const KeyChange& change, const std::vector<const NoteSigner*>& by) {
        std::string note = sign_note(to_text(change), *by.at(0)).value();
        for (std::size_t i = 1; i < by.size(); ++i) note = countersign_note(note, *by[i]).value();
        Transaction transaction = Transaction::begin(store_->database()).value();
        EXPECT_TRUE(append_event(store_->database(), {.at = now_,
                                                      .actor = "x",
                                                      .kind = event_kind::kAuditKey,
                                                      .body = key_change_body(note, "")})
                        .ok());
        EXPECT_TRUE(transaction.commit().ok());
    }
    LogSummary summary() {
        return check_log(store_->database(), {}, [](std::string_view) {}).value();
    }

    NoteSigner first_, second_, third_;
    std::vector<LogKey> keys_;
};

TEST_F(KeyRotationTest, the_log_leads_from_the_first_key_to_the_last) {
    const std::string before = sign(first_).value();
    const std::string after = rotate(&first_, second_).value();
    EXPECT_FALSE(sign(first_).ok());
    take(nothing());
    ASSERT_TRUE(rotate(&second_, third_).ok());
    take(nothing());
    ASSERT_TRUE(sign(third_).ok());
    const std::vector<const NoteSigner*> keys{&first_, &second_, &third_, nullptr};
    for (const NoteSigner* key : keys) {
        EXPECT_EQ(verify(key), Lines());
        EXPECT_EQ(verify(key, {}, before), Lines());
        EXPECT_EQ(verify(key, {}, after), Lines());
    }
    ASSERT_EQ(keys_.size(), 3u);
    EXPECT_EQ(keys_[2].key, verifier_of(third_).value());
    EXPECT_FALSE(keys_[1].is_break);
    EXPECT_EQ(signing_key(store_->database()).value(), verifier_of(third_).value());
    EXPECT_EQ(problems(), Lines());
    const NoteSigner other = make_signer("log").value();
    EXPECT_TRUE(is_one_about(verify(&other), "never had the key that was asked for"));
    EXPECT_FALSE(rotate(&second_, other).ok());
    EXPECT_FALSE(rotate(&third_, third_).ok());
}

TEST_F(KeyRotationTest, a_change_that_the_old_key_has_not_signed_is_found) {
    const LogSummary log = summary();
    append_change({.size = log.events, .root = log.root, .next = verifier_of(second_).value()},
                  {&second_, &third_});
    EXPECT_TRUE(is_one_about({verify(nullptr).at(0)}, "is forged: log+"));
    // Nor can the key sign on: it is told which one the log has now.
    EXPECT_FALSE(sign(first_).ok());
    EXPECT_NE(problems(), Lines());
}

TEST_F(KeyRotationTest, a_change_is_of_its_log_and_its_place) {
    const LogSummary log = summary();
    KeyChange change{.size = log.events, .root = log.root, .next = verifier_of(second_).value()};
    change.size += 1;
    append_change(change, {&second_, &first_});
    EXPECT_NE(verify(nullptr).at(0).find("made for another log"), std::string::npos);
}

TEST_F(KeyRotationTest, the_new_key_has_to_sign_too) {
    const LogSummary log = summary();
    append_change({.size = log.events, .root = log.root, .next = verifier_of(second_).value()},
                  {&first_});
    EXPECT_NE(verify(nullptr).at(0).find("has not signed it"), std::string::npos);
}

TEST_F(KeyRotationTest, the_old_key_signs_no_more) {
    ASSERT_TRUE(rotate(&first_, second_).ok());
    const LogSummary log = summary();
    const std::string note =
        sign_note(to_text(Checkpoint{.origin = "log", .size = log.events, .root = log.root}),
                  first_)
            .value();
    EXPECT_TRUE(is_one_about(verify(&first_, {}, note), "did not sign"));
}

TEST_F(KeyRotationTest, a_lost_key_is_a_break_that_everybody_is_told_of) {
    ASSERT_TRUE(rotate(nullptr, second_).ok());
    const std::int64_t event = breaks_of_key(store_->database()).value().at(0);
    for (const NoteSigner* key : {&first_, &second_}) {
        EXPECT_TRUE(is_one_about(verify(key), "nobody vouches for"));
        const Lines wrong = verify(key, {event + 1});
        ASSERT_EQ(wrong.size(), 2u);
        EXPECT_NE(wrong[0].find("nobody vouches for"), std::string::npos);
        EXPECT_NE(wrong[1].find("begins with no new key"), std::string::npos);
        EXPECT_EQ(verify(key, {event}), Lines());
    }
    EXPECT_TRUE(keys_.back().is_break);
    take(nothing());
    EXPECT_TRUE(sign(second_).ok());
    EXPECT_EQ(problems(), Lines());
    EXPECT_TRUE(rotate(&second_, third_).ok());
    EXPECT_EQ(verify(&third_, {event}), Lines());
}

TEST_F(KeyRotationTest, the_file_of_a_key_is_found_by_its_number) {
    const std::string path = folder_ + "/k";
    const NoteVerifier key = verifier_of(first_).value();
    EXPECT_NE(log_signer(store_->database(), path).error().message.find("--lost"),
              std::string::npos);
    EXPECT_TRUE(write_key_file(path, second_).ok());
    EXPECT_FALSE(log_signer(store_->database(), path).ok());
    EXPECT_TRUE(write_key_file(key_path_beside(path, key), first_).ok());
    EXPECT_EQ(log_signer(store_->database(), path).value().secret, first_.secret);
}

TEST_F(KeyRotationTest, what_is_no_change_is_refused) {
    Event event;
    const KeyChange change{.size = 3, .root = {}, .next = verifier_of(second_).value()};
    const std::string text = to_text(change);
    const auto read = [&](const std::string& note_text) {
        event.body = key_change_body(sign_note(note_text, first_).value(), "r");
        return read_key_change(event);
    };
    EXPECT_EQ(read(text).value().change.next, change.next);
    for (const std::string& other :
         {text + "more\n", "x" + text, text.substr(0, text.size() - 2) + "\n", std::string("\n")})
        EXPECT_FALSE(read(other).ok()) << other;
    for (const char* body : {"", "[]", "{}", R"({"note":1})", R"({"note":"x"})"}) {
        event.body = body;
        EXPECT_FALSE(read_key_change(event).ok()) << body;
    }
}

}  // namespace
}  // namespace merlon::evidence
