// Where package managers look for packages: .npmrc, pip.conf, nuget.config,
// .cargo/config.toml, Maven's settings.xml. Credentials that stand in them are not looked at.

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using text::XmlElement;
using value::Value;
using Place = RegistrySetting::Role;

// "key = value" lines, as npm's and pip's files have them; `use` gets key, value and offset. A line
// that begins with a blank goes on with the value before (Python's configparser).
template <typename Use>
void each_setting(const Reading& reading, const Use& use) {
    std::string_view key;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const std::string_view line = trim(whole);
        const std::size_t offset = reading.lines().line_begin(number);
        if (line.empty() || line.starts_with('#') || line.starts_with(';')) continue;
        if (line.starts_with('[')) {
            key = {};
        } else if (whole[0] == ' ' || whole[0] == '\t') {
            if (!key.empty()) use(key, line, offset);
        } else {
            const auto [name, value] = split_first(line, '=');
            key = trim(name);
            if (!trim(value).empty()) use(key, trim(value), offset);
        }
    }
}

std::string_view unquoted(std::string_view text) {
    const bool is_quoted =
        text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

// docs.npmjs.com, "npmrc": registry=URL, and @scope:registry=URL.
Status read_npmrc(Reading& reading) {
    each_setting(reading, [&](std::string_view key, std::string_view value, std::size_t offset) {
        constexpr std::string_view kScoped = ":registry";
        if (key == "registry") {
            reading.add_registry(Place::kDefault, Ecosystem::kNpm, key, unquoted(value), offset);
        } else if (key.starts_with('@') && key.ends_with(kScoped)) {
            reading.add_registry(Place::kScope, Ecosystem::kNpm, key, unquoted(value), offset,
                                 key.substr(0, key.size() - kScoped.size()));
        }
    });
    return {};
}

// pip.pypa.io, "Configuration".
Status read_pip_conf(Reading& reading) {
    each_setting(reading, [&](std::string_view key, std::string_view value, std::size_t offset) {
        for (const std::string_view url : split(value, ' ')) {
            if (key == "index-url" || key == "index_url") {
                reading.add_registry(Place::kDefault, Ecosystem::kPypi, key, url, offset);
            } else if (key == "extra-index-url" || key == "extra_index_url") {
                reading.add_registry(Place::kExtra, Ecosystem::kPypi, key, url, offset);
            }
        }
    });
    return {};
}

// learn.microsoft.com/nuget, "nuget.config reference": of several sources each is asked, unless
// packageSourceMapping says which has what.
Status read_nuget_config(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    const XmlElement* sources = root->child("packageSources");
    const bool is_mapped = root->child("packageSourceMapping") != nullptr;
    bool is_first = true;
    for (const XmlElement* source = sources == nullptr ? nullptr : sources->first_child;
         source != nullptr; source = source->next) {
        if (source->name != "add") continue;
        Place role = is_mapped ? Place::kNamed : Place::kExtra;
        if (is_first) role = Place::kDefault;
        is_first = false;
        reading.add_registry(role, Ecosystem::kNuget, "packageSources", source->attribute("value"),
                             source->offset);
    }
    return {};
}

// doc.rust-lang.org/cargo, "Configuration": dependencies name a registry, so none is mixed.
Status read_cargo_config(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    each_entry(object_in(root, "registries"), [&](std::string_view name, const Value& registry) {
        const std::string_view url = string_in(&registry, "index");
        if (!url.empty()) {
            reading.add_registry(Place::kNamed, Ecosystem::kCargo, "registries", url,
                                 reading.offset_of(registry.find("index")), name);
        }
    });
    each_entry(object_in(root, "source"), [&](std::string_view name, const Value& source) {
        const std::string_view url = string_in(&source, "registry");
        if (!url.empty()) {
            reading.add_registry(Place::kNamed, Ecosystem::kCargo, "source", url,
                                 reading.offset_of(source.find("registry")), name);
        }
    });
    return {};
}

// maven.apache.org/settings.html: a mirror stands in place of the repositories that it names, and
// of Central if it names that or all.
Status read_maven_settings(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    if (root->name != "settings") return {};  // another program's
    const XmlElement* mirrors = root->child("mirrors");
    for (const XmlElement* mirror = mirrors == nullptr ? nullptr : mirrors->first_child;
         mirror != nullptr; mirror = mirror->next) {
        const std::string_view of = mirror->child_text("mirrorOf");
        const bool is_for_all = of == "*" || of == "central" || of.starts_with("*,");
        reading.add_registry(is_for_all ? Place::kDefault : Place::kNamed, Ecosystem::kMaven,
                             "mirror", mirror->child_text("url"), mirror->offset);
    }
    return {};
}

}  // namespace merlon::inventory
