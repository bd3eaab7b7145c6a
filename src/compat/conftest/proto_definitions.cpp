#include "compat/conftest/proto_definitions.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/ascii.h"

namespace merlon::compat::conftest {
namespace {

constexpr int kMaxDepth = 64;

struct ScalarName {
    std::string_view name;
    ProtoKind kind;
};
constexpr ScalarName kScalars[] = {
    {"bool", ProtoKind::kBool},      {"int32", ProtoKind::kInt32},
    {"sint32", ProtoKind::kInt32},   {"sfixed32", ProtoKind::kInt32},
    {"int64", ProtoKind::kInt64},    {"sint64", ProtoKind::kInt64},
    {"sfixed64", ProtoKind::kInt64}, {"uint32", ProtoKind::kUint32},
    {"fixed32", ProtoKind::kUint32}, {"uint64", ProtoKind::kUint64},
    {"fixed64", ProtoKind::kUint64}, {"float", ProtoKind::kFloat},
    {"double", ProtoKind::kDouble},  {"string", ProtoKind::kString},
    {"bytes", ProtoKind::kBytes},
};

// The well-known types, as far as their fields show in a textproto.
constexpr std::string_view kWellKnownFiles[] = {
    "google/protobuf/any.proto",      "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",   "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto", "google/protobuf/descriptor.proto",
};
constexpr std::string_view kWellKnown =
    "syntax = \"proto3\"; package google.protobuf;"
    "message Any { string type_url = 1; bytes value = 2; }"
    "message Timestamp { int64 seconds = 1; int32 nanos = 2; }"
    "message Duration { int64 seconds = 1; int32 nanos = 2; }"
    "message Empty {}"
    "message FieldMask { repeated string paths = 1; }"
    "message Struct { map<string, Value> fields = 1; }"
    "enum NullValue { NULL_VALUE = 0; }"
    "message Value { oneof kind { NullValue null_value = 1; double number_value = 2;"
    " string string_value = 3; bool bool_value = 4; Struct struct_value = 5;"
    " ListValue list_value = 6; } }"
    "message ListValue { repeated Value values = 1; }"
    "message DoubleValue { double value = 1; } message FloatValue { float value = 1; }"
    "message Int64Value { int64 value = 1; } message UInt64Value { uint64 value = 1; }"
    "message Int32Value { int32 value = 1; } message UInt32Value { uint32 value = 1; }"
    "message BoolValue { bool value = 1; } message StringValue { string value = 1; }"
    "message BytesValue { bytes value = 1; }";

bool is_word_start(char c) { return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c); }

// What a name means, from the innermost scope outwards; null where it means nothing.
template <typename Named>
const Named* look_up(const std::map<std::string, std::unique_ptr<Named>, std::less<>>& map,
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

}  // namespace

const ProtoField* ProtoMessage::find(std::string_view text_name) const {
    const auto found = fields.find(text_name);
    if (found != fields.end()) return found->second.get();
    for (const auto& [shown, field] : fields) {
        if (field->is_group && lower_case(shown) == text_name) return field.get();
    }
    return nullptr;
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

void ProtoReader::skip_space() {
    while (at_ < text_.size()) {
        const std::string_view rest = text_.substr(at_);
        if (rest[0] == '\n') ++line_;
        if (std::string_view(" \t\r\n\v\f").find(rest[0]) != std::string_view::npos) {
            ++at_;
        } else if (rest.starts_with("//")) {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (rest.starts_with("/*")) {
            const std::size_t end = std::min(text_.find("*/", at_ + 2), text_.size());
            line_ +=
                static_cast<std::uint32_t>(std::ranges::count(text_.substr(at_, end - at_), '\n'));
            at_ = std::min(end + 2, text_.size());
        } else {
            return;
        }
    }
}

void ProtoReader::next() {
    skip_space();
    is_literal_ = false;
    token_.clear();
    if (at_ >= text_.size()) return;
    const std::size_t begin = at_;
    const char first = text_[at_];
    if (is_word(first) || first == '.') {
        while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.')) ++at_;
        token_ = text_.substr(begin, at_ - begin);
        return;
    }
    ++at_;
    if (first != '"' && first != '\'') {
        token_ = first;
        return;
    }
    is_literal_ = true;
    token_ = first;
    while (at_ < text_.size() && text_[at_] != first && text_[at_] != '\n') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) token_ += text_[at_++];
        token_ += text_[at_++];
    }
    if (at_ < text_.size() && text_[at_] == first) ++at_;
}

Result<std::string> ProtoReader::word() {
    if (token_.empty() || is_literal_ || !(is_word_start(token_[0]) || token_[0] == '.')) {
        return wrong("expected a name");
    }
    std::string taken = std::move(token_);
    next();
    return taken;
}

Result<std::string> ProtoReader::literal() {
    if (!is_literal_) return wrong("expected a text in quotes");
    std::string taken = token_.substr(1);
    next();
    while (is_literal_) {
        taken += token_.substr(1);
        next();
    }
    return taken;
}

// Up to the ';' that ends it; that of a service is its block.
Status ProtoReader::skip_statement(Ending ending) {
    int depth = 0;
    while (!token_.empty()) {
        if (!is_literal_ && is("{")) ++depth;
        const bool is_close = !is_literal_ && is("}");
        if (is_close && --depth < 0) return wrong("expected ';'");
        const bool is_end =
            depth == 0 && ((is_close && ending == Ending::kBlock) || (!is_literal_ && is(";")));
        next();
        if (is_end) return {};
    }
    return wrong("expected ';'");
}

// `option features.field_presence = IMPLICIT;`, of which the first word was read.
Status ProtoReader::read_option(Presence& presence) {
    if (is("features.field_presence")) {
        next();
        MERLON_TRY(expect("="));
        presence = is("IMPLICIT") ? Presence::kImplicit : Presence::kExplicit;
    }
    return skip_statement();
}

Status ProtoReader::read() {
    if (take("syntax")) {
        MERLON_TRY(expect("="));
        const std::string syntax = MERLON_TRY(literal());
        if (syntax != "proto2" && syntax != "proto3") {
            return wrong("expected syntax proto2 or proto3 and not " + syntax);
        }
        is_proto3_ = syntax == "proto3";
        MERLON_TRY(expect(";"));
    } else if (take("edition")) {
        MERLON_TRY(expect("="));
        MERLON_TRY(literal());
        MERLON_TRY(expect(";"));
    }
    if (is_proto3_) presence_ = Presence::kImplicit;
    while (!token_.empty()) {
        if (take("package")) {
            package_ = MERLON_TRY(word());
            MERLON_TRY(expect(";"));
            continue;
        }
        MERLON_TRY(read_statement({.scope = package_}));
    }
    for (const Unresolved& one : unresolved_) MERLON_TRY(resolve(*one.field, one.scope));
    for (const UnresolvedExtension& one : extensions_) {
        auto& extension = definitions_.extensions_.at(one.name);
        const ProtoMessage* const found =
            look_up(definitions_.messages_, extension.extended, one.scope);
        if (found == nullptr) {
            return Error{path_ + ": there is no message " + extension.extended + " to extend"};
        }
        extension.extended = found->name;
    }
    return {};
}

Status ProtoReader::read_statement(const Place& place) {
    if (place.depth > kMaxDepth) return wrong("messages are nested too deeply");
    if (take(";")) return {};
    if (take("import")) {
        if (!take("public")) take("weak");
        const std::string path = MERLON_TRY(literal());
        const bool is_known = definitions_.files_.contains(path) ||
                              std::ranges::find(kWellKnownFiles, path) != std::end(kWellKnownFiles);
        if (!is_known) {
            return Error{"could not resolve import \"" + path + "\": not found"};
        }
        return expect(";");
    }
    if (take("option")) return read_option(presence_);
    if (take("message")) return read_message(place);
    if (take("enum")) return read_enum(place);
    if (take("extend")) return read_extend(place);
    if (take("service")) return skip_statement(Ending::kBlock);
    return wrong("expected a declaration");
}

Status ProtoReader::read_message(const Place& place) {
    const std::string name = MERLON_TRY(word());
    auto message = std::make_unique<ProtoMessage>();
    message->name = place.scope.empty() ? name : place.scope + "." + name;
    Place inside{.scope = message->name, .message = message.get(), .depth = place.depth + 1};
    if (place.depth == 0) definitions_.outermost_.insert(message->name);
    if (!definitions_.messages_.emplace(message->name, std::move(message)).second) {
        return Error{inside.scope + " is defined twice"}.at(path_, line_, 0);
    }
    MERLON_TRY(expect("{"));
    return read_body(inside);
}

Status ProtoReader::read_body(const Place& place) {
    const Presence before = presence_;
    while (!take("}")) {
        if (token_.empty()) return wrong("expected '}'");
        if (take("oneof")) {
            MERLON_TRY(read_oneof(place));
        } else if (take("reserved")) {
            MERLON_TRY(read_reserved(place));
        } else if (take("extensions")) {
            MERLON_TRY(skip_statement());
        } else if (is("map") && text_.substr(at_).starts_with('<')) {
            MERLON_TRY(read_map(place));
        } else if (is("message") || is("enum") || is("extend") || is("option") || is(";")) {
            MERLON_TRY(read_statement(place));
        } else {
            MERLON_TRY(read_field(place, -1, {}));
        }
    }
    presence_ = before;
    return {};
}

Status ProtoReader::read_enum(const Place& place) {
    const std::string name = MERLON_TRY(word());
    auto made = std::make_unique<ProtoEnum>();
    made->name = place.scope.empty() ? name : place.scope + "." + name;
    MERLON_TRY(expect("{"));
    while (!take("}")) {
        if (take("option") || take("reserved")) {
            MERLON_TRY(skip_statement());
            continue;
        }
        if (take(";")) continue;
        const std::string value = MERLON_TRY(word());
        MERLON_TRY(expect("="));
        const bool is_negative = take("-");
        char* end = nullptr;
        const std::string digits = std::exchange(token_, {});
        const long long number = std::strtoll(digits.c_str(), &end, 0);
        if (digits.empty() || *end != '\0') return wrong("expected the number of " + value);
        next();
        const auto kept = static_cast<std::int32_t>(is_negative ? -number : number);
        made->numbers.emplace(value, kept);
        const auto [named, is_new] = made->names.emplace(kept, value);
        // Also where the enum allows it: conftest does not look at the option.
        if (!is_new) {
            return Error{"enum \"" + made->name +
                         "\" has conflicting non-aliased values on number " + std::to_string(kept) +
                         ": \"" + value + "\" with \"" + named->second + "\""};
        }
        MERLON_TRY(skip_statement());
    }
    std::string whole = made->name;
    if (!definitions_.enums_.emplace(std::move(whole), std::move(made)).second) {
        return Error{name + " is defined twice"}.at(path_, line_, 0);
    }
    return {};
}

Status ProtoReader::read_extend(const Place& place) {
    const std::string extended = MERLON_TRY(word());
    MERLON_TRY(expect("{"));
    while (!take("}")) {
        if (token_.empty()) return wrong("expected '}'");
        if (take(";")) continue;
        MERLON_TRY(read_field({.scope = place.scope, .depth = place.depth + 1}, -1, extended));
    }
    return {};
}

Status ProtoReader::read_oneof(const Place& place) {
    place.message->oneofs.push_back(MERLON_TRY(word()));
    const int number = static_cast<int>(place.message->oneofs.size()) - 1;
    MERLON_TRY(expect("{"));
    while (!take("}")) {
        if (token_.empty()) return wrong("expected '}'");
        if (take("option")) {
            MERLON_TRY(skip_statement());
        } else if (!take(";")) {
            MERLON_TRY(read_field(place, number, {}));
        }
    }
    return {};
}

// Names may be texts or, in editions, words; numbers say nothing here.
Status ProtoReader::read_reserved(const Place& place) {
    while (!token_.empty() && !is(";")) {
        if (is_literal_) place.message->reserved.insert(token_.substr(1));
        if (!is_literal_ && is_word_start(token_[0])) place.message->reserved.insert(token_);
        next();
    }
    return expect(";");
}

// `[…]` behind a field, and the ';'.
Result<ProtoReader::Presence> ProtoReader::read_field_options() {
    Presence presence = presence_;
    if (take("[")) {
        int depth = 1;
        while (depth > 0) {
            if (token_.empty()) return wrong("expected ']'");
            if (!is_literal_ && (is("[") || is("{"))) ++depth;
            if (!is_literal_ && (is("]") || is("}"))) --depth;
            const bool is_presence = is("features.field_presence");
            next();
            if (is_presence && take("=")) {
                presence = is("IMPLICIT") ? Presence::kImplicit : Presence::kExplicit;
            }
        }
    }
    MERLON_TRY(expect(";"));
    return presence;
}

Status ProtoReader::add(const Place& place, const std::string& extended,
                        std::unique_ptr<ProtoField> field) {
    if (!field->type.empty()) unresolved_.push_back({field.get(), place.scope});
    if (extended.empty()) {
        const std::string name = field->text_name;
        if (!place.message->fields.emplace(name, std::move(field)).second) {
            return Error{name + " is defined twice in " + place.message->name}.at(path_, line_, 0);
        }
        return {};
    }
    const std::string name = place.scope.empty() ? field->name : place.scope + "." + field->name;
    extensions_.push_back({name, place.scope});
    if (!definitions_.extensions_
             .emplace(name, ProtoDefinitions::Extension{extended, std::move(field)})
             .second) {
        return Error{name + " is defined twice"}.at(path_, line_, 0);
    }
    return {};
}

Status ProtoReader::read_field(const Place& place, int oneof, const std::string& extended) {
    auto field = std::make_unique<ProtoField>();
    field->oneof = oneof;
    bool is_optional = false;
    if (take("repeated")) {
        field->is_repeated = true;
    } else if (take("required")) {
        field->is_required = true;
    } else if (take("optional")) {
        is_optional = true;
    }
    if (is("group") && !text_.substr(at_).starts_with('.')) {
        next();
        MERLON_TRY(read_group(place, *field));
        return add(place, extended, std::move(field));
    }
    field->type = MERLON_TRY(word());
    field->name = field->text_name = MERLON_TRY(word());
    MERLON_TRY(expect("="));
    if (token_.empty() || !is_digit(token_[0]))
        return wrong("expected the number of " + field->name);
    next();
    const Presence presence = MERLON_TRY(read_field_options());
    field->has_presence = is_optional || field->is_required || oneof >= 0 || !extended.empty() ||
                          presence == Presence::kExplicit;
    const auto* const scalar = std::ranges::find(kScalars, field->type, &ScalarName::name);
    if (scalar != std::end(kScalars)) {
        field->kind = scalar->kind;
        field->type.clear();
    }
    return add(place, extended, std::move(field));
}

// `group Name = 1 { … }`: a message, and a field that is called so.
Status ProtoReader::read_group(const Place& place, ProtoField& field) {
    const std::string name = MERLON_TRY(word());
    field.name = field.text_name = name;
    field.type = name;
    field.has_presence = true;
    field.is_group = true;
    MERLON_TRY(expect("="));
    next();
    if (take("[")) {
        while (!token_.empty() && !take("]")) next();
    }
    auto message = std::make_unique<ProtoMessage>();
    message->name = place.scope.empty() ? name : place.scope + "." + name;
    const Place inside{.scope = message->name, .message = message.get(), .depth = place.depth + 1};
    if (inside.depth > kMaxDepth) return wrong("messages are nested too deeply");
    if (!definitions_.messages_.emplace(message->name, std::move(message)).second) {
        return Error{inside.scope + " is defined twice"}.at(path_, line_, 0);
    }
    MERLON_TRY(expect("{"));
    return read_body(inside);
}

Status ProtoReader::read_map(const Place& place) {
    next();
    MERLON_TRY(expect("<"));
    auto entry = std::make_unique<ProtoMessage>();
    auto field = std::make_unique<ProtoField>();
    for (const std::string_view part : {"key", "value"}) {
        auto made = std::make_unique<ProtoField>();
        made->name = made->text_name = part;
        made->has_presence = true;
        made->type = MERLON_TRY(word());
        const auto* const scalar = std::ranges::find(kScalars, made->type, &ScalarName::name);
        if (scalar != std::end(kScalars)) {
            made->kind = scalar->kind;
            made->type.clear();
        } else if (part == "key") {
            return wrong("the key of a map is a number, a truth or a text");
        } else {
            unresolved_.push_back({made.get(), place.scope});
        }
        entry->fields.emplace(part, std::move(made));
        MERLON_TRY(expect(part == "key" ? "," : ">"));
    }
    field->is_map = true;
    field->name = field->text_name = MERLON_TRY(word());
    // No type can be called so.
    entry->name = place.scope + "." + field->name + "<>";
    field->message = entry.get();
    definitions_.messages_.emplace(entry->name, std::move(entry));
    MERLON_TRY(expect("="));
    next();
    MERLON_TRY(read_field_options());
    return add(place, {}, std::move(field));
}

Status ProtoReader::resolve(ProtoField& field, const std::string& scope) {
    if (const ProtoEnum* const found = look_up(definitions_.enums_, field.type, scope)) {
        field.kind = ProtoKind::kEnum;
        field.enumeration = found;
    } else if (const ProtoMessage* const message =
                   look_up(definitions_.messages_, field.type, scope)) {
        field.message = message;
        field.has_presence = true;
    } else {
        return Error{path_ + ": the type " + field.type + " of the field " + field.name +
                     " is not defined"};
    }
    field.type.clear();
    return {};
}

ProtoDefinitions::ProtoDefinitions() {
    const std::string path;
    static_cast<void>(ProtoReader(*this, path, kWellKnown).read());
}

Status ProtoDefinitions::load(const std::string& path, std::string_view text) {
    if (!files_.insert(path).second) return {};
    return ProtoReader(*this, path, text).read();
}

const ProtoMessage* ProtoDefinitions::find_message(std::string_view name) const {
    if (!outermost_.contains(name)) return nullptr;
    const auto found = messages_.find(name);
    return found == messages_.end() ? nullptr : found->second.get();
}

const ProtoField* ProtoDefinitions::find_extension(std::string_view name,
                                                   const ProtoMessage& of) const {
    const auto found = extensions_.find(name);
    const bool fits = found != extensions_.end() && found->second.extended == of.name;
    return fits ? found->second.field.get() : nullptr;
}

}  // namespace merlon::compat::conftest
