#include "text/xml.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string_view local_name(std::string_view name) { return name.substr(name.rfind(':') + 1); }

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

// Builds the tree from expat's calls. The first problem of our own stops the parser.
class TreeBuilder {
  public:
    TreeBuilder(XML_Parser parser, Arena& arena, const XmlLimits& limits)
        : parser_(parser), arena_(arena), limits_(limits) {}

    void start(const char* name, const char** attributes) {
        if (open_.size() >= limits_.max_depth) return stop("elements nest too deep");
        if (++elements_ > limits_.max_elements) return stop("too many elements");
        if (limits_.cancel != nullptr && limits_.cancel->cancelled())
            return stop("was not read to its end: the run was stopped");
        XmlElement* element = arena_.make<XmlElement>();
        element->name = arena_.copy(local_name(name));
        element->prefix = arena_.copy(prefix_of(name));
        element->offset = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_));
        std::vector<XmlAttribute> list;
        for (; attributes[0] != nullptr; attributes += 2)
            list.push_back({arena_.copy(local_name(attributes[0])),
                            arena_.copy(std::string_view(attributes[1]))});
        element->attributes = arena_.copy(std::span<const XmlAttribute>(list));
        if (open_.empty()) {
            root_ = element;
        } else {
            Open& parent = open_.back();
            parent.is_broken = true;
            element->parent = parent.element;
            (parent.last_child == nullptr ? parent.element->first_child : parent.last_child->next) =
                element;
            parent.last_child = element;
        }
        open_.push_back({element, nullptr, {}});
    }

    // What follows is another piece of text.
    void interrupt() {
        if (!open_.empty()) open_.back().is_broken = true;
    }

    void end() {
        const std::string_view text = arena_.copy(std::string_view(open_.back().text));
        XmlElement& element = *open_.back().element;
        element.whole_text = text;
        element.text = trim(text);
        element.last_text = trim(text.substr(open_.back().last_piece));
        open_.pop_back();
    }

    void characters(std::string_view text) {
        if (open_.empty()) return;
        Open& open = open_.back();
        if (std::exchange(open.is_broken, false)) open.last_piece = open.text.size();
        open.text += text;
    }

    void stop(const char* problem) {
        if (problem_ == nullptr) problem_ = problem;
        XML_StopParser(parser_, XML_FALSE);
    }

    const char* problem() const { return problem_; }
    const XmlElement* root() const { return root_; }

  private:
    struct Open {
        XmlElement* element;
        XmlElement* last_child;
        std::string text;
        std::size_t last_piece = 0;  // where it begins
        bool is_broken = false;
    };

    XML_Parser parser_;
    Arena& arena_;
    const XmlLimits& limits_;
    std::vector<Open> open_;
    std::size_t elements_ = 0;
    XmlElement* root_ = nullptr;
    const char* problem_ = nullptr;
};

TreeBuilder& builder(void* data) { return *static_cast<TreeBuilder*>(data); }

void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    if (builder(data).problem() == nullptr) builder(data).start(name, attributes);
}

void on_end(void* data, const XML_Char*) {
    if (builder(data).problem() == nullptr) builder(data).end();
}

void on_characters(void* data, const XML_Char* text, int size) {
    builder(data).characters({text, static_cast<std::size_t>(size)});
}

void on_comment(void* data, const XML_Char*) { builder(data).interrupt(); }

void on_instruction(void* data, const XML_Char*, const XML_Char*) { builder(data).interrupt(); }

void on_section(void* data) { builder(data).interrupt(); }

void on_entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
               const XML_Char*, const XML_Char*, const XML_Char*) {
    builder(data).stop("it declares entities, which are not read");
}

struct FreeParser {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
    for (const XmlElement* child = first_child; child != nullptr; child = child->next)
        if (child->name == child_name) return child;
    return nullptr;
}

std::string_view XmlElement::child_text(std::string_view child_name) const {
    const XmlElement* found = child(child_name);
    return found == nullptr ? std::string_view() : found->text;
}

std::string_view XmlElement::attribute(std::string_view attribute_name) const {
    for (const XmlAttribute& attribute : attributes)
        if (attribute.name == attribute_name) return attribute.value;
    return {};
}

namespace {

constexpr const char* kWindows1252 = "windows-1252";

// The encoding that the declaration names, in lower case; empty: none.
std::string declared_encoding(std::string_view bytes) {
    if (!bytes.starts_with("<?xml")) return {};
    const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
    const std::size_t name = declaration.find("encoding");
    const std::size_t open =
        name == std::string_view::npos ? name : declaration.find_first_of("'\"", name);
    if (open == std::string_view::npos) return {};
    const std::string_view value = declaration.substr(open + 1);
    return lower_case(value.substr(0, value.find(declaration[open])));
}

// What to tell expat; null: it looks itself. Latin-1 is Windows' (https://encoding.spec.whatwg.org,
// section 4.2), which is what those who write it mean.
const char* encoding_of(std::string_view bytes) {
    if (is_valid_utf8(bytes)) return "UTF-8";
    constexpr auto kLatin1 = std::to_array<std::string_view>(
        {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "windows-1252", "cp1252", "us-ascii"});
    const bool is_latin1 = std::ranges::find(kLatin1, declared_encoding(bytes)) != kLatin1.end();
    return is_latin1 ? kWindows1252 : nullptr;
}

int on_encoding(void* /*unused*/, const XML_Char* name, XML_Encoding* encoding) {
    if (!equal_without_case(name, kWindows1252)) return XML_STATUS_ERROR;
    constexpr auto kFrom0x80 = std::to_array<int>(
        {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
         0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
         0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178});
    for (int byte = 0; byte < 256; ++byte) encoding->map[byte] = byte;
    std::ranges::copy(kFrom0x80, encoding->map + 0x80);
    return XML_STATUS_OK;
}

}  // namespace

Result<const XmlElement*> read_xml(std::string_view bytes, Arena& arena, const XmlLimits& limits) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return Error{"XML: the text is larger than 2 GiB"};
    const std::unique_ptr<XML_ParserStruct, FreeParser> parser(
        XML_ParserCreate(encoding_of(bytes)));
    if (parser == nullptr) return Error{"XML: out of memory"};
    TreeBuilder tree(parser.get(), arena, limits);
    XML_SetUserData(parser.get(), &tree);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_characters);
    XML_SetCommentHandler(parser.get(), on_comment);
    XML_SetProcessingInstructionHandler(parser.get(), on_instruction);
    XML_SetCdataSectionHandler(parser.get(), on_section, on_section);
    XML_SetEntityDeclHandler(parser.get(), on_entity);
    XML_SetUnknownEncodingHandler(parser.get(), on_encoding, nullptr);
    const XML_Status status =
        XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE);
    if (status == XML_STATUS_OK && tree.root() != nullptr) return tree.root();
    const char* reason = tree.problem() != nullptr
                             ? tree.problem()
                             : XML_ErrorString(XML_GetErrorCode(parser.get()));
    return Error{
        std::string("XML: ") + (reason == nullptr ? "no element" : reason),
        static_cast<std::size_t>(std::max<XML_Index>(XML_GetCurrentByteIndex(parser.get()), 0)),
        {},
        static_cast<std::uint32_t>(XML_GetCurrentLineNumber(parser.get())),
        static_cast<std::uint32_t>(XML_GetCurrentColumnNumber(parser.get()) + 1)};
}

}  // namespace merlon::text
