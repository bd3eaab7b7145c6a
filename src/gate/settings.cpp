#include "gate/settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/arena.h"
#include "base/assert.h"
#include "base/interner.h"
#include "base/nearest.h"
#include "evidence/seconds.h"
#include "gate/ready.h"
#include "match/regex.h"
#include "rego/go_time.h"
#include "text/json.h"
#include "text/position.h"
#include "text/yaml.h"
#include "value/json_schema.h"

// The schema that editors read is the one that the program checks with.
__asm__(
    ".pushsection .rodata\n"
    ".global merlon_settings_schema_begin\n"
    ".global merlon_settings_schema_end\n"
    "merlon_settings_schema_begin:\n"
    ".incbin \"" MERLON_SETTINGS_SCHEMA
    "\"\n"
    "merlon_settings_schema_end:\n"
    ".byte 0\n"
    ".popsection\n");
extern "C" const char merlon_settings_schema_begin[];
extern "C" const char merlon_settings_schema_end[];

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::string_view kSections[] = {"/gates", "/groups", "/environments"};

Result<bool> matches(std::string_view pattern, std::string_view text) {
    const match::Regex regex = MERLON_TRY(match::Regex::compile(pattern));
    return regex.is_match(text);
}

// The value at an RFC 6901 pointer, or the nearest one on the way that is there.
const Value* at_pointer(const Value* root, std::string_view pointer) {
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::string_view raw = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(raw.size());
        std::string key;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            const bool is_escape = raw[i] == '~' && i + 1 < raw.size();
            key += !is_escape ? raw[i] : raw[i + 1] == '1' ? '/' : '~';
            if (is_escape) ++i;
        }
        const Value* next = root->find(key);
        if (root->is_array()) {
            std::size_t index = 0;
            for (const char digit : key) index = index * 10 + static_cast<std::size_t>(digit - '0');
            next = index < root->size() ? &root->items()[index] : nullptr;
        }
        if (next == nullptr) return root;
        root = next;
    }
    return root;
}

Status check_against_schema(const value::ValueDocument& document, std::string_view yaml,
                            const std::string& file) {
    Arena arena;
    Interner interner;
    const std::string_view text(
        merlon_settings_schema_begin,
        static_cast<std::size_t>(merlon_settings_schema_end - merlon_settings_schema_begin));
    const auto schema = text::read_json(text, arena, interner);
    MERLON_ASSERT(schema.ok());
    const auto violations =
        MERLON_TRY(value::validate(*schema.value().root, *document.root, matches));
    for (const value::SchemaViolation& violation : violations) {
        // The rest of the file is checked by whoever reads it.
        const bool is_ours = std::ranges::any_of(kSections, [&](std::string_view section) {
            return violation.pointer.starts_with(section);
        });
        if (!is_ours) continue;
        Error error{fmt::format("{}: {}", violation.pointer, violation.message)};
        const Value* const wrong = at_pointer(document.root, violation.pointer);
        auto span = document.spans.key_span(wrong);
        if (!span || span->begin == kNoOffset) span = document.spans.value_span(wrong);
        if (!span || span->begin == kNoOffset) return std::move(error).at(file, 0, 0);
        const text::Position place = text::LineIndex(yaml).position(span->begin);
        return std::move(error).at(file, place.line, place.column);
    }
    return {};
}

Error error_at(std::string message, const Value* wrong, const value::ValueDocument& document,
               std::string_view yaml, const std::string& file) {
    Error error{std::move(message)};
    auto span = document.spans.value_span(wrong);
    if (!span || span->begin == kNoOffset) return std::move(error).at(file, 0, 0);
    const text::Position place = text::LineIndex(yaml).position(span->begin);
    return std::move(error).at(file, place.line, place.column);
}

// What the schema cannot say of a freeze: that its days exist and stand in their order.
Status check_freezes(const value::ValueDocument& document, std::string_view yaml,
                     const std::string& file) {
    constexpr std::size_t kDateBytes = sizeof("2026-01-31") - 1;
    const Value* const all = document.root->find("environments");
    if (all == nullptr || !all->is_object()) return {};
    for (const Value& environment : all->values()) {
        const Value* const freezes = environment.find("freezes");
        if (freezes == nullptr || !freezes->is_array()) continue;
        for (const Value& freeze : freezes->items()) {
            const Value* const from = freeze.find("from");
            const Value* const to = freeze.find("to");
            if (from == nullptr || to == nullptr || !from->is_string() || !to->is_string())
                continue;  // the schema has told
            for (const Value* const moment : {from, to}) {
                const std::string_view text = moment->as_string();
                if (!parse_date(text.substr(0, kDateBytes)).ok())
                    return error_at(fmt::format("there is no day {}", text), moment, document, yaml,
                                    file);
            }
            // Both included: "to" a day is to its end, and texts of this form are in order.
            std::string end(to->as_string());
            if (end.size() == kDateBytes) end += " 23:59";
            if (from->as_string() > end)
                return error_at(fmt::format("the freeze ends ({}) before it begins ({})",
                                            to->as_string(), from->as_string()),
                                to, document, yaml, file);
        }
    }
    return {};
}

