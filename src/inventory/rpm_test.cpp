#include <gtest/gtest.h>
#include <sqlite3.h>

#include "inventory/example.h"

namespace merlon::inventory {
namespace {

using example::read;

std::string number(std::uint64_t value, int width, bool is_big) {
    std::string bytes;
    for (int i = 0; i < width; ++i)
        bytes += static_cast<char>(value >> (8 * (is_big ? width - 1 - i : i)) & 0xFF);
    return bytes;
}
std::string big(std::uint64_t value) { return number(value, 4, true); }
std::string little(std::uint64_t value, int width = 4) { return number(value, width, false); }

// A header of texts (type 6), lists of texts (8) and one epoch (4).
std::string header(const std::string& name, const std::string& needs) {
    std::string index, data;
    std::uint32_t entries = 0;
    const auto add = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                         const std::string& bytes) {
        index += big(tag) + big(type) + big(data.size()) + big(count);
        data += bytes;
        ++entries;
    };
    const std::string zero(1, '\0');
    add(1000, 6, 1, name + zero);
    add(1001, 6, 1, "1.0" + zero);
    add(1002, 6, 1, "2.el9" + zero);
    while (data.size() % 4 != 0) data += '\0';
    add(1003, 4, 1, big(3));
    add(1014, 6, 1, "MIT" + zero);
    add(1044, 6, 1, "source-1.0-2.el9.src.rpm" + zero);
    add(1047, 8, 2, name + zero + "lib" + name + ".so" + zero);
    add(1049, 8, 1, needs + zero);
    return big(entries) + big(data.size()) + index + data;
}

constexpr std::string_view kShown = "0:0 a 3:1.0-2.el9 -> 1\n0:0 b 3:1.0-2.el9\n";

TEST(Rpm, sqlite_gives_versions_sources_and_edges) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO Packages (blob) VALUES (?)", -1, &insert, nullptr);
    for (const std::string& blob : {header("a", "libb.so"), header("b", "nothing"),
                                    header("gpg-pubkey", ""), std::string("hello")}) {
        sqlite3_bind_blob(insert, 1, blob.data(), static_cast<int>(blob.size()), SQLITE_TRANSIENT);
        ASSERT_EQ(sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_int64 size = 0;
    unsigned char* bytes = sqlite3_serialize(database, "main", &size, 0);
    const std::string file(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    sqlite3_free(bytes);
    sqlite3_close(database);

    EXPECT_EQ(read("rpm-sqlite", file),
              std::string(kShown) + "? rpm: a header that cannot be read\n");
    const Facts facts = example::facts("rpm-sqlite", file);
    EXPECT_EQ(facts.source.packages[0].source_name, "source");
    EXPECT_EQ(facts.source.packages[0].source_version, "1.0-2.el9");
    EXPECT_EQ(facts.source.packages[0].licenses, (std::vector<std::string>{"MIT"}));
    EXPECT_EQ(reader_for("x/var/lib/rpm/rpmdb.sqlite")->name, "rpm-sqlite");
}

TEST(Rpm, ndb_gives_the_blobs_of_its_slots) {
    const std::string a = header("a", "libb.so"), b = header("b", "nothing");
    std::string slots = "RpmP" + little(0) + little(0) + little(1) + std::string(16, '\0');
    std::string blobs;
    std::uint32_t package = 0;
    for (const std::string& blob : {a, b}) {
        slots += "Slot" + little(++package) + little((4096 + blobs.size()) / 16) + little(1);
        blobs += "BlbS" + little(package) + little(0) + little(blob.size()) + blob;
        while (blobs.size() % 16 != 0) blobs += '\0';
    }
    while (slots.size() < 4096) slots += "Slot" + std::string(12, '\0');
    const std::string file = slots + blobs;
    EXPECT_EQ(read("rpm-ndb", file), kShown);
    EXPECT_EQ(read("rpm-ndb", file.substr(0, 4096 + 16 + a.size())),
              "0:0 a 3:1.0-2.el9\n? rpm: a package of the NDB file is damaged\n");
    EXPECT_EQ(read("rpm-ndb", "hello"),
              "error: rpm: expected an NDB file, which begins \"RpmP\" (while reading it as "
              "rpm-ndb)\n");
}

TEST(Rpm, berkeley_gives_values_from_chains_of_pages) {
    const std::string a = header("a", "libb.so"), b = header("b", "nothing");
    constexpr std::size_t kPage = 512;
    std::string file(2 * kPage, '\0');
    const auto put = [&](std::size_t at, const std::string& bytes) {
        file.replace(at, bytes.size(), bytes);
    };
    put(12, little(0x061561));
    put(20, little(kPage));
    file[25] = 8;
    file[kPage + 25] = 13;
    put(kPage + 20, little(4, 2));  // key, value, key, value
    std::size_t entry = kPage - 12;
    int pair = 0;
    for (const std::string& blob : {a, b}) {
        put(kPage + 26 + 4 * pair++ + 2, little(entry, 2));
        put(kPage + entry,
            std::string("\3\0\0\0", 4) + little(file.size() / kPage) + little(blob.size()));
        entry -= 12;
        // Two pages for each, so that the chain is followed.
        for (std::size_t part = 0; part < 2; ++part) {
            const std::string bytes = part == 0 ? blob.substr(0, 100) : blob.substr(100);
            std::string page(kPage, '\0');
            page.replace(16, 4, little(part == 0 ? file.size() / kPage + 1 : 0));
            page.replace(22, 2, little(bytes.size(), 2));
            page[25] = 7;
            page.replace(26, bytes.size(), bytes);
            file += page;
        }
    }
    EXPECT_EQ(read("rpm-berkeley", file), kShown);
    std::string cut = file;
    cut.resize(file.size() - kPage);
    EXPECT_EQ(read("rpm-berkeley", cut),
              "0:0 a 3:1.0-2.el9\n? rpm: a package of the file is damaged\n");
}

}  // namespace
}  // namespace merlon::inventory
