// Tokens and statements; what stands in messages is read by proto_fields.cpp.

#include "compat/conftest/proto_reader.h"

#include <cstdlib>
#include <utility>

#include "base/ascii.h"

namespace merlon::compat::conftest {
namespace {

bool is_word_start(char c) { return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c); }

}  // namespace

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
            look_up_proto(definitions_.messages_, extension.extended, one.scope);
        if (found == nullptr) {
            return Error{path_ + ": there is no message " + extension.extended + " to extend"};
        }
        extension.extended = found->name;
    }
    return {};
}

Status ProtoReader::read_statement(const Place& place) {
    if (place.depth > kMaxProtoDepth) return wrong("messages are nested too deeply");
    if (take(";")) return {};
    if (take("import")) {
        if (!take("public")) take("weak");
        const std::string path = MERLON_TRY(literal());
        const bool is_known = definitions_.files_.contains(path) || is_well_known_proto(path);
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

}  // namespace merlon::compat::conftest
