#pragma once

// The thin seam between what evidence means and where it is kept.
//
// The idea: everything about identity, life cycle and audit is SQL that several databases take,
// written once above this class. So texts keep to what they have in common: parameters are $1, $2,
// …; INSERT … ON CONFLICT, RETURNING, common table expressions, window functions. Bulk goes
// through stage(), which fills a temporary table as fast as the driver can, and one statement then
// works on the set; nothing is asked row by row.
//
// A driver translates the types of a table's definition ({bytes}, {integer}, {text} …), runs
// statements, and keeps its writers apart. Errors say what the database said and what to do.
//
// Not thread-safe: one connection belongs to one thread. Views of a row live until its callback
// returns.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/cancel.h"
#include "base/result.h"

namespace merlon::evidence {

struct Bytes {
    std::string_view view;
};

// A value of a parameter or column; nothing is NULL.
using Cell = std::variant<std::monostate, std::int64_t, std::string_view, Bytes>;
using Cells = std::span<const Cell>;

// What a column holds, as the reader expects it; nothing, where it holds something else.
std::int64_t integer_of(const Cell& cell);
std::string_view text_of(const Cell& cell);
std::string_view bytes_of(const Cell& cell);

enum class ColumnType : std::uint8_t { kInteger, kText, kBytes };
struct Column {
    std::string_view name;
    ColumnType type = ColumnType::kInteger;
};

// Text that every database takes and gives back as it is: UTF-8 without NUL; U+FFFD stands for the
// rest.
bool is_storable(std::string_view text);
std::string storable(std::string_view text);

// A table's definition with a driver's own words for what stands in braces.
using TypeWord = std::pair<std::string_view, std::string_view>;
std::string with_types(std::string_view statements, std::span<const TypeWord> words);

using UseRow = std::function<void(Cells row)>;
// Fills the cells of the next row; false where there is none.
using NextRow = std::function<bool(std::span<Cell> row)>;

enum class RowLocks : std::uint8_t { kNo, kYes };

// Words that are searched for.
struct WordSearch {
    std::string value;
    // So many findings have them that they are met soon along the order of pages, and gathering
    // them would take long. False where the index has that order itself.
    bool are_common = false;
};

class Database {
  public:
    virtual ~Database() = default;

    // Runs one statement; the number of rows that it inserted, changed or removed.
    virtual Result<std::uint64_t> change(std::string_view sql, Cells parameters) = 0;
    virtual Status each_row(std::string_view sql, Cells parameters, const UseRow& use) = 0;

    // Adds rows to a table.
    virtual Status append(std::string_view table, std::span<const Column> columns,
                          const NextRow& next) = 0;
    // Removes the rows that have these values, each row of which is found by its key.
    virtual Status remove(std::string_view table, std::span<const Column> columns,
                          const NextRow& next) = 0;
    // Makes the temporary table `name`, or empties it, and fills it.
    virtual Status stage(std::string_view name, std::span<const Column> columns,
                         const NextRow& next) = 0;

    // Several statements without parameters, with {…} for what differs between databases.
    virtual Status define(std::string_view statements) = 0;

    // Whether rows can be taken one by one outside of a transaction, with FOR UPDATE SKIP LOCKED.
    virtual RowLocks row_locks() const = 0;

    virtual Status begin() = 0;
    // All that is read until roll_back() is as it is at one moment; no writer waits, and nothing
    // may be written.
    virtual Status begin_reading() = 0;
    virtual Status commit() = 0;
    virtual void roll_back() = 0;

    // Everything that is not as it should be in the database itself, one text each.
    virtual Status check(const std::function<void(std::string_view problem)>& use) = 0;
    // A copy of the whole, as it stands, while others read and write. Fails where `path` is.
    virtual Status back_up(const std::string& path) = 0;
    // What makes an upgrade that goes wrong undone: a copy at `path`, where the database needs one.
    virtual Status keep_before_upgrade(const std::string& path) = 0;
    // After rows came with their numbers, new ones get those behind them.
    virtual Status number_onwards(std::string_view table) = 0;
    // Bytes on the disk.
    virtual std::uint64_t size_bytes() = 0;

    // The index of words, `finding_text`, which each database has in its own way. Cells: a
    // finding's number, its risk, and its words (evidence/words.h); in the order of pages. What is
    // taken out is what was put in.
    virtual Status add_words(const NextRow& next) = 0;
    virtual Status remove_words(const NextRow& next) = 0;
    // Every word (a text) of every finding (a number), each once, in no order.
    virtual Status each_word(const UseRow& use) = 0;
    // What is searched for, as the value of a parameter; and in SQL, for the parameter "$3": a
    // query of the numbers (`finding`) of those that have words which begin so, all of them, and of
    // their places in the order of pages (`place`, evidence/word_place.h).
    virtual Result<WordSearch> search_value(std::span<const std::string> words) = 0;
    virtual std::string search_query(std::string_view parameter) const = 0;
    // The same of one finding: whether `f` has the words, without the index.
    virtual std::string row_search_value(std::span<const std::string> words) const = 0;
    virtual std::string search_condition(std::string_view parameter) const = 0;
    // Whether search_query() is read in the order of places as it is asked for, and from behind
    // any of them, without looking at what is in front.
    virtual bool searches_in_order() const = 0;
    // Where not: the same as search_query(), by the value of a row, among the first `most` findings
    // that satisfy `behind`, a condition of `place`.
    virtual std::string walk_query(std::string_view parameter, std::string_view behind,
                                   std::int64_t most) const = 0;

    // Once the token is set, a statement that is under way fails within moments, but for what ends
    // the transaction. Null: nothing stops it.
    void stop_by(const CancelToken* token) { stop_by_ = token; }

    // How the store was opened, where that is not as usual, for people; empty: it is.
    const std::string& note() const { return note_; }

    Result<std::uint64_t> change(std::string_view sql, std::initializer_list<Cell> parameters) {
        return change(sql, Cells(parameters.begin(), parameters.size()));
    }
    Status run(std::string_view sql, std::initializer_list<Cell> parameters = {});
    Status each_row(std::string_view sql, std::initializer_list<Cell> parameters,
                    const UseRow& use) {
        return each_row(sql, Cells(parameters.begin(), parameters.size()), use);
    }
    // The whole number in the first column of the first row; `otherwise` where there is no row.
    Result<std::int64_t> number(std::string_view sql, std::initializer_list<Cell> parameters,
                                std::int64_t otherwise);

  protected:
    bool is_stopped() const { return stop_by_ != nullptr && stop_by_->cancelled(); }
    void set_note(std::string note) { note_ = std::move(note); }

  private:
    std::string note_;
    const CancelToken* stop_by_ = nullptr;
};

// What an interrupted deed says.
Error interrupted();

// Everything until commit() happens or nothing does.
class Transaction {
  public:
    static Result<Transaction> begin(Database& database);
    // Of Database::begin_reading(); there is nothing to commit.
    static Result<Transaction> begin_reading(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Status commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;  // null: over
};

}  // namespace merlon::evidence
