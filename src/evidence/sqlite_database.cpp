#include "evidence/sqlite_database.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "base/file.h"
#include "base/joined.h"
#include "evidence/history_triggers.h"
#include "evidence/sqlite_words.h"
#include "evidence/word_place.h"
#include "evidence/writer_lock.h"

namespace merlon::evidence {
namespace {

// "MRLE", in SQLite's header: tells a store from any other SQLite file.
constexpr std::int64_t kApplicationId = 0x4D524C45;
constexpr std::string_view kVocabulary =
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.finding_word "
    "USING fts5vocab(main, finding_text, instance)";
constexpr std::size_t kMostBeginnings = 16;  // words that are searched for in the place of one
constexpr int kPageBytes = 16'384;     // long rows: a tenth less work for new findings than 4,096
constexpr int kBackupPages = 1024;     // copied at once, while others may go on
constexpr int kStepsUnasked = 50'000;  // of SQLite's machine, some milliseconds

struct NetworkFileSystem {
    std::uint32_t magic;  // statfs(2)
    std::string_view name;
};
constexpr std::array kNetworkFileSystems{
    NetworkFileSystem{0x6969, "NFS"},        NetworkFileSystem{0x517B, "SMB"},
    NetworkFileSystem{0xFF534D42, "CIFS"},   NetworkFileSystem{0xFE534D42, "SMB2"},
    NetworkFileSystem{0x5346414F, "AFS"},    NetworkFileSystem{0x00C36400, "Ceph"},
    NetworkFileSystem{0x0BD00BD0, "Lustre"}, NetworkFileSystem{0x47504653, "GPFS"},
    NetworkFileSystem{0x01161970, "GFS2"},   NetworkFileSystem{0x7461636F, "OCFS2"},
};

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinishStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Status check_file_system(const std::string& path) {
    struct statfs answer{};
    const std::string folder = folder_of(path);
    if (::statfs(folder.c_str(), &answer) != 0) return Error{folder + ": " + std::strerror(errno)};
    const std::string_view network = network_file_system(static_cast<std::uint32_t>(answer.f_type));
    if (network.empty()) return {};
    return Error{fmt::format(
        "{} is on a network file system ({}), where several writers would spoil it; put the "
        "store on a local disk",
        path, network)};
}

Status make_private_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return Error{path + ": " + std::strerror(errno)};
    ::close(descriptor);
    return {};
}

// What stands in braces in a table's definition.
constexpr std::array<TypeWord, 22> kTypes{{
    {"{integer}", "INTEGER"},
    {"{text}", "TEXT"},
    {"{bytes}", "BLOB"},
    {"{no_bytes}", "x''"},
    {"{key}", "INTEGER PRIMARY KEY"},
    {"{strict}", "STRICT"},
    {"{clustered}", "STRICT, WITHOUT ROWID"},
    // Without the words themselves or their places, which nothing asks for: 30 bytes a finding.
    {"{words of findings}",
     "CREATE VIRTUAL TABLE finding_text USING fts5(words, content='', columnsize=0, detail=none, "
     "tokenize='ascii')"},
    {"{refers to scope}", "REFERENCES scope (id)"},
    {"{refers to family}", "REFERENCES family (id)"},
    {"{refers to stream}", "REFERENCES stream (id)"},
    {"{refers to path}", "REFERENCES path (id)"},
    {"{refers to analysis}", "REFERENCES analysis (id)"},
    {"{refers to finding}", "REFERENCES finding (id)"},
    {"{finding history}", kSqliteFindingHistory},
    {"{presence history}", kSqlitePresenceHistory},
    // What an import reads of each, so that it need not look up the rows.
    {"{presences in one index}",
     "DROP INDEX presence_print; "
     "CREATE INDEX presence_print ON presence (stream, print, finding, state);"},
    {"{words in the order of pages}",
     "DROP TABLE finding_text; CREATE VIRTUAL TABLE finding_text USING fts5(words, content='', "
     "columnsize=0, detail=none, tokenize='ascii');"},
    {"{words by places}", ""},
    {"{history by statement}", ""},
    {"{paths without look-ups}", ""},
    {"{narrow columns}", ""},
}};

// The library would take a lock for each piece of memory, to count what nobody asks for
// (sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS).
void count_no_memory() {
    static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)done;  // where the library is in use already it stays as it is
}

