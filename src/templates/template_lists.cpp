#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

Answer indexed(Arguments arguments) {
    TemplateValue at = arguments[0];
    if (at.as<std::monostate>() != nullptr) return Error{"template: index of untyped nil"};
    for (const TemplateValue& index : arguments.subspan(1)) {
        if (const auto* dict = at.as<TemplateDict>()) {
            const auto* key = index.as<std::string>();
            if (key == nullptr) return wrong_argument("a text", index);
            at = TemplateValue((*dict)->at(*key));
            continue;
        }
        if (index.as<std::int64_t>() == nullptr) return wrong_argument("a whole number", index);
        const std::int64_t place = integer_of(index);
        if (const auto* text = text_in(at)) {
            if (place < 0 || place >= static_cast<std::int64_t>(text->size())) {
                return Error{fmt::format("template: index out of range: {}", place)};
            }
            at = static_cast<std::int64_t>(
                static_cast<unsigned char>((*text)[static_cast<std::size_t>(place)]));
            continue;
        }
        const auto* list = at.as<TemplateList>();
        if (list == nullptr) return wrong_argument("a list", at);
        if (place < 0 || place >= static_cast<std::int64_t>(list->size())) {
            return Error{fmt::format("template: index out of range: {}", place)};
        }
        TemplateValue item = (*list)[static_cast<std::size_t>(place)];
        at = std::move(item);
    }
    return at;
}

// Of a text, its bytes; a third index is what a list could grow to, which nothing shows.
Answer sliced(Arguments arguments) {
    const std::string* const text = text_in(arguments[0]);
    const auto* const list = arguments[0].as<TemplateList>();
    if (text == nullptr && list == nullptr) return wrong_argument("a text or a list", arguments[0]);
    if (text != nullptr && arguments.size() > 3) return Error{"template: 3-index slice of a text"};
    const auto size = static_cast<std::int64_t>(text != nullptr ? text->size() : list->size());
    std::int64_t bounds[] = {0, size, size};
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const auto* place = arguments[i].as<std::int64_t>();
        if (place == nullptr) return wrong_argument("a whole number", arguments[i]);
        if (*place < 0 || *place > size) return Error{"template: slice bounds out of range"};
        bounds[i - 1] = *place;
    }
    const auto [begin, end, most] = bounds;
    if (begin > end || end > most) return Error{"template: slice bounds out of range"};
    if (list != nullptr) {
        return TemplateValue(TemplateList(list->begin() + begin, list->begin() + end));
    }
    std::string part =
        text->substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    if (arguments[0].as<TemplateNumber>() == nullptr) return given(std::move(part));
    return given(TemplateNumber{std::move(part)});
}

Answer counted(std::int64_t begin, std::int64_t end, std::int64_t step) {
    TemplateList list;
    if (step == 0) return TemplateValue(std::move(list));
    for (std::int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
        if (list.size() >= kMaxMadeBytes / 64) return too_large();
        list.emplace_back(i);
    }
    return TemplateValue(std::move(list));
}

template <typename Keep>
Answer filtered(const TemplateValue& value, Keep keep) {
    TemplateList out;
    for (const TemplateValue& item : MERLON_TRY(list_of(value))) {
        if (keep(item)) out.push_back(item);
    }
    return TemplateValue(std::move(out));
}

// What was seen, by identity.
class Seen {
  public:
    bool add(const TemplateValue& value) { return identities_.insert(identity_of(value)).second; }
    bool holds(const TemplateValue& value) const {
        return identities_.contains(identity_of(value));
    }

  private:
    std::unordered_set<std::string> identities_;
};

bool holds(const TemplateList& list, const TemplateValue& wanted) {
    const std::string identity = identity_of(wanted);
    return std::any_of(list.begin(), list.end(), [&](const TemplateValue& item) {
        return item.data.index() == wanted.data.index() && identity_of(item) == identity;
    });
}

Answer sorted(Arguments arguments) {
    std::vector<std::string> texts;
    for (const TemplateValue& item : MERLON_TRY(list_of(arguments[0])))
        texts.push_back(text_of(item));
    std::sort(texts.begin(), texts.end());
    return text_list(texts);
}

Answer concatenated(Arguments arguments) {
    TemplateList out;
    for (const TemplateValue& value : arguments) {
        const TemplateList list = MERLON_TRY(list_of(value));
        out.insert(out.end(), list.begin(), list.end());
    }
    return TemplateValue(std::move(out));
}

Answer make_dict(Arguments arguments) {
    auto dict = std::make_shared<TemplateMap>();
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        MERLON_TRY(dict->set(text_of(arguments[i]), i + 1 < arguments.size()
                                                        ? arguments[i + 1]
                                                        : TemplateValue(std::string())));
    }
    return TemplateValue(TemplateDict(std::move(dict)));
}

