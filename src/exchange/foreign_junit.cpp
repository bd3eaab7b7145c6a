// JUnit's XML, as test runners and scanners write it: suites of test cases, of which those that
// failed or broke are findings.
//
// There is no standard; this takes what Jenkins' schema and Ant's have in common.

#include <map>
#include <set>

#include "base/arena.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "text/position.h"
#include "text/xml.h"

namespace merlon::exchange {
namespace {

using text::XmlElement;

std::uint32_t number_of(std::string_view text) {
    std::int64_t number = 0;
    for (const char c : text.substr(0, 10)) {
        if (c < '0' || c > '9') return 0;
        number = number * 10 + (c - '0');
    }
    return line_number(number);
}

class JunitReader {
  public:
    explicit JunitReader(std::string_view bytes) : bytes_(bytes), draft_("junit") {}

    Result<std::vector<ReadReport>> read(const XmlElement& root) && {
        each_below(root, [&](const XmlElement& at) {
            if (at.name == "testcase" && !at.attribute("classname").empty())
                suites_of_[plain_id(at)].insert(suite_of(at));
        });
        if (root.name == "testsuite") {
            MERLON_TRY(read_suite(root));
        } else {
            for (const XmlElement* suite = root.first_child; suite != nullptr; suite = suite->next)
                if (suite->name == "testsuite") MERLON_TRY(read_suite(*suite));
        }
        draft_.read().category = root.attribute("name");
        if (suites_ == 0)
            draft_.add_unstated("no test suite is in it");
        else if (cases_ == 0)
            draft_.add_unstated("no test case is in it: nothing has run");
        // A test that is not listed has not run, which mends nothing.
        draft_.read().lists_rules = true;
        if (skipped_ > 0)
            draft_.add_unstated(std::to_string(skipped_) + " test cases were skipped");
        return std::move(draft_).finish_alone();
    }

  private:
    // Suites of suites are a list by depth first.
    template <typename Use>
    static void each_below(const XmlElement& top, const Use& use) {
        const XmlElement* at = &top;
        while (at != nullptr) {
            use(*at);
            const bool has_parts = at->name.starts_with("testsuite") && at->first_child != nullptr;
            if (has_parts) {
                at = at->first_child;
                continue;
            }
            while (at != &top && at->next == nullptr) at = at->parent;
            at = at == &top ? nullptr : at->next;
        }
    }

    Status read_suite(const XmlElement& top) {
        Status sound;
        each_below(top, [&](const XmlElement& at) {
            if (at.name == "testcase" && sound.ok()) sound = read_case(at);
            if (at.name == "testsuite") compare_counts(at);
        });
        return sound;
    }

    static std::string_view suite_of(const XmlElement& test) {
        return test.parent == nullptr ? std::string_view() : test.parent->attribute("name");
    }

    static std::string plain_id(const XmlElement& test) {
        const std::string group(test.attribute("classname"));
        const std::string name(test.attribute("name"));
        return group.empty() ? name : group + "." + name;
    }

    // A test without a class is its suite's; of one that several suites run, each is its own.
    std::string id_of(const XmlElement& test) const {
        std::string id = plain_id(test);
        const std::string suite(suite_of(test));
        const auto suites = suites_of_.find(id);
        const bool is_of_one = suites != suites_of_.end() && suites->second.size() < 2;
        return is_of_one || suite.empty() ? id : suite + "." + id;
    }

    // What a suite says of itself, where all its cases stand in it: one that lists fewer was cut.
    void compare_counts(const XmlElement& suite) {
        ++suites_;
        std::uint32_t cases = 0, failed = 0;
        for (const XmlElement* test = suite.first_child; test != nullptr; test = test->next) {
            if (test->name == "testsuite") return;
            if (test->name != "testcase") continue;
            ++cases;
            for (const XmlElement* part = test->first_child; part != nullptr; part = part->next) {
                failed += part->name == "failure" || part->name == "error" ? 1 : 0;
            }
        }
        const std::uint32_t said = number_of(suite.attribute("tests"));
        const std::uint32_t said_failed =
            number_of(suite.attribute("failures")) + number_of(suite.attribute("errors"));
        if (said <= cases && said_failed <= failed) return;
        draft_.add_unstated("the suite '" + std::string(suite.attribute("name")) + "' says " +
                            std::to_string(said) + " tests, " + std::to_string(said_failed) +
                            " of them failed, and lists " + std::to_string(cases) + " and " +
                            std::to_string(failed));
    }

    Status read_case(const XmlElement& test) {
        const std::string name(test.attribute("name"));
        if (name.empty()) {
            const text::Position place = text::LineIndex(bytes_).position(test.offset);
            return Error{"a test case without name", test.offset, {}, place.line, place.column};
        }
        ++cases_;
        draft_.rule(id_of(test));
        for (const XmlElement* part = test.first_child; part != nullptr; part = part->next) {
            if (part->name == "skipped") ++skipped_;
            if (part->name == "failure" || part->name == "error") add(test, *part);
        }
        return {};
    }

    void add(const XmlElement& test, const XmlElement& part) {
        const std::string id = id_of(test);
        model::Finding& finding = draft_.add(id);
        finding.message = part.attribute("message");
        if (finding.message.empty()) finding.message = part.text.substr(0, part.text.find('\n'));
        if (finding.message.empty()) finding.message = id;
        finding.properties["object"] = id;
        finding.properties["outcome"] = part.name;
        if (!part.text.empty()) finding.properties["details"] = part.text;
        // Where the test stands, in runners that say it.
        std::string_view file = test.attribute("file");
        if (file.empty() && test.parent != nullptr) file = test.parent->attribute("file");
        if (file.empty()) {
            finding.location = model::ObjectLocation{id, {}};
            return;
        }
        model::FileLocation place{.path = tidy_path(file)};
        place.region.start_line = number_of(test.attribute("line"));
        place.region.end_line = place.region.start_line;
        finding.location = std::move(place);
    }

    std::string_view bytes_;
    ForeignDraft draft_;
    std::map<std::string, std::set<std::string_view>> suites_of_;  // by tests with a class
    std::size_t skipped_ = 0, suites_ = 0, cases_ = 0;
};

}  // namespace

// Complete: where no test case was skipped, of the tests that are listed. One that was skipped may
// still be failing.
ReadReports read_junit(const ForeignInput& input) {
    Arena arena;
    const XmlElement* const root =
        MERLON_TRY(text::read_xml(input.bytes, arena, {.cancel = input.cancel}));
    if (root->name != "testsuites" && root->name != "testsuite")
        return Error{"expected <testsuites> or <testsuite>, found <" + std::string(root->name) +
                     ">"};
    return JunitReader(input.bytes).read(*root);
}

}  // namespace merlon::exchange
