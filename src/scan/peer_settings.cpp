#include "scan/peer_settings.h"

#include <algorithm>

#include "exchange/field_reader.h"

namespace merlon::scan {
namespace {

using exchange::FieldReader;
using value::Value;

std::string scalar(const Value& value, FieldReader& fields) {
    if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
    return fields.text_of(value);
}

class Reading {
  public:
    Reading(std::span<const SettingKey> keys, FieldReader& fields, PeerSettings& settings)
        : keys_(keys), fields_(fields), settings_(settings) {}

    // The depth is that of the text, which its reader bounds.
    void read(const Value& object, const std::string& above) {
        const std::span<const Value> keys = object.keys();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!keys[i].is_string()) return fields_.fail("a key that is no text", &object);
            const Value& value = object.values()[i];
            const std::string path = above + std::string(keys[i].as_string());
            const SettingKey* const key = key_of(path);
            if (key != nullptr) {
                if (!key->flag.empty() && !value.is_null()) take(path, *key, value);
            } else if (value.is_object()) {
                read(value, path + '.');
            } else if (!value.is_null() || key_of(path + '.') == nullptr) {
                settings_.unknown_keys.push_back(path);  // and not "cache:" with nothing below
            }
        }
    }

  private:
    const SettingKey* key_of(std::string_view path) const {
        const auto found = std::ranges::find_if(keys_, [&](const SettingKey& key) {
            return key.path.back() == '.' ? path.starts_with(key.path) : path == key.path;
        });
        return found == keys_.end() ? nullptr : &*found;
    }

    void take(const std::string& path, const SettingKey& key, const Value& value) {
        PeerSetting setting{path, key.flag, {}};
        if (value.is_array()) {
            for (const Value& item : value.items()) setting.values.push_back(scalar(item, fields_));
        } else {
            setting.values.push_back(scalar(value, fields_));
        }
        settings_.settings.push_back(std::move(setting));
    }

    std::span<const SettingKey> keys_;
    FieldReader& fields_;
    PeerSettings& settings_;
};

}  // namespace

std::vector<std::string> PeerSettings::values(std::string_view flag) const {
    const auto found = std::ranges::find(settings, flag, &PeerSetting::flag);
    return found == settings.end() ? std::vector<std::string>() : found->values;
}

Result<PeerSettings> read_peer_settings(std::string_view name, std::string_view text,
                                        std::span<const SettingKey> keys) {
    PeerSettings settings;
    const Status read = exchange::read_fields(
        text, exchange::RecordSyntax::kYaml, [&](const Value& root, FieldReader& fields) {
            settings = {};
            if (root.is_null()) return;
            if (fields.is_object(root)) Reading(keys, fields, settings).read(root, {});
        });
    if (!read.ok()) {
        Error error = read.error();
        const std::uint32_t line = error.line, column = error.column;
        return std::move(error).at(name, line, column);
    }
    std::ranges::sort(settings.settings, {}, &PeerSetting::key);
    std::ranges::sort(settings.unknown_keys);
    return settings;
}

}  // namespace merlon::scan
