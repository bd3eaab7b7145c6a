#pragma once

// What a HOCON file says once it is read: nodes, which may be references to others, and what they
// are as an object, a text or a list, and as the text that the library prints.
//
// Standard: go-akka/configuration, with its quirks (see parse_hocon.cpp). Not thread-safe.
// Cost: bounded by a budget, as references may lead anywhere.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::compat::conftest {

struct HoconNode;
struct HoconObject {
    std::vector<std::string> keys;  // as they came
    std::map<std::string, HoconNode*, std::less<>> members;
};
struct HoconReference {
    std::string path;
    bool is_optional = false;
    HoconNode* target = nullptr;
};
// One of those that stand side by side and make a value.
struct HoconPart {
    enum class Kind : unsigned char { kText, kObject, kArray, kReference };
    Kind kind = Kind::kText;
    std::string text = {};
    HoconObject* object = nullptr;
    std::vector<HoconNode*> items = {};
    HoconReference* reference = nullptr;
};
struct HoconNode {
    std::vector<HoconPart> parts;
    HoconNode* before = nullptr;  // what the key meant until then
};

// Bounds what references and merged objects may cost.
class HoconBudget {
  public:
    bool spend() { return left_ > 0 && --left_ > 0; }

  private:
    std::size_t left_ = 10'000'000;
};

// Answers about nodes, with references followed.
class HoconAnswers {
  public:
    explicit HoconAnswers(HoconBudget& budget) : budget_(budget) {}

    // Why the last answers mean nothing; empty: they hold.
    const std::string& failure() const { return failure_; }

    HoconObject* object_of(HoconNode* node);

    bool is_text(const HoconNode& node);

    std::string text_of(const HoconNode& node);

    // Of arrays that stand side by side the items of all.
    std::vector<HoconNode*> items_of(const HoconNode& node);

    // What the library prints of a value.
    std::string printed(HoconNode& node, std::size_t indent);

  private:
    static constexpr std::size_t kMaxDepth = 400;
    static constexpr std::size_t kMaxBytes = std::size_t{1} << 24;

    // One question inside of another.
    class Depth {
      public:
        explicit Depth(HoconAnswers& answers) : answers_(answers) {
            if (++answers_.depth_ > kMaxDepth || !answers_.budget_.spend()) {
                answers_.fail("references go in circles or too deep");
            }
        }
        ~Depth() { --answers_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;
        bool holds() const { return answers_.failure_.empty(); }

      private:
        HoconAnswers& answers_;
    };

    std::string fail(std::string reason);
    static bool has_space(std::string_view text);
    static std::string quoted(const std::string& text);
    // The library takes what the key meant before in place of what it means.
    static HoconNode* instead_of(const HoconNode& node, const HoconPart& part);
    // Whether a reference leads somewhere. One that comes back to where it was is an error, also
    // where no question would go that way.
    bool follows(const HoconReference& reference);

    HoconBudget& budget_;
    std::string failure_;
    std::size_t depth_ = 0;
};

}  // namespace merlon::compat::conftest
