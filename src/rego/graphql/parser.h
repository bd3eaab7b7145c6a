#pragma once

// Parses GraphQL documents to Values: what graphql.h's parse_query and parse_schema do.
//
// The idea: recursive descent, a function for each production; parser.cpp has queries and what both
// kinds of documents share, parser_schema.cpp schemas. Standard: GraphQL October 2021. Not
// thread-safe. Cost: linear; depth is bounded.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rego/graphql/graphql.h"
#include "rego/graphql/lexer.h"

namespace merlon::rego::graphql {

inline constexpr int kMaxDocumentDepth = 200;

enum class Constant : std::uint8_t { kNo, kYes };

class Parser {
  public:
    Parser(std::string_view text, value::Builder& values)
        : lexer_(text), values_(values), token_(lexer_.next()) {}

    Result<value::Value> query_document();
    Result<value::Value> schema_document();

  private:
    using Items = std::vector<value::Value>;

    // A node with what it says; empty lists are not said.
    value::Value node(const Token& place, std::initializer_list<value::Builder::Entry> members);
    value::Builder::Entry text(std::string_view name, std::string_view content) {
        return {values_.key(name), values_.string(content)};
    }
    value::Builder::Entry truth(std::string_view name, bool holds) {  // NOLINT: a value
        return {values_.key(name), values_.boolean(holds)};
    }
    value::Builder::Entry list(std::string_view name, const Items& items) {
        return {values_.key(name), values_.array(items)};
    }
    value::Builder::Entry member(std::string_view name, const value::Value& content) {
        return {values_.key(name), content};
    }

    bool at(std::string_view punctuator) const { return token_.is(punctuator); }
    bool at_name(std::string_view name) const {
        return token_.kind == TokenKind::kName && token_.text == name;
    }
    void take() {
        before_ = std::exchange(token_, {});
        token_ = lexer_.next();
    }
    bool skip(std::string_view punctuator) {
        const bool is_there = at(punctuator);
        if (is_there) take();
        return is_there;
    }
    Status expect(std::string_view punctuator) {
        if (at(punctuator)) {
            take();
            return {};
        }
        return wrong(token_,
                     "Expected " + std::string(punctuator) + ", found " + token_.kind_text());
    }
    Status expect_keyword(std::string_view word) {
        if (at_name(word)) {
            take();
            return {};
        }
        return wrong(token_, "Expected \"" + std::string(word) + "\", found " + token_.shown());
    }
    Error unexpected() const { return wrong(token_, "Unexpected " + token_.shown()); }
    Result<std::string> name() {
        if (token_.kind != TokenKind::kName) {
            return wrong(token_, "Expected Name, found " + token_.kind_text());
        }
        std::string taken = token_.text;
        take();
        return taken;
    }

    using Read = std::function<Status()>;
    Status some(std::string_view open, std::string_view close, const Read& read);

    Result<value::Value> operation();
    Result<std::string> operation_type();
    Result<Items> variable_definitions();
    Result<Items> selection_set();
    Result<value::Value> selection();
    Result<value::Value> field();
    Result<value::Value> fragment();
    Result<value::Value> fragment_definition();
    Result<std::string> fragment_name();
    Result<Items> arguments(Constant constant);
    Result<Items> directives(Constant constant);
    Result<value::Value> value_literal(Constant constant);
    Result<value::Value> composite_literal(Constant constant);
    Result<value::Value> type_reference();

    Result<std::string> description();
    Result<value::Value> schema_definition(const std::string& description,
                                           bool is_extension);                           // NOLINT
    Result<value::Value> definition(const std::string& description, bool is_extension);  // NOLINT
    Result<Items> names_behind(std::string_view separator);
    Result<Items> field_definitions(bool is_input);  // NOLINT: private
    Result<Items> argument_definitions();
    Result<value::Value> input_value();
    Result<Items> enum_values();
    Result<value::Value> directive_definition(const std::string& description);

    struct Level {
        explicit Level(int& counted) : depth(counted) { ++depth; }
        ~Level() { --depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        int& depth;
    };
    Error too_deep() const { return wrong(token_, "the document is nested too deeply"); }

    Lexer lexer_;
    value::Builder& values_;
    Token token_;
    Token before_;
    int depth_ = 0;
};

}  // namespace merlon::rego::graphql
