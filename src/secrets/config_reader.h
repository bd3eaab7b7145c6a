#pragma once

// A table of a gitleaks configuration, read with the weak typing of the library that gitleaks uses
// (viper with mapstructure): keys in any case, "3" for 3, a string for a list of one or of parts
// between commas, a table for a list of one table.
//
// What is taken only by that typing is noted as odd(), so that a caller can ask for the plain form.
//
// Not thread-safe: the first wrong type is kept as the table's error, so that a caller reads all
// fields and asks once.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "text/toml.h"
#include "value/value.h"

namespace merlon::secrets {

class ConfigTable {
  public:
    // Reads `toml`; `name` is for errors. The values live in `arena`.
    static Result<ConfigTable> parse(std::string_view toml, const std::string& name, Arena& arena,
                                     Interner& interner);

    // Keys are given in lower case. nullopt where the key is absent (or wrong: see error).
    std::optional<std::string> string(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key) const;
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::vector<std::string> strings(std::string_view key) const;
    bool has(std::string_view key) const { return find(key) != nullptr; }
    // The first key, as it is written, that is not one of `known`.
    std::optional<std::string> key_beside(std::span<const std::string_view> known) const;
    // A list of tables; a table alone is a list of one.
    std::vector<ConfigTable> tables(std::string_view key) const;
    // The table at `key`, as a list of none or one; a list there is an error.
    std::vector<ConfigTable> single_table(std::string_view key) const;

    // The first value of a wrong type; no message where there is none.
    const Error& error() const { return *error_; }
    // What was read as another type than it was written in, from all tables of the file.
    const std::vector<Error>& odd() const { return source_->odd; }
    // `error` with this table's file and line.
    Error located(Error error) const;

  private:
    struct Source {
        std::string name;
        text::TomlDocument document;
        std::vector<Error> odd;
    };
    // Top-level tables are taken apart by viper, which forgets what holds nothing.
    enum class Level : std::uint8_t { kTop, kInner };
    ConfigTable(std::shared_ptr<Source> source, const value::Value* table, text::Position position,
                Level level);

    const value::Value* find(std::string_view key) const;
    void wrong_type(std::string_view key, const value::Value& found,
                    std::string_view expected) const;
    void note_odd(std::string_view key, const value::Value& found, std::string_view expected) const;
    // Two spellings of one key: noted, or an error where gitleaks takes one by chance.
    void note_twice(std::string_view key, std::string_view first, std::string_view second,
                    const value::Value& value) const;
    std::string_view kind_of(const value::Value& found) const;
    std::optional<std::string> as_string(std::string_view key, const value::Value& value) const;
    text::Position position_of(const value::Value* value) const;

    std::shared_ptr<Source> source_;
    const value::Value* table_;
    text::Position position_;
    Level level_;
    std::shared_ptr<Error> error_;
};

}  // namespace merlon::secrets