// A path that begins with "file:" would be taken for an address with options.
std::string plain_path(const std::string& path) {
    return path.starts_with("file:") ? "./" + path : path;
}

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(Handle handle, std::string path, SqliteOptions options)
        : handle_(std::move(handle)), path_(std::move(path)), options_(std::move(options)) {}

    using Database::change;
    using Database::each_row;

    Status configure() {
        sqlite3* database = handle_.get();
        sqlite3_busy_timeout(database, options_.wait_ms);
        sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        sqlite3_extended_result_codes(database, 1);
        if (add_has_words(database) != SQLITE_OK) return error("has_words");
        sqlite3_progress_handler(
            database, kStepsUnasked,
            [](void* self) { return static_cast<SqliteDatabase*>(self)->has_to_stop() ? 1 : 0; },
            this);
        const std::int64_t id = MERLON_TRY(number("PRAGMA application_id", {}, 0));
        const std::int64_t pages = MERLON_TRY(number("PRAGMA page_count", {}, 0));
        if (id != kApplicationId && pages > 0)
            return Error{path_ + " is an SQLite file, but no evidence store"};
        if (options_.access == Access::kRead && pages == 0)
            return Error{path_ + " is empty: there is no store in it"};
        if (options_.access == Access::kWrite) {
            // Of a new file, before its first page is there.
            if (pages == 0) MERLON_TRY(run(fmt::format("PRAGMA page_size = {}", kPageBytes)));
            if (id != kApplicationId)
                MERLON_TRY(run(fmt::format("PRAGMA application_id = {}", kApplicationId)));
            MERLON_TRY(run("PRAGMA journal_mode = WAL"));
            MERLON_TRY(run("PRAGMA synchronous = FULL"));
        }
        MERLON_TRY(run("PRAGMA case_sensitive_like = ON"));
        MERLON_TRY(run("PRAGMA foreign_keys = ON"));
        MERLON_TRY(run("PRAGMA temp_store = MEMORY"));
        return run(fmt::format("PRAGMA cache_size = -{}", options_.cache_bytes / 1024));
    }

    void tell(std::string note) { set_note(std::move(note)); }

    Result<std::uint64_t> change(std::string_view sql, Cells parameters) override {
        MERLON_TRY(each_row(sql, parameters, [](Cells) {}));
        return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
    }

    Status each_row(std::string_view sql, Cells parameters, const UseRow& use) override {
        sqlite3_stmt* statement = MERLON_TRY(prepared(sql));
        const Reset reset{statement};
        MERLON_TRY(bind(statement, parameters));
        std::vector<Cell> row(static_cast<std::size_t>(sqlite3_column_count(statement)));
        while (true) {
            const int step = sqlite3_step(statement);
            if (step == SQLITE_DONE) return {};
            if (step != SQLITE_ROW) return error(sql);
            if (has_to_stop()) return interrupted();
            for (std::size_t i = 0; i < row.size(); ++i) row[i] = column(statement, i);
            use(row);
        }
    }

    Status append(std::string_view table, std::span<const Column> columns,
                  const NextRow& next) override {
        std::string insert = fmt::format("INSERT INTO {} (", table), values;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string_view comma = i == 0 ? "" : ", ";
            insert += fmt::format("{}{}", comma, columns[i].name);
            values += fmt::format("{}${}", comma, i + 1);
        }
        return run_for_each(insert + fmt::format(") VALUES ({})", values), columns.size(), next);
    }

    // One by one: SQLite's planner does not see that a set of whole keys is a set of look-ups.
    Status remove(std::string_view table, std::span<const Column> columns,
                  const NextRow& next) override {
        std::string statement = fmt::format("DELETE FROM {} WHERE ", table);
        for (std::size_t i = 0; i < columns.size(); ++i)
            statement += fmt::format("{}{} = ${}", i == 0 ? "" : " AND ", columns[i].name, i + 1);
        return run_for_each(statement, columns.size(), next);
    }

    Status stage(std::string_view name, std::span<const Column> columns,
                 const NextRow& next) override {
        constexpr std::array<std::string_view, 3> kNames{"INTEGER", "TEXT", "BLOB"};
        std::string make = fmt::format("CREATE TEMP TABLE IF NOT EXISTS {} (", name);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            make += fmt::format("{}{} {}", i == 0 ? "" : ", ", columns[i].name,
                                kNames[static_cast<std::size_t>(columns[i].type)]);
        }
        MERLON_TRY(run(make + ")"));
        MERLON_TRY(run(fmt::format("DELETE FROM {}", name)));
        return append(name, columns, next);
    }

    Status add_words(const NextRow& next) override {
        constexpr Column kColumns[] = {{"rowid"}, {"words", ColumnType::kText}};
        return append("finding_text", kColumns, at_their_places(next));
    }

    // The index keeps no words: it is told which ones to forget (sqlite.org, "FTS5", 6.3).
    Status remove_words(const NextRow& next) override {
        constexpr Column kColumns[] = {
            {"finding_text", ColumnType::kText}, {"rowid"}, {"words", ColumnType::kText}};
        const NextRow placed = at_their_places(next);
        return append("finding_text", kColumns, [&](std::span<Cell> row) {
            row[0] = std::string_view("delete");
            return placed(row.subspan(1));
        });
    }

    Status each_word(const UseRow& use) override {
        MERLON_TRY(run(kVocabulary));
        return each_row("SELECT term, doc FROM temp.finding_word", {}, [&](Cells row) {
            const std::array<Cell, 2> cells{row[0], finding_at(integer_of(row[1]))};
            use(cells);
        });
    }

    Result<WordSearch> search_value(std::span<const std::string> words) override {
        MERLON_TRY(run(kVocabulary));
        Status asked;
        std::string value =
            sqlite_search_value(words, [&](std::string_view word) -> BeginningWords {
                Result<BeginningWords> all = beginning_with(word);
                if (all.ok()) return std::move(all).value();
                if (asked.ok()) asked = std::move(all).error();
                return std::nullopt;
            });
        MERLON_TRY(std::move(asked));
        return WordSearch{.value = std::move(value)};
    }
    std::string search_query(std::string_view parameter) const override {
        return fmt::format(
            "SELECT {} AS finding, rowid AS place FROM finding_text WHERE finding_text MATCH {}",
            finding_at_sql("rowid"), parameter);
    }
    std::string row_search_value(std::span<const std::string> words) const override {
        return joined(words, " ");
    }
    bool searches_in_order() const override { return true; }
    std::string walk_query(std::string_view parameter, std::string_view,
                           std::int64_t) const override {
        return search_query(parameter);
    }
    std::string search_condition(std::string_view parameter) const override {
        return fmt::format(
            "has_words({}, f.title, f.rule, (SELECT w.name FROM path w WHERE w.id = f.path))",
            parameter);
    }

    Status define(std::string_view statements) override {
        const std::string text = with_types(statements, kTypes);
        if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
            return {};
        return error(text.substr(0, 60));
    }

    Status begin() override {
        lock_.emplace(
            MERLON_TRY(WriterLock::take(path_ + "-writer", options_.command, options_.wait_ms,
                                        [this] { return has_to_stop(); })));
        Status begun = run("BEGIN IMMEDIATE");
        if (!begun.ok()) lock_.reset();
        return begun;
    }

    Status begin_reading() override { return run("BEGIN"); }

    Status commit() override {
        const Unstopped until_it_is_over(*this);
        Status done = run("COMMIT");
        if (done.ok()) lock_.reset();
        return done;
    }

    void roll_back() override {
        const Unstopped until_it_is_over(*this);
        // Where the transaction failed, SQLite may have rolled it back already.
        const Status done = run("ROLLBACK");
        (void)done;
        lock_.reset();
    }

    Status check(const std::function<void(std::string_view problem)>& use) override {
        MERLON_TRY(each_row("PRAGMA integrity_check", {}, [&](Cells row) {
            if (text_of(row[0]) != "ok") use(text_of(row[0]));
        }));
        // SQLite has this check as a writing statement; where nothing can be written, the words are
        // compared one by one alone (evidence/word_index.h).
        const bool is_read_only = sqlite3_db_readonly(handle_.get(), "main") == 1;
        if (const Status words = is_read_only
                                     ? Status()
                                     : run("INSERT INTO finding_text (finding_text) VALUES "
                                           "('integrity-check')");
            !words.ok())
            use("the index of words is damaged");
        return each_row("PRAGMA foreign_key_check", {}, [&](Cells row) {
            use(fmt::format("a row of {} refers to one that is not in {}", text_of(row[0]),
                            text_of(row[2])));
        });
    }

    Status back_up(const std::string& path) override {
        if (file_status(path, FollowLinks::kNo).ok())
            return Error{path + " is there already; a backup replaces nothing"};
        const std::string draft = path + ".part";
        ::unlink(draft.c_str());
        Status copied = copy_to(draft);
        if (copied.ok() && ::rename(draft.c_str(), path.c_str()) != 0)
            copied = Error{path + ": " + std::strerror(errno)};
        if (!copied.ok()) ::unlink(draft.c_str());
        return copied;
    }

    Status keep_before_upgrade(const std::string& path) override { return back_up(path); }

    // A new row has the number behind the highest.
    Status number_onwards(std::string_view) override { return {}; }

    RowLocks row_locks() const override { return RowLocks::kNo; }

    std::uint64_t size_bytes() override {
        std::uint64_t bytes = 0;
        for (const char* ending : {"", "-wal"}) {
            const auto status = file_status(path_ + ending, FollowLinks::kYes);
            if (status.ok()) bytes += status.result.value().size;
        }
        return bytes;
    }

  private:
    static NextRow at_their_places(const NextRow& next) {
        return [&next](std::span<Cell> row) {
            std::array<Cell, 3> cells;
            if (!next(cells)) return false;
            row[0] = word_place(integer_of(cells[1]), integer_of(cells[0]));
            row[1] = cells[2];
            return true;
        };
    }

    // From each to the next one that there may be: '0' is the least of the signs in words, and a
    // row of the vocabulary is one finding's.
    Result<BeginningWords> beginning_with(std::string_view word) {
        std::vector<std::string> all;
        std::string from(word), behind(word);
        behind += '\xFF';
        while (true) {
            std::string next;
            MERLON_TRY(each_row(
                "SELECT term FROM temp.finding_word WHERE term >= $1 AND term < $2 LIMIT 1",
                {std::string_view(from), std::string_view(behind)},
                [&](Cells row) { next = text_of(row[0]); }));
            if (next.empty()) return BeginningWords(std::move(all));
            if (all.size() == kMostBeginnings) return BeginningWords();
            from = next + '0';
            all.push_back(std::move(next));
        }
    }

    // A statement that is not reset keeps its transaction open.
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset() {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    };

    // While one is there, nothing stops a statement: what ends a transaction is done whole.
    struct Unstopped {
        explicit Unstopped(SqliteDatabase& of) : database(of) { database.may_stop_ = false; }
        Unstopped(const Unstopped&) = delete;
        Unstopped& operator=(const Unstopped&) = delete;
        ~Unstopped() { database.may_stop_ = true; }
        SqliteDatabase& database;
    };
    bool has_to_stop() const { return may_stop_ && is_stopped(); }

    // Parameters in the order of their numbers.
    Status run_for_each(std::string_view sql, std::size_t parameters, const NextRow& next) {
        sqlite3_stmt* statement = MERLON_TRY(prepared(sql));
        std::vector<Cell> row(parameters);
        while (next(row)) {
            if (has_to_stop()) return interrupted();
            const Reset reset{statement};
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (bind_cell(statement, static_cast<int>(i) + 1, row[i]) != SQLITE_OK)
                    return error(sql);
            }
            if (sqlite3_step(statement) != SQLITE_DONE) return error(sql);
        }
        return {};
    }

    Error error(std::string_view sql) const {
        const int code = sqlite3_errcode(handle_.get()) & 0xFF;
        if (code == SQLITE_INTERRUPT) return interrupted();
        std::string advice;
        if (code == SQLITE_FULL) advice = "; the disk is full, and nothing was changed";
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
            advice =
                "; the file is no store or is damaged: 'merlon store restore' puts a backup "
                "in its place";
        if (code == SQLITE_BUSY) advice = "; another program writes to the file";
        if (code == SQLITE_IOERR)
            advice =
                "; the disk did not take it or give it: see the system's log, and then run 'merlon "
                "store check'";
        if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM) {
            return Error{path_ +
                         " cannot be opened or written: the file or its folder is read-only, and "
                         "the store's log stands beside it; mend the rights, or copy the store, "
                         "with what stands beside it, to a folder that can be written"};
        }
        Error made{path_ + ": " + sqlite3_errmsg(handle_.get()) + advice};
        if (code == SQLITE_ERROR) made = std::move(made).within("running " + std::string(sql));
        return made;
    }

    Result<sqlite3_stmt*> prepared(std::string_view sql) {
        const auto found = statements_.find(sql);
        if (found != statements_.end()) return found->second.get();
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        Statement owned(statement);
        if (code != SQLITE_OK || statement == nullptr) return error(sql);
        statements_.emplace(std::string(sql), std::move(owned));
        return statement;
    }

    Status bind(sqlite3_stmt* statement, Cells parameters) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            // SQLite takes $1 for a name, and numbers it by where it first stands.
            const std::array<char, 8> name = parameter_name(i + 1);
            const int at = sqlite3_bind_parameter_index(statement, name.data());
            if (at == 0) continue;
            if (const int code = bind_cell(statement, at, parameters[i]); code != SQLITE_OK)
                return error("a parameter");
        }
        return {};
    }

    static std::array<char, 8> parameter_name(std::size_t number) {
        std::array<char, 8> name{};
        fmt::format_to_n(name.data(), name.size() - 1, "${}", number);
        return name;
    }

    static int bind_cell(sqlite3_stmt* statement, int at, const Cell& cell) {
        if (const auto* number = std::get_if<std::int64_t>(&cell))
            return sqlite3_bind_int64(statement, at, *number);
        if (const auto* text = std::get_if<std::string_view>(&cell)) {
            const char* data = text->empty() ? "" : text->data();
            return sqlite3_bind_text64(statement, at, data, text->size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
        }
        if (const auto* bytes = std::get_if<Bytes>(&cell)) {
            if (bytes->view.empty()) return sqlite3_bind_zeroblob(statement, at, 0);
            return sqlite3_bind_blob64(statement, at, bytes->view.data(), bytes->view.size(),
                                       SQLITE_STATIC);
        }
        return sqlite3_bind_null(statement, at);
    }

    static Cell column(sqlite3_stmt* statement, std::size_t index) {
        const int at = static_cast<int>(index);
        const int type = sqlite3_column_type(statement, at);
        if (type == SQLITE_INTEGER) return sqlite3_column_int64(statement, at);
        if (type == SQLITE_NULL) return std::monostate();
        const void* data = type == SQLITE_TEXT
                               ? static_cast<const void*>(sqlite3_column_text(statement, at))
                               : sqlite3_column_blob(statement, at);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
        const std::string_view view(static_cast<const char*>(data), data == nullptr ? 0 : size);
        if (type == SQLITE_TEXT) return view;
        return Bytes{view};
    }

    Status copy_to(const std::string& path) {
        MERLON_TRY(make_private_file(path));
        sqlite3* opened = nullptr;
        const int code = sqlite3_open_v2(plain_path(path).c_str(), &opened,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
        const Handle target(opened);
        if (code != SQLITE_OK) return Error{path + ": " + sqlite3_errmsg(opened)};
        sqlite3_backup* copy = sqlite3_backup_init(opened, "main", handle_.get(), "main");
        if (copy == nullptr) return Error{path + ": " + sqlite3_errmsg(opened)};
        int step = SQLITE_OK;
        while (!is_stopped() && (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED))
            step = sqlite3_backup_step(copy, kBackupPages);
        sqlite3_backup_finish(copy);
        if (step != SQLITE_DONE && is_stopped()) return interrupted();
        if (step != SQLITE_DONE) return Error{path + ": " + sqlite3_errmsg(opened)};
        // A backup is one file, with no log beside it.
        if (sqlite3_exec(opened, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr) !=
            SQLITE_OK)
            return Error{path + ": " + sqlite3_errmsg(opened)};
        return {};
    }

    Handle handle_;
    std::string path_;
    SqliteOptions options_;
    std::map<std::string, Statement, std::less<>> statements_;
    std::optional<WriterLock> lock_;
    bool may_stop_ = true;
};

// As SQLite wants a path in an address ("Uniform Resource Identifiers", 3.3).
std::string address_of(const std::string& path, std::string_view options) {
    std::string address = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            address += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            address += c;
    }
    return address.append(options);
}