Answer keys_of(Arguments arguments) {
    std::vector<std::string> keys;
    for (const TemplateValue& value : arguments) {
        const TemplateDict dict = MERLON_TRY(dict_of(value));
        for (const auto& [key, entry] : dict->entries()) keys.push_back(key);
    }
    return text_list(keys);
}

Answer length_of(Arguments arguments) {
    const TemplateValue& value = arguments[0];
    if (const auto* list = value.as<TemplateList>())
        return TemplateValue(static_cast<std::int64_t>(list->size()));
    if (const auto* dict = value.as<TemplateDict>())
        return TemplateValue(static_cast<std::int64_t>((*dict)->entries().size()));
    if (const auto* text = text_in(value))
        return TemplateValue(static_cast<std::int64_t>(text->size()));
    return wrong_argument("a text, a list or a dict", value);
}

constexpr TemplateFunction kListsFunctions[] = {
    {"append", 2, 2, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         list.push_back(in[1]);
         return given(std::move(list));
     }},
    {"compact", 1, 1, "",
     [](Arguments in) -> Answer {
         return filtered(in[0], [](const auto& item) { return template_truth(item); });
     }},
    {"concat", 0, kAny, "", concatenated},
    {"dict", 0, kAny, "", make_dict},
    {"first", 1, 1, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         return list.empty() ? TemplateValue() : TemplateValue(list.front());
     }},
    {"get", 2, 2, ".s",
     [](Arguments in) -> Answer {
         const TemplateDict dict = MERLON_TRY(dict_of(in[0]));
         const auto found = dict->entries().find(text_of(in[1]));
         return found == dict->entries().end() ? TemplateValue(std::string()) : found->second;
     }},
    {"has", 2, 2, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[1]));
         return TemplateValue(holds(list, in[0]));
     }},
    {"hasKey", 2, 2, ".s",
     [](Arguments in) -> Answer {
         const TemplateDict dict = MERLON_TRY(dict_of(in[0]));
         return TemplateValue(dict->entries().contains(text_of(in[1])));
     }},
    {"index", 1, kAny, "", indexed},
    {"initial", 1, 1, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         if (!list.empty()) list.pop_back();
         return given(std::move(list));
     }},
    {"keys", 1, kAny, "", keys_of},
    {"last", 1, 1, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         return list.empty() ? TemplateValue() : TemplateValue(list.back());
     }},
    {"len", 1, 1, "", length_of},
    {"list", 0, kAny, "",
     [](Arguments in) -> Answer { return TemplateValue(TemplateList(in.begin(), in.end())); }},
    {"prepend", 2, 2, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         list.insert(list.begin(), in[1]);
         return given(std::move(list));
     }},
    {"rest", 1, 1, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         if (!list.empty()) list.erase(list.begin());
         return given(std::move(list));
     }},
    {"reverse", 1, 1, "",
     [](Arguments in) -> Answer {
         auto list = MERLON_TRY(list_of(in[0]));
         std::reverse(list.begin(), list.end());
         return given(std::move(list));
     }},
    {"set", 3, 3, ".s",
     [](Arguments in) -> Answer {
         const TemplateDict dict = MERLON_TRY(dict_of(in[0]));
         MERLON_TRY(dict->set(text_of(in[1]), in[2]));
         return TemplateValue(dict);
     }},
    {"slice", 1, 4, "", sliced},
    {"sortAlpha", 1, 1, "", sorted},
    {"uniq", 1, 1, "",
     [](Arguments in) -> Answer {
         Seen seen;
         return filtered(in[0], [&seen](const auto& item) { return seen.add(item); });
     }},
    {"unset", 2, 2, ".s",
     [](Arguments in) -> Answer {
         auto dict = MERLON_TRY(dict_of(in[0]));
         dict->erase(text_of(in[1]));
         return TemplateValue(dict);
     }},
    {"until", 1, 1, "i",
     [](Arguments in) -> Answer {
         const auto count = integer_of(in[0]);
         return counted(0, count, count < 0 ? -1 : 1);
     }},
    {"untilStep", 3, 3, "iii",
     [](Arguments in) -> Answer {
         return counted(integer_of(in[0]), integer_of(in[1]), integer_of(in[2]));
     }},
    {"values", 1, 1, "",
     [](Arguments in) -> Answer {
         TemplateList list;
         const TemplateDict dict = MERLON_TRY(dict_of(in[0]));
         for (const auto& [key, entry] : dict->entries()) list.push_back(entry);
         return given(std::move(list));
     }},
    {"without", 1, kAny, "",
     [](Arguments in) -> Answer {
         Seen others;
         for (const TemplateValue& other : in.subspan(1)) others.add(other);
         return filtered(in[0], [&others](const auto& item) { return !others.holds(item); });
     }},
};

}  // namespace

std::span<const TemplateFunction> list_functions() { return kListsFunctions; }

}  // namespace merlon::templates
