#include "inventory/source_imports.h"

#include <algorithm>
#include <array>

#include "inventory/source_tokens.h"

namespace merlon::inventory {
namespace {

class SourceReader {
  public:
    SourceReader(SourceLanguage language, std::string_view text) : tokens_(text, language) {
        advance();
    }

    // go.dev/ref/spec, "Import declarations": they stand before all other declarations.
    SourceCode read_go() {
        while (token_.kind != TokenKind::kEnd) {
            if (is_name("import") && begins_line_) {
                advance();
                if (is_mark("(")) {
                    advance();
                    while (token_.kind != TokenKind::kEnd && !is_mark(")")) read_go_import();
                } else {
                    read_go_import();
                }
            } else if (is_mark(".")) {
                const std::string_view qualifier =
                    previous_.kind == TokenKind::kName ? previous_.text : std::string_view();
                advance();
                if (token_.kind == TokenKind::kName && !code_.imports.empty() &&
                    code_.uses.size() < kMaxUses)
                    code_.uses.push_back({qualifier, token_.text, token_.line});
            } else {
                advance();
            }
        }
        return std::move(code_);
    }

    // ECMA-262, "Imports" and "Import Calls", and require() of CommonJS. A type alone is nothing
    // that runs.
    SourceCode read_javascript() {
        while (token_.kind != TokenKind::kEnd) {
            if (is_name("import") || is_name("export")) {
                const bool is_export = is_name("export");
                advance();
                if (is_name("type")) {
                    skip_type_import();
                } else if (!is_export && (is_mark("(") || token_.kind == TokenKind::kString)) {
                    if (is_mark("(")) advance();
                    add_string();
                }
            } else if (is_name("from")) {
                advance();
                add_string();
            } else if (is_name("require")) {
                advance();
                if (is_mark("(")) {
                    advance();
                    add_string();
                }
            } else {
                advance();
            }
        }
        return std::move(code_);
    }

    // docs.python.org, "The import statement". Relative ones are of the program itself.
    SourceCode read_python() {
        while (token_.kind != TokenKind::kEnd) {
            if (is_name("from") && begins_line_) {
                advance();
                add_dotted();
                skip_line();
            } else if (is_name("import") && begins_line_) {
                do {
                    advance();
                    add_dotted();
                    while (token_.kind == TokenKind::kName) advance();  // "as name"
                } while (is_mark(","));
            } else {
                advance();
            }
        }
        return std::move(code_);
    }

    // Java Language Specification, 7.5; Kotlin, Scala and Groovy write it the same way.
    SourceCode read_java() {
        while (token_.kind != TokenKind::kEnd) {
            if (is_name("import") && begins_line_) {
                advance();
                if (is_name("static")) advance();
                add_dotted();
            } else {
                advance();
            }
        }
        return std::move(code_);
    }

  private:
    static constexpr std::size_t kMaxUses = 1'000'000;

    void advance() {
        if (token_.kind != TokenKind::kLineEnd) previous_ = token_;
        begins_line_ =
            token_.kind == TokenKind::kLineEnd || token_.kind == TokenKind::kEnd || is_mark(";");
        token_ = tokens_.next();
    }
    bool is_name(std::string_view text) const {
        return token_.kind == TokenKind::kName && token_.text == text;
    }
    bool is_mark(std::string_view text) const {
        return token_.kind == TokenKind::kMark && token_.text == text;
    }
    void skip_line() {
        while (token_.kind != TokenKind::kEnd && token_.kind != TokenKind::kLineEnd) advance();
    }

    void add(std::string name, std::string_view alias, std::uint32_t line) {
        if (!name.empty() && code_.imports.size() < kMaxImports)
            code_.imports.push_back({std::move(name), std::string(alias), line});
    }
    void add_string() {
        if (token_.kind != TokenKind::kString) return;
        add(std::string(token_.text), "", token_.line);
        advance();
    }
    // "a.b.c"
    void add_dotted() {
        std::string name;
        const std::uint32_t line = token_.line;
        while (token_.kind == TokenKind::kName) {
            name += token_.text;
            advance();
            if (!is_mark(".")) break;
            name += '.';
            advance();
        }
        if (name.ends_with('.')) name.pop_back();
        add(std::move(name), "", line);
    }
    // `import type X from "m"` and `import type {X} from "m"`; a thing named "type" is rare.
    void skip_type_import() {
        while (token_.kind != TokenKind::kEnd && token_.kind != TokenKind::kString && !is_mark(";"))
            advance();
        if (token_.kind == TokenKind::kString) advance();
    }
    // `alias "path"`, to the line's end.
    void read_go_import() {
        std::string_view alias;
        if (token_.kind == TokenKind::kName || is_mark(".")) {
            alias = token_.text;
            advance();
        }
        if (token_.kind == TokenKind::kString) add(std::string(token_.text), alias, token_.line);
        if (token_.kind != TokenKind::kEnd && !is_mark(")")) advance();
    }

