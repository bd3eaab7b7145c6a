#pragma once

// Reads one file of Protocol Buffers definitions into ProtoDefinitions.
//
// The idea: recursive descent over tokens; types are looked up at the file's end, as a message may
// be used before it is defined.
//
// Standard: see proto_definitions.h. Not thread-safe. Cost: linear in the text; depth is bounded.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compat/conftest/proto_definitions.h"

namespace merlon::compat::conftest {

// Messages in messages.
inline constexpr int kMaxProtoDepth = 64;

// Whether imports of that path need no file.
bool is_well_known_proto(std::string_view path);

// What a name means, from the innermost scope outwards; null where it means nothing.
template <typename Named>
const Named* look_up_proto(const std::map<std::string, std::unique_ptr<Named>, std::less<>>& map,
                           std::string_view name, std::string scope) {
    const bool is_absolute = name.starts_with('.');
    if (is_absolute) name.remove_prefix(1);
    while (!is_absolute && !scope.empty()) {
        const auto found = map.find(scope + "." + std::string(name));
        if (found != map.end()) return found->second.get();
        const std::size_t dot = scope.rfind('.');
        scope.resize(dot == std::string::npos ? 0 : dot);
    }
    const auto found = map.find(name);
    return found == map.end() ? nullptr : found->second.get();
}

// One file, read by recursive descent; types are looked up at its end.
class ProtoReader {
  public:
    ProtoReader(ProtoDefinitions& definitions, const std::string& path, std::string_view text)
        : definitions_(definitions), path_(path), text_(text) {
        next();
    }

    Status read();

  private:
    enum class Presence : std::uint8_t { kExplicit, kImplicit };
    // Where a declaration stands.
    struct Place {
        std::string scope;                // "a.b.Message", or the package
        ProtoMessage* message = nullptr;  // null: a file, or what extends another message
        int depth = 0;
    };
    struct Unresolved {
        ProtoField* field;
        std::string scope;
    };
    struct UnresolvedExtension {
        std::string name;
        std::string scope;
    };

    // Tokens: words with dots in them, numbers, texts, and single characters.
    void next();
    void skip_space();
    bool is(std::string_view token) const { return token_ == token; }
    bool take(std::string_view token) {
        if (!is(token)) return false;
        next();
        return true;
    }
    Status expect(std::string_view token) {
        if (take(token)) return {};
        return wrong("expected '" + std::string(token) + "'");
    }
    Error wrong(const std::string& what) const {
        const std::string found = token_.empty() ? "the end of the file" : "'" + token_ + "'";
        return Error{what + ", found " + found}.at(path_, line_, 0);
    }
    Result<std::string> word();
    Result<std::string> literal();

    Status read_statement(const Place& place);
    enum class Ending : std::uint8_t { kSemicolon, kBlock };
    Status skip_statement(Ending ending = Ending::kSemicolon);
    Status read_option(Presence& presence);
    Status read_message(const Place& place);
    Status read_body(const Place& place);
    Status read_enum(const Place& place);
    Status read_extend(const Place& place);
    Status read_oneof(const Place& place);
    Status read_reserved(const Place& place);
    Status read_field(const Place& place, int oneof, const std::string& extended);
    Status read_map(const Place& place);
    Status read_group(const Place& place, ProtoField& field);
    Result<Presence> read_field_options();
    Status add(const Place& place, const std::string& extended, std::unique_ptr<ProtoField> field);
    Status resolve(ProtoField& field, const std::string& scope);

    ProtoDefinitions& definitions_;
    const std::string& path_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::string token_;  // empty: the end
    bool is_literal_ = false;
    bool is_proto3_ = false;
    Presence presence_ = Presence::kExplicit;
    std::string package_;
    std::vector<Unresolved> unresolved_;
    std::vector<UnresolvedExtension> extensions_;
};

}  // namespace merlon::compat::conftest
