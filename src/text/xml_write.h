#pragma once

// Writes XML 1.0 (w3.org/TR/xml, fifth edition) by its parts, in order.
//
// What XML cannot hold (control characters, invalid UTF-8; section 2.2) becomes U+FFFD. Misuse (an
// attribute after a child) is a bug of ours. Not thread-safe: one writer. Cost: one pass.

#include <string>
#include <string_view>
#include <vector>

namespace merlon::text {

class XmlWriter {
  public:
    // Writes the declaration. `indent` is repeated for each level.
    XmlWriter(std::string& out, std::string_view indent);

    XmlWriter& begin(std::string_view element);
    XmlWriter& attribute(std::string_view name, std::string_view value);
    XmlWriter& text(std::string_view content);
    XmlWriter& end();
    // An element that holds text and nothing else.
    XmlWriter& element(std::string_view name, std::string_view content) {
        return begin(name).text(content).end();
    }

  private:
    enum class Last : unsigned char { kStart, kText, kEnd };

    void close_start_tag();
    void line_break();

    std::string& out_;
    std::string indent_;
    std::vector<std::string> open_;
    bool in_start_tag_ = false;
    Last last_ = Last::kEnd;
};

}  // namespace merlon::text