// Who only reads makes files beside the store, too, where it has a log. Where none can be made, and
// no log is there, the file alone is the whole of it, and is read as one that nobody writes.
Result<std::unique_ptr<Database>> open_read_only(const std::string& path,
                                                 const SqliteOptions& options) {
    const auto log = file_status(path + "-wal", FollowLinks::kYes);
    if (log.ok() && log.result.value().size > 0) {
        return Error{path +
                     "-wal holds what is not in the store's file yet, and neither can be written "
                     "here: copy both, and what else begins so, to a folder that can be written"};
    }
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(address_of(plain_path(path), "?immutable=1").c_str(), &opened,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    Handle handle(opened);
    if (code != SQLITE_OK) return Error{path + " cannot be opened: " + sqlite3_errmsg(opened)};
    auto database = std::make_unique<SqliteDatabase>(std::move(handle), path, options);
    MERLON_TRY(database->configure());
    database->tell(path +
                   " cannot be written, nor its folder: it is read as it stands, and a program "
                   "that writes it meanwhile would go unnoticed");
    return std::unique_ptr<Database>(std::move(database));
}

bool is_writable(const std::string& path) {
    return ::access(path.c_str(), W_OK) == 0 && ::access(folder_of(path).c_str(), W_OK) == 0;
}

}  // namespace

