#include "connect/git/remote_records.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/json.h"

namespace merlon::connect::git {
namespace {

// The text at `key`; fails where there is none.
Result<std::string> text_at(const value::Value& object, std::string_view key) {
    const value::Value* const found = object.find(key);
    if (found == nullptr || !found->is_string()) {
        return Error{"'" + std::string(key) + "' is missing, or no text"};
    }
    return std::string(found->as_string());
}

Result<std::span<const value::Value>> list_at(const value::Value& object, std::string_view key) {
    const value::Value* const found = object.find(key);
    if (found == nullptr || !found->is_array()) {
        return Error{"'" + std::string(key) + "' is missing, or no list"};
    }
    return found->items();
}

Result<RemoteRecord> remote_of(const value::Value& item) {
    RemoteRecord remote;
    remote.name = MERLON_TRY(text_at(item, "name"));
    remote.fetched_from = MERLON_TRY(text_at(item, "fetchedFrom"));
    for (const value::Value& known : MERLON_TRY(list_at(item, "addresses"))) {
        RemoteRecord::Address address{.address = MERLON_TRY(text_at(known, "address"))};
        if (known.find("contradictedAfter") != nullptr) {
            address.contradicted_after = MERLON_TRY(text_at(known, "contradictedAfter"));
        }
        for (const value::Value& tip : MERLON_TRY(list_at(known, "foreign"))) {
            const auto id = tip.is_string() ? ObjectId::parse(tip.as_string()) : std::nullopt;
            if (!id) return Error{"'foreign' holds what is no object's id"};
            address.foreign.push_back(*id);
        }
        std::ranges::sort(address.foreign);
        remote.addresses.push_back(std::move(address));
    }
    return remote;
}

}  // namespace

Result<std::vector<RemoteRecord>> parse_remote_records(std::string_view text) {
    Arena arena;
    Interner interner;
    const value::ValueDocument document = MERLON_TRY(text::read_json(text, arena, interner));
    const value::Value* const version = document.root->find("version");
    if (version == nullptr || !version->is_number() || version->as_integer() != 1) {
        return Error{"'version' is not 1"};
    }
    std::vector<RemoteRecord> remotes;
    for (const value::Value& item : MERLON_TRY(list_at(*document.root, "remotes"))) {
        remotes.push_back(MERLON_TRY(remote_of(item)));
    }
    return remotes;
}

std::string print_remote_records(std::span<const RemoteRecord> remotes) {
    std::string text;
    text::JsonWriter json(text, "  ");
    json.begin_object();
    json.key("version").integer(1);
    json.key("remotes").begin_array();
    for (const RemoteRecord& remote : remotes) {
        json.begin_object();
        json.member("name", remote.name);
        json.member("fetchedFrom", remote.fetched_from);
        json.key("addresses").begin_array();
        for (const RemoteRecord::Address& address : remote.addresses) {
            json.begin_object();
            json.member("address", address.address);
            json.key("foreign").begin_array();
            for (const ObjectId& tip : address.foreign) json.string(tip.hex());
            json.end_array();
            if (!address.contradicted_after.empty()) {
                json.member("contradictedAfter", address.contradicted_after);
            }
            json.end_object();
        }
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return text + '\n';
}

}  // namespace merlon::connect::git
