#include "gate/exceptions.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/joined.h"
#include "gate/fields.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::string_view kEverything = "*";  // break-glass

bool holds(const Value& input, std::string_view id) {
    const Value* const exceptions = input.find("exceptions");
    return exceptions != nullptr && exceptions->is_array() &&
           std::ranges::any_of(exceptions->items(),
                               [id](const Value& one) { return text_at(one, "id") == id; });
}

// What became of exceptions that do not hold, so that nobody wonders why: who has rejected one,
// that a second person is missing, or why one does not count.
void tell_of_others(const Value& input, Condition& condition) {
    const Value* const decisions = input.find("decisions");
    if (decisions == nullptr || !decisions->is_array()) return;
    for (const Value& one : decisions->items()) {
        const std::string kind = text_at(one, "kind"), id = text_at(one, "id");
        const std::string about = text_at(one, "condition");
        if ((kind != "except" && kind != "break-glass") || (about != condition.id && about != "*"))
            continue;
        const std::string name = kind == "except" ? "the exception" : "the break-glass";
        const std::string whose = fmt::format("{} of {}", name, text_at(one, "person"));
        if (holds(input, id)) continue;
        if (const std::string why = text_at(one, "refused_because"); !why.empty()) {
            condition.evidence.push_back({fmt::format("{} does not count: {}", whose, why), id});
            continue;
        }
        bool is_rejected = false;
        for (const Value& other : decisions->items()) {
            const Value* const valid = other.find("valid");
            const bool counts = valid != nullptr && valid->is_boolean() && valid->as_boolean();
            if (!counts || text_at(other, "about") != id || text_at(other, "kind") != "reject")
                continue;
            is_rejected = true;
            condition.evidence.push_back(
                {fmt::format("{} was rejected by {}: {}", whose, text_at(other, "person"),
                             text_at(other, "reason")),
                 text_at(other, "id")});
        }
        if (!is_rejected)
            condition.evidence.push_back(
                {fmt::format("{} needs a second person of those who may make it", whose), id});
    }
}

// How often each key is under an exception.
using Keys = std::map<std::string, std::size_t, std::less<>>;

Keys keys_of(const Value& covers) {
    Keys keys;
    for (const Value& key : covers.items())
        if (key.is_string()) ++keys[std::string(key.as_string())];
    return keys;
}

// Those for one condition, and what of its evidence they are for.
class Exceptions {
  public:
    Exceptions(const Value& all, Condition& condition) : condition_(condition) {
        has_keys_ = std::ranges::any_of(condition.evidence,
                                        [](const Evidence& one) { return !one.key.empty(); });
        for (const Value& exception : all.items()) {
            const std::string about = text_at(exception, "condition");
            if (about == condition.id || about == kEverything) take(exception);
        }
    }

    // The end of the first of those that were needed; empty where the condition fails nevertheless.
    std::string apply() {
        if (used_.empty()) {
            for (const Value* const exception : others_) {
                Evidence line = line_of(*exception);
                line.text += " (made for what is not listed here)";
                condition_.evidence.push_back(std::move(line));
            }
            return {};
        }
        std::vector<Evidence> later, covered;
        Keys left = under_;
        for (Evidence& one : condition_.evidence) {
            const auto found = left.find(one.key);
            const bool is_covered =
                is_whole_ || one.key.empty() || (found != left.end() && found->second > 0);
            if (is_covered && !is_whole_ && !one.key.empty()) --found->second;
            (is_covered ? covered : later).push_back(std::move(one));
        }
        std::string end;
        std::vector<std::string> people;
        for (const Value* const exception : used_) {
            const std::string expires = text_at(*exception, "expires");
            if (end.empty() || expires < end) end = expires;
            people.push_back(text_at(*exception, "person"));
        }
        if (later.empty()) {
            condition_.status = ConditionStatus::kExcepted;
        } else {
            // What has no key is told beside them.
            const auto listed = std::ranges::count_if(
                covered, [](const Evidence& one) { return !one.key.empty(); });
            condition_.reason = fmt::format(
                "{} of {} are not under the exception of {}: they were found after it "
                "was made",
                later.size(), later.size() + static_cast<std::size_t>(listed),
                joined(people, ", "));
            for (Evidence& one : covered)
                if (!one.key.empty()) one.text += " (under the exception)";
        }
        condition_.evidence = std::move(later);
        const bool is_excepted = condition_.status == ConditionStatus::kExcepted;
        std::ranges::move(covered, std::back_inserter(condition_.evidence));
        for (const Value* const exception : used_)
            condition_.evidence.push_back(line_of(*exception));
        return is_excepted ? end : std::string();
    }

  private:
    void take(const Value& exception) {
        if (is_whole_) return;  // one is enough
        const Value* const covers = exception.find("covers");
        if (covers == nullptr || !covers->is_array() || !has_keys_) {
            is_whole_ = true;
            used_ = {&exception};
            return;
        }
        bool is_needed = false;
        for (const auto& [key, count] : keys_of(*covers)) {
            const bool is_here = std::ranges::find(condition_.evidence, key, &Evidence::key) !=
                                 condition_.evidence.end();
            std::size_t& most = under_[key];
            is_needed = is_needed || (is_here && count > most);
            most = std::max(most, count);
        }
        (is_needed ? used_ : others_).push_back(&exception);
    }

    static Evidence line_of(const Value& exception) {
        const bool is_emergency = text_at(exception, "condition") == kEverything;
        return {
            .text = fmt::format("{} of {}, confirmed by {}, until {}: {}",
                                is_emergency ? "break-glass" : "exception",
                                text_at(exception, "person"), text_at(exception, "confirmed_by"),
                                text_at(exception, "expires"), text_at(exception, "reason")),
            .document = text_at(exception, "id")};
    }

    Condition& condition_;
    bool has_keys_ = false;
    bool is_whole_ = false;             // one of them is for whatever stands against it
    std::vector<const Value*> used_;    // those that some of it is under
    std::vector<const Value*> others_;  // and those that none of it is
    Keys under_;
};

}  // namespace

std::string apply_exceptions(const Value& input, std::vector<Condition>& conditions) {
    std::string earliest;
    const Value* const exceptions = input.find("exceptions");
    if (exceptions == nullptr || !exceptions->is_array()) return earliest;
    for (Condition& condition : conditions) {
        if (condition.status != ConditionStatus::kFail) continue;
        Exceptions own(*exceptions, condition);
        const std::string end = own.apply();
        if (!end.empty() && (earliest.empty() || end < earliest)) earliest = end;
        if (condition.status == ConditionStatus::kFail) tell_of_others(input, condition);
    }
    return earliest;
}

}  // namespace merlon::gate
