#pragma once

// Definitions of Protocol Buffers: what messages of textproto files may have.
//
// The idea: the text of .proto files becomes messages with their fields; names of types are looked
// up when a file is complete, from the inside out. A file may import those that were loaded before
// it, by the path that they were loaded from, and Google's well-known types.
//
// Standard: the Protocol Buffers language, proto2, proto3 and the presence of editions. What has no
// effect on textproto (services, most options, numbers of fields) is read over. Not thread-safe
// while it loads. Cost: linear in the text; depth is bounded.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::compat::conftest {

struct ProtoMessage;

enum class ProtoKind : std::uint8_t {
    kBool,
    kInt32,
    kInt64,
    kUint32,
    kUint64,
    kFloat,
    kDouble,
    kString,
    kBytes,
    kEnum,
    kMessage,
};

struct ProtoEnum {
    std::string name;
    std::map<std::string, std::int32_t, std::less<>> numbers;
    std::map<std::int32_t, std::string> names;
};

struct ProtoField {
    std::string name;  // also in a textproto; of a group its message's
    std::string type;  // as written; empty once it is known
    ProtoKind kind = ProtoKind::kMessage;
    const ProtoMessage* message = nullptr;
    const ProtoEnum* enumeration = nullptr;
    bool is_repeated = false;
    bool is_map = false;    // its message has a key and a value
    bool is_group = false;  // may be called so in small letters as well
    bool is_required = false;
    bool has_presence = false;  // a zero that was set is there
    int oneof = -1;
};

struct ProtoMessage {
    std::string name;  // with the package and what it stands in
    // By their names in a textproto.
    std::map<std::string, std::unique_ptr<ProtoField>, std::less<>> fields;
    std::vector<std::string> oneofs;
    std::set<std::string, std::less<>> reserved;

    const ProtoField* find(std::string_view field) const;
};

class ProtoDefinitions {
  public:
    ProtoDefinitions();
    ProtoDefinitions(const ProtoDefinitions&) = delete;
    ProtoDefinitions& operator=(const ProtoDefinitions&) = delete;

    // An error says file and line. What was loaded before is untouched, the file is not.
    Status load(const std::string& path, std::string_view text);
    // One that stands in no other message, or a well-known one; null where there is none.
    const ProtoMessage* find_message(std::string_view name) const;
    // An extension of that message by its whole name.
    const ProtoField* find_extension(std::string_view name, const ProtoMessage& of) const;

  private:
    friend class ProtoReader;
    struct Extension {
        std::string extended;  // the name of a message
        std::unique_ptr<ProtoField> field;
    };

    std::set<std::string, std::less<>> files_;
    std::map<std::string, std::unique_ptr<ProtoMessage>, std::less<>> messages_;
    std::map<std::string, std::unique_ptr<ProtoEnum>, std::less<>> enums_;
    std::map<std::string, Extension, std::less<>> extensions_;
    std::set<std::string, std::less<>> outermost_;
};

}  // namespace merlon::compat::conftest
