#include "evidence/database.h"

#include <utility>

#include "text/utf8.h"

namespace merlon::evidence {

std::int64_t integer_of(const Cell& cell) {
    const auto* number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? 0 : *number;
}

std::string_view text_of(const Cell& cell) {
    const auto* text = std::get_if<std::string_view>(&cell);
    return text == nullptr ? std::string_view() : *text;
}

std::string_view bytes_of(const Cell& cell) {
    const auto* bytes = std::get_if<Bytes>(&cell);
    return bytes == nullptr ? std::string_view() : bytes->view;
}

Error interrupted() { return Error{"interrupted; nothing was written"}; }

bool is_storable(std::string_view text) {
    return text.find('\0') == std::string_view::npos && text::is_valid_utf8(text);
}

std::string storable(std::string_view text) {
    std::string valid = text::to_valid_utf8(text), made;
    for (const char c : valid) {
        if (c == '\0') {
            text::append_utf8(made, text::kReplacement);
        } else {
            made += c;
        }
    }
    return made;
}

std::string with_types(std::string_view statements, std::span<const TypeWord> words) {
    std::string text(statements);
    for (const auto& [name, word] : words) {
        for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
            text.replace(at, name.size(), word);
    }
    return text;
}

Status Database::run(std::string_view sql, std::initializer_list<Cell> parameters) {
    Result<std::uint64_t> done = change(sql, parameters);
    if (done.ok()) return {};
    return std::move(done).error();
}

Result<std::int64_t> Database::number(std::string_view sql, std::initializer_list<Cell> parameters,
                                      std::int64_t otherwise) {
    bool is_first = true;
    MERLON_TRY(each_row(sql, parameters, [&](Cells row) {
        if (is_first && !row.empty() && std::holds_alternative<std::int64_t>(row[0]))
            otherwise = integer_of(row[0]);
        is_first = false;
    }));
    return otherwise;
}

Result<Transaction> Transaction::begin(Database& database) {
    MERLON_TRY(database.begin());
    return Transaction(database);
}

Result<Transaction> Transaction::begin_reading(Database& database) {
    MERLON_TRY(database.begin_reading());
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    if (database_ != nullptr) database_->roll_back();
}

Status Transaction::commit() {
    Status done = database_->commit();
    if (done.ok()) database_ = nullptr;
    return done;
}

}  // namespace merlon::evidence