// A window that ends when it begins: no hour, or all of them? Nobody is to guess.
Status check_windows(const value::ValueDocument& document, std::string_view yaml,
                     const std::string& file) {
    const Value* const all = document.root->find("environments");
    if (all == nullptr || !all->is_object()) return {};
    for (const Value& environment : all->values()) {
        const Value* const windows = environment.find("windows");
        if (windows == nullptr || !windows->is_array()) continue;
        for (const Value& window : windows->items()) {
            const Value* const from = window.find("from");
            const Value* const to = window.find("to");
            if (from == nullptr || to == nullptr || !from->is_string() || !to->is_string())
                continue;  // the schema has told
            if (from->as_string() == to->as_string())
                return error_at(fmt::format("the window ends when it begins ({}): a whole day is "
                                            "from \"00:00\" to \"24:00\"",
                                            to->as_string()),
                                to, document, yaml, file);
        }
    }
    return {};
}

// Names of groups that nobody has defined: whom they mean, nobody would hear of.
class GroupChecker {
  public:
    GroupChecker(const value::ValueDocument& document, std::string_view yaml,
                 const std::string& file)
        : document_(document), yaml_(yaml), file_(file) {
        const Value* const groups = document.root->find("groups");
        for (std::size_t i = 0; groups != nullptr && groups->is_object() && i < groups->size(); ++i)
            if (groups->keys()[i].is_string()) known_.push_back(groups->keys()[i].as_string());
    }

    Status check() const {
        for (const std::string_view section : {"gates", "environments"}) {
            const Value* const all = document_.root->find(section);
            if (all == nullptr || !all->is_object()) continue;
            for (const Value& one : all->values()) MERLON_TRY(check_owner(one));
        }
        return {};
    }

  private:
    Status check_owner(const Value& owner) const {
        for (const std::string_view list : {"exceptions-by", "break-glass-by"}) {
            const Value* const names = owner.find(list);
            if (names == nullptr || !names->is_array()) continue;
            for (const Value& name : names->items()) MERLON_TRY(check_name(list, name));
        }
        const Value* const rules = owner.find("approvals");
        if (rules == nullptr || !rules->is_array()) return {};
        for (const Value& rule : rules->items())
            if (const Value* const group = rule.find("group"))
                MERLON_TRY(check_name("approvals", *group));
        return {};
    }

    Status check_name(std::string_view where, const Value& name) const {
        if (!name.is_string()) return {};  // the schema has told
        const std::string_view text = name.as_string();
        if (std::ranges::find(known_, text) != known_.end()) return {};
        return error_at(fmt::format("{}: there is no group '{}' in 'groups'{}", where, text,
                                    suggestion(text, known_)),
                        &name, document_, yaml_, file_);
    }

    const value::ValueDocument& document_;
    std::string_view yaml_;
    const std::string& file_;
    std::vector<std::string_view> known_;
};

std::string json_of(const Value& value) {
    std::string out;
    text::JsonWriter(out).value(value);
    return out;
}

std::vector<std::string> texts_at(const Value& object, std::string_view key) {
    std::vector<std::string> texts;
    const Value* const list = object.find(key);
    if (list == nullptr || !list->is_array()) return texts;
    for (const Value& one : list->items())
        if (one.is_string()) texts.emplace_back(one.as_string());
    return texts;
}

// Leaves `seconds` as they are where nothing is set.
Status read_duration(const Value& object, std::string_view key, std::int64_t& seconds) {
    const Value* const text = object.find(key);
    if (text == nullptr || !text->is_string()) return {};
    seconds = MERLON_TRY(rego::parse_duration(text->as_string())) / evidence::kSecondNs;
    return {};
}

void append_texts(const Value& object, std::string_view key, std::vector<std::string>& texts) {
    std::ranges::move(texts_at(object, key), std::back_inserter(texts));
}

// What the ready gate has, where nothing else is set.
Value merged(const Value& defaults, const Value* set, value::Builder& values) {
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < defaults.size(); ++i)
        entries.emplace_back(defaults.keys()[i], defaults.values()[i]);
    for (std::size_t i = 0; set != nullptr && set->is_object() && i < set->size(); ++i)
        entries.emplace_back(set->keys()[i], set->values()[i]);  // of equal keys the last wins
    return values.object(entries);
}

void add_zones(const Value& environment, std::string_view key, std::vector<std::string>& zones) {
    const Value* const list = environment.find(key);
    if (list == nullptr || !list->is_array()) return;
    for (const Value& one : list->items()) {
        const Value* const zone = one.find("zone");
        if (zone != nullptr && zone->is_string()) zones.emplace_back(zone->as_string());
    }
}

