#pragma once

// Fields that have one name in an answer and are not one field (GraphQL October 2021,
// section 5.3.2).
//
// The idea: the fields of a set of selections are compared with each other, then with those of the
// fragments that it spreads, and those of each two fragments with each other, which is done once
// for two names.
//
// Standard: order and words are gqlparser 2.5.58's. Not thread-safe. Cost: bounded by the steps of
// who asks.

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rego/graphql/query_checker.h"

namespace merlon::rego::graphql {

class OverlapFinder {
  public:
    // Two fragments that were compared, and whether as parts of objects that are never both there.
    using Compared = std::map<std::pair<std::string, std::string>, bool>;

    OverlapFinder(const Schema& schema, std::span<const value::Value> fragments,
                  const FieldTable& fields, Compared& compared, std::function<Status()> spend)
        : schema_(schema),
          fragments_(fragments),
          fields_(fields),
          compared_(compared),
          spend_(std::move(spend)) {}

    // Of the fields of a set; each error stands at the second field.
    Result<std::vector<Error>> find(std::span<const value::Value> selections);

  private:
    struct Conflict {
        std::string name;
        std::string message;  // empty: `inner` say it
        std::vector<Conflict> inner;
        const value::Value* field = nullptr;

        std::string text() const;
    };
    using Conflicts = std::vector<Conflict>;
    struct FieldSet {
        std::vector<std::pair<std::string, std::vector<const value::Value*>>> fields;  // by name
        std::vector<const value::Value*> spreads;

        const std::vector<const value::Value*>* find(const std::string& name) const;
    };
    enum class Apart : std::uint8_t { kNo, kYes };

    Result<FieldSet> gather(std::span<const value::Value> selections);
    Status gather(std::span<const value::Value> selections, FieldSet& set, int depth);
    Status within(const FieldSet& set, Conflicts& conflicts);
    Status between(const FieldSet& left, const FieldSet& right, Apart apart, Conflicts& conflicts);
    Status with_fragment(const FieldSet& set, const value::Value& spread, Apart apart,
                         Conflicts& conflicts);
    Status fragments(const value::Value& left, const value::Value& right, Apart apart,
                     Conflicts& conflicts);
    Status compare(const value::Value& left, const value::Value& right, Apart apart,
                   Conflicts& conflicts);
    Status below(const value::Value& left, const value::Value& right, Apart apart,
                 Conflicts& conflicts);
    FieldFacts facts(const value::Value& field) const;
    bool types_conflict(const value::Value& left, const value::Value& right) const;

    const Schema& schema_;
    std::span<const value::Value> fragments_;
    const FieldTable& fields_;
    Compared& compared_;
    std::function<Status()> spend_;
    std::set<std::string> compared_with_fields_;
    int depth_ = 0;
};

}  // namespace merlon::rego::graphql