std::string_view network_file_system(std::uint32_t magic) {
    for (const NetworkFileSystem& known : kNetworkFileSystems)
        if (known.magic == magic) return known.name;
    return {};
}

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path,
                                              const SqliteOptions& options) {
    MERLON_TRY(check_file_system(path));
    count_no_memory();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (options.access == Access::kWrite) {
        MERLON_TRY(make_private_file(path));
    } else if (!file_status(path, FollowLinks::kYes).ok()) {
        return Error{"there is no store at " + path + "; 'merlon import' makes one"};
    }
    sqlite3* opened = nullptr;
    int code = sqlite3_open_v2(plain_path(path).c_str(), &opened, flags, nullptr);
    Handle handle(opened);
    if (code != SQLITE_OK)
        return Error{path + " cannot be opened: " + sqlite3_errmsg(opened) +
                     "; is it a file that may be read and written, in a folder that may be, too?"};
    auto database = std::make_unique<SqliteDatabase>(std::move(handle), path, options);
    Status configured = database->configure();
    if (!configured.ok() && options.access == Access::kRead && !is_writable(path))
        return open_read_only(path, options);
    MERLON_TRY(std::move(configured));
    return std::unique_ptr<Database>(std::move(database));
}

Status restore_sqlite(const std::string& from, const std::string& to) {
    for (const char* ending : {"", "-wal"}) {
        if (file_status(to + ending, FollowLinks::kNo).ok())
            return Error{to + ending + " is there; move it away first, nothing is replaced"};
    }
    const auto source = MERLON_TRY(open_sqlite(from, SqliteOptions()));
    std::string damage;
    MERLON_TRY(source->check([&](std::string_view problem) {
        if (damage.empty()) damage = problem;
    }));
    if (!damage.empty()) return Error{from + " is damaged: " + damage};
    return source->back_up(to);
}

}  // namespace merlon::evidence