Status read_environment(const Value& root, const std::string& file, std::string_view name,
                        Settings& settings) {
    const Value* const all = root.find("environments");
    const Value* const found = all == nullptr ? nullptr : all->find(name);
    if (found == nullptr) {
        std::vector<std::string_view> known;
        for (std::size_t i = 0; all != nullptr && all->is_object() && i < all->size(); ++i)
            if (all->keys()[i].is_string()) known.push_back(all->keys()[i].as_string());
        return Error{fmt::format("there is no environment '{}' in {}{}", name,
                                 file.empty() ? "the settings" : file, suggestion(name, known))};
    }
    settings.environment = found->is_object() ? json_of(*found) : "{}";
    if (!found->is_object()) return {};
    // The schema knows one word for it.
    if (found->find("unlooked") == nullptr)
        settings.unlooked = unlooked_demands(*found, settings.conditions);
    // Policies of one's own are read later, and may look at them.
    if (!std::ranges::any_of(settings.conditions, is_own_policy)) {
        Status looked_at = check_demands(settings.unlooked, name, {});
        if (!looked_at.ok()) return std::move(looked_at).error().at(file, 0, 0);
    }
    add_zones(*found, "windows", settings.zones);
    add_zones(*found, "freezes", settings.zones);
    std::ranges::sort(settings.zones);
    const auto same = std::ranges::unique(settings.zones);
    settings.zones.erase(same.begin(), same.end());
    append_texts(*found, "exceptions-by", settings.decisions.exceptions_by);
    append_texts(*found, "break-glass-by", settings.decisions.break_glass_by);
    MERLON_TRY(read_duration(*found, "approval-age", settings.decisions.approval_age_s));
    return read_duration(*found, "break-glass-for", settings.decisions.break_glass_s);
}

void read_groups(const Value& groups, Settings& settings) {
    settings.groups = json_of(groups);
    for (const Value& key : groups.keys()) {
        if (!key.is_string()) continue;
        settings.people_by_group[std::string(key.as_string())] = texts_at(groups, key.as_string());
    }
}

}  // namespace

Result<Settings> read_settings(std::string_view yaml, const std::string& file,
                               std::string_view gate, std::string_view environment) {
    const ReadyGate* const ready = find_ready_gate(gate);
    MERLON_ASSERT(ready != nullptr);
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const Value nothing = values.object({});
    const Value* root = &nothing;
    Result<std::vector<value::ValueDocument>> read =
        text::read_yaml(yaml, arena, interner, {.spans = text::KeepSpans::kYes});
    if (!read.ok()) return std::move(read).error().at(file, 0, 0);
    if (!read.value().empty() && read.value()[0].root->is_object()) {
        MERLON_TRY(check_against_schema(read.value()[0], yaml, file));
        MERLON_TRY(check_freezes(read.value()[0], yaml, file));
        MERLON_TRY(check_windows(read.value()[0], yaml, file));
        MERLON_TRY(GroupChecker(read.value()[0], yaml, file).check());
        root = read.value()[0].root;
    }
    const auto defaults = text::read_json(ready->settings, arena, interner);
    MERLON_ASSERT(defaults.ok());
    const Value* const gates = root->find("gates");
    const Value own =
        merged(*defaults.value().root, gates == nullptr ? nullptr : gates->find(gate), values);
    Settings settings;
    settings.gate = json_of(own);
    for (std::string& name : texts_at(own, "conditions"))
        if (std::ranges::find(settings.conditions, name) == settings.conditions.end())
            settings.conditions.push_back(std::move(name));
    settings.analyses = texts_at(own, "analyses");
    settings.decisions.exceptions_by = texts_at(own, "exceptions-by");
    MERLON_TRY(read_duration(own, "time-to-live", settings.time_to_live_s));
    if (settings.time_to_live_s <= 0)
        return Error{"gates." + std::string(gate) +
                     ".time-to-live: a verdict that has ended before anybody can read it; write a "
                     "time of a second or more, as 24h"}
            .at(file, 0, 0);
    if (const Value* groups = root->find("groups"); groups != nullptr && groups->is_object())
        read_groups(*groups, settings);
    if (!environment.empty()) MERLON_TRY(read_environment(*root, file, environment, settings));
    return settings;
}

std::vector<LocalTime> local_times(const std::vector<std::string>& zones, Timestamp now,
                                   const std::string& directory) {
    constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    std::vector<LocalTime> hours;
    for (const std::string& name : zones) {
        const Result<rego::Zone> zone = rego::Zone::load(name, directory);
        if (!zone.ok()) continue;
        const rego::CivilTime local =
            rego::civil_time(rego::instant_of(now.nanoseconds), zone.value());
        hours.push_back(
            {.zone = name,
             .date = fmt::format("{:04}-{:02}-{:02}", local.year, local.month, local.day),
             .time = fmt::format("{:02}:{:02}", local.hour, local.minute),
             .weekday = std::string(kDays[local.weekday()])});
    }
    return hours;
}

}  // namespace merlon::gate
