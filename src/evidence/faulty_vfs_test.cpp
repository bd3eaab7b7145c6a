// What is left when the disk fails: every write, sync and truncation of a workload fails once, is
// torn with everything after it lost, or finds the disk full; whatever was acknowledged is there,
// and the store is sound.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>

#include "evidence/audit.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

enum class Fault : std::uint8_t {
    kFails,     // this one, and what comes next works again
    kDiskFull,  // from here on
    kPowerCut,  // half of this one is written, and nothing after it
};

struct Plan {
    Fault fault = Fault::kFails;
    int at = 0;  // the number of the operation; 0: nothing fails
    int done = 0;
    bool has_failed = false;
};

// SQLite's VFS knows no owner but the process.
Plan& plan() {
    static Plan made;
    return made;
}

// SQLITE_OK: go on.
int next_operation() {
    Plan& now = plan();
    if (now.at == 0) return SQLITE_OK;
    const bool is_it = ++now.done == now.at;
    if (!is_it && !(now.done > now.at && now.fault != Fault::kFails)) return SQLITE_OK;
    now.has_failed = true;
    return now.fault == Fault::kDiskFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

struct FaultyFile {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
FaultyFile* faulty(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return faulty(file)->real(); }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *real(file)->pMethods; }

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const bool is_first_of_cut =
        plan().fault == Fault::kPowerCut && plan().at != 0 && plan().done + 1 == plan().at;
    const int code = next_operation();
    if (code == SQLITE_OK) return methods(file).xWrite(real(file), bytes, count, offset);
    if (is_first_of_cut) methods(file).xWrite(real(file), bytes, count / 2, offset);
    return code;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = next_operation();
    return code == SQLITE_OK ? methods(file).xTruncate(real(file), size) : code;
}
// The process lives on, and sees what it has written: only what fails counts.
int sync(sqlite3_file*, int) {
    return next_operation() == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* f) { return methods(f).xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int n,
                sqlite3_int64 at) { return methods(f).xRead(real(f), to, n, at); },
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int lock) { return methods(f).xLock(real(f), lock); },
    .xUnlock = [](sqlite3_file* f, int lock) { return methods(f).xUnlock(real(f), lock); },
    .xCheckReservedLock = [](sqlite3_file* f,
                             int* out) { return methods(f).xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return methods(f).xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return methods(f).xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
            return methods(f).xShmMap(real(f), page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return methods(f).xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { methods(f).xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int del) { return methods(f).xShmUnmap(real(f), del); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// For as long as it lives every store is on the faulty disk.
class FaultyDisk {
  public:
    FaultyDisk() : under_(sqlite3_vfs_find(nullptr)), made_(*under_) {
        made_.zName = "faulty";
        made_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + under_->szOsFile;
        made_.pAppData = under_;
        made_.xOpen = [](sqlite3_vfs* self, sqlite3_filename name, sqlite3_file* file, int flags,
                         int* out) {
            auto* const under = static_cast<sqlite3_vfs*>(self->pAppData);
            file->pMethods = nullptr;
            const int code = under->xOpen(under, name, real(file), flags, out);
            if (code == SQLITE_OK) file->pMethods = &kMethods;
            return code;
        };
        sqlite3_vfs_register(&made_, 1);
    }
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;
    ~FaultyDisk() {
        sqlite3_vfs_unregister(&made_);
        sqlite3_vfs_register(under_, 1);
    }

  private:
    sqlite3_vfs* under_;
    sqlite3_vfs made_;
};

class FaultyDiskTest : public StoreTest {
  protected:
    // The kinds of the events of what was acknowledged.
    std::vector<std::string> work() {
        std::vector<std::string> done;
        auto opened = Store::open({.place = path(), .access = Access::kWrite, .command = "test"});
        if (!opened.ok()) return done;
        store_.emplace(std::move(opened).value());
        for (int i = 0; i < 4; ++i) {
            std::vector<Found> found;
            for (int j = 0; j <= i * 8; ++j)
                found.push_back({"r", "f" + std::to_string(j) + ".c", static_cast<std::uint32_t>(i),
                                 "eval(x)"});
            if (is_taken(found)) done.emplace_back("import");
            if (decide({.finding = 1}, Verdict::kAccepted, 1000 + i).ok())
                done.emplace_back("decision");
        }
        store_.reset();
        return done;
    }

    bool is_taken(const std::vector<Found>& found) {
        const exchange::ReadReport made = report(found);
        const std::string bytes = "document " + std::to_string(++documents_);
        now_.nanoseconds += 1'000'000'000;
        return import_reports(store_->database(), request(bytes), {made}).ok();
    }

    // What the log has of them, in this order.
    std::size_t found_of(const std::vector<std::string>& kinds) {
        std::size_t next = 0;
        EXPECT_TRUE(each_event(store_->database(), 0, kAllEvents, [&](const Event& event) {
                        if (next < kinds.size() && event.kind == kinds[next]) ++next;
                    }).ok());
        return next;
    }

    void run(Fault fault) {
        const FaultyDisk disk;
        store_.reset();
        int cases = 0;
        for (int at = 1;; at += 1 + at / 16, ++cases) {
            for (const char* ending : {"", "-wal", "-shm", "-writer"})
                std::filesystem::remove(path() + ending);
            plan() = {.fault = fault, .at = at};
            const std::vector<std::string> acknowledged = work();
            const bool has_failed = plan().has_failed;
            plan() = {};
            open();
            EXPECT_EQ(problems(), Lines()) << "operation " << at;
            EXPECT_EQ(found_of(acknowledged), acknowledged.size()) << "operation " << at;
            store_.reset();
            if (!has_failed) break;  // there are fewer operations than that
        }
        EXPECT_GT(cases, 20);
    }
};

TEST_F(FaultyDiskTest, a_write_that_fails_loses_nothing_that_was_acknowledged) {
    if (!is_on_server()) run(Fault::kFails);
}

TEST_F(FaultyDiskTest, a_full_disk_loses_nothing_that_was_acknowledged) {
    if (!is_on_server()) run(Fault::kDiskFull);
}

TEST_F(FaultyDiskTest, a_torn_write_loses_nothing_that_was_acknowledged) {
    if (!is_on_server()) run(Fault::kPowerCut);
}

TEST_F(FaultyDiskTest, a_clock_that_jumps_loses_nothing) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 10).ok());
    now_.nanoseconds -= days(400).nanoseconds;  // back, before the finding was first seen
    take({{"r", "a.c", 4, "eval(x)"}});
    EXPECT_EQ(ids("is:open"), "");
    now_.nanoseconds += days(4000).nanoseconds;  // and far ahead: the decision has ended
    EXPECT_EQ(ids("is:open"), "1");
    take({{"r", "a.c", 5, "eval(x)"}});
    now_.nanoseconds -= days(3600).nanoseconds;  // back again: what has ended stays so
    take({{"r", "a.c", 6, "eval(x)"}});
    EXPECT_EQ(ids("is:open"), "1");
    EXPECT_EQ(store_->info().value().events, 6);
    EXPECT_EQ(problems(), Lines());
}

}  // namespace
}  // namespace merlon::evidence