    SourceTokens tokens_;
    Token token_;
    Token previous_;
    bool begins_line_ = true;
    SourceCode code_;
};

struct Ending {
    std::string_view ending;
    SourceLanguage language;
};
constexpr std::array<Ending, 14> kEndings{{
    {".go", SourceLanguage::kGo},
    {".js", SourceLanguage::kJavaScript},
    {".mjs", SourceLanguage::kJavaScript},
    {".cjs", SourceLanguage::kJavaScript},
    {".jsx", SourceLanguage::kJavaScript},
    {".ts", SourceLanguage::kJavaScript},
    {".mts", SourceLanguage::kJavaScript},
    {".cts", SourceLanguage::kJavaScript},
    {".tsx", SourceLanguage::kJavaScript},
    {".py", SourceLanguage::kPython},
    {".java", SourceLanguage::kJava},
    {".kt", SourceLanguage::kJava},
    {".scala", SourceLanguage::kJava},
    {".groovy", SourceLanguage::kJava},
}};

// Folders of what others wrote, and of Go's test data.
constexpr std::array<std::string_view, 9> kForeignFolders{
    "node_modules",  "bower_components", "vendor", "third_party",
    "site-packages", "dist-packages",    ".venv",  "venv",
    "testdata"};

}  // namespace

std::optional<SourceLanguage> source_language_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto* const found = std::ranges::find(kEndings, name.substr(dot), &Ending::ending);
    if (found == kEndings.end() || name.ends_with("_test.go") || name.ends_with(".min.js"))
        return std::nullopt;
    if (is_of_other_people(path)) return std::nullopt;
    return found->language;
}

bool is_of_other_people(std::string_view path) {
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/')) {
        if (std::ranges::find(kForeignFolders, path.substr(0, slash)) != kForeignFolders.end())
            return true;
        path.remove_prefix(slash + 1);
    }
    return false;
}

SourceCode read_source(SourceLanguage language, std::string_view text) {
    SourceReader reader(language, text);
    switch (language) {
        case SourceLanguage::kGo:
            return reader.read_go();
        case SourceLanguage::kJavaScript:
            return reader.read_javascript();
        case SourceLanguage::kPython:
            return reader.read_python();
        case SourceLanguage::kJava:
            return reader.read_java();
    }
    return {};
}

std::vector<std::string> go_package_names(std::string_view path) {
    const auto is_version = [](std::string_view part) {
        return part.size() > 1 && part[0] == 'v' &&
               part.find_first_not_of("0123456789", 1) == std::string_view::npos;
    };
    std::string_view last = path.substr(path.rfind('/') + 1);
    if (is_version(last) && last.size() < path.size()) {
        const std::string_view before = path.substr(0, path.size() - last.size() - 1);
        last = before.substr(before.rfind('/') + 1);
    }
    if (const std::size_t dot = last.rfind('.');
        dot != std::string_view::npos && is_version(last.substr(dot + 1)))
        last = last.substr(0, dot);
    std::vector<std::string> names;
    if (last.find('-') == std::string_view::npos) return {std::string(last)};
    // A name has no hyphen: "go-sqlite3" is "sqlite3", "uuid-go" is "uuid", "a-b" may be either.
    for (std::string_view rest = last; !rest.empty();) {
        const std::size_t end = std::min(rest.find('-'), rest.size());
        if (const std::string_view part = rest.substr(0, end); part != "go" && !part.empty())
            names.emplace_back(part);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::string whole(last);
    std::erase(whole, '-');
    names.push_back(whole);
    return names;
}

}  // namespace merlon::inventory
